"""An empty org gets an enabled handler with an app of each type.

Everything happens in the browser. Each possible refusal occurs once, names its rule, and
links to the setting that fixes it.
"""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.factories import OrgFactory, UserFactory
from tokenx.org.models import BuiltInProfile, User
from tokenx.training.scenarios.apex_classes import body_of

from .steps import (
    action,
    apex_class_input,
    app_input,
    checkbox,
    done,
    enabled_app,
    heading,
    option,
    run_as_input,
    save,
    step_1,
    textbox,
    tick,
    tick_default,
    toast,
    value_of,
)
from .test_apps import FLOW, fill_new_app
from .test_users import fill_user

HANDLER, ROBOT = "Partner Logins", "Robo Till"
CONNECTED, EXTERNAL = "Connected App", "External Client App"


@pytest.fixture
def admin(database) -> User:
    """Create the administrator of an org without anything else."""
    database.clear()
    return UserFactory(
        org=OrgFactory(),
        first_name="Ada",
        last_name="Admin",
        profile=BuiltInProfile.SYSTEM_ADMINISTRATOR,
    )


class WithScripts:
    """Navigation and lookups with JavaScript."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def go_to(self, name: str) -> None:
        self.page.wait_for_load_state()
        self.page.locator("#quick-find").fill(name)
        self.page.locator("#quick-find").press("Enter")
        expect(heading(self.page)).to_contain_text(name)

    def look_up(self, field: Locator, typed: str) -> None:
        """Type into a lookup, to see its options or message."""
        field.click()
        field.fill(typed)

    def pick(self, field: Locator, typed: str, name: str) -> None:
        self.look_up(field, typed)
        option(self.page, name).click()
        expect(field).to_have_value(name)


class WithoutScripts(WithScripts):
    """Navigation by links, and lookups with the plain pages' Search buttons."""

    def go_to(self, name: str) -> None:
        self.page.locator("#quick-find").fill(name)
        self.page.locator("#quick-find").press("Enter")
        action(self.page, name).click()
        expect(heading(self.page)).to_contain_text(name)

    def look_up(self, field: Locator, typed: str) -> None:
        field.fill(typed)
        group = self.page.locator("[data-lookup]").filter(has=field)
        group.get_by_role("button", name="Search").click()

    def pick(self, field: Locator, typed: str, name: str) -> None:
        self.look_up(field, typed)
        self.page.get_by_role("radio", name=name).check()


@pytest.mark.parametrize("way", [WithScripts, WithoutScripts])
def test_an_empty_org_gets_apps_that_exchange_tokens(browse, admin, way):
    page = browse(admin, java_script_enabled=way is WithScripts)
    by = way(page)
    page.goto("/")
    expect(page.get_by_text("No token exchange handlers yet")).to_be_visible()

    write_a_class(page, by)
    define_a_handler(page, by)
    make_a_connected_app(page, by)
    repair_policies_and_settings(page, by)
    make_an_integration_user_who_has_left(page, by)
    repair_the_user(page, by)
    enable(page, by, CONNECTED, "Till 4711")
    make_an_external_client_app(page, by)
    repair_policies(page, by)
    enable(page, by, EXTERNAL, "Portal")

    expect(value_of(page, "Status")).to_have_text("Enabled")
    for label in ["Till 4711", "Portal"]:
        row = enabled_app(page, label)
        expect(row).to_contain_text(ROBOT)
        expect(row).to_contain_text("Default")
        expect(row.locator(".slds-theme_warning")).to_have_count(0)
    admit_users(page)
    allow_callouts(page)
    page.goto("/health/")
    expect(page.get_by_text("No issues found")).to_be_visible()


def write_a_class(page: Page, by: WithScripts) -> None:
    """Write a class. Select Class says that there isn't one, and links to New."""
    by.go_to("Token Exchange Handlers")
    action(page, "Create Token Exchange Handler").click()
    by.look_up(apex_class_input(page), "Partner")
    expect(said(page, "No Apex class").or_(said(page, "No results"))).to_be_visible()
    page.get_by_role("link", name="View Apex classes").or_(
        page.get_by_role("link", name="View all")
    ).click()
    expect(page.get_by_text("No Apex classes yet")).to_be_visible()

    action(page, "New").click()
    textbox(page, "Apex Class").fill(body_of("NewHandler"))
    save(page).click()
    expect(page.get_by_text("Handlers can use this class.")).to_be_visible()


def said(page: Page, text: str) -> Locator:
    """Return a lookup's message. Playwright's get_by_text() doesn't search <noscript>."""
    return page.locator("[data-lookup] :is(p, [role=status])").filter(has_text=text).last


def define_a_handler(page: Page, by: WithScripts) -> None:
    by.go_to("Token Exchange Handlers")
    action(page, "Create Token Exchange Handler").click()
    textbox(page, "Name").fill(HANDLER)
    tick(checkbox(page, "JWT"))
    by.pick(apex_class_input(page), "New", "NewHandler")
    save(page).click()
    expect(value_of(page, "Status")).to_have_text("Disabled")

    action(page, "Enable").click()
    page.get_by_role("button", name="Enable", exact=True).click()
    expect(value_of(page, "Status")).to_have_text("Enabled")


def open_wizard(page: Page, by: WithScripts, kind: str) -> None:
    by.go_to("Token Exchange Handlers")
    action(page, HANDLER).click()
    action(page, "Enable New App").click()
    step_1(page, kind)


def make_a_connected_app(page: Page, by: WithScripts) -> None:
    """Create the first app. A link in the wizard leads to the empty list of apps."""
    open_wizard(page, by, CONNECTED)
    by.look_up(app_input(page), "")
    page.get_by_role("link", name="Check app settings and policies").or_(
        page.get_by_role("link", name="View all")
    ).click()
    expect(page.get_by_text("No apps of this type yet")).to_be_visible()

    action(page, f"New {CONNECTED}").click()
    fill_new_app(page, "Till 4711")
    save(page).click()
    page.get_by_role("link", name="Done").click()
    expect(heading(page)).to_contain_text("Till 4711")


def follow_refused_app(page: Page, by: WithScripts, kind: str, app: str, why: str) -> None:
    open_wizard(page, by, kind)
    by.look_up(app_input(page), app)
    expect(said(page, f"{app} can't be enabled because {why}.")).to_be_visible()
    page.get_by_role("link", name=app, exact=True).click()


def switch_on(page: Page, place: str) -> None:
    action(page, f"Edit {place}").click()
    tick(checkbox(page, FLOW))
    save(page).click()
    expect(toast(page, "was saved.")).to_be_visible()


def repair_policies_and_settings(page: Page, by: WithScripts) -> None:
    off, till = "token exchange is turned off in its", "Till 4711"
    follow_refused_app(page, by, CONNECTED, till, f"{off} settings and policies")
    switch_on(page, "policies")
    follow_refused_app(page, by, CONNECTED, till, f"{off} settings")
    switch_on(page, "settings")
    expect(page.get_by_text("This app is ready for")).to_be_visible()


def make_an_integration_user_who_has_left(page: Page, by: WithScripts) -> None:
    by.go_to("Users")
    action(page, "New User").click()
    fill_user(page, "Robo", "Till", "robo@mycompany.com")
    tick(checkbox(page, "Integration User"))
    save(page).click()
    expect(heading(page)).to_contain_text(ROBOT)
    action(page, "Deactivate").click()
    page.get_by_role("button", name="Deactivate").click()
    expect(value_of(page, "Active")).to_have_text("No")


def repair_the_user(page: Page, by: WithScripts) -> None:
    open_wizard(page, by, CONNECTED)
    by.look_up(run_as_input(page), "Robo")
    expect(said(page, f"{ROBOT} is inactive.")).to_be_visible()
    page.get_by_role("link", name=ROBOT).click()
    action(page, "Activate").click()
    page.get_by_role("button", name="Activate").click()
    expect(value_of(page, "Active")).to_have_text("Yes")


def make_an_external_client_app(page: Page, by: WithScripts) -> None:
    """Create an app with token exchange turned on in its settings, not its policies."""
    by.go_to("External Client App Manager")
    action(page, f"New {EXTERNAL}").click()
    fill_new_app(page, "Portal")
    tick(checkbox(page, FLOW))
    save(page).click()
    page.get_by_role("link", name="Done").click()
    expect(heading(page)).to_contain_text("Portal")


def repair_policies(page: Page, by: WithScripts) -> None:
    why = "token exchange is turned off in its policies"
    follow_refused_app(page, by, EXTERNAL, "Portal", why)
    switch_on(page, "policies")
    expect(page.get_by_text("This app is ready for")).to_be_visible()


def admit_users(page: Page) -> None:
    """Follow Health to the policies of both apps, and add a profile."""
    for _ in range(2):
        page.goto("/health/")
        page.get_by_role("link", name="Edit policies").first.click()
        tick(checkbox(page, "Standard User"))
        save(page).click()
        expect(value_of(page, "Profiles")).to_have_text("Standard User")


def allow_callouts(page: Page) -> None:
    page.goto("/health/")
    page.locator("#health").get_by_role("link", name="Remote Site Settings").click()
    action(page, "New Remote Site").click()
    page.get_by_role("textbox", name="Remote Site Name").fill("Staff_Login")
    page.get_by_role("textbox", name="Remote Site URL").fill(
        "https://login.mycompany.example"
    )
    save(page).click()
    expect(heading(page)).to_contain_text("Staff_Login")


def enable(page: Page, by: WithScripts, kind: str, app: str) -> None:
    open_wizard(page, by, kind)
    by.pick(app_input(page), app, app)
    by.pick(run_as_input(page), "Robo", ROBOT)
    tick_default(page)
    done(page).click()
    expect(enabled_app(page, app)).to_be_visible()

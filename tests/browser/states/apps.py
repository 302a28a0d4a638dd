"""Connected apps and external client apps: lists, pages, and actions."""

from playwright.sync_api import Page, expect

from tests.browser.steps import dialog, open_dialog, save, textbox
from tests.factories import (
    AppPermissionSetFactory,
    AppProfileFactory,
    PermissionSetFactory,
    ProfileFactory,
)
from tokenx.org.models import ClientApp, Org

from .state import INVALID, State, at

CONNECTED, EXTERNAL = "/apps/connected/", "/apps/external/"
OFF = f"{CONNECTED}Legacy_ERP_Bridge/"
USED = f"{CONNECTED}Sales_Insights/"
PORTAL = f"{EXTERNAL}Partner_Portal/"


def new(page: Page) -> None:
    open_dialog(page, CONNECTED, "New Connected App")


def new_invalid(page: Page) -> None:
    new(page)
    textbox(page, "Contact Email").fill("nobody")
    save(page).click()
    expect(dialog(page).get_by_text("Enter a name.")).to_be_visible()


def new_invalid_as_a_page(page: Page) -> None:
    page.goto("/new-app/external/")
    save(page).click()
    expect(page.get_by_text("Enter a name.")).to_be_visible()


def edit(page: Page) -> None:
    open_dialog(page, USED, "Edit")


def edit_invalid(page: Page) -> None:
    edit(page)
    textbox(page, "Name").fill("")
    save(page).click()
    expect(dialog(page).get_by_text("Enter a name.")).to_be_visible()


def policies(page: Page) -> None:
    open_dialog(page, USED, "Manage")


def policies_of_external(page: Page) -> None:
    open_dialog(page, f"{PORTAL}?tab=policies", "Edit")


def give_access() -> None:
    """Give an app many profiles and permission sets, some with long names."""
    org = Org.objects.get()
    app = ClientApp.objects.get(api_name="Sales_Insights")
    for number in range(10):
        name = f"{'Wholesale_' * 7}Profile_{number}"
        profile = ProfileFactory(org=org, name=name)
        AppProfileFactory(org=org, app=app, profile=profile)
        row = PermissionSetFactory(org=org, name=f"Set_{number}", label=name)
        AppPermissionSetFactory(org=org, app=app, permission_set=row)


def with_access(page: Page) -> None:
    give_access()
    page.goto(USED)


def policies_with_access(page: Page) -> None:
    give_access()
    policies(page)


def generate_secret(page: Page) -> None:
    open_dialog(page, USED, "Generate Secret")


def secret(page: Page) -> None:
    generate_secret(page)
    dialog(page).get_by_role("button", name="Generate Secret").click()
    expect(textbox(page, "Consumer Secret")).to_be_visible()


def secret_as_a_page(page: Page) -> None:
    page.goto(f"{USED}rotate-secret/")
    page.get_by_role("button", name="Generate Secret").click()
    expect(textbox(page, "Consumer Secret")).to_be_visible()


def rotate(page: Page) -> None:
    secret(page)
    dialog(page).get_by_role("link", name="Done").click()
    page.get_by_role("link", name="Rotate Secret").click()
    expect(dialog(page)).to_contain_text("stops working immediately")


def delete(page: Page) -> None:
    open_dialog(page, OFF, "Delete")


def delete_used(page: Page) -> None:
    open_dialog(page, USED, "Delete")


STATES = [
    State("connected apps", at(CONNECTED)),
    State("connected apps, none found", at(f"{CONNECTED}?search=nothing+is+called+so")),
    State("connected apps for a viewer", at(CONNECTED), who="viewer"),
    State("external client apps", at(EXTERNAL)),
    State("app", at(USED)),
    State("app that is switched off", at(OFF)),
    State("app for a viewer", at(USED), who="viewer"),
    State("external client app", at(PORTAL)),
    State("external client app, policies", at(f"{PORTAL}?tab=policies")),
    State("external client app for a viewer", at(PORTAL), who="viewer"),
    State("new app", new),
    State("new app as a page", at("/new-app/external/")),
    State("new app, invalid", new_invalid, expects=INVALID),
    State("new app as a page, invalid", new_invalid_as_a_page, expects=INVALID),
    State("edit app", edit),
    State("edit app as a page", at(f"{USED}edit/")),
    State("edit app, invalid", edit_invalid, expects=INVALID),
    State("app policies", policies),
    State("app with profiles and permission sets", with_access),
    State("app policies with profiles and permission sets", policies_with_access),
    State("app policies as a page", at(f"{USED}policies/")),
    State("app policies of an external client app", policies_of_external),
    State("generate secret", generate_secret),
    State("secret, shown once", secret),
    State("secret, shown once, as a page", secret_as_a_page),
    State("rotate secret", rotate),
    State("delete app", delete),
    State("delete app, refused", delete_used),
    State("delete app as a page, refused", at(f"{USED}delete/")),
]

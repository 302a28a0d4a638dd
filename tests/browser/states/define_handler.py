"""Create, edit, clone, enable, disable, and delete a handler; a handler's page."""

from playwright.sync_api import Page, expect

from tests.browser.steps import (
    EMPTY,
    HANDLER,
    STORES,
    apex_class_input,
    dialog,
    open_dialog,
    options,
    save,
    textbox,
)
from tokenx.org.models import ClientApp, Org, User

from .state import INVALID, State, at

LIST, CREATE = "/handlers/", "/create-handler/"
DISABLED = "/handlers/Legacy_SAML/"


def create(page: Page) -> None:
    open_dialog(page, LIST, "Create Token Exchange Handler")


def create_invalid(page: Page) -> None:
    create(page)
    textbox(page, "API Name").fill("2nd handler")
    save(page).click()
    expect(dialog(page).get_by_text("Enter a name.")).to_be_visible()


def create_invalid_as_a_page(page: Page) -> None:
    page.goto(CREATE)
    save(page).click()
    expect(page.get_by_text("Enter a name.")).to_be_visible()


def classes_listed(page: Page) -> None:
    create(page)
    apex_class_input(page).click()
    expect(options(page).first).to_be_visible()
    apex_class_input(page).press("ArrowDown")


def no_class_found(page: Page) -> None:
    create(page)
    apex_class_input(page).fill("nothing is called so")
    expect(dialog(page).get_by_text("View Apex classes")).to_be_visible()


def edit(page: Page) -> None:
    open_dialog(page, HANDLER, "Edit")


def edit_invalid(page: Page) -> None:
    edit(page)
    textbox(page, "API Name").fill("Pilot")
    save(page).click()
    expect(dialog(page).get_by_text("already has this API name")).to_be_visible()


def clone(page: Page) -> None:
    open_dialog(page, HANDLER, "Clone")


def disable(page: Page) -> None:
    open_dialog(page, "/handlers/Okta_Workforce/", "Disable")


def disable_with_many_defaults(page: Page) -> None:
    open_dialog(page, STORES, "Disable")


def enable(page: Page) -> None:
    open_dialog(page, DISABLED, "Enable")


def delete(page: Page) -> None:
    open_dialog(page, HANDLER, "Delete")


def delete_with_no_apps(page: Page) -> None:
    open_dialog(page, EMPTY, "Delete")


def marked_rows(page: Page) -> None:
    break_rows()
    page.goto(HANDLER)


def break_rows() -> None:
    """Turn off a handler's apps, and deactivate its execution user."""
    ClientApp.objects.filter(label="Warehouse Scanner").update(
        allows_token_exchange=False, policy_allows_token_exchange=False
    )
    ClientApp.objects.filter(label="Partner Portal").update(
        policy_allows_token_exchange=False
    )
    User.objects.filter(username="integrationuser@mycompany.com").update(is_active=False)


def strict(url: str) -> object:
    def reach(page: Page) -> None:
        Org.objects.update(is_strict=True)
        page.goto(url)

    return reach


STATES = [
    State("list for a viewer", at(LIST), who="viewer"),
    State("create handler", create),
    State("create handler as a page", at(CREATE)),
    State("create handler, invalid", create_invalid, expects=INVALID),
    State("create handler as a page, invalid", create_invalid_as_a_page, expects=INVALID),
    State("create handler, classes listed", classes_listed),
    State("create handler, no class found", no_class_found),
    State("edit handler", edit),
    State("edit handler as a page", at(f"{HANDLER}edit/")),
    State("edit handler, invalid", edit_invalid, expects=INVALID),
    State("clone handler", clone),
    State("clone handler as a page", at(f"{CREATE}?like=MyTokenExchangeHandler")),
    State("disable handler", disable),
    State("disable handler as a page", at(f"{HANDLER}switch/")),
    State("disable handler, the default of many", disable_with_many_defaults),
    State("enable handler", enable),
    State("delete handler", delete),
    State("delete handler as a page", at(f"{HANDLER}delete/")),
    State("delete handler with no apps", delete_with_no_apps),
    State("detail with marked rows", marked_rows),
    State("detail, strict", strict(HANDLER)),
    State("edit handler, strict", strict(f"{HANDLER}edit/"), expects=("status of 403",)),
]

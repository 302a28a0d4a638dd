"""Sign-in, Home, the list of handlers, a handler's page, and its enabled apps."""

from playwright.sync_api import Page, expect

from tests.browser.steps import (
    EMPTY,
    HANDLER,
    STORES,
    WIZARD,
    app_input,
    choose,
    choose_in_menu,
    dialog,
    done,
    fill_wizard,
    menu_item,
    open_wizard,
    options,
    row_menu,
    run_as_input,
    tick_default,
    toast,
)

from .state import INVALID, NOT_FOUND, State, at


def sign_in_error(page: Page) -> None:
    page.goto("/sign-in/")
    page.get_by_label("Username").fill("nobody@tokenx.example")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log In").click()
    expect(page.get_by_role("alert")).to_be_visible()


def open_step_1(page: Page) -> None:
    page.goto(HANDLER)
    page.get_by_role("link", name="Enable New App").click()
    expect(dialog(page)).to_be_visible()


def open_apps(page: Page) -> None:
    open_wizard(page)
    app_input(page).click()
    app_input(page).press("ArrowDown")
    expect(options(page).first).to_be_visible()
    app_input(page).press("ArrowDown")


def open_users(page: Page) -> None:
    open_wizard(page)
    run_as_input(page).click()
    run_as_input(page).fill("*ion")
    expect(options(page).locator("mark").first).to_be_visible()
    run_as_input(page).press("ArrowDown")


def nothing_found(page: Page) -> None:
    open_wizard(page)
    app_input(page).click()
    app_input(page).fill("Billing")
    expect(dialog(page).get_by_text("turned off")).to_be_visible()


def wizard_errors(page: Page) -> None:
    open_wizard(page)
    done(page).click()
    expect(dialog(page).get_by_text("Select the app to enable.")).to_be_visible()


def plain_wizard_errors(page: Page) -> None:
    page.goto(f"{WIZARD}?kind=connected")
    done(page).click()
    expect(page.get_by_text("Select the app to enable.")).to_be_visible()


def wizard_selected(page: Page) -> None:
    """Select an app with another default handler, and a personal account for Run As."""
    open_wizard(page)
    choose(page, app_input(page), "TokenExchangeApp2", "TokenExchangeApp2")
    choose(page, run_as_input(page), "ada", "Ada Admin")
    # The checkbox moves down when the notices appear.
    expect(dialog(page).get_by_text("Okta Workforce")).to_be_visible()
    expect(dialog(page).get_by_text("looks like a personal account")).to_be_visible()
    tick_default(page)


def unsaved(page: Page) -> None:
    open_wizard(page)
    tick_default(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("alertdialog")).to_be_visible()


def edit(page: Page) -> None:
    page.goto(HANDLER)
    choose_in_menu(page, "Sales Insights", "Edit")
    expect(dialog(page)).to_be_visible()


def remove(page: Page) -> None:
    page.goto(HANDLER)
    choose_in_menu(page, "Warehouse Scanner", "Remove")
    expect(dialog(page)).to_be_visible()


def success_toast(page: Page) -> None:
    open_wizard(page)
    fill_wizard(page)
    done(page).click()
    expect(toast(page, "was enabled")).to_be_visible()
    page.locator("[data-toast]").hover()


def error_toast(page: Page) -> None:
    page.goto(HANDLER)
    page.route("**/enable-app/", lambda route: route.abort())
    page.get_by_role("link", name="Enable New App").click()
    expect(toast(page, "couldn't reach the server")).to_be_visible()


def row_menu_open(page: Page) -> None:
    page.goto(HANDLER)
    row_menu(page, "Warehouse Scanner").click()
    menu_item(page, "Edit").hover()


def user_menu_open(page: Page) -> None:
    page.goto("/")
    page.locator("summary[title='Ada Admin']").click()
    expect(page.get_by_role("button", name="Log Out")).to_be_visible()


def quick_find_filled(page: Page) -> None:
    page.goto("/handlers/")
    page.locator("#quick-find").fill("exchange")
    expect(page.locator("#setup-tree mark")).to_be_visible()


def audit_trail_filled(page: Page) -> None:
    success_toast(page)
    page.goto("/audit-trail/")


BROKEN = ("ERR_FAILED", "htmx:sendError")
STATES = [
    State("sign-in", at("/sign-in/"), who="stranger"),
    State("sign-in error", sign_in_error, who="stranger"),
    State("home", at("/")),
    State("list", at("/handlers/")),
    State("list filtered empty", at("/handlers/?search=nothing+is+called+so")),
    State("detail", at(HANDLER)),
    State("detail of more than 100 apps", at(STORES)),
    State("detail with no apps", at(EMPTY)),
    State("detail with no app of the type", at("/handlers/Legacy_SAML/?kind=external")),
    State("detail for a viewer", at(HANDLER), who="viewer"),
    State("step 1", open_step_1),
    State("step 1 as a page", at(WIZARD)),
    State("step 1 as a page, invalid", at(f"{WIZARD}?kind=neither"), expects=INVALID),
    State("step 2", open_wizard),
    State("step 2 as a page", at(f"{WIZARD}?kind=external")),
    State("step 2 with the apps listed", open_apps),
    State("step 2 with the users listed", open_users),
    State("step 2 with nothing found", nothing_found),
    State("step 2 with errors", wizard_errors, expects=INVALID),
    State("step 2 as a page, with errors", plain_wizard_errors, expects=INVALID),
    State("step 2 chosen, with notices", wizard_selected),
    State("step 2 from its address", at(f"{HANDLER}?open=enable-app&open-kind=external")),
    State("unsaved changes", unsaved),
    State("edit", edit),
    State("remove", remove),
    State("row menu", row_menu_open),
    State("user menu", user_menu_open),
    State("toast of success", success_toast),
    State("toast of an error", error_toast, expects=BROKEN),
    State("Quick Find", quick_find_filled),
    State("audit trail", audit_trail_filled),
    State("audit trail, empty", at("/audit-trail/")),
    State("node of the tree", at("/lightning/setup/NamedCredential/home")),
    State("search", at("/search/?q=token")),
    State("search, nothing found", at("/search/?q=nothing+is+called+so")),
    State("help", at("/help/")),
    State("403", at(WIZARD), who="viewer", expects=("status of 403",)),
    State("404", at("/handlers/no-such-handler/"), expects=NOT_FOUND),
]

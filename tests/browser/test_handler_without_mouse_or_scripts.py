"""Handler pages by keyboard alone, and without JavaScript."""

from playwright.sync_api import Page, expect

from .steps import (
    HANDLER,
    action,
    apex_class_input,
    cancel,
    checkbox,
    choose_in_menu,
    dialog,
    errors,
    heading,
    save,
    tab_to,
    textbox,
    tick,
    toast,
    type_and_choose,
    value_of,
)

CREATE = "Create Token Exchange Handler"
CLASS = "OktaTokenHandler"


def press(page: Page, name: str, role: str = "button", key: str = "Enter") -> None:
    """Tab to a button, in the dialog if one is open, and press it."""
    container = dialog(page) if dialog(page).count() else page.locator("main")
    tab_to(page, container.get_by_role(role, name=name, exact=True))
    page.keyboard.press(key)


def test_create_and_edit_with_the_keyboard_alone(admin_page: Page):
    key, type_in = admin_page.keyboard.press, admin_page.keyboard.type
    admin_page.goto("/handlers/")
    press(admin_page, CREATE, role="link")
    expect(textbox(admin_page, "Name")).to_be_focused()
    type_in("Partner Logins")
    key("Tab")
    expect(textbox(admin_page, "API Name")).to_have_value("Partner_Logins")
    key("Tab")
    type_in("By key.")
    tab_to(admin_page, checkbox(admin_page, "JWT"), most=6)
    key("Space")
    tab_to(admin_page, apex_class_input(admin_page), most=8)
    type_and_choose(admin_page, "okta", CLASS)
    expect(apex_class_input(admin_page)).to_have_value(CLASS)
    press(admin_page, "Save and Enable")
    expect(admin_page).to_have_url("/handlers/Partner_Logins/")
    expect(value_of(admin_page, "Status")).to_have_text("Enabled")

    press(admin_page, "Edit", role="link")
    expect(textbox(admin_page, "Name")).to_be_focused()
    tab_to(admin_page, apex_class_input(admin_page), most=12)
    key("Delete")
    type_and_choose(admin_page, "entra", "EntraTokenHandler")
    key("Shift+Tab")
    key("Enter")
    expect(value_of(admin_page, "Apex Class")).to_have_text("EntraTokenHandler")


def test_clone_switch_and_delete_with_the_keyboard_alone(admin_page: Page):
    admin_page.goto(HANDLER)
    press(admin_page, "Clone", role="link")
    expect(textbox(admin_page, "Name")).to_be_focused()
    admin_page.keyboard.press("ControlOrMeta+A")
    admin_page.keyboard.type("Second")
    admin_page.keyboard.press("Enter")
    expect(admin_page).to_have_url("/handlers/Second/")
    expect(value_of(admin_page, "Status")).to_have_text("Disabled")

    press(admin_page, "Enable", role="link")
    expect(dialog(admin_page)).to_be_visible()
    press(admin_page, "Enable", key="Space")
    expect(value_of(admin_page, "Status")).to_have_text("Enabled")
    press(admin_page, "Disable", role="link")
    expect(cancel(admin_page)).to_be_focused()
    press(admin_page, "Disable")
    expect(value_of(admin_page, "Status")).to_have_text("Disabled")

    press(admin_page, "Delete", role="link")
    expect(cancel(admin_page)).to_be_focused()
    press(admin_page, "Delete")
    expect(admin_page).to_have_url("/handlers/")
    expect(toast(admin_page, "Second was deleted.")).to_have_count(1)


def find_class(page: Page, typed: str, name: str) -> None:
    apex_class_input(page).fill(typed)
    page.get_by_role("button", name="Search Apex Class").click()
    page.get_by_role("radio", name=name).check()


def test_create_without_javascript(plain_page: Page, watch):
    watch.expects("status of 422")
    page = plain_page
    page.goto("/handlers/")
    action(page, CREATE).click()
    textbox(page, "Description").fill("No scripts.")
    page.get_by_role("button", name="Save and Enable").click()
    expect(errors(page)).to_have_text(
        [
            "Enter a name.",
            "Select at least one token type.",
            "Select an Apex class, or create a template.",
        ]
    )
    expect(textbox(page, "Name")).to_be_focused()
    expect(textbox(page, "Description")).to_have_value("No scripts.")

    textbox(page, "Name").fill("Plain Logins")
    tick(checkbox(page, "JWT"))
    tick(checkbox(page, "Allow this handler to create users"))
    find_class(page, "okta", CLASS)
    expect(textbox(page, "Name")).to_have_value("Plain Logins")
    expect(checkbox(page, "JWT")).to_be_checked()
    expect(checkbox(page, "Allow this handler to create users")).to_be_checked()
    page.get_by_role("button", name="Save and Enable").click()

    expect(page).to_have_url("/handlers/Plain_Logins/")
    expect(value_of(page, "Status")).to_have_text("Enabled")
    expect(value_of(page, "Apex Class")).to_have_text(CLASS)
    expect(toast(page, "Plain Logins was saved and enabled.")).to_have_count(1)


def test_an_empty_class_search_links_to_the_classes_without_javascript(
    plain_page: Page,
):
    plain_page.goto("/create-handler/")
    apex_class_input(plain_page).fill("nothing is called so")
    plain_page.get_by_role("button", name="Search Apex Class").click()
    plain_page.get_by_role("link", name="View all").click()

    expect(heading(plain_page)).to_contain_text("Apex Classes")


def test_a_search_keeps_cleared_checkboxes_without_javascript(plain_page: Page):
    page = plain_page
    page.goto(f"{HANDLER}edit/")
    box = checkbox(page, "Allow this handler to create users")
    tick(box, on=False)
    tick(checkbox(page, "JWT"), on=False)
    find_class(page, "entra", "EntraTokenHandler")
    expect(box).not_to_be_checked()
    expect(checkbox(page, "JWT")).not_to_be_checked()
    save(page).click()

    expect(value_of(page, "Allow user creation")).to_have_text("No")
    expect(value_of(page, "Apex Class")).to_have_text("EntraTokenHandler")


def test_a_search_keeps_the_cleared_default_without_javascript(plain_page: Page):
    page = plain_page
    page.goto(HANDLER)
    choose_in_menu(page, "Warehouse Scanner", "Edit")
    box = page.get_by_role("checkbox", name="the default handler for this app")
    tick(box, on=False)
    page.get_by_role("button", name="Search Run as").click()

    expect(box).not_to_be_checked()


def test_clone_switch_and_delete_without_javascript(plain_page: Page):
    page = plain_page
    page.goto(HANDLER)
    action(page, "Clone").click()
    page.get_by_role("link", name="Cancel", exact=True).click()
    expect(page).to_have_url(HANDLER)

    action(page, "Clone").click()
    save(page).click()
    expect(value_of(page, "Name")).to_have_text("Copy of MyTokenExchangeHandler")
    action(page, "Enable").click()
    page.get_by_role("button", name="Enable").click()
    expect(value_of(page, "Status")).to_have_text("Enabled")
    action(page, "Disable").click()
    page.get_by_role("button", name="Disable").click()
    expect(value_of(page, "Status")).to_have_text("Disabled")
    action(page, "Delete").click()
    page.get_by_role("button", name="Delete").click()
    expect(page).to_have_url("/handlers/")
    expect(toast(page, "Copy of MyTokenExchangeHandler was deleted.")).to_have_count(1)


def test_strict_mode_without_javascript(plain_page: Page, watch):
    watch.expects("status of 403")
    page = plain_page
    page.goto("/strict-mode/")
    action(page, "Turn On").click()
    page.get_by_role("button", name="Turn On").click()
    expect(page.get_by_role("heading", name="Strict Mode: On")).to_be_visible()

    page.goto(f"{HANDLER}edit/")
    expect(page.get_by_role("heading")).to_contain_text(
        "turn it off on the Strict Mode page in Setup."
    )
    page.get_by_role("link", name="Go to Setup Home").click()
    expect(page).to_have_url("/")

"""Users from New to Deactivate, Apex classes from New to Delete, and their handlers."""

from playwright.sync_api import Locator, Page, expect

from tokenx.org.models import User
from tokenx.training.scenarios.apex_classes import body_of

from .steps import (
    HANDLER,
    action,
    cancel,
    checkbox,
    dialog,
    enabled_app,
    errors,
    heading,
    open_dialog,
    open_user,
    said_once,
    save,
    tab_to,
    textbox,
    tick,
    toast,
    value_of,
)

RUNNING = "Integration User"
CLASSES = "/apex-classes/"


def fill_user(page: Page, first: str, last: str, username: str) -> None:
    textbox(page, "First Name").fill(first)
    textbox(page, "Last Name").fill(last)
    textbox(page, "Email").fill(username)
    textbox(page, "Username").fill(username)


def profile(page: Page) -> Locator:
    return dialog(page).get_by_role("combobox", name="Profile")


def act(page: Page, name: str) -> None:
    """Open the dialog for one of the page's buttons."""
    action(page, name).click()
    expect(dialog(page)).to_be_visible()


def test_a_new_user_can_be_chosen_for_run_as(admin_page: Page):
    open_dialog(admin_page, "/users/", "New User")
    expect(textbox(admin_page, "First Name")).to_be_focused()
    fill_user(admin_page, "Robo", "Till", "robo@mycompany.com")
    profile(admin_page).select_option(label="Minimum Access - API Only Integrations")
    tick(checkbox(admin_page, "Integration User"))
    save(admin_page).click()

    expect(heading(admin_page)).to_contain_text("Robo Till")
    expect(value_of(admin_page, "Active")).to_have_text("Yes")
    expect(value_of(admin_page, "Integration User")).to_have_text("Yes")
    said_once(admin_page, "Robo Till was saved.")


def test_errors_appear_at_their_fields_and_input_is_kept(admin_page: Page, watch):
    watch.expects("status of 422")
    open_dialog(admin_page, "/users/", "New User")
    fill_user(admin_page, "Robo", "", "nobody")
    tick(checkbox(admin_page, "Integration User"))
    save(admin_page).click()

    expect(errors(admin_page)).to_have_count(3)
    expect(textbox(admin_page, "Last Name")).to_be_focused()
    expect(textbox(admin_page, "First Name")).to_have_value("Robo")
    expect(textbox(admin_page, "Username")).to_have_value("nobody")
    expect(checkbox(admin_page, "Integration User")).to_be_checked()


def test_labels_in_new_user_belong_to_its_fields(admin_page: Page):
    """Check this because the list behind the dialog has a filter with the same name."""
    open_dialog(admin_page, "/users/", "New User")
    dialog(admin_page).locator("label").filter(has_text="Profile").click()

    expect(profile(admin_page)).to_be_focused()


def test_a_taken_username_is_refused(admin_page: Page, watch):
    watch.expects("status of 422")
    open_user(admin_page, RUNNING)
    act(admin_page, "Edit")
    textbox(admin_page, "Username").fill("Token.Exchange@mycompany.com")
    save(admin_page).click()

    expect(errors(admin_page)).to_contain_text("The username already exists")
    expect(textbox(admin_page, "Username")).to_be_focused()


def test_edit_saves_changes_and_updates_the_handlers_list(admin_page: Page):
    open_user(admin_page, RUNNING)
    act(admin_page, "Edit")
    textbox(admin_page, "Last Name").fill("Robot")
    save(admin_page).click()

    expect(heading(admin_page)).to_contain_text("Integration Robot")
    said_once(admin_page, "Integration Robot was saved.")
    admin_page.goto(HANDLER)
    expect(enabled_app(admin_page, "Partner Portal")).to_contain_text("Integration Robot")


def test_deactivating_a_user_names_the_handlers_and_marks_their_rows(
    admin_page: Page,
):
    open_user(admin_page, RUNNING)
    act(admin_page, "Deactivate")
    expect(dialog(admin_page)).to_contain_text("4 handlers run as Integration User")
    expect(dialog(admin_page).get_by_role("listitem").nth(1)).to_have_text(
        "MyTokenExchangeHandler for Partner Portal, Warehouse Scanner"
    )
    dialog(admin_page).get_by_role("button", name="Deactivate").click()
    expect(value_of(admin_page, "Active")).to_have_text("No")
    said_once(admin_page, "Integration User was deactivated.")

    action(admin_page, "MyTokenExchangeHandler").first.click()
    for label in ["Partner Portal", "Warehouse Scanner"]:
        expect(enabled_app(admin_page, label)).to_contain_text("Inactive")
    expect(enabled_app(admin_page, "Sales Insights")).not_to_contain_text("Inactive")

    open_user(admin_page, RUNNING)
    act(admin_page, "Activate")
    dialog(admin_page).get_by_role("button", name="Activate").click()
    expect(toast(admin_page, "Integration User was activated.")).to_have_count(1)
    admin_page.goto(HANDLER)
    expect(enabled_app(admin_page, "Partner Portal")).not_to_contain_text("Inactive")


def test_users_cannot_deactivate_themselves(admin_page: Page):
    open_user(admin_page, "Ada Admin")

    expect(action(admin_page, "Deactivate")).to_have_count(0)
    expect(admin_page.get_by_text("You can't deactivate yourself.")).to_be_visible()


def test_the_last_administrator_cannot_change_profile(admin_page: Page, watch):
    watch.expects("status of 422")
    open_user(admin_page, "Ada Admin")
    act(admin_page, "Edit")
    profile(admin_page).select_option("Standard User")
    save(admin_page).click()

    expect(errors(admin_page)).to_contain_text("this org's last active administrator")
    expect(profile(admin_page)).to_be_focused()
    assert User.objects.get(first_name="Ada", last_name="Admin").profile.kind != "standard"


def test_esc_changes_nothing_and_restores_the_focus(admin_page: Page, subtests):
    for name in ["Edit", "Deactivate"]:
        with subtests.test(name=name):
            open_user(admin_page, RUNNING)
            act(admin_page, name)
            admin_page.keyboard.press("Escape")

            expect(dialog(admin_page)).to_have_count(0)
            expect(action(admin_page, name)).to_be_focused()


def test_create_and_deactivate_a_user_with_the_keyboard_alone(admin_page: Page):
    key, type_in = admin_page.keyboard.press, admin_page.keyboard.type
    admin_page.goto("/users/")
    tab_to(admin_page, action(admin_page, "New User"))
    key("Enter")
    expect(textbox(admin_page, "First Name")).to_be_focused()
    for text in ["Robo", "Till", "", "robo@mycompany.com", "robo@mycompany.com"]:
        type_in(text)
        key("Tab")
    tab_to(admin_page, save(admin_page), most=12)
    key("Enter")
    expect(heading(admin_page)).to_contain_text("Robo Till")

    tab_to(admin_page, action(admin_page, "Deactivate"))
    key("Enter")
    expect(cancel(admin_page)).to_be_focused()
    key("Tab")
    key("Enter")
    expect(value_of(admin_page, "Active")).to_have_text("No")


def test_create_edit_and_delete_an_apex_class(admin_page: Page, watch):
    watch.expects("status of 422")
    open_dialog(admin_page, CLASSES, "New")
    textbox(admin_page, "Apex Class").fill("nothing")
    save(admin_page).click()
    expect(errors(admin_page)).to_contain_text("Enter a class declaration")
    expect(textbox(admin_page, "Apex Class")).to_be_focused()
    expect(textbox(admin_page, "Apex Class")).to_have_value("nothing")
    textbox(admin_page, "Apex Class").fill("public class NewHandler {}")
    save(admin_page).click()
    expect(admin_page.get_by_text("Handlers can't use this class.")).to_be_visible()
    said_once(admin_page, "NewHandler was saved.")

    act(admin_page, "Edit")
    textbox(admin_page, "Apex Class").fill(body_of("NewHandler"))
    save(admin_page).click()
    expect(admin_page.get_by_text("Handlers can use this class.")).to_be_visible()

    act(admin_page, "Delete")
    dialog(admin_page).get_by_role("button", name="Delete").click()
    expect(admin_page).to_have_url(CLASSES)
    said_once(admin_page, "NewHandler was deleted.")
    expect(admin_page.get_by_role("link", name="NewHandler")).to_have_count(0)


def test_delete_is_refused_for_a_used_class_and_links_to_its_handler(admin_page: Page):
    open_dialog(admin_page, f"{CLASSES}OktaTokenHandler/", "Delete")
    expect(dialog(admin_page).get_by_role("button", name="Delete")).to_have_count(0)
    dialog(admin_page).get_by_role("link", name="Okta Workforce").click()

    expect(admin_page).to_have_url("/handlers/Okta_Workforce/")

"""Access tokens from New to Revoke: by mouse, by keyboard, and without scripts."""

from playwright.sync_api import Page, expect

from tokenx.org.models import AccessToken
from tokenx.org.sessions import session_of

from .states.api_access import create, listed, person
from .steps import action, cancel, dialog, said_once, tab_to, textbox, toast


def open_list(page: Page) -> None:
    page.goto(f"/users/{person().pk}/")
    action(page, "Access Tokens").click()


def button(page: Page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def test_create_copy_list_and_revoke_a_token(admin_page: Page):
    open_list(admin_page)
    action(admin_page, "New Access Token").click()
    expect(textbox(admin_page, "Name")).to_be_focused()
    textbox(admin_page, "Name").fill("CI")
    dialog(admin_page).get_by_role("combobox", name="Expires In").select_option("90 days")
    create(admin_page)

    expect(textbox(admin_page, "Access Token")).to_be_focused()
    secret = textbox(admin_page, "Access Token").input_value()
    assert session_of(secret).user == person()
    for name in ["Access Token", "for Salesforce CLI", "for curl", "for jsforce"]:
        button(admin_page, f"Copy {name}").click()
        expect(button(admin_page, "Copied")).to_have_count(1)
        expect(button(admin_page, "Copied")).to_be_focused()
        button(admin_page, "Copied").evaluate(
            "button => { button.textContent = 'Done so' }"
        )
    expect(admin_page.locator("#access-tokens tbody tr")).to_contain_text("CI")

    action_in_dialog = dialog(admin_page).get_by_role("link", name="Done", exact=True)
    action_in_dialog.click()
    expect(admin_page.locator("#access-tokens tbody tr")).to_contain_text("Active")
    assert secret not in admin_page.content()

    action(admin_page, "Revoke CI").click()
    expect(dialog(admin_page)).to_contain_text("You can't undo this.")
    button(admin_page, "Revoke").click()
    expect(dialog(admin_page)).to_have_count(0)
    expect(admin_page.locator("#access-tokens tbody tr")).to_contain_text("Revoked")
    said_once(admin_page, "CI was revoked.")
    assert session_of(secret) is None


def test_esc_closes_the_new_token_and_the_list_has_it(admin_page: Page):
    open_list(admin_page)
    action(admin_page, "New Access Token").click()
    textbox(admin_page, "Name").fill("CI")
    create(admin_page)
    expect(textbox(admin_page, "Access Token")).to_be_focused()
    admin_page.keyboard.press("Escape")

    expect(dialog(admin_page)).to_have_count(0)
    expect(admin_page.locator("#access-tokens tbody tr")).to_contain_text("CI")


SLOW_BACK = """() => {
  history.back = () => { setTimeout(() => History.prototype.back.call(history), 400) };
}"""


def test_esc_before_the_browser_has_gone_back_stays_on_the_page(admin_page: Page):
    open_list(admin_page)
    url = admin_page.url
    action(admin_page, "New Access Token").click()
    textbox(admin_page, "Name").fill("CI")
    admin_page.evaluate(SLOW_BACK)
    create(admin_page)
    expect(textbox(admin_page, "Access Token")).to_be_focused()
    admin_page.keyboard.press("Escape")

    expect(dialog(admin_page)).to_have_count(0)
    expect(admin_page).to_have_url(url)
    admin_page.wait_for_timeout(800)
    expect(admin_page).to_have_url(url)
    expect(admin_page.locator("#access-tokens tbody tr")).to_contain_text("CI")


def test_create_and_revoke_a_token_with_the_keyboard_alone(admin_page: Page):
    key, type_in = admin_page.keyboard.press, admin_page.keyboard.type
    open_list(admin_page)
    tab_to(admin_page, action(admin_page, "New Access Token"))
    key("Enter")
    expect(textbox(admin_page, "Name")).to_be_focused()
    type_in("CI")
    key("Enter")
    expect(textbox(admin_page, "Access Token")).to_be_focused()
    tab_to(admin_page, button(admin_page, "Copy for curl"))
    key("Enter")
    expect(button(admin_page, "Copied")).to_be_focused()
    tab_to(admin_page, dialog(admin_page).get_by_role("link", name="Done", exact=True))
    key("Enter")

    expect(dialog(admin_page)).to_have_count(0)
    tab_to(admin_page, action(admin_page, "Revoke CI"))
    key("Enter")
    expect(cancel(admin_page)).to_be_focused()
    key("Tab")
    expect(button(admin_page, "Revoke")).to_be_focused()
    key("Enter")
    expect(admin_page.locator("#access-tokens tbody tr")).to_contain_text("Revoked")


def test_works_without_javascript(plain_page: Page, watch):
    watch.expects("status of 422")
    page = plain_page
    open_list(page)
    action(page, "New Access Token").click()
    create(page)
    expect(page.get_by_text("Enter a name.")).to_be_visible()
    textbox(page, "Name").fill("CI")
    create(page)
    secret = textbox(page, "Access Token").input_value()
    assert session_of(secret)
    expect(textbox(page, "Salesforce CLI")).to_contain_text(secret)
    action(page, "Done").click()

    assert secret not in page.content()
    action(page, "Revoke CI").click()
    button(page, "Revoke").click()
    expect(toast(page, "CI was revoked.")).to_have_count(1)
    assert AccessToken.objects.get().status == "Revoked"


def test_a_revoked_or_expired_token_cannot_be_revoked(admin_page: Page):
    listed(admin_page)

    expect(admin_page.locator("tbody").get_by_role("link")).to_have_count(1)

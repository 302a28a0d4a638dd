"""Practice orgs from sign-in to Reset: by keyboard, by mouse, and without scripts."""

from playwright.sync_api import Page, expect

from tokenx.org.models import Org

from .steps import cancel, dialog, heading, tab_to, textbox, toast


def start_button(page: Page):
    return page.get_by_role("button", name="Start Practice Org")


def test_start_and_reset_an_org_by_keyboard(stranger_page):
    page = stranger_page
    page.goto("/sign-in/")
    tab_to(page, page.get_by_label("Scenario"))
    page.keyboard.type("A busy")
    page.keyboard.press("Tab")
    page.keyboard.type("Grace Hopper")
    tab_to(page, start_button(page))
    page.keyboard.press("Enter")
    expect(heading(page)).to_contain_text("Training")
    expect(toast(page, "Your practice org is ready.")).to_be_visible()
    expect(page.get_by_text("A busy handler.")).to_be_visible()

    tab_to(page, page.get_by_role("link", name="Reset"))
    page.keyboard.press("Enter")
    expect(cancel(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)
    expect(page.get_by_role("link", name="Reset")).to_be_focused()

    page.keyboard.press("Enter")
    expect(cancel(page)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(toast(page, "The org was reset.")).to_be_visible()


def test_the_personal_link_opens_it_in_another_browser(stranger_page, browse):
    stranger_page.goto("/sign-in/")
    start_button(stranger_page).click()
    link = textbox(stranger_page, "Personal link").input_value()
    stranger_page.get_by_role("button", name="Copy Link").click()
    expect(stranger_page.get_by_role("button", name="Copied")).to_be_visible()

    other = browse(None)
    other.goto(link)
    other.get_by_role("button", name="Open", exact=True).click()

    expect(textbox(other, "Personal link")).to_have_value(link)


def test_the_whole_workflow_without_scripts(browse):
    page = browse(None, java_script_enabled=False)
    page.goto("/sign-in/")
    start_button(page).click()
    expect(heading(page)).to_contain_text("Training")
    page.get_by_role("link", name="Reset").click()
    page.get_by_role("button", name="Reset").click()
    expect(page.get_by_text("The org was reset.")).to_be_visible()


def test_a_double_click_is_no_error(stranger_page):
    stranger_page.goto("/sign-in/")
    start_button(stranger_page).dblclick()

    expect(heading(stranger_page)).to_contain_text("Training")
    assert Org.objects.filter(expires_at__isnull=False).count() in {1, 2}

"""Choosing a theme and a look in the user menu."""

import re

from playwright.sync_api import Page, expect

MENU = ".slds-global-actions__avatar"
LIGHT_PAGE, DARK_PAGE = "rgb(238, 244, 255)", "rgb(15, 19, 24)"


def test_a_choice_changes_the_page_without_a_reload(admin_page: Page):
    admin_page.goto("/handlers/")
    admin_page.get_by_label("Search", exact=True).fill("not lost")
    html = admin_page.locator("html")
    expect(html).to_have_css("background-color", LIGHT_PAGE)

    admin_page.locator(MENU).click()
    dark = admin_page.get_by_role("button", name="Dark")
    dark.focus()
    admin_page.keyboard.press("Enter")

    expect(html).to_have_css("background-color", DARK_PAGE)
    expect(dark).to_have_attribute("aria-pressed", "true")
    expect(dark).to_be_focused()
    admin_page.get_by_role("button", name="SLDS 2 (Cosmos)").click()
    expect(html).to_have_attribute("data-look", "cosmos")
    expect(admin_page.get_by_label("Search", exact=True)).to_have_value("not lost")
    admin_page.goto("/users/")
    expect(html).to_have_attribute("data-theme", "dark")
    expect(html).to_have_attribute("data-look", "cosmos")


def test_a_choice_works_without_javascript(plain_page: Page):
    plain_page.goto("/handlers/?status=enabled")
    plain_page.locator(MENU).click()
    plain_page.get_by_role("button", name="Dark").click()

    expect(plain_page.locator("html")).to_have_css("background-color", DARK_PAGE)
    expect(plain_page).to_have_url(re.compile(r"/handlers/\?status=enabled$"))


def test_the_time_zone_is_chosen_in_a_dialog(admin_page: Page):
    admin_page.goto("/handlers/")
    admin_page.locator(MENU).click()
    admin_page.get_by_role("link", name="Automatic").click()
    admin_page.get_by_role("dialog").get_by_label("Time Zone").select_option("Asia/Tokyo")
    admin_page.get_by_role("button", name="Save").click()

    expect(admin_page.get_by_text("was saved.")).to_be_visible()
    admin_page.locator(MENU).click()
    expect(admin_page.get_by_role("link", name="Asia/Tokyo")).to_be_visible()

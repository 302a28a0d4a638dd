"""Row menus and header menus: arrows, letters, Esc, and clicks outside."""

from itertools import product

import pytest
from playwright.sync_api import Page, expect

from .steps import HANDLER, menu_item, row_menu, tab_to

ROW = "Warehouse Scanner"


@pytest.fixture
def menu(admin_page: Page):
    """Return the focused button of a row's menu."""
    admin_page.goto(HANDLER)
    row_menu(admin_page, ROW).focus()
    return row_menu(admin_page, ROW)


def test_arrows_move_through_the_menu_and_wrap_around(admin_page: Page, menu):
    for key, item in [
        ("ArrowDown", "Edit"),
        ("ArrowDown", "Remove"),
        ("ArrowDown", "Edit"),
        ("ArrowUp", "Remove"),
        ("Home", "Edit"),
        ("End", "Remove"),
    ]:
        admin_page.keyboard.press(key)
        expect(menu_item(admin_page, item)).to_be_focused()


def test_arrow_up_opens_the_menu_at_its_last_item(admin_page: Page, menu):
    admin_page.keyboard.press("ArrowUp")

    expect(menu_item(admin_page, "Remove")).to_be_focused()


def test_esc_closes_the_menu_and_restores_the_focus(admin_page: Page, menu):
    admin_page.keyboard.press("ArrowDown")
    admin_page.keyboard.press("Escape")

    expect(menu_item(admin_page, "Edit")).to_have_count(0)
    expect(menu).to_be_focused()


def test_a_letter_moves_to_the_item_that_starts_with_it(admin_page: Page, menu):
    admin_page.keyboard.press("ArrowDown")
    admin_page.keyboard.press("r")
    expect(menu_item(admin_page, "Remove")).to_be_focused()
    admin_page.keyboard.press("e")
    expect(menu_item(admin_page, "Edit")).to_be_focused()


def test_enter_and_space_open_the_menu_and_choose(admin_page: Page, subtests):
    for key in ["Enter", "Space"]:
        with subtests.test(key=key):
            admin_page.goto(HANDLER)
            row_menu(admin_page, ROW).focus()
            admin_page.keyboard.press(key)
            expect(menu_item(admin_page, "Edit")).to_be_focused()
            admin_page.keyboard.press(key)

            expect(admin_page.get_by_role("dialog", name=f"Edit {ROW}")).to_be_visible()


def test_tab_closes_the_menu_and_moves_on(admin_page: Page, subtests):
    for row, presses in product(["Partner Portal", ROW], [1, 2]):
        with subtests.test(row=row, presses=presses):
            admin_page.goto(HANDLER)
            row_menu(admin_page, row).focus()
            for _ in range(presses):
                admin_page.keyboard.press("ArrowDown")
            admin_page.keyboard.press("Tab")

            expect(admin_page.get_by_role("menuitem")).to_have_count(0)


def test_a_click_outside_closes_the_menu(admin_page: Page, menu):
    menu.click()
    expect(menu_item(admin_page, "Edit")).to_be_visible()
    admin_page.locator("h1").click()

    expect(menu_item(admin_page, "Edit")).to_have_count(0)


def test_a_click_on_the_button_closes_the_menu_again(admin_page: Page, menu):
    menu.click()
    expect(menu_item(admin_page, "Edit")).to_be_visible()
    menu.click()

    expect(menu_item(admin_page, "Edit")).to_have_count(0)


def test_one_menu_is_open_at_a_time(admin_page: Page, menu):
    menu.click()
    row_menu(admin_page, "Sales Insights").click()

    expect(menu_item(admin_page, "Edit")).to_have_count(1)
    expect(admin_page.get_by_role("menu", name=f"Actions for {ROW}")).to_be_hidden()


def test_the_menu_of_the_last_row_is_not_clipped(admin_page: Page):
    admin_page.goto(HANDLER)
    row_menu(admin_page, ROW).click()

    for item in ["Edit", "Remove"]:
        menu_item(admin_page, item).scroll_into_view_if_needed()
        expect(menu_item(admin_page, item)).to_be_in_viewport(ratio=1)
        menu_item(admin_page, item).click(trial=True)


def test_the_button_says_whether_its_menu_is_open(admin_page: Page, menu):
    admin_page.keyboard.press("Enter")

    expect(menu).to_have_attribute("aria-haspopup", "menu")
    # Check the state that <summary> exposes to assistive technology.
    snapshot = admin_page.locator("details.menu", has=menu).aria_snapshot()
    assert f"Actions for {ROW}" in snapshot
    assert "menuitem" in snapshot


def test_the_user_menu_logs_out_by_keyboard(admin_page: Page):
    admin_page.goto("/")
    tab_to(admin_page, admin_page.locator("summary[title='Ada Admin']"))
    admin_page.keyboard.press("Enter")
    tab_to(admin_page, admin_page.get_by_role("button", name="Log Out"), most=8)
    admin_page.keyboard.press("Enter")

    expect(admin_page.get_by_label("Username")).to_be_focused()
    admin_page.goto("/handlers/")
    expect(admin_page.get_by_label("Username")).to_be_visible()

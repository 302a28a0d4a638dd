"""Row menus and the menus of the header: arrows, letters, Esc, a click outside."""

import pytest
from playwright.sync_api import Page, expect

from .steps import HANDLER, menu_item, row_menu, tab_to

ROW = "Warehouse Scanner"


@pytest.fixture
def menu(page: Page):
    """The button of a row's menu, with the focus on it."""
    page.goto(HANDLER)
    row_menu(page, ROW).focus()
    return row_menu(page, ROW)


def test_arrows_go_through_the_menu_and_round(page: Page, menu):
    for key, item in [
        ("ArrowDown", "Edit"),
        ("ArrowDown", "Remove"),
        ("ArrowDown", "Edit"),
        ("ArrowUp", "Remove"),
        ("Home", "Edit"),
        ("End", "Remove"),
    ]:
        page.keyboard.press(key)
        expect(menu_item(page, item)).to_be_focused()


def test_arrow_up_opens_the_menu_at_its_end(page: Page, menu):
    page.keyboard.press("ArrowUp")

    expect(menu_item(page, "Remove")).to_be_focused()


def test_esc_closes_the_menu_and_gives_the_focus_back(page: Page, menu):
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")

    expect(menu_item(page, "Edit")).to_have_count(0)
    expect(menu).to_be_focused()


def test_a_letter_goes_to_the_item_that_begins_with_it(page: Page, menu):
    page.keyboard.press("ArrowDown")
    page.keyboard.press("r")
    expect(menu_item(page, "Remove")).to_be_focused()
    page.keyboard.press("e")
    expect(menu_item(page, "Edit")).to_be_focused()


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_enter_and_space_open_the_menu_and_choose(page: Page, menu, key: str):
    page.keyboard.press(key)
    expect(menu_item(page, "Edit")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press(key)

    expect(page.get_by_role("dialog", name=f"Edit {ROW}")).to_be_visible()


@pytest.mark.parametrize("row", ["Partner Portal", ROW], ids=["a row", "the last row"])
@pytest.mark.parametrize("presses", [1, 2], ids=["first item", "last item"])
def test_tab_closes_the_menu_and_moves_on(page: Page, row: str, presses: int):
    page.goto(HANDLER)
    row_menu(page, row).focus()
    for _ in range(presses):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")

    expect(page.get_by_role("menuitem")).to_have_count(0)


def test_a_click_outside_closes_the_menu(page: Page, menu):
    menu.click()
    expect(menu_item(page, "Edit")).to_be_visible()
    page.locator("h1").click()

    expect(menu_item(page, "Edit")).to_have_count(0)


def test_a_click_on_the_button_closes_the_menu_again(page: Page, menu):
    menu.click()
    expect(menu_item(page, "Edit")).to_be_visible()
    menu.click()

    expect(menu_item(page, "Edit")).to_have_count(0)


def test_one_menu_is_open_at_a_time(page: Page, menu):
    menu.click()
    row_menu(page, "Sales Insights").click()

    expect(menu_item(page, "Edit")).to_have_count(1)
    expect(page.get_by_role("menu", name=f"Actions for {ROW}")).to_be_hidden()


def test_the_menu_of_the_last_row_is_not_cut_off(page: Page):
    page.goto(HANDLER)
    row_menu(page, ROW).click()

    for item in ["Edit", "Remove"]:
        menu_item(page, item).scroll_into_view_if_needed()
        expect(menu_item(page, item)).to_be_in_viewport(ratio=1)
        menu_item(page, item).click(trial=True)


def test_the_button_says_whether_its_menu_is_open(page: Page, menu):
    page.keyboard.press("Enter")

    # <summary> says so by itself; what counts is what assistive technology is told.
    snapshot = page.locator("details.menu", has=menu).aria_snapshot()
    assert f"Actions for {ROW}" in snapshot
    assert "menuitem" in snapshot


def test_the_user_menu_logs_out_by_keyboard(page: Page):
    page.goto("/")
    tab_to(page, page.locator("summary[title='Ada Admin']"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Log Out"), most=3)
    page.keyboard.press("Enter")

    expect(page.get_by_label("Username")).to_be_focused()
    page.goto("/handlers/")
    expect(page.get_by_label("Username")).to_be_visible()

"""Where the focus is: in the dialog while it is open, and afterwards where one was."""

import pytest
from playwright.sync_api import Page, expect

from .steps import (
    HANDLER,
    app_input,
    choose_in_menu,
    dialog,
    done,
    enabled_app,
    fill_wizard,
    menu_item,
    open_wizard,
    options,
    row_menu,
    run_as_input,
    tick_default,
    toast,
)


def focus_is_inside(page: Page) -> bool:
    return page.evaluate("modal.contains(document.activeElement)")


def focus_is_lost(page: Page) -> bool:
    return page.evaluate("document.activeElement === document.body")


def opener(page: Page):
    return page.get_by_role("link", name="Enable New App")


def test_step_1_opens_with_the_focus_on_the_chosen_type(page: Page):
    page.goto(HANDLER)
    opener(page).click()

    expect(page.get_by_role("radio", name="Connected App")).to_be_focused()


def test_step_2_opens_with_the_focus_on_select_app(page: Page):
    open_wizard(page)

    expect(app_input(page)).to_be_focused()


def test_remove_opens_with_the_focus_inside(page: Page):
    page.goto(HANDLER)
    choose_in_menu(page, "Sales Insights", "Remove")

    expect(dialog(page)).to_be_visible()
    assert focus_is_inside(page)


@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
def test_tab_stays_in_the_dialog(page: Page, key: str):
    open_wizard(page)

    stops = set()
    for _ in range(20):
        page.keyboard.press(key)
        # The browser's own bar is a stop too; there, the page has no focus.
        if page.evaluate("document.hasFocus() && document.activeElement !== document.body"):
            assert focus_is_inside(page)
            stops.add(page.evaluate("document.activeElement.outerHTML"))
    assert len(stops) >= 5


def test_esc_closes_the_dialog_and_gives_the_focus_back(page: Page):
    page.goto(HANDLER)
    opener(page).click()
    expect(dialog(page)).to_be_visible()

    page.keyboard.press("Escape")

    expect(dialog(page)).to_have_count(0)
    expect(opener(page)).to_be_focused()


def test_esc_in_step_2_gives_the_focus_back_to_the_one_who_opened_step_1(page: Page):
    open_wizard(page)

    page.keyboard.press("Escape")

    expect(dialog(page)).to_have_count(0)
    expect(opener(page)).to_be_focused()


@pytest.mark.parametrize("button", ["Cancel and close", "Cancel"])
def test_cancel_gives_the_focus_back(page: Page, button: str):
    page.goto(HANDLER)
    opener(page).click()
    dialog(page).get_by_role("link", name=button, exact=True).click()

    expect(dialog(page)).to_have_count(0)
    expect(opener(page)).to_be_focused()


def test_cancel_from_a_row_menu_gives_the_focus_back_to_its_button(page: Page):
    page.goto(HANDLER)
    choose_in_menu(page, "Sales Insights", "Edit")
    expect(dialog(page)).to_be_visible()

    page.keyboard.press("Escape")

    expect(dialog(page)).to_have_count(0)
    expect(row_menu(page, "Sales Insights")).to_be_focused()
    expect(menu_item(page, "Edit")).to_have_count(0)


def test_after_done_the_focus_is_back_on_the_list(page: Page):
    open_wizard(page)
    fill_wizard(page)
    done(page).click()

    expect(enabled_app(page, "TokenExchangeApp1")).to_be_visible()
    expect(toast(page, "is enabled")).to_be_visible()
    heading = page.get_by_role("heading", name="Enabled Apps (4)")
    expect(heading.or_(opener(page)).and_(page.locator(":focus"))).to_have_count(1)


def test_after_save_the_focus_is_back_on_the_list(page: Page):
    page.goto(HANDLER)
    choose_in_menu(page, "Sales Insights", "Edit")
    tick_default(page)
    page.get_by_role("button", name="Save").click()

    expect(toast(page, "Sales Insights is saved")).to_be_visible()
    expect(dialog(page)).to_have_count(0)
    expect(page.locator("#enabled-apps :focus")).to_have_count(1)


def test_after_remove_the_focus_is_back_on_the_list(page: Page):
    page.goto(HANDLER)
    choose_in_menu(page, "Sales Insights", "Remove")
    page.get_by_role("button", name="Remove").click()

    expect(enabled_app(page, "Sales Insights")).to_have_count(0)
    expect(toast(page, "is removed")).to_be_visible()
    expect(page.locator("#enabled-apps :focus")).to_have_count(1)


def test_after_removing_the_last_app_the_focus_is_not_lost(page: Page):
    page.goto("/handlers/Legacy_SAML/")
    choose_in_menu(page, "Ops Dashboard", "Remove")
    page.get_by_role("button", name="Remove").click()

    expect(page.get_by_text("No app is enabled for this handler")).to_be_visible()
    expect(page.locator("#enabled-apps :focus")).to_have_count(1)


def test_after_sorting_the_focus_stays_on_the_column(page: Page):
    page.goto(HANDLER)
    by_user = page.get_by_role("link", name="Sort by: Run As User")
    by_user.press("Enter")

    expect(page.get_by_role("columnheader", name="Run As User")).to_have_attribute(
        "aria-sort", "ascending"
    )
    expect(by_user).to_be_focused()


def test_after_filtering_the_focus_stays_on_the_filter(page: Page):
    page.goto(HANDLER)
    kind = page.get_by_label("App Type")
    kind.focus()
    kind.select_option("External Client App")

    expect(enabled_app(page, "Warehouse Scanner")).to_have_count(0)
    expect(kind).to_be_focused()


@pytest.mark.parametrize("field", [app_input, run_as_input])
def test_esc_in_an_open_look_up_closes_only_its_list(page: Page, field):
    open_wizard(page)
    field(page).click()
    expect(options(page).first).to_be_visible()

    page.keyboard.press("Escape")

    expect(options(page)).to_have_count(0)
    expect(dialog(page)).to_be_visible()
    expect(field(page)).to_be_focused()


def test_a_second_esc_closes_the_dialog(page: Page):
    open_wizard(page)
    app_input(page).click()
    expect(options(page).first).to_be_visible()

    page.keyboard.press("Escape")
    expect(options(page)).to_have_count(0)
    page.keyboard.press("Escape")

    expect(dialog(page)).to_have_count(0)


def test_a_closed_dialog_leaves_nothing_behind(page: Page):
    open_wizard(page)
    page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)

    expect(page.locator("#modal")).to_be_empty()
    assert not focus_is_lost(page)
    expect(opener(page)).to_be_focused()


def test_what_is_behind_the_dialog_cannot_be_used(page: Page):
    open_wizard(page)

    reached = page.evaluate(
        "document.getElementById('quick-find').focus(), document.activeElement.id"
    )

    assert reached != "quick-find"


def test_the_dialog_is_named_by_its_heading(page: Page):
    open_wizard(page)

    expect(page.get_by_role("dialog", name="Enable New App")).to_be_visible()

"""The focus stays in an open dialog, and returns to its origin afterward."""

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


def test_step_1_opens_with_the_focus_on_the_selected_type(admin_page: Page):
    admin_page.goto(HANDLER)
    opener(admin_page).click()

    expect(admin_page.get_by_role("radio", name="Connected App")).to_be_focused()


def test_step_2_opens_with_the_focus_on_select_app(admin_page: Page):
    open_wizard(admin_page)

    expect(app_input(admin_page)).to_be_focused()


def test_remove_opens_with_the_focus_inside(admin_page: Page):
    admin_page.goto(HANDLER)
    choose_in_menu(admin_page, "Sales Insights", "Remove")

    expect(dialog(admin_page)).to_be_visible()
    assert focus_is_inside(admin_page)


def test_tab_stays_in_the_dialog(admin_page: Page, subtests):
    for key in ["Tab", "Shift+Tab"]:
        with subtests.test(key=key):
            open_wizard(admin_page)

            stops = set()
            for _ in range(20):
                admin_page.keyboard.press(key)
                # The browser's toolbar is a stop, too. The page has no focus there.
                if admin_page.evaluate(
                    "document.hasFocus() && document.activeElement !== document.body"
                ):
                    assert focus_is_inside(admin_page)
                    stops.add(admin_page.evaluate("document.activeElement.outerHTML"))
            assert len(stops) >= 5


def test_esc_closes_the_dialog_and_restores_the_focus(admin_page: Page):
    admin_page.goto(HANDLER)
    opener(admin_page).click()
    expect(dialog(admin_page)).to_be_visible()

    admin_page.keyboard.press("Escape")

    expect(dialog(admin_page)).to_have_count(0)
    expect(opener(admin_page)).to_be_focused()


def test_esc_in_step_2_restores_the_focus_to_the_button_of_step_1(admin_page: Page):
    open_wizard(admin_page)

    admin_page.keyboard.press("Escape")

    expect(dialog(admin_page)).to_have_count(0)
    expect(opener(admin_page)).to_be_focused()


def test_cancel_restores_the_focus(admin_page: Page, subtests):
    for button in ["Cancel and close", "Cancel"]:
        with subtests.test(button=button):
            admin_page.goto(HANDLER)
            opener(admin_page).click()
            dialog(admin_page).get_by_role("link", name=button, exact=True).click()

            expect(dialog(admin_page)).to_have_count(0)
            expect(opener(admin_page)).to_be_focused()


def test_cancel_from_a_row_menu_restores_the_focus_to_its_button(admin_page: Page):
    admin_page.goto(HANDLER)
    choose_in_menu(admin_page, "Sales Insights", "Edit")
    expect(dialog(admin_page)).to_be_visible()

    admin_page.keyboard.press("Escape")

    expect(dialog(admin_page)).to_have_count(0)
    expect(row_menu(admin_page, "Sales Insights")).to_be_focused()
    expect(menu_item(admin_page, "Edit")).to_have_count(0)


def test_after_done_the_focus_is_back_on_the_list(admin_page: Page):
    open_wizard(admin_page)
    fill_wizard(admin_page)
    done(admin_page).click()

    expect(enabled_app(admin_page, "TokenExchangeApp1")).to_be_visible()
    expect(toast(admin_page, "was enabled")).to_be_visible()
    heading = admin_page.get_by_role("heading", name="Enabled Apps (4)")
    expect(
        heading.or_(opener(admin_page)).and_(admin_page.locator(":focus"))
    ).to_have_count(1)


def test_after_save_the_focus_is_back_on_the_list(admin_page: Page):
    admin_page.goto(HANDLER)
    choose_in_menu(admin_page, "Sales Insights", "Edit")
    tick_default(admin_page)
    admin_page.get_by_role("button", name="Save").click()

    expect(toast(admin_page, "Sales Insights was saved")).to_be_visible()
    expect(dialog(admin_page)).to_have_count(0)
    expect(admin_page.locator("#enabled-apps :focus")).to_have_count(1)


def test_after_remove_the_focus_is_back_on_the_list(admin_page: Page):
    admin_page.goto(HANDLER)
    choose_in_menu(admin_page, "Sales Insights", "Remove")
    admin_page.get_by_role("button", name="Remove").click()

    expect(enabled_app(admin_page, "Sales Insights")).to_have_count(0)
    expect(toast(admin_page, "was removed")).to_be_visible()
    expect(admin_page.locator("#enabled-apps :focus")).to_have_count(1)


def test_after_removing_the_last_app_the_focus_is_not_lost(admin_page: Page):
    admin_page.goto("/handlers/Legacy_SAML/")
    choose_in_menu(admin_page, "Ops Dashboard", "Remove")
    admin_page.get_by_role("button", name="Remove").click()

    expect(admin_page.get_by_text("No apps enabled yet")).to_be_visible()
    expect(admin_page.locator("#enabled-apps :focus")).to_have_count(1)


def test_after_sorting_the_focus_stays_on_the_column(admin_page: Page):
    admin_page.goto(HANDLER)
    by_user = admin_page.get_by_role("link", name="Sort by: Run As User")
    by_user.press("Enter")

    expect(admin_page.get_by_role("columnheader", name="Run As User")).to_have_attribute(
        "aria-sort", "ascending"
    )
    expect(by_user).to_be_focused()


def test_after_filtering_the_focus_stays_on_the_filter(admin_page: Page):
    admin_page.goto(HANDLER)
    kind = admin_page.get_by_label("App Type")
    kind.focus()
    kind.select_option("External Client App")

    expect(enabled_app(admin_page, "Warehouse Scanner")).to_have_count(0)
    expect(kind).to_be_focused()


def test_esc_in_an_open_lookup_closes_only_its_list(admin_page: Page, subtests):
    for field in [app_input, run_as_input]:
        with subtests.test(field=field.__name__):
            open_wizard(admin_page)
            field(admin_page).click()
            expect(options(admin_page).first).to_be_visible()

            admin_page.keyboard.press("Escape")

            expect(options(admin_page)).to_have_count(0)
            expect(dialog(admin_page)).to_be_visible()
            expect(field(admin_page)).to_be_focused()


def test_a_second_esc_closes_the_dialog(admin_page: Page):
    open_wizard(admin_page)
    app_input(admin_page).click()
    expect(options(admin_page).first).to_be_visible()

    admin_page.keyboard.press("Escape")
    expect(options(admin_page)).to_have_count(0)
    admin_page.keyboard.press("Escape")

    expect(dialog(admin_page)).to_have_count(0)


def test_a_closed_dialog_leaves_nothing_behind(admin_page: Page):
    open_wizard(admin_page)
    admin_page.keyboard.press("Escape")
    expect(dialog(admin_page)).to_have_count(0)

    expect(admin_page.locator("#modal")).to_be_empty()
    assert not focus_is_lost(admin_page)
    expect(opener(admin_page)).to_be_focused()


def test_content_behind_the_dialog_is_inert(admin_page: Page):
    open_wizard(admin_page)

    reached = admin_page.evaluate(
        "document.getElementById('quick-find').focus(), document.activeElement.id"
    )

    assert reached != "quick-find"


def test_the_dialog_is_labeled_by_its_heading(admin_page: Page):
    open_wizard(admin_page)

    expect(admin_page.get_by_role("dialog", name="Enable New App")).to_be_visible()

"""Invalid input, Back, reload, and deep links keep what users typed and show errors."""

import re

from playwright.sync_api import Page, expect

from tokenx.handlers.models import Enablement

from .steps import (
    APP,
    HANDLER,
    USER,
    WIZARD,
    app_input,
    choose,
    choose_in_menu,
    default_box,
    dialog,
    done,
    enabled_app,
    fill_wizard,
    open_wizard,
    run_as_input,
    step_1,
    tick_default,
    toast,
)


def test_missing_input_keeps_the_rest_and_focuses_the_field(admin_page: Page, watch):
    watch.expects("status of 422")
    open_wizard(admin_page)
    choose(admin_page, app_input(admin_page), APP, APP)
    tick_default(admin_page)
    done(admin_page).click()

    error = dialog(admin_page).get_by_text("Select the user to run the handler as.")
    expect(error).to_be_visible()
    expect(run_as_input(admin_page)).to_be_focused()
    expect(run_as_input(admin_page)).to_have_attribute("aria-invalid", "true")
    described_by = run_as_input(admin_page).get_attribute("aria-describedby").split()
    assert error.get_attribute("id") in described_by
    expect(app_input(admin_page)).to_have_value(APP)
    expect(app_input(admin_page)).to_have_attribute("readonly", "")
    expect(default_box(admin_page)).to_be_checked()


def test_the_first_of_two_invalid_fields_has_the_focus(admin_page: Page, watch):
    watch.expects("status of 422")
    open_wizard(admin_page)
    app_input(admin_page).fill("exchange")
    run_as_input(admin_page).fill("*ion")
    run_as_input(admin_page).press("Escape")
    done(admin_page).click()

    expect(dialog(admin_page).get_by_role("alert")).to_have_count(2)
    expect(app_input(admin_page)).to_be_focused()
    expect(app_input(admin_page)).to_have_value("exchange")
    expect(run_as_input(admin_page)).to_have_value("*ion")


def test_choosing_an_option_clears_the_error_and_done_works(admin_page: Page, watch):
    watch.expects("status of 422")
    open_wizard(admin_page)
    done(admin_page).click()
    expect(dialog(admin_page).get_by_role("alert")).to_have_count(2)
    fill_wizard(admin_page)
    expect(dialog(admin_page).get_by_role("alert")).to_have_count(0)
    done(admin_page).click()

    expect(enabled_app(admin_page, APP)).to_be_visible()


def test_back_keeps_type_user_and_default(admin_page: Page):
    open_wizard(admin_page, kind="External Client App")
    choose(admin_page, run_as_input(admin_page), "*ion", USER)
    tick_default(admin_page)
    admin_page.get_by_role("link", name="Back").click()
    expect(admin_page.get_by_role("radio", name="External Client App")).to_be_checked()
    admin_page.get_by_role("button", name="Next").click()

    expect(run_as_input(admin_page)).to_have_value(USER)
    expect(default_box(admin_page)).to_be_checked()
    expect(dialog(admin_page)).to_contain_text("External Client App")


def test_back_keeps_the_app_if_the_type_stays(admin_page: Page):
    open_wizard(admin_page)
    fill_wizard(admin_page)
    admin_page.get_by_role("link", name="Back").click()
    admin_page.get_by_role("button", name="Next").click()

    expect(app_input(admin_page)).to_have_value(APP)
    expect(run_as_input(admin_page)).to_have_value(USER)


def test_back_drops_the_app_if_the_type_changes(admin_page: Page):
    open_wizard(admin_page)
    fill_wizard(admin_page)
    admin_page.get_by_role("link", name="Back").click()
    step_1(admin_page, "External Client App")

    expect(app_input(admin_page)).to_have_value("")
    expect(run_as_input(admin_page)).to_have_value(USER)


def test_back_keeps_typed_text_without_a_choice(admin_page: Page):
    open_wizard(admin_page)
    run_as_input(admin_page).fill("*ion")
    run_as_input(admin_page).press("Escape")
    admin_page.get_by_role("link", name="Back").click()
    admin_page.get_by_role("button", name="Next").click()

    expect(run_as_input(admin_page)).to_have_value("*ion")


def test_the_wizard_as_a_page_can_be_reloaded(admin_page: Page):
    admin_page.goto(f"{WIZARD}?kind=external")
    admin_page.reload()

    expect(app_input(admin_page)).to_be_visible()
    expect(admin_page.locator("main")).to_contain_text("External Client App")


def test_the_wizard_as_a_page_enables_and_returns_to_the_handler(admin_page: Page):
    admin_page.goto(f"{WIZARD}?kind=connected")
    fill_wizard(admin_page)
    done(admin_page).click()

    expect(toast(admin_page, f"{APP} was enabled")).to_be_visible()
    expect(admin_page).to_have_url(re.compile(f"{HANDLER}([?]|$)"))
    expect(enabled_app(admin_page, APP)).to_be_visible()


def test_the_wizard_as_a_page_shows_its_errors_in_place(admin_page: Page, watch):
    watch.expects("status of 422")
    admin_page.goto(f"{WIZARD}?kind=connected")
    done(admin_page).click()

    expect(admin_page.get_by_text("Select the app to enable.")).to_have_count(1)
    expect(admin_page.locator("#app-input")).to_have_count(1)


def test_step_1_as_a_page_continues_to_one_step_2(admin_page: Page):
    admin_page.goto(WIZARD)
    admin_page.get_by_role("button", name="Next").click()

    expect(admin_page.locator("#app-input")).to_be_visible()
    expect(admin_page.locator("#modal-title")).to_have_count(1)


def test_edit_and_remove_as_pages_return_to_the_handler(admin_page: Page):
    admin_page.goto(HANDLER)
    row = enabled_app(admin_page, "Sales Insights")
    pk = row.get_attribute("id").rpartition("-")[2]

    admin_page.goto(f"{HANDLER}enabled-apps/{pk}/edit/")
    tick_default(admin_page)
    admin_page.get_by_role("button", name="Save").click()
    expect(admin_page).to_have_url(HANDLER)
    expect(row).to_contain_text("Default")

    admin_page.goto(f"{HANDLER}enabled-apps/{pk}/remove/")
    admin_page.get_by_role("button", name="Remove").click()
    expect(admin_page).to_have_url(HANDLER)
    expect(row).to_have_count(0)


def test_cancel_on_the_page_returns_to_the_handler(admin_page: Page, subtests):
    for button in ["Cancel", "Cancel and close"]:
        with subtests.test(button=button):
            admin_page.goto(WIZARD)
            admin_page.locator("main").get_by_role("link", name=button, exact=True).click()

            expect(admin_page).to_have_url(HANDLER)


def test_the_browsers_back_button_after_done_shows_no_stale_dialog(admin_page: Page):
    admin_page.goto("/handlers/")
    admin_page.locator("main").get_by_role(
        "link", name="MyTokenExchangeHandler"
    ).first.click()
    admin_page.get_by_role("link", name="Enable New App").click()
    step_1(admin_page)
    fill_wizard(admin_page)
    done(admin_page).click()
    expect(enabled_app(admin_page, APP)).to_be_visible()
    admin_page.go_back()
    expect(admin_page).to_have_url("/handlers/")
    admin_page.go_forward()

    expect(enabled_app(admin_page, APP)).to_be_visible()
    expect(dialog(admin_page)).to_have_count(0)


def test_replacing_the_default_is_announced_before_and_after(admin_page: Page):
    open_wizard(admin_page)
    choose(admin_page, app_input(admin_page), "exchangeapp2", "TokenExchangeApp2")
    choose(admin_page, run_as_input(admin_page), "*ion", USER)
    tick_default(admin_page)
    expect(dialog(admin_page)).to_contain_text(
        "If you make MyTokenExchangeHandler the default"
    )
    done(admin_page).click()

    expect(
        toast(admin_page, "replaced Okta Workforce as its default handler")
    ).to_be_visible()
    defaults = Enablement.objects.filter(app__label="TokenExchangeApp2", is_default=True)
    assert [each.handler.label for each in defaults] == ["MyTokenExchangeHandler"]


def test_a_removed_app_can_be_enabled_again(admin_page: Page):
    admin_page.goto(HANDLER)
    choose_in_menu(admin_page, "Sales Insights", "Remove")
    admin_page.get_by_role("button", name="Remove").click()
    expect(enabled_app(admin_page, "Sales Insights")).to_have_count(0)

    admin_page.get_by_role("link", name="Enable New App").click()
    step_1(admin_page)
    fill_wizard(admin_page, "Sales Insights", USER)
    done(admin_page).click()

    expect(enabled_app(admin_page, "Sales Insights")).to_contain_text(USER)

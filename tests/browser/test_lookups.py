"""The two lookups: options, highlighting, explanations, and exact choices."""

import pytest
from playwright.sync_api import Page, expect

from tests.factories import UserFactory

from .steps import (
    WIZARD,
    app_input,
    choose,
    dialog,
    done,
    highlighted,
    open_wizard,
    option,
    options,
    run_as_input,
)


@pytest.fixture
def wizard(admin_page: Page) -> Page:
    open_wizard(admin_page)
    return admin_page


def list_users(page: Page, typed: str) -> None:
    run_as_input(page).click()
    run_as_input(page).fill(typed)
    expect(options(page).locator("mark").first).to_be_visible()


def test_arrows_highlight_options_and_keep_typed_text(wizard: Page):
    list_users(wizard, "*ion")
    names = [each.get_attribute("data-label") for each in options(wizard).all()]

    for name in names[:2]:
        wizard.keyboard.press("ArrowDown")
        expect(highlighted(wizard)).to_have_attribute("data-label", name)
        expect(run_as_input(wizard)).to_have_value("*ion")
        active = highlighted(wizard).get_attribute("id")
        expect(run_as_input(wizard)).to_have_attribute("aria-activedescendant", active)
        expect(run_as_input(wizard)).to_be_focused()
    wizard.keyboard.press("ArrowUp")
    expect(highlighted(wizard)).to_have_attribute("data-label", names[0])
    wizard.keyboard.press("ArrowUp")
    expect(highlighted(wizard)).to_have_attribute("data-label", names[-1])
    wizard.keyboard.press("ArrowDown")
    expect(highlighted(wizard)).to_have_attribute("data-label", names[0])


def test_a_click_elsewhere_closes_the_list(admin_page: Page):
    admin_page.goto(f"{WIZARD}?kind=connected")
    list_users(admin_page, "*ion")
    # A target that can't have the focus. Focusing another element would close the list.
    admin_page.locator(".slds-context-bar").click(position={"x": 600, "y": 20})

    expect(options(admin_page)).to_have_count(0)
    expect(run_as_input(admin_page)).to_have_value("*ion")
    expect(run_as_input(admin_page)).to_have_attribute("aria-expanded", "false")


def test_a_highlighted_option_far_down_is_scrolled_into_view(wizard: Page):
    run_as_input(wizard).click()
    expect(options(wizard)).to_have_count(200)
    wizard.keyboard.press("ArrowUp")

    expect(highlighted(wizard)).to_be_in_viewport(ratio=0.9)


def test_enter_and_tab_choose_the_highlighted_option(admin_page: Page, subtests):
    for key in ["Enter", "Tab"]:
        with subtests.test(key=key):
            open_wizard(admin_page)
            list_users(admin_page, "*ion")
            admin_page.keyboard.press("ArrowDown")
            name = highlighted(admin_page).get_attribute("data-label")
            admin_page.keyboard.press(key)

            expect(run_as_input(admin_page)).to_have_value(name)
            expect(options(admin_page)).to_have_count(0)
            expect(run_as_input(admin_page)).to_have_attribute("aria-expanded", "false")
            expect(dialog(admin_page)).to_be_visible()
            assert (key == "Enter") == run_as_input(admin_page).evaluate(
                "input => input === document.activeElement"
            )


def test_enter_in_an_open_list_does_not_submit_the_form(wizard: Page):
    list_users(wizard, "*ion")
    wizard.keyboard.press("Enter")

    expect(dialog(wizard).get_by_role("alert")).to_have_count(0)
    expect(options(wizard).first).to_be_visible()


def test_a_chosen_option_is_read_only_and_delete_clears_it(wizard: Page):
    choose(wizard, app_input(wizard), "exchangeapp1", "TokenExchangeApp1")
    expect(app_input(wizard)).to_have_attribute("readonly", "")
    wizard.keyboard.type("x")
    expect(app_input(wizard)).to_have_value("TokenExchangeApp1")

    wizard.keyboard.press("Delete")

    expect(app_input(wizard)).to_have_value("")
    expect(app_input(wizard)).not_to_have_attribute("readonly", "")
    expect(app_input(wizard)).to_be_focused()
    assert wizard.locator("input[name=app]").input_value() == ""


def test_the_clear_button_clears_the_chosen_option(wizard: Page):
    choose(wizard, app_input(wizard), "exchangeapp1", "TokenExchangeApp1")
    wizard.get_by_role("button", name="Clear Select App").click()

    expect(app_input(wizard)).to_have_value("")
    expect(app_input(wizard)).to_be_focused()


def test_only_listed_options_are_accepted(wizard: Page, watch):
    watch.expects("status of 422")
    app_input(wizard).fill("TokenExchangeApp1")
    choose(wizard, run_as_input(wizard), "*integration user", "Integration User")
    done(wizard).click()

    expect(dialog(wizard).get_by_text("Select the app to enable.")).to_be_visible()
    expect(app_input(wizard)).to_have_value("TokenExchangeApp1")
    expect(run_as_input(wizard)).to_have_value("Integration User")


def test_leaving_a_lookup_closes_its_list(wizard: Page):
    app_input(wizard).click()
    expect(options(wizard).first).to_be_visible()
    wizard.keyboard.press("Tab")

    expect(options(wizard)).to_have_count(0)


def test_a_click_elsewhere_in_the_dialog_closes_the_list(wizard: Page):
    app_input(wizard).click()
    expect(options(wizard).first).to_be_visible()
    # A target that can't have the focus. Moving the focus closes the list like Tab.
    dialog(wizard).locator(".slds-modal__header").click(position={"x": 4, "y": 4})

    expect(options(wizard)).to_have_count(0)
    expect(dialog(wizard)).to_be_visible()


def test_typed_text_is_marked_in_options(wizard: Page):
    app_input(wizard).click()
    app_input(wizard).fill("exchangeapp")
    expect(options(wizard)).to_have_count(2)
    mark = option(wizard, "TokenExchangeApp1").locator("mark").first
    expect(mark).to_have_text("ExchangeApp")

    wizard.keyboard.press("Escape")
    list_users(wizard, "*INTEGRACION")
    expect(option(wizard, "Integración México").locator("mark")).to_have_text("Integración")


def test_an_empty_field_lists_the_first_200_users_and_says_so(wizard: Page):
    run_as_input(wizard).click()

    expect(options(wizard)).to_have_count(200)
    expect(wizard.get_by_text("Showing the first 200 users.")).to_be_attached()


def test_typed_text_matches_only_the_beginning_of_names(wizard: Page, admin):
    for first, last in [("Quentin", "Zed"), ("Zoe", "Quade"), ("Zacquary", "Zed")]:
        UserFactory(org=admin.org, first_name=first, last_name=last)
    list_users(wizard, "qu")

    expect(option(wizard, "Quentin Zed")).to_be_visible()
    expect(option(wizard, "Zoe Quade")).to_be_visible()
    expect(option(wizard, "Zacquary Zed")).to_have_count(0)


NOT_FOUND = {
    "Billing": (
        "Billing Sync can't be enabled because token exchange is turned off "
        "in its policies."
    ),
    "Warehouse": "Warehouse Scanner is already enabled for MyTokenExchangeHandler.",
    "Delivery": "Delivery Tracking is an external client app",
}


def test_no_results_gives_the_reason_for_the_closest_app(wizard: Page, subtests):
    for typed, reason in NOT_FOUND.items():
        with subtests.test(typed=typed):
            app_input(wizard).click()
            app_input(wizard).fill(typed)

            expect(dialog(wizard)).to_contain_text(reason)
            expect(options(wizard)).to_have_count(0)


def test_the_reason_links_to_the_app_and_is_reachable_by_keyboard(wizard: Page):
    app_input(wizard).click()
    app_input(wizard).fill("Billing")
    link = dialog(wizard).get_by_role("link", name="Billing Sync")
    expect(link).to_be_visible()
    wizard.keyboard.press("Tab")

    expect(link).to_be_focused()
    wizard.keyboard.press("Enter")
    expect(wizard.get_by_role("heading", level=1)).to_contain_text("Billing Sync")


def test_markup_in_a_name_is_shown_as_text(wizard: Page, admin):
    UserFactory(org=admin.org, first_name="<b>Bob</b>", last_name="O'Quote \"&")
    run_as_input(wizard).click()
    run_as_input(wizard).fill("*quote")
    option = options(wizard).first
    expect(option).to_contain_text("<b>Bob</b> O'Quote \"&")
    option.click()

    expect(run_as_input(wizard)).to_have_value("<b>Bob</b> O'Quote \"&")


def test_a_slow_response_does_not_replace_a_newer_one(wizard: Page):
    held = []
    wizard.route("**/lookup/apps/**q=Sales**", lambda route: held.append(route))
    app_input(wizard).click()
    app_input(wizard).fill("Sales")
    wizard.wait_for_timeout(300)
    app_input(wizard).fill("exchangeapp")
    expect(options(wizard)).to_have_count(2)
    for route in held:
        route.abort()
    wizard.wait_for_timeout(200)

    expect(options(wizard)).to_have_count(2)


def test_notices_follow_the_selection(wizard: Page):
    choose(wizard, app_input(wizard), "exchangeapp2", "TokenExchangeApp2")
    notice = "Okta Workforce is currently the default handler for TokenExchangeApp2"
    expect(dialog(wizard)).to_contain_text(notice)
    choose(wizard, run_as_input(wizard), "ada", "Ada Admin")
    expect(dialog(wizard)).to_contain_text("Ada Admin looks like a personal account")

    wizard.get_by_role("button", name="Clear Select App").click()

    expect(dialog(wizard)).not_to_contain_text(notice)
    expect(dialog(wizard)).to_contain_text("Ada Admin looks like a personal account")

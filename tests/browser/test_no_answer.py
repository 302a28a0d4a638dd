"""No session, no server, an error there: the page stays, and says so."""

import pytest
from playwright.sync_api import Page, expect

from tokenx.handlers.models import Enablement

from .steps import (
    HANDLER,
    PASSWORD,
    app_input,
    dialog,
    done,
    enabled_app,
    fill_wizard,
    is_on_top,
    open_wizard,
    run_as_input,
    toast,
)

APP, USER = "TokenExchangeApp1", "Integration User"


def test_signed_out_meanwhile_goes_to_sign_in_and_back(page: Page, admin):
    page.goto(f"{HANDLER}?kind=connected")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("link", name="Enable New App").click()

    expect(page.get_by_label("Username")).to_be_visible()
    page.get_by_label("Username").fill(admin.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log In").click()
    expect(page).to_have_url(f"{HANDLER}?kind=connected")


def test_signed_out_in_the_middle_of_the_wizard_goes_to_sign_in(page: Page):
    open_wizard(page)
    fill_wizard(page)
    page.wait_for_load_state("networkidle")
    page.context.clear_cookies(name="sessionid")
    done(page).click()

    expect(page.get_by_label("Username")).to_be_visible()
    assert not Enablement.objects.filter(app__label=APP).exists()


def test_no_server_says_so_and_the_page_stays(page: Page, watch):
    watch.expects("ERR_CONNECTION_REFUSED", "htmx:sendError")
    page.goto(HANDLER)
    page.route("**/enable-app/**", lambda route: route.abort("connectionrefused"))
    page.get_by_role("link", name="Enable New App").click()

    expect(toast(page, "The server did not answer")).to_be_visible()
    expect(page.locator("[data-toast]")).to_have_count(1)
    expect(enabled_app(page, "Sales Insights")).to_be_visible()
    expect(page).to_have_url(HANDLER)


@pytest.mark.parametrize("body", ["", "<h1>Server Error</h1>"], ids=["empty", "a page"])
def test_an_error_on_done_keeps_the_dialog_and_is_seen(page: Page, watch, body: str):
    watch.expects("status of 500", "Status Error Code 500")
    open_wizard(page)
    fill_wizard(page)
    page.route("**/enable-app/?kind=**", lambda route: route.fulfill(status=500, body=body))
    done(page).click()

    expect(page.locator("[data-toast=error]")).to_have_count(1)
    expect(dialog(page)).to_be_visible()
    expect(app_input(page)).to_have_value(APP)
    expect(run_as_input(page)).to_have_value(USER)
    assert is_on_top(page.locator("[data-toast=error]"))
    page.unroute("**/enable-app/?kind=**")
    done(page).click()
    expect(enabled_app(page, APP)).to_be_visible()


def test_after_an_error_the_focus_stays_in_the_dialog(page: Page, watch):
    watch.expects("status of 500", "Status Error Code 500")
    open_wizard(page)
    fill_wizard(page)
    page.route("**/enable-app/?kind=**", lambda route: route.fulfill(status=500))
    done(page).press("Enter")

    expect(page.locator("[data-toast=error]")).to_have_count(1)
    expect(dialog(page).locator(":focus")).to_have_count(1)


def test_an_error_toast_stays_until_it_is_closed(page: Page, watch):
    watch.expects("status of 500", "Status Error Code 500")
    page.goto(HANDLER)
    page.route("**/enable-app/", lambda route: route.fulfill(status=500))
    page.get_by_role("link", name="Enable New App").click()
    error = page.locator("[data-toast=error]")
    page.wait_for_timeout(5_500)
    expect(error).to_be_visible()

    error.get_by_role("button", name="Close").click()

    expect(error).to_have_count(0)


def test_a_toast_of_success_goes_by_itself_after_five_seconds(page: Page):
    page.clock.install()
    open_wizard(page)
    fill_wizard(page)
    done(page).click()
    expect(toast(page, "is enabled")).to_be_visible()
    page.clock.fast_forward(4_000)
    expect(toast(page, "is enabled")).to_be_visible()
    page.clock.fast_forward(2_000)

    expect(toast(page, "is enabled")).to_have_count(0)

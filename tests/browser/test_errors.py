"""Expired sessions, no connection, and server errors: the page stays and says so."""

import pytest
from playwright.sync_api import Page, expect

from tokenx.handlers.models import Enablement
from tokenx.org.models import User

from .steps import (
    APP,
    HANDLER,
    PASSWORD,
    USER,
    app_input,
    dialog,
    done,
    enabled_app,
    fill_wizard,
    is_on_top,
    open_wizard,
    run_as_input,
    save,
    toast,
)


def log_in(page: Page, user: User) -> None:
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log In").click()


def test_an_expired_session_leads_to_sign_in_and_back(admin_page: Page, admin):
    admin_page.goto(f"{HANDLER}?kind=connected")
    admin_page.context.clear_cookies(name="sessionid")
    admin_page.get_by_role("link", name="Enable New App").click()

    log_in(admin_page, admin)
    expect(admin_page).to_have_url(f"{HANDLER}?kind=connected")


def test_a_session_that_expires_in_the_wizard_loses_nothing(admin_page: Page, admin):
    open_wizard(admin_page)
    fill_wizard(admin_page)
    admin_page.wait_for_load_state("networkidle")
    admin_page.context.clear_cookies(name="sessionid")
    done(admin_page).click()

    expect(admin_page.get_by_text("You were logged out.")).to_be_visible()
    assert not Enablement.objects.filter(app__label=APP).exists()
    log_in(admin_page, admin)
    expect(dialog(admin_page)).to_be_visible()
    expect(app_input(admin_page)).to_have_value(APP)
    expect(run_as_input(admin_page)).to_have_value(USER)
    done(admin_page).click()
    expect(enabled_app(admin_page, APP)).to_be_visible()
    expect(admin_page).to_have_url(HANDLER)


def test_long_text_is_back_after_sign_in(admin_page: Page, admin):
    text = "public class Long {" + "  // A line\n" * 200 + "}"
    admin_page.goto("/apex-classes/?open=new-apex-class")
    admin_page.locator("#id_body").fill(text)
    admin_page.context.clear_cookies()
    save(admin_page).click()

    log_in(admin_page, admin)
    expect(admin_page.locator("#id_body")).to_have_value(text)


def test_an_unreachable_server_is_reported_and_the_page_stays(admin_page: Page, watch):
    watch.expects("ERR_CONNECTION_REFUSED", "htmx:sendError")
    admin_page.goto(HANDLER)
    admin_page.route("**/enable-app/**", lambda route: route.abort("connectionrefused"))
    admin_page.get_by_role("link", name="Enable New App").click()

    expect(toast(admin_page, "We couldn't reach the server")).to_be_visible()
    expect(admin_page.locator("[data-toast]")).to_have_count(1)
    expect(enabled_app(admin_page, "Sales Insights")).to_be_visible()
    expect(admin_page).to_have_url(HANDLER)


@pytest.mark.parametrize("body", ["", "<h1>Server Error</h1>"], ids=["empty", "a page"])
def test_an_error_on_done_keeps_the_dialog_and_is_shown(admin_page: Page, watch, body: str):
    watch.expects("status of 500", "Status Error Code 500")
    open_wizard(admin_page)
    fill_wizard(admin_page)
    admin_page.route(
        "**/enable-app/?kind=**", lambda route: route.fulfill(status=500, body=body)
    )
    done(admin_page).click()

    expect(admin_page.locator("[data-toast=error]")).to_have_count(1)
    expect(dialog(admin_page)).to_be_visible()
    expect(app_input(admin_page)).to_have_value(APP)
    expect(run_as_input(admin_page)).to_have_value(USER)
    assert is_on_top(admin_page.locator("[data-toast=error]"))
    admin_page.unroute("**/enable-app/?kind=**")
    done(admin_page).click()
    expect(enabled_app(admin_page, APP)).to_be_visible()


def test_after_an_error_the_focus_stays_in_the_dialog(admin_page: Page, watch):
    watch.expects("status of 500", "Status Error Code 500")
    open_wizard(admin_page)
    fill_wizard(admin_page)
    admin_page.route("**/enable-app/?kind=**", lambda route: route.fulfill(status=500))
    done(admin_page).press("Enter")

    expect(admin_page.locator("[data-toast=error]")).to_have_count(1)
    expect(dialog(admin_page).locator(":focus")).to_have_count(1)


def test_an_error_toast_stays_until_it_is_closed(admin_page: Page, watch):
    watch.expects("status of 500", "Status Error Code 500")
    admin_page.goto(HANDLER)
    admin_page.route("**/enable-app/", lambda route: route.fulfill(status=500))
    admin_page.get_by_role("link", name="Enable New App").click()
    error = admin_page.locator("[data-toast=error]")
    admin_page.wait_for_timeout(5_500)
    expect(error).to_be_visible()

    error.get_by_role("button", name="Close").click()

    expect(error).to_have_count(0)


def test_a_success_toast_with_links_disappears_after_ten_seconds(browse, admin):
    page = browse(admin, alone=True)
    page.clock.install()
    open_wizard(page)
    fill_wizard(page)
    done(page).click()
    expect(toast(page, "was enabled")).to_be_visible()
    page.clock.fast_forward(9_000)
    expect(toast(page, "was enabled")).to_be_visible()
    page.clock.fast_forward(2_000)

    expect(toast(page, "was enabled")).to_have_count(0)

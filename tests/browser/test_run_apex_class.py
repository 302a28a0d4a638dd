"""Run on the page of a class: by mouse, by keyboard, without JavaScript, and when busy."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.factories import ApexClassFactory
from tokenx.setup.apex_runs.places import place_for

from .steps import has_focus, heading, tab_to, textbox, toast

RUN = "/apex-classes/OktaTokenHandler/run/"
ACCEPTED = "The token was accepted for API Integration."
BUSY = "Another run in this org isn't finished."


def run_button(page: Page):
    return page.get_by_role("button", name="Run", exact=True)


def result(page: Page):
    return page.get_by_role("heading", name="Result")


def test_a_double_click_runs_once_and_ends_at_the_result(admin_page: Page):
    page, runs = admin_page, []
    page.on("request", lambda request: request.method == "POST" and runs.append(request))
    page.goto(RUN)
    run_button(page).dblclick()

    expect(result(page)).to_be_focused()
    expect(result(page)).to_be_in_viewport()
    expect(page.locator("#announcer")).to_have_text(ACCEPTED)
    assert len(runs) == 1

    page.reload()
    expect(run_button(page)).to_be_visible()
    expect(result(page)).to_have_count(0)


def test_run_by_keyboard(admin_page: Page):
    page = admin_page
    page.goto("/apex-classes/OktaTokenHandler/")
    tab_to(page, page.locator("main").get_by_role("link", name="Run", exact=True))
    page.keyboard.press("Enter")
    expect(heading(page)).to_contain_text("Run")
    tab_to(page, page.get_by_label("Validity"))
    page.keyboard.type("Forged")
    tab_to(page, run_button(page))
    page.keyboard.press("Enter")

    expect(result(page)).to_be_focused()
    expect(page.locator("#announcer")).to_contain_text("The token isn't valid")
    page.keyboard.press("Shift+Tab")
    assert has_focus(run_button(page))
    page.go_back()
    expect(heading(page)).to_contain_text("OktaTokenHandler")


def test_an_invalid_form_focuses_its_first_error(admin_page: Page, watch):
    watch.expects("status of 422")
    page = admin_page
    page.goto(RUN)
    page.get_by_text("Use your own token").click()
    run_button(page).click()

    expect(textbox(page, "Incoming Token")).to_be_focused()
    expect(page.get_by_text("Enter a token.")).to_be_visible()


def test_run_without_javascript(plain_page: Page, admin, watch):
    watch.expects("status of 503")
    page = plain_page
    page.goto(RUN)
    page.get_by_role("combobox", name="Simulated Issuer").select_option("Google")
    page.get_by_role("button", name="Fill In Claims").click()
    expect(textbox(page, "Claims")).to_have_value(re.compile("email_verified=true"))
    page.goto(RUN)
    with place_for(admin.org_id):
        run_button(page).click()
        expect(page.get_by_text(BUSY)).to_be_visible()
    run_button(page).click()

    expect(page.get_by_text(ACCEPTED)).to_be_visible()
    expect(result(page)).to_be_in_viewport()
    expect(result(page)).to_be_focused()


def test_a_run_without_a_place_is_sent_again_for_five_seconds(admin_page, admin, watch):
    watch.expects("status of 503")
    page = admin_page
    page.goto(RUN)
    with place_for(admin.org_id):
        with page.expect_response(lambda response: response.status == 503):
            run_button(page).click()
        expect(run_button(page)).to_have_attribute("aria-busy", "true")
        expect(page.get_by_text(BUSY)).to_have_count(0)
    expect(result(page)).to_be_focused()

    with place_for(admin.org_id):
        with page.expect_response(lambda response: response.status == 503):
            run_button(page).click()
        page.evaluate("Date.now = ((now) => () => now() + 5000)(Date.now)")
        expect(page.get_by_text(BUSY)).to_be_visible()
        expect(run_button(page)).not_to_have_attribute("aria-busy", "true")


def test_a_class_that_was_deleted_in_another_tab(admin_page: Page, admin, watch):
    watch.expects("404")
    old = ApexClassFactory(org=admin.org, name="Old")
    admin_page.goto("/apex-classes/Old/run/")
    old.delete()
    run_button(admin_page).click()

    expect(toast(admin_page, "deleted")).to_have_count(1)


@pytest.mark.parametrize("has_scripts", [True, False])
def test_a_token_is_in_no_address_after_the_session_expired(browse, admin, has_scripts):
    page = browse(admin, java_script_enabled=has_scripts)
    addresses = []
    page.on("request", lambda request: addresses.append(request.url))
    page.goto(RUN)
    page.get_by_text("Use your own token").click()
    textbox(page, "Incoming Token").fill("a-secret-token")
    page.context.clear_cookies(name="sessionid")
    run_button(page).click()

    expect(page.get_by_text("You were logged out.")).to_be_visible()
    assert "a-secret-token" not in "".join([page.url, *addresses])

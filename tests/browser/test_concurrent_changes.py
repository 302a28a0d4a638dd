"""Concurrent changes: another tab, another administrator, and double clicks."""

import re

import pytest
from playwright.sync_api import Page, expect

from tokenx.handlers import actions
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import ClientApp, User

from .steps import (
    APP,
    HANDLER,
    USER,
    app_input,
    choose,
    choose_in_menu,
    dialog,
    done,
    enabled_app,
    fill_wizard,
    is_on_top,
    open_wizard,
    run_as_input,
    tick_default,
    toast,
)

OTHER = "/handlers/Okta_Workforce/"


@pytest.fixture
def handler(admin) -> TokenExchangeHandler:
    return TokenExchangeHandler.objects.get(developer_name="MyTokenExchangeHandler")


def enabled_rows(label: str) -> int:
    return Enablement.objects.filter(
        app__label=label, handler__developer_name="MyTokenExchangeHandler"
    ).count()


def enable(handler: TokenExchangeHandler, by: User, label: str = APP) -> Enablement:
    return actions.enable_app(
        handler=handler,
        app=ClientApp.objects.get(label=label),
        run_as=User.objects.get(username="integrationuser@mycompany.com"),
        make_default=False,
        by=by,
    )


def test_two_tabs_on_two_handlers_are_independent(admin_page: Page):
    other = admin_page.context.new_page()
    open_wizard(admin_page, HANDLER, "Connected App")
    open_wizard(other, OTHER, "External Client App")
    fill_wizard(admin_page, APP, USER)
    fill_wizard(other, "Delivery Tracking", "API Integration")

    done(admin_page).click()
    done(other).click()

    expect(enabled_app(admin_page, APP)).to_contain_text(USER)
    expect(enabled_app(other, "Delivery Tracking")).to_contain_text("API Integration")
    enablements = Enablement.objects.filter(app__label__in=[APP, "Delivery Tracking"])
    names = {(each.handler.label, each.app.label) for each in enablements}
    assert ("MyTokenExchangeHandler", APP) in names
    assert ("Okta Workforce", "Delivery Tracking") in names
    assert ("Okta Workforce", APP) not in names
    assert ("MyTokenExchangeHandler", "Delivery Tracking") not in names


def test_a_concurrently_enabled_app_is_refused(admin_page: Page, watch, handler, admin):
    watch.expects("status of 422")
    open_wizard(admin_page)
    fill_wizard(admin_page)
    enable(handler, admin)
    done(admin_page).click()

    expect(dialog(admin_page)).to_contain_text(f"{APP} is already enabled for")
    expect(app_input(admin_page)).to_be_focused()
    expect(run_as_input(admin_page)).to_have_value(USER)
    assert enabled_rows(APP) == 1


def test_a_concurrently_turned_off_app_is_refused(admin_page: Page, watch):
    watch.expects("status of 422")
    open_wizard(admin_page)
    fill_wizard(admin_page)
    ClientApp.objects.filter(label=APP).update(policy_allows_token_exchange=False)
    done(admin_page).click()

    expect(dialog(admin_page)).to_contain_text("turned off in its policies")
    expect(app_input(admin_page)).to_be_focused()
    assert enabled_rows(APP) == 0


def test_refused_choices_are_linked_until_replaced(admin_page: Page, watch):
    watch.expects("status of 422")
    open_wizard(admin_page)
    fill_wizard(admin_page, APP, USER)
    ClientApp.objects.filter(label=APP).update(policy_allows_token_exchange=False)
    User.objects.filter(username="integrationuser@mycompany.com").update(is_active=False)
    done(admin_page).click()

    expect(dialog(admin_page).get_by_role("link", name=f"Open {USER}")).to_be_visible()
    admin_page.get_by_role("button", name="Clear Run as").click()
    choose(admin_page, run_as_input(admin_page), "*exchange", "Token Exchange")
    expect(dialog(admin_page).get_by_role("link", name=f"Open {USER}")).to_have_count(0)
    dialog(admin_page).get_by_role("link", name=f"Open {APP}").click()
    expect(admin_page.get_by_role("link", name="Edit policies")).to_be_visible()


@pytest.mark.parametrize("item", ["Edit", "Remove"])
def test_the_menu_of_a_concurrently_removed_app_says_so(
    admin_page: Page, watch, admin, item: str
):
    watch.expects("404")
    admin_page.goto(HANDLER)
    enablement = Enablement.objects.get(
        app__label="Sales Insights", handler__developer_name="MyTokenExchangeHandler"
    )
    actions.remove_app(enablement=enablement, by=admin)
    choose_in_menu(admin_page, "Sales Insights", item)

    message = toast(admin_page, "This app was already removed from MyTokenExchangeHandler")
    expect(message).to_be_visible()
    expect(admin_page.locator("[data-toast]")).to_have_count(1)
    expect(admin_page).to_have_url(HANDLER)
    expect(dialog(admin_page)).to_have_count(0)
    expect(enabled_app(admin_page, "Sales Insights")).to_have_count(0)


@pytest.mark.parametrize(("item", "button"), [("Edit", "Save"), ("Remove", "Remove")])
def test_the_dialog_of_a_concurrently_removed_app_says_so(
    admin_page: Page, watch, admin, item: str, button: str
):
    watch.expects("404")
    admin_page.goto(HANDLER)
    choose_in_menu(admin_page, "Sales Insights", item)
    expect(dialog(admin_page)).to_be_visible()
    enablement = Enablement.objects.get(
        app__label="Sales Insights", handler__developer_name="MyTokenExchangeHandler"
    )
    actions.remove_app(enablement=enablement, by=admin)
    dialog(admin_page).get_by_role("button", name=button).click()

    message = toast(admin_page, "already removed from MyTokenExchangeHandler")
    expect(message).to_be_visible()
    expect(admin_page).to_have_url(HANDLER)
    expect(dialog(admin_page)).to_have_count(0)
    expect(enabled_app(admin_page, "Sales Insights")).to_have_count(0)
    assert is_on_top(message)


def test_a_concurrent_edit_is_not_overwritten(admin_page: Page, watch, admin, handler):
    watch.expects("status of 422")
    admin_page.goto(HANDLER)
    choose_in_menu(admin_page, "Sales Insights", "Edit")
    tick_default(admin_page)
    enablement = Enablement.objects.of(handler).get(app__label="Sales Insights")
    run_as = User.objects.get(username="erp.connector@mycompany.com")
    actions.edit_enablement(
        enablement=enablement, run_as=run_as, make_default=False, by=admin
    )
    admin_page.get_by_role("button", name="Save").click()

    expect(dialog(admin_page)).to_contain_text("Someone else changed this app")
    expect(run_as_input(admin_page)).to_have_value("Token Exchange")
    admin_page.get_by_role("button", name="Save").click()
    expect(enabled_app(admin_page, "Sales Insights")).to_contain_text("Token Exchange")


def test_double_clicking_done_creates_one_row(admin_page: Page):
    open_wizard(admin_page)
    fill_wizard(admin_page)
    done(admin_page).dblclick()

    expect(enabled_app(admin_page, APP)).to_have_count(1)
    expect(toast(admin_page, "was enabled")).to_have_count(1)
    expect(dialog(admin_page)).to_have_count(0)
    assert enabled_rows(APP) == 1


def test_double_clicking_done_without_javascript_creates_one_row(browse, admin, watch):
    watch.expects("status of 422")
    page = browse(admin, java_script_enabled=False)
    page.goto(f"{HANDLER}enable-app/?kind=connected")
    app_input(page).fill(APP)
    page.get_by_role("button", name="Search Select App").click()
    page.get_by_role("radio", name=APP).check()
    run_as_input(page).fill("*integration")
    page.get_by_role("button", name="Search Run as").click()
    page.get_by_role("radio", name="integrationuser@mycompany.com").check()
    done(page).dblclick()
    expect(page.get_by_text(re.compile("(was|is already) enabled"))).to_be_visible()
    page.goto(HANDLER)

    expect(enabled_app(page, APP)).to_have_count(1)


def test_double_clicking_remove_and_menu_items_does_no_harm(admin_page: Page, watch):
    watch.expects("404")
    admin_page.goto(HANDLER)
    choose_in_menu(admin_page, "Sales Insights", "Remove")
    admin_page.get_by_role("button", name="Remove").dblclick()

    expect(enabled_app(admin_page, "Sales Insights")).to_have_count(0)
    expect(admin_page.get_by_role("heading", name="Enabled Apps (2)")).to_be_visible()
    expect(dialog(admin_page)).to_have_count(0)

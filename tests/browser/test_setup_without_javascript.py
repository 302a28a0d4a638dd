"""All forms of apps, users, and Apex classes as plain pages without scripts."""

import pytest
from playwright.sync_api import Page, expect

from tokenx.org.models import ClientApp
from tokenx.training.scenarios.apex_classes import body_of

from .steps import (
    HANDLER,
    action,
    checkbox,
    enabled_app,
    errors,
    heading,
    open_user,
    save,
    textbox,
    tick,
    toast,
    value_of,
)
from .test_apps import CONNECTED, EXTERNAL, FLOW, SCANNER, fill_new_app
from .test_users import CLASSES, RUNNING, fill_user


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


@pytest.mark.parametrize(
    "url, button",
    [(CONNECTED, "New Connected App"), (EXTERNAL, "New External Client App")],
)
def test_a_new_app(plain_page: Page, watch, url: str, button: str):
    watch.expects("status of 422")
    page = plain_page
    page.goto(url)
    action(page, button).click()
    textbox(page, "Name").fill("Till 4711")
    tick(checkbox(page, FLOW))
    save(page).click()
    expect(errors(page)).to_have_count(2)
    expect(textbox(page, "Contact Email")).to_be_focused()
    expect(checkbox(page, FLOW)).to_be_checked()

    fill_new_app(page, "Till 4711")
    save(page).click()
    secret = textbox(page, "Consumer Secret").input_value()
    assert ClientApp.objects.get(label="Till 4711").has_secret(secret)
    action(page, "Done").click()
    expect(page).to_have_url(f"{url}Till_4711/")
    assert secret not in page.content()


def test_edit_policies_secret_and_delete_of_an_app(plain_page: Page):
    page = plain_page
    page.goto(SCANNER)
    action(page, "Edit").click()
    textbox(page, "Name").fill("Warehouse Gun")
    save(page).click()
    expect(heading(page)).to_contain_text("Warehouse Gun")
    expect(toast(page, "Warehouse Gun was saved.")).to_have_count(1)

    action(page, "Manage").click()
    tick(checkbox(page, FLOW), on=False)
    save(page).click()
    expect(toast(page, "can no longer exchange tokens")).to_have_count(1)
    page.goto(HANDLER)
    expect(enabled_app(page, "Warehouse Gun")).to_contain_text("Turned off in policies")
    page.goto(SCANNER)
    action(page, "Edit policies").click()
    tick(checkbox(page, FLOW))
    save(page).click()
    expect(page.get_by_text("This app is ready for")).to_be_visible()

    action(page, "Generate Secret").click()
    press(page, "Generate Secret")
    secret = textbox(page, "Consumer Secret").input_value()
    assert ClientApp.objects.get(label="Warehouse Gun").has_secret(secret)
    action(page, "Done").click()

    action(page, "Delete").click()
    action(page, "MyTokenExchangeHandler").click()
    expect(page).to_have_url(HANDLER)
    page.goto(f"{CONNECTED}Data_Loader/delete/")
    press(page, "Delete")
    expect(toast(page, "Data Loader was deleted.")).to_have_count(1)


def test_create_edit_and_deactivate_a_user(plain_page: Page, watch):
    watch.expects("status of 422")
    page = plain_page
    page.goto("/users/")
    action(page, "New User").click()
    fill_user(page, "Robo", "", "nobody")
    save(page).click()
    expect(errors(page)).to_have_count(3)
    expect(textbox(page, "Last Name")).to_be_focused()
    expect(textbox(page, "First Name")).to_have_value("Robo")
    fill_user(page, "Robo", "Till", "robo@mycompany.com")
    save(page).click()
    expect(heading(page)).to_contain_text("Robo Till")

    action(page, "Edit").click()
    tick(checkbox(page, "Integration User"))
    save(page).click()
    expect(value_of(page, "Integration User")).to_have_text("Yes")

    open_user(page, RUNNING)
    action(page, "Deactivate").click()
    expect(page.get_by_text("4 handlers run as Integration User")).to_be_visible()
    press(page, "Deactivate")
    expect(value_of(page, "Active")).to_have_text("No")
    action(page, "Activate").click()
    press(page, "Activate")
    expect(value_of(page, "Active")).to_have_text("Yes")


def test_a_refused_deactivation_is_not_offered_again(plain_page: Page, watch):
    watch.expects("status of 422")
    page = plain_page
    open_user(page, "Ada Admin")
    page.goto(f"{page.url}deactivate/")
    press(page, "Deactivate")

    expect(errors(page)).to_contain_text("You can't deactivate yourself.")
    expect(page.get_by_role("button", name="Deactivate")).to_have_count(0)
    page.get_by_role("link", name="Cancel", exact=True).click()
    expect(heading(page)).to_contain_text("Ada Admin")


def test_an_apex_class(plain_page: Page, watch):
    watch.expects("status of 422")
    page = plain_page
    page.goto(CLASSES)
    action(page, "New").click()
    textbox(page, "Apex Class").fill("nothing")
    save(page).click()
    expect(errors(page)).to_contain_text("Enter a class declaration")
    expect(textbox(page, "Apex Class")).to_have_value("nothing")
    textbox(page, "Apex Class").fill("public class NewHandler {}")
    save(page).click()
    expect(page.get_by_text("Handlers can't use this class.")).to_be_visible()

    action(page, "Edit").click()
    textbox(page, "Apex Class").fill(body_of("NewHandler"))
    save(page).click()
    expect(page.get_by_text("Handlers can use this class.")).to_be_visible()
    action(page, "Delete").click()
    press(page, "Delete")
    expect(toast(page, "NewHandler was deleted.")).to_have_count(1)

    page.goto(f"{CLASSES}OktaTokenHandler/delete/")
    action(page, "Okta Workforce").click()
    expect(page).to_have_url("/handlers/Okta_Workforce/")

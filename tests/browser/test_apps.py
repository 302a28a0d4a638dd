"""Connected apps and external client apps, from New to Delete, and what handlers show."""

import pytest
from playwright.sync_api import Page, expect

from tokenx.org.models import ClientApp

from .steps import (
    HANDLER,
    action,
    checkbox,
    dialog,
    enabled_app,
    errors,
    heading,
    open_dialog,
    said_once,
    save,
    tab_to,
    textbox,
    tick,
    toast,
    value_of,
)

CONNECTED, EXTERNAL = "/apps/connected/", "/apps/external/"
SCANNER = f"{CONNECTED}Warehouse_Scanner/"
PORTAL = f"{EXTERNAL}Partner_Portal/"
FLOW = "Enable Token Exchange Flow"


def fill_new_app(page: Page, name: str) -> None:
    textbox(page, "Name").fill(name)
    textbox(page, "Contact Email").fill("owner@mycompany.com")
    textbox(page, "Callback URL").fill("https://mycompany.com/callback")


@pytest.mark.parametrize(
    "url, button",
    [(CONNECTED, "New Connected App"), (EXTERNAL, "New External Client App")],
)
def test_a_new_app_shows_its_secret_once(page: Page, url: str, button: str):
    open_dialog(page, url, button)
    expect(textbox(page, "Name")).to_be_focused()
    fill_new_app(page, "Till 4711")
    tick(checkbox(page, FLOW))
    save(page).click()

    secret = textbox(page, "Consumer Secret")
    expect(secret).to_be_focused()
    assert ClientApp.objects.get(label="Till 4711").has_secret(secret.input_value())
    expect(dialog(page)).to_contain_text("This is shown once.")
    expect(toast(page, "Till 4711 is created.")).to_have_count(1)
    shown = secret.input_value()
    dialog(page).get_by_role("link", name="Done").click()

    expect(page).to_have_url(f"{url}Till_4711/")
    expect(value_of(page, "Consumer Secret")).to_have_text("Made; it was shown once")
    assert shown not in page.content()
    expect(toast(page, "is created")).to_have_count(0)


def test_the_secret_can_be_copied(page: Page):
    open_dialog(page, SCANNER, "Make Secret")
    dialog(page).get_by_role("button", name="Make Secret").click()
    secret = textbox(page, "Consumer Secret").input_value()
    dialog(page).get_by_role("button", name="Copy Secret").click()
    expect(dialog(page).get_by_role("button", name="Copied")).to_be_focused()

    page.goto("/handlers/")
    page.get_by_label("Search", exact=True).press("ControlOrMeta+V")
    expect(page.get_by_label("Search", exact=True)).to_have_value(secret)


def test_a_secret_that_is_rotated_stops_working(page: Page):
    open_dialog(page, SCANNER, "Make Secret")
    dialog(page).get_by_role("button", name="Make Secret").click()
    first = textbox(page, "Consumer Secret").input_value()
    key = textbox(page, "Consumer Key").input_value()
    dialog(page).get_by_role("link", name="Done").click()
    expect(value_of(page, "Consumer Key")).to_have_text(key)

    action(page, "Rotate Secret").click()
    expect(dialog(page)).to_contain_text("stops working at once")
    dialog(page).get_by_role("button", name="Rotate").click()
    expect(textbox(page, "Consumer Secret")).not_to_have_value(first)
    expect(textbox(page, "Consumer Key")).to_have_value(key)
    app = ClientApp.objects.get(label="Warehouse Scanner")
    assert app.has_secret(textbox(page, "Consumer Secret").input_value())
    assert not app.has_secret(first)


def test_the_list_behind_the_secret_has_the_new_app(page: Page):
    open_dialog(page, f"{CONNECTED}?search=till", "New Connected App")
    fill_new_app(page, "Till 4711")
    save(page).click()
    expect(textbox(page, "Consumer Secret")).to_be_visible()
    # The list behind the dialog is there before that is closed, with another button.
    expect(page.locator("#apps").get_by_text("Till 4711").first).to_be_visible()
    page.keyboard.press("Escape")

    expect(dialog(page)).to_have_count(0)
    expect(page.get_by_role("link", name="Till 4711")).to_be_visible()
    expect(page.locator(":focus")).to_have_count(1)


def test_errors_stand_at_their_fields_and_keep_what_was_typed(page: Page, watch):
    watch.expects("status of 422")
    open_dialog(page, CONNECTED, "New Connected App")
    textbox(page, "Name").fill("Till")
    textbox(page, "Contact Email").fill("nobody")
    textbox(page, "Callback URL").fill("not a url")
    tick(checkbox(page, "Full access (full)"))
    save(page).click()

    expect(errors(page)).to_have_text(
        [
            "Enter an e-mail address, such as name@example.com.",
            "Enter a callback URL, such as https://example.com/callback.",
        ]
    )
    expect(textbox(page, "Contact Email")).to_be_focused()
    expect(textbox(page, "Name")).to_have_value("Till")
    expect(textbox(page, "Contact Email")).to_have_value("nobody")
    expect(textbox(page, "Callback URL")).to_have_value("not a url")
    expect(checkbox(page, "Full access (full)")).to_be_checked()


def test_a_proposed_api_name_that_is_taken_is_shown(page: Page, watch):
    watch.expects("status of 422")
    open_dialog(page, CONNECTED, "New Connected App")
    fill_new_app(page, "Warehouse scanner")
    save(page).click()

    expect(errors(page)).to_have_text("An app of this type has this API name.")
    expect(textbox(page, "API Name")).to_be_focused()
    expect(textbox(page, "API Name")).to_have_value("Warehouse_Scanner")


def test_edit_saves_what_is_changed_and_the_handlers_list_follows(page: Page):
    open_dialog(page, SCANNER, "Edit")
    expect(textbox(page, "Name")).to_be_focused()
    textbox(page, "Name").fill("Warehouse Gun")
    textbox(page, "Description").fill("Scans.")
    save(page).click()

    expect(page).to_have_url(SCANNER)
    expect(heading(page)).to_contain_text("Warehouse Gun")
    expect(value_of(page, "Description")).to_have_text("Scans.")
    said_once(page, "Warehouse Gun is saved.")
    action(page, "MyTokenExchangeHandler").click()
    expect(enabled_app(page, "Warehouse Gun")).to_be_visible()


def test_a_policy_switched_off_marks_the_row_and_is_repaired_from_there(page: Page):
    open_dialog(page, SCANNER, "Manage")
    expect(dialog(page)).to_contain_text(
        "Switched off, MyTokenExchangeHandler can no longer exchange tokens for this app."
    )
    tick(checkbox(page, FLOW), on=False)
    save(page).click()
    warning = "MyTokenExchangeHandler can no longer exchange tokens for it."
    expect(toast(page, warning)).to_have_count(1)

    page.goto(HANDLER)
    row = enabled_app(page, "Warehouse Scanner")
    expect(row).to_contain_text("switched off in policies")
    row.get_by_role("link", name="Warehouse Scanner").click()
    action(page, "Edit its policies").click()
    tick(checkbox(page, FLOW))
    save(page).click()
    expect(
        page.get_by_text("This app is set up for the token exchange flow")
    ).to_be_visible()

    page.goto(HANDLER)
    expect(row).not_to_contain_text("switched off")


def test_settings_and_policies_of_an_external_client_app_are_tabs(page: Page):
    page.goto(PORTAL)
    expect(action(page, "Settings")).to_have_attribute("aria-current", "page")
    action(page, "Policies").click()
    action(page, "Edit").click()
    tick(checkbox(page, FLOW), on=False)
    save(page).click()

    expect(toast(page, "can no longer exchange tokens for it.")).to_have_count(1)
    expect(page).to_have_url(f"{PORTAL}?tab=policies")
    page.goto(HANDLER)
    expect(enabled_app(page, "Partner Portal")).to_contain_text("switched off in policies")


def test_delete_is_refused_while_a_handler_uses_the_app_and_leads_to_it(page: Page):
    open_dialog(page, SCANNER, "Delete")
    expect(dialog(page).get_by_role("button", name="Delete")).to_have_count(0)
    dialog(page).get_by_role("link", name="MyTokenExchangeHandler").click()

    expect(page).to_have_url(HANDLER)


def test_delete_ends_on_the_list(page: Page):
    open_dialog(page, f"{CONNECTED}Data_Loader/", "Delete")
    dialog(page).get_by_role("button", name="Delete").click()

    expect(page).to_have_url(CONNECTED)
    said_once(page, "Data Loader is deleted.")
    expect(page.get_by_role("link", name="Data Loader")).to_have_count(0)


@pytest.mark.parametrize("name", ["Edit", "Make Secret", "Delete", "Manage"])
def test_esc_changes_nothing_and_gives_the_focus_back(page: Page, name: str):
    open_dialog(page, SCANNER, name)
    page.keyboard.press("Escape")

    expect(dialog(page)).to_have_count(0)
    expect(action(page, name)).to_be_focused()


def test_an_app_is_made_and_switched_with_the_keyboard_alone(page: Page):
    key, type_in = page.keyboard.press, page.keyboard.type
    page.goto(CONNECTED)
    tab_to(page, action(page, "New Connected App"))
    key("Enter")
    expect(textbox(page, "Name")).to_be_focused()
    type_in("Till 4711")
    tab_to(page, textbox(page, "Contact Email"), most=3)
    type_in("owner@mycompany.com")
    tab_to(page, textbox(page, "Callback URL"), most=3)
    type_in("https://mycompany.com/callback")
    tab_to(page, checkbox(page, FLOW), most=14)
    key("Space")
    tab_to(page, save(page), most=4)
    key("Enter")
    expect(textbox(page, "Consumer Secret")).to_be_focused()
    tab_to(page, dialog(page).get_by_role("link", name="Done"), most=3)
    key("Enter")

    expect(value_of(page, FLOW).first).to_have_text("On")
    tab_to(page, action(page, "Edit its policies"))
    key("Enter")
    tab_to(page, checkbox(page, FLOW), most=4)
    key("Space")
    key("Enter")
    expect(value_of(page, FLOW)).to_have_text(["On", "On"])

"""Connected apps and external client apps, from New to Delete, and their handlers' rows."""

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
def test_a_new_app_shows_its_secret_once(admin_page: Page, url: str, button: str):
    open_dialog(admin_page, url, button)
    expect(textbox(admin_page, "Name")).to_be_focused()
    fill_new_app(admin_page, "Till 4711")
    tick(checkbox(admin_page, FLOW))
    save(admin_page).click()

    secret = textbox(admin_page, "Consumer Secret")
    expect(secret).to_be_focused()
    assert ClientApp.objects.get(label="Till 4711").has_secret(secret.input_value())
    expect(dialog(admin_page)).to_contain_text("Copy the secret now.")
    expect(toast(admin_page, "Till 4711 was created.")).to_have_count(1)
    value = secret.input_value()
    dialog(admin_page).get_by_role("link", name="Done").click()

    expect(admin_page).to_have_url(f"{url}Till_4711/")
    expect(value_of(admin_page, "Consumer Secret")).to_have_text("Hidden (shown once)")
    assert value not in admin_page.content()
    expect(toast(admin_page, "was created")).to_have_count(0)


def test_the_secret_can_be_copied(admin_page: Page):
    open_dialog(admin_page, SCANNER, "Generate Secret")
    dialog(admin_page).get_by_role("button", name="Generate Secret").click()
    secret = textbox(admin_page, "Consumer Secret").input_value()
    dialog(admin_page).get_by_role("button", name="Copy Secret").click()
    expect(dialog(admin_page).get_by_role("button", name="Copied")).to_be_focused()

    admin_page.goto("/handlers/")
    admin_page.get_by_label("Search", exact=True).press("ControlOrMeta+V")
    expect(admin_page.get_by_label("Search", exact=True)).to_have_value(secret)


def test_rotating_a_secret_invalidates_the_old_one(admin_page: Page):
    open_dialog(admin_page, SCANNER, "Generate Secret")
    dialog(admin_page).get_by_role("button", name="Generate Secret").click()
    first = textbox(admin_page, "Consumer Secret").input_value()
    key = textbox(admin_page, "Consumer Key").input_value()
    dialog(admin_page).get_by_role("link", name="Done").click()
    expect(value_of(admin_page, "Consumer Key")).to_have_text(key)

    action(admin_page, "Rotate Secret").click()
    expect(dialog(admin_page)).to_contain_text("stops working immediately")
    dialog(admin_page).get_by_role("button", name="Rotate").click()
    expect(textbox(admin_page, "Consumer Secret")).not_to_have_value(first)
    expect(textbox(admin_page, "Consumer Key")).to_have_value(key)
    app = ClientApp.objects.get(label="Warehouse Scanner")
    assert app.has_secret(textbox(admin_page, "Consumer Secret").input_value())
    assert not app.has_secret(first)


def test_the_list_behind_the_secret_has_the_new_app(admin_page: Page):
    open_dialog(admin_page, f"{CONNECTED}?search=till", "New Connected App")
    fill_new_app(admin_page, "Till 4711")
    save(admin_page).click()
    expect(textbox(admin_page, "Consumer Secret")).to_be_visible()
    # The list behind the open dialog is already updated.
    expect(admin_page.locator("#apps").get_by_text("Till 4711").first).to_be_visible()
    admin_page.keyboard.press("Escape")

    expect(dialog(admin_page)).to_have_count(0)
    expect(
        admin_page.locator("#apps").get_by_role("link", name="Till 4711")
    ).to_be_visible()
    expect(admin_page.locator(":focus")).to_have_count(1)


def test_errors_appear_at_their_fields_and_input_is_kept(admin_page: Page, watch):
    watch.expects("status of 422")
    open_dialog(admin_page, CONNECTED, "New Connected App")
    textbox(admin_page, "Name").fill("Till")
    textbox(admin_page, "Contact Email").fill("nobody")
    textbox(admin_page, "Callback URL").fill("not a url")
    tick(checkbox(admin_page, "Full access (full)"))
    save(admin_page).click()

    expect(errors(admin_page)).to_have_text(
        [
            "Enter an email address, such as name@example.com.",
            "Enter a callback URL, such as https://example.com/callback.",
        ]
    )
    expect(textbox(admin_page, "Contact Email")).to_be_focused()
    expect(textbox(admin_page, "Name")).to_have_value("Till")
    expect(textbox(admin_page, "Contact Email")).to_have_value("nobody")
    expect(textbox(admin_page, "Callback URL")).to_have_value("not a url")
    expect(checkbox(admin_page, "Full access (full)")).to_be_checked()


def test_a_proposed_api_name_that_is_taken_is_shown(admin_page: Page, watch):
    watch.expects("status of 422")
    open_dialog(admin_page, CONNECTED, "New Connected App")
    fill_new_app(admin_page, "Warehouse scanner")
    save(admin_page).click()

    expect(errors(admin_page)).to_have_text(
        "An app of this type already has this API name."
    )
    expect(textbox(admin_page, "API Name")).to_be_focused()
    expect(textbox(admin_page, "API Name")).to_have_value("Warehouse_Scanner")


def test_edit_saves_changes_and_updates_the_handlers_list(admin_page: Page):
    open_dialog(admin_page, SCANNER, "Edit")
    expect(textbox(admin_page, "Name")).to_be_focused()
    textbox(admin_page, "Name").fill("Warehouse Gun")
    textbox(admin_page, "Description").fill("Scans.")
    save(admin_page).click()

    expect(admin_page).to_have_url(SCANNER)
    expect(heading(admin_page)).to_contain_text("Warehouse Gun")
    expect(value_of(admin_page, "Description")).to_have_text("Scans.")
    said_once(admin_page, "Warehouse Gun was saved.")
    action(admin_page, "MyTokenExchangeHandler").click()
    expect(enabled_app(admin_page, "Warehouse Gun")).to_be_visible()


def test_turning_off_a_policy_marks_the_row_which_links_to_the_fix(admin_page: Page):
    open_dialog(admin_page, SCANNER, "Manage")
    expect(dialog(admin_page)).to_contain_text(
        "If you turn this off, MyTokenExchangeHandler can't exchange tokens for this app."
    )
    tick(checkbox(admin_page, FLOW), on=False)
    save(admin_page).click()
    warning = "MyTokenExchangeHandler can no longer exchange tokens for this app"
    expect(toast(admin_page, warning)).to_have_count(1)

    admin_page.goto(HANDLER)
    row = enabled_app(admin_page, "Warehouse Scanner")
    expect(row).to_contain_text("Turned off in policies")
    row.get_by_role("link", name="Warehouse Scanner").click()
    action(admin_page, "Edit policies").click()
    tick(checkbox(admin_page, FLOW))
    save(admin_page).click()
    expect(admin_page.get_by_text("This app is ready for token exchange")).to_be_visible()

    admin_page.goto(HANDLER)
    expect(row).not_to_contain_text("Turned off")


def test_settings_and_policies_of_an_external_client_app_are_tabs(admin_page: Page):
    admin_page.goto(PORTAL)
    expect(action(admin_page, "Settings")).to_have_attribute("aria-current", "page")
    action(admin_page, "Policies").click()
    action(admin_page, "Edit").click()
    tick(checkbox(admin_page, FLOW), on=False)
    save(admin_page).click()

    expect(toast(admin_page, "can no longer exchange tokens for this app")).to_have_count(1)
    expect(admin_page).to_have_url(f"{PORTAL}?tab=policies")
    admin_page.goto(HANDLER)
    expect(enabled_app(admin_page, "Partner Portal")).to_contain_text(
        "Turned off in policies"
    )


def test_delete_is_refused_while_a_handler_uses_the_app_and_links_to_it(admin_page: Page):
    open_dialog(admin_page, SCANNER, "Delete")
    expect(dialog(admin_page).get_by_role("button", name="Delete")).to_have_count(0)
    dialog(admin_page).get_by_role("link", name="MyTokenExchangeHandler").click()

    expect(admin_page).to_have_url(HANDLER)


def test_delete_returns_to_the_list(admin_page: Page):
    open_dialog(admin_page, f"{CONNECTED}Data_Loader/", "Delete")
    dialog(admin_page).get_by_role("button", name="Delete").click()

    expect(admin_page).to_have_url(CONNECTED)
    said_once(admin_page, "Data Loader was deleted.")
    expect(admin_page.get_by_role("link", name="Data Loader")).to_have_count(0)


def test_esc_changes_nothing_and_restores_the_focus(admin_page: Page, subtests):
    for name in ["Edit", "Generate Secret", "Delete", "Manage"]:
        with subtests.test(name=name):
            open_dialog(admin_page, SCANNER, name)
            admin_page.keyboard.press("Escape")

            expect(dialog(admin_page)).to_have_count(0)
            expect(action(admin_page, name)).to_be_focused()


def test_create_an_app_and_turn_it_on_with_the_keyboard_alone(admin_page: Page):
    key, type_in = admin_page.keyboard.press, admin_page.keyboard.type
    admin_page.goto(CONNECTED)
    tab_to(admin_page, action(admin_page, "New Connected App"))
    key("Enter")
    expect(textbox(admin_page, "Name")).to_be_focused()
    type_in("Till 4711")
    tab_to(admin_page, checkbox(admin_page, FLOW), most=3)
    key("Space")
    tab_to(admin_page, textbox(admin_page, "Contact Email"), most=3)
    type_in("owner@mycompany.com")
    tab_to(admin_page, textbox(admin_page, "Callback URL"), most=3)
    type_in("https://mycompany.com/callback")
    tab_to(admin_page, save(admin_page), most=48)
    key("Enter")
    expect(textbox(admin_page, "Consumer Secret")).to_be_focused()
    tab_to(admin_page, dialog(admin_page).get_by_role("link", name="Done"), most=5)
    key("Enter")

    expect(value_of(admin_page, FLOW).first).to_have_text("On")
    tab_to(admin_page, action(admin_page, "Edit policies"))
    key("Enter")
    tab_to(admin_page, checkbox(admin_page, FLOW), most=12)
    key("Space")
    key("Enter")
    expect(value_of(admin_page, FLOW)).to_have_text(["On", "On"])

"""Create, edit, clone, enable, disable, and delete a handler by mouse in the dialog."""

from playwright.sync_api import Page, expect

from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org.models import Org

from .steps import (
    EMPTY,
    HANDLER,
    action,
    apex_class_input,
    checkbox,
    choose,
    dialog,
    errors,
    heading,
    open_dialog,
    option,
    said_once,
    save,
    textbox,
    tick,
    toast,
    value_of,
)

LIST, CREATE = "/handlers/", "Create Token Exchange Handler"
CLASS = "OktaTokenHandler"


def save_and_enable(page: Page):
    return page.get_by_role("button", name="Save and Enable")


def test_create_a_handler_with_an_existing_class(admin_page: Page):
    open_dialog(admin_page, LIST, CREATE)
    textbox(admin_page, "Name").fill("Partner Logins")
    textbox(admin_page, "Description").fill("Partners who signed in elsewhere.")
    tick(checkbox(admin_page, "JWT"))
    tick(checkbox(admin_page, "SAML 2"))
    choose(admin_page, apex_class_input(admin_page), "okta", CLASS)
    save_and_enable(admin_page).click()

    expect(admin_page).to_have_url("/handlers/Partner_Logins/")
    expect(heading(admin_page)).to_contain_text("Partner Logins")
    expect(value_of(admin_page, "Status")).to_have_text("Enabled")
    expect(value_of(admin_page, "Supported Token Types")).to_have_text("JWT, SAML 2")
    expect(value_of(admin_page, "Apex Class")).to_have_text(CLASS)
    expect(admin_page.get_by_text("No apps enabled yet")).to_be_visible()
    said_once(admin_page, "Partner Logins was saved and enabled.")


def test_create_a_handler_with_a_class_template_to_edit_first(admin_page: Page):
    open_dialog(admin_page, LIST, CREATE)
    textbox(admin_page, "Name").fill("Kiosks")
    tick(checkbox(admin_page, "ID Token"))
    tick(checkbox(admin_page, "Create Apex class template"))
    save(admin_page).click()
    expect(value_of(admin_page, "Status")).to_have_text("Disabled")

    value_of(admin_page, "Apex Class").get_by_role("link").click()
    expect(admin_page.locator("pre")).to_contain_text(
        "extends Auth.Oauth2TokenExchangeHandler"
    )
    expect(admin_page.get_by_role("link", name="Kiosks")).to_be_visible()


def test_leaving_the_name_field_proposes_an_api_name(admin_page: Page):
    open_dialog(admin_page, LIST, CREATE)
    textbox(admin_page, "Name").fill("Café logins 2")
    textbox(admin_page, "Name").press("Tab")

    expect(textbox(admin_page, "API Name")).to_have_value("Cafe_Logins_2")
    expect(textbox(admin_page, "API Name")).to_be_focused()


def test_a_typed_api_name_is_kept(admin_page: Page):
    open_dialog(admin_page, LIST, CREATE)
    textbox(admin_page, "API Name").fill("Mine")
    textbox(admin_page, "Name").fill("Logins")
    with admin_page.expect_response("**/propose-api-name/**"):
        textbox(admin_page, "Description").focus()

    expect(textbox(admin_page, "API Name")).to_have_value("Mine")


def test_an_api_name_typed_before_the_proposal_arrives_is_kept(admin_page: Page):
    held = []
    admin_page.route("**/propose-api-name/**", lambda route: held.append(route))
    open_dialog(admin_page, LIST, CREATE)
    textbox(admin_page, "Name").fill("Logins")
    with admin_page.expect_request("**/propose-api-name/**"):
        textbox(admin_page, "Name").press("Tab")
    admin_page.keyboard.type("Mine")
    with admin_page.expect_response("**/propose-api-name/**"):
        held[0].continue_()

    admin_page.keyboard.type("_Too")
    expect(textbox(admin_page, "API Name")).to_have_value("Mine_Too")


def test_typing_replaces_a_proposal_in_the_focused_field(
    admin_page: Page,
):
    open_dialog(admin_page, LIST, CREATE)
    textbox(admin_page, "Name").fill("Logins")
    with admin_page.expect_response("**/propose-api-name/**"):
        textbox(admin_page, "Name").press("Tab")
    expect(textbox(admin_page, "API Name")).to_have_value("Logins")
    admin_page.wait_for_function("getSelection().toString() === 'Logins'")

    admin_page.keyboard.type("Mine")
    expect(textbox(admin_page, "API Name")).to_have_value("Mine")


def test_errors_appear_at_their_fields_and_input_is_kept(admin_page: Page, watch):
    watch.expects("status of 422")
    open_dialog(admin_page, LIST, CREATE)
    textbox(admin_page, "Name").fill("Pilot two")
    textbox(admin_page, "API Name").fill("Pilot__2")
    textbox(admin_page, "Description").fill("<b>kept</b>")
    tick(checkbox(admin_page, "Allow this handler to create users"))
    save_and_enable(admin_page).click()

    expect(errors(admin_page)).to_have_text(
        [
            "An API name can't contain two consecutive underscores.",
            "Select at least one token type.",
            "Select an Apex class, or create a template.",
        ]
    )
    expect(textbox(admin_page, "API Name")).to_be_focused()
    expect(textbox(admin_page, "Name")).to_have_value("Pilot two")
    expect(textbox(admin_page, "API Name")).to_have_value("Pilot__2")
    expect(textbox(admin_page, "Description")).to_have_value("<b>kept</b>")
    expect(checkbox(admin_page, "Allow this handler to create users")).to_be_checked()
    assert not TokenExchangeHandler.objects.filter(label="Pilot two").exists()

    textbox(admin_page, "API Name").fill("Pilot_2")
    tick(checkbox(admin_page, "JWT"))
    choose(admin_page, apex_class_input(admin_page), "pilot", "PilotTokenHandler")
    save_and_enable(admin_page).click()
    expect(admin_page).to_have_url("/handlers/Pilot_2/")


def test_without_a_token_type_the_first_one_gets_the_focus(admin_page: Page, watch):
    watch.expects("status of 422")
    open_dialog(admin_page, LIST, CREATE)
    textbox(admin_page, "Name").fill("Logins")
    choose(admin_page, apex_class_input(admin_page), "okta", CLASS)
    save(admin_page).click()

    expect(errors(admin_page)).to_have_text("Select at least one token type.")
    expect(checkbox(admin_page, "Access Token")).to_be_focused()
    expect(apex_class_input(admin_page)).to_have_value(CLASS)


def test_a_taken_api_name_names_its_handler(admin_page: Page, watch):
    watch.expects("status of 422")
    open_dialog(admin_page, HANDLER, "Edit")
    textbox(admin_page, "API Name").fill("entra_id")
    save(admin_page).click()

    expect(errors(admin_page)).to_have_text("Entra ID already has this API name.")
    expect(textbox(admin_page, "API Name")).to_be_focused()


def test_edit_shows_current_values_and_saves_changes(admin_page: Page):
    open_dialog(admin_page, HANDLER, "Edit")
    expect(textbox(admin_page, "Name")).to_be_focused()
    expect(checkbox(admin_page, "JWT")).to_be_checked()
    expect(apex_class_input(admin_page)).to_have_value("MyOauthTokenExchangeHandler")

    textbox(admin_page, "Name").fill("Renamed")
    textbox(admin_page, "API Name").fill("Renamed")
    tick(checkbox(admin_page, "JWT"), on=False)
    admin_page.get_by_role("button", name="Clear Apex Class").click()
    option(admin_page, CLASS).click()
    save(admin_page).click()

    expect(admin_page).to_have_url("/handlers/Renamed/")
    expect(value_of(admin_page, "Supported Token Types")).to_have_text("Access Token")
    expect(value_of(admin_page, "Apex Class")).to_have_text(CLASS)
    expect(admin_page.get_by_role("heading", name="Enabled Apps (3)")).to_be_visible()
    said_once(admin_page, "Renamed was saved.")


def test_a_clone_has_everything_but_the_apps(admin_page: Page):
    open_dialog(admin_page, HANDLER, "Clone")
    expect(dialog(admin_page)).to_contain_text("From MyTokenExchangeHandler")
    expect(textbox(admin_page, "Name")).to_have_value("Copy of MyTokenExchangeHandler")
    save(admin_page).click()

    expect(admin_page).to_have_url("/handlers/Copy_Of_MyTokenExchangeHandler/")
    expect(value_of(admin_page, "Status")).to_have_text("Disabled")
    expect(value_of(admin_page, "Supported Token Types")).to_have_text("Access Token, JWT")
    expect(admin_page.get_by_text("No apps enabled yet")).to_be_visible()


def test_disable_lists_apps_that_lose_their_default_and_enable_undoes_it(
    admin_page: Page,
):
    open_dialog(admin_page, HANDLER, "Disable")
    expect(dialog(admin_page).get_by_role("listitem")).to_have_text(
        ["Partner Portal", "Warehouse Scanner"]
    )
    dialog(admin_page).get_by_role("button", name="Disable").click()
    expect(value_of(admin_page, "Status")).to_have_text("Disabled")
    still = "is still the default handler for 2 apps."
    said_once(admin_page, f"MyTokenExchangeHandler was disabled but {still}")

    action(admin_page, "Enable").click()
    dialog(admin_page).get_by_role("button", name="Enable").click()
    expect(value_of(admin_page, "Status")).to_have_text("Enabled")
    expect(toast(admin_page, "MyTokenExchangeHandler was enabled.")).to_have_count(1)


def test_enable_warns_about_an_unready_class_and_links_to_it(admin_page: Page):
    handler = TokenExchangeHandler.objects.get(developer_name="Legacy_SAML")
    handler.apex_class.body = "public class SamlTokenHandler {}"
    handler.apex_class.is_handler_class = False
    handler.apex_class.save()

    open_dialog(admin_page, "/handlers/Legacy_SAML/", "Enable")
    expect(dialog(admin_page)).to_contain_text("Its Apex class isn't ready")
    dialog(admin_page).get_by_role("link", name="Edit SamlTokenHandler").click()
    expect(textbox(admin_page, "Apex Class")).to_be_focused()


def test_delete_names_the_apps_and_returns_to_the_list(admin_page: Page):
    open_dialog(admin_page, HANDLER, "Delete")
    expect(dialog(admin_page)).to_contain_text("3 apps use this handler.")
    expect(dialog(admin_page).get_by_role("listitem")).to_have_text(
        ["Partner Portal", "Warehouse Scanner"]
    )
    dialog(admin_page).get_by_role("button", name="Delete").click()

    expect(admin_page).to_have_url(LIST)
    expect(admin_page.get_by_text("6 items • Sorted by Name")).to_be_visible()
    expect(admin_page.get_by_role("link", name="MyTokenExchangeHandler")).to_have_count(0)
    said_once(admin_page, "MyTokenExchangeHandler was deleted.")


def test_an_app_that_delete_names_is_a_link_to_its_page(admin_page: Page):
    open_dialog(admin_page, HANDLER, "Delete")
    named = dialog(admin_page).locator("#named-apps a").first
    name = named.inner_text()
    named.click()

    expect(heading(admin_page)).to_contain_text(name)


def test_esc_changes_nothing_and_restores_the_focus(admin_page: Page, subtests):
    for name in ["Edit", "Disable", "Clone", "Delete"]:
        with subtests.test(name=name):
            open_dialog(admin_page, HANDLER, name)
            admin_page.keyboard.press("Escape")

            expect(dialog(admin_page)).to_have_count(0)
            expect(action(admin_page, name)).to_be_focused()
            expect(toast(admin_page, "")).to_have_count(0)


def test_a_concurrent_edit_is_reported_without_data_loss(
    admin_page: Page, browse, admin, watch
):
    watch.expects("status of 422")
    other = browse(admin)
    for each, text in [(admin_page, "First"), (other, "Second")]:
        open_dialog(each, EMPTY, "Edit")
        textbox(each, "Description").fill(text)
    save(admin_page).click()
    expect(value_of(admin_page, "Description")).to_have_text("First")

    save(other).click()
    expect(errors(other)).to_contain_text("Someone else changed this handler")
    expect(textbox(other, "Description")).to_have_value("Second")
    save(other).click()
    expect(value_of(other, "Description")).to_have_text("Second")


def test_strict_mode_hides_the_buttons_and_links_to_its_setting(admin_page: Page):
    admin_page.goto("/strict-mode/")
    action(admin_page, "Turn On").click()
    dialog(admin_page).get_by_role("button", name="Turn On").click()
    expect(admin_page.get_by_role("heading", name="Strict Mode: On")).to_be_visible()
    said_once(admin_page, "Strict mode was turned on.")

    admin_page.goto(HANDLER)
    for name in ["Edit", "Disable", "Clone", "Delete"]:
        expect(action(admin_page, name)).to_have_count(0)
    expect(action(admin_page, "Enable New App")).to_be_visible()
    admin_page.locator("main").get_by_role("link", name="Strict Mode").click()
    action(admin_page, "Turn Off").click()
    dialog(admin_page).get_by_role("button", name="Turn Off").click()
    expect(admin_page.get_by_role("heading", name="Strict Mode: Off")).to_be_visible()
    assert not Org.objects.get().is_strict

"""Try It: from enabling an app to a token, and one broken thing at a time."""

import re
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Route, expect

from tests.factories import AppProfileFactory
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import (
    AccessToken,
    AppPermissionSet,
    AppProfile,
    ExchangeExample,
    LoginRecord,
    RemoteSite,
    User,
)
from tokenx.setup.apex_runs.places import place_for

from .states.try_it import EXAMPLES, TOKEN, TRY_IT
from .steps import (
    action,
    done,
    fill_wizard,
    has_focus,
    heading,
    open_wizard,
    tab_to,
    textbox,
    tick_default,
    toast,
)

GOT = re.compile("The app got a token for")


@pytest.fixture
def ready(admin: User) -> Enablement:
    """Return an enabled app that admits the users of all profiles."""
    row = Enablement.objects.select_related("handler", "app", "run_as").get(
        org=admin.org_id, app__api_name="Warehouse_Scanner", is_default=True
    )
    for profile in {user.profile for user in User.objects.filter(org=admin.org_id)}:
        if not AppProfile.objects.filter(app=row.app, profile=profile).exists():
            AppProfileFactory(org=row.app.org, app=row.app, profile=profile)
    row.app.permitted_users = "AdminApprovedPreAuthorized"
    row.app.save()
    return row


def app_choice(page: Page):
    return page.get_by_role("combobox", name="App", exact=True)


def handler_choice(page: Page):
    return page.get_by_role("combobox", name="Handler", exact=True)


def exchange(page: Page) -> None:
    page.locator("#exchange").click()


def result(page: Page):
    return page.locator("#exchange-outcome [data-announce]")


def failed(page: Page):
    return page.locator(".decision_failed strong")


def test_a_token_is_exchanged_from_the_handlers_page(admin_page: Page, ready):
    page = admin_page
    page.goto(ready.handler.get_absolute_url())
    action(page, "Try It").click()
    expect(handler_choice(page)).to_have_value(ready.handler.developer_name)
    app_choice(page).select_option("connected:Warehouse_Scanner")
    expect(handler_choice(page)).to_have_value("")
    exchange(page)

    expect(result(page)).to_have_text(GOT)
    expect(page.get_by_role("heading", name="Result")).to_be_focused()
    expect(page.locator("#announcer")).to_have_text(GOT)
    expect(page.locator(".decision_passed")).to_have_count(15)
    expect(page.get_by_text("Default handler for Warehouse Scanner")).to_be_visible()
    page.get_by_role("link", name="Revoke access token").click()
    page.get_by_role("button", name="Revoke").click()
    expect(toast(page, "was revoked")).to_be_visible()
    assert AccessToken.objects.exclude(revoked_at=None).exists()
    page.get_by_role("link", name="View in Login History").click()
    expect(page.locator(".decision_passed")).to_have_count(15)


def test_each_broken_thing_shows_its_reason_and_its_repair(admin_page: Page, ready):
    page = admin_page
    handler, app = ready.handler, ready.app
    page.goto(f"{TRY_IT}?app=connected:{app.api_name}")

    def breaks(label, link):
        exchange(page)
        expect(failed(page)).to_have_text(label)
        repair = page.locator(".decision_failed a")
        expect(repair).to_have_attribute("href", re.compile(link))

    for name in ["allows_token_exchange", "policy_allows_token_exchange"]:
        with changed(app, **{name: False}):
            breaks("Token exchange flow", "/apps/connected/Warehouse_Scanner/")
    with changed(ready, is_default=False):
        breaks("Handler", "/enabled-apps/")
    with changed(handler, is_enabled=False):
        breaks("Handler status", handler.get_absolute_url())
    with changed(ready.run_as, is_active=False):
        breaks("Run As user", ready.run_as.get_absolute_url())
    RemoteSite.objects.update(is_active=False)
    breaks("validateIncomingToken", "/remote-sites/")
    RemoteSite.objects.update(is_active=True)
    AppProfile.objects.filter(app=app).delete()
    AppPermissionSet.objects.filter(app=app).delete()
    breaks("Approval", "/policies/")
    page.get_by_label("Validity").select_option("expired")
    breaks("validateIncomingToken", "#id_broken")
    page.locator(".decision_failed a").click()
    expect(page.get_by_label("Validity")).to_be_focused()
    page.get_by_label("Validity").select_option("")
    page.get_by_label("Token Type").select_option("SAML_2")
    expect(page.get_by_label("Token Type")).to_have_value("SAML_2")
    breaks("Handler status", handler.get_absolute_url())


@contextmanager
def changed(row, **values):
    """Change a row within a block."""
    rows = type(row).objects.filter(org=row.org_id, pk=row.pk)
    before = {name: getattr(row, name) for name in values}
    rows.update(**values)
    yield
    rows.update(**before)


def test_an_app_that_was_just_enabled_is_exchanged_by_keyboard(admin_page: Page, admin):
    page = admin_page
    open_wizard(page)
    fill_wizard(page)
    tick_default(page)
    done(page).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    tab_to(page, action(page, "Try It"))
    page.keyboard.press("Enter")
    expect(heading(page)).to_contain_text("Try It")
    scopes = textbox(page, "Scopes")
    tab_to(page, scopes)
    page.keyboard.type("no_such_scope")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Result")).to_be_focused()
    expect(page.locator(".decision")).to_have_count(15)
    expect(scopes).to_have_value("no_such_scope")


def test_a_pasted_token_is_decoded_and_stays(admin_page: Page, admin):
    page = admin_page
    page.goto(TRY_IT)
    page.get_by_text("Use your own token").click()
    token = textbox(page, "Incoming Token")
    token.fill(TOKEN)
    decoded = page.locator("#decoded-token")
    expect(decoded).to_contain_text("Expired")
    expect(decoded).to_contain_text("<b>")
    assert has_focus(token)

    page.get_by_label("Token Type").select_option("ID_TOKEN")
    expect(page.get_by_label("Token Type")).to_have_value("ID_TOKEN")
    expect(token).to_have_value(TOKEN)
    page.locator("#check-only").click()
    expect(page.get_by_role("heading", name="Result")).to_be_focused()
    expect(token).to_have_value(TOKEN)
    expect(decoded).to_contain_text("Expired")
    assert not LoginRecord.objects.filter(login_subtype="OAuth Token Exchange").exists()


def test_text_typed_during_an_update_stays(admin_page: Page, ready):
    page = admin_page
    page.goto(TRY_IT)
    page.evaluate("document.getElementById('try-it').dataset.before = ''")
    held: list[Route] = []
    page.route("**/try-it/**", lambda route: held.append(route))
    page.get_by_label("Token Type").select_option("ACCESS_TOKEN")
    scopes, claims = textbox(page, "Scopes"), textbox(page, "Claims")
    scopes.press_sequentially("api")
    before = claims.input_value()
    while not held:
        page.wait_for_timeout(10)

    held[0].continue_()

    expect(page.locator("[data-before]")).to_have_count(0)
    expect(scopes).to_have_value("api")
    expect(scopes).to_be_focused()
    # The fields that the type changes are updated.
    expect(claims).not_to_have_value(before)
    expect(page.get_by_label("Token Type")).to_have_value("ACCESS_TOKEN")


def test_without_javascript(plain_page: Page, ready, watch):
    watch.expects("status of 503")
    page = plain_page
    page.goto(TRY_IT)
    app_choice(page).select_option("connected:Warehouse_Scanner")
    page.get_by_role("button", name="Update for This App").click()
    expect(app_choice(page)).to_have_value("connected:Warehouse_Scanner")
    with place_for(ready.app.org_id):
        exchange(page)
        expect(page.get_by_text("Another run in this org isn't finished.")).to_be_visible()
    exchange(page)
    expect(result(page)).to_have_text(GOT)
    textbox(page, "Name").fill("Staff token")
    page.get_by_role("button", name="Save as Example").click()
    expect(heading(page)).to_contain_text("Token Exchange Examples")
    page.get_by_role("button", name="Run All").click()
    expect(page.get_by_text("Ran 1 example.")).to_be_visible()
    expect(page.locator("main").get_by_text("Passed")).to_be_visible()


def test_examples_run_one_after_the_other(admin_page: Page, ready, admin):
    page = admin_page
    page.goto(f"{TRY_IT}?app=connected:{ready.app.api_name}")
    for name in ["First", "Second", "Third"]:
        page.locator("#check-only").click()
        textbox(page, "Name").fill(name)
        page.get_by_role("button", name="Save as Example").click()
        expect(page.locator("#save-example")).to_contain_text(f"{name} was saved.")
    page.goto(EXAMPLES)
    posts = []
    page.on("request", lambda sent: sent.method == "POST" and posts.append(sent))
    page.get_by_role("button", name="Run All").click()

    expect(page.locator("main").get_by_text("Passed")).to_have_count(3)
    expect(page.get_by_role("button", name="Run All")).to_be_visible()
    assert len(posts) == 3
    TokenExchangeHandler.objects.filter(pk=ready.handler_id).update(is_enabled=False)
    page.get_by_role("button", name="Run First").click()
    expect(page.locator("main").get_by_text("Failed")).to_be_visible()
    page.locator("main").get_by_role(
        "link", name=re.compile("Open in Try It.*First")
    ).click()
    expect(app_choice(page)).to_have_value(f"connected:{ready.app.api_name}")
    assert ExchangeExample.objects.filter(org=admin.org_id).count() == 3

"""Permission sets, remote sites, certificates, and custom fields, from New to Delete."""

import pytest
from playwright.sync_api import Page, expect

from tests.factories import (
    CertificateFactory,
    PermissionSetFactory,
    ProfileFactory,
    RemoteSiteFactory,
    UserFieldFactory,
)
from tokenx.org.models import (
    AppPermissionSet,
    Certificate,
    Org,
    PermissionSet,
    PermissionSetAssignment,
    RemoteSite,
    User,
    UserField,
)

from .steps import (
    action,
    cancel,
    dialog,
    errors,
    heading,
    open_dialog,
    save,
    tab_to,
    textbox,
    toast,
    value_of,
)
from .test_errors import log_in

# The list, its button, the fields of a new row, and a field to change.
KINDS = {
    "permission set": (
        "/permission-sets/",
        "New Permission Set",
        {"Label": "Token Users"},
        ("Label", "Token Exchange Users"),
    ),
    "remote site": (
        "/remote-sites/",
        "New Remote Site",
        {"Remote Site Name": "Okta", "Remote Site URL": "https://idp.example.com"},
        ("Remote Site URL", "https://keys.example.com"),
    ),
    "certificate": (
        "/certificates/",
        "Create Self-Signed Certificate",
        {"Label": "Token Signing"},
        ("Label", "Signing"),
    ),
    "custom field": (
        "/object-manager/",
        "New",
        {"Field Label": "Azure ID"},
        ("Field Label", "Entra ID"),
    ),
}
MODELS = {
    "permission set": PermissionSet,
    "remote site": RemoteSite,
    "certificate": Certificate,
    "custom field": UserField,
}
FACTORIES = {
    "permission set": PermissionSetFactory,
    "remote site": RemoteSiteFactory,
    "certificate": CertificateFactory,
    "custom field": UserFieldFactory,
    "profile": ProfileFactory,
}


@pytest.fixture(autouse=True)
def demo_without_settings(admin: User) -> None:
    """Delete what the demo has of these kinds, so that tests add the first ones."""
    for model in (
        AppPermissionSet,
        PermissionSetAssignment,
        PermissionSet,
        Certificate,
        RemoteSite,
    ):
        model.objects.all().delete()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("kind", KINDS)
def test_create_edit_and_delete_by_keyboard(admin_page: Page, kind: str):
    page, key = admin_page, admin_page.keyboard.press
    url, button, fields, (changed, value) = KINDS[kind]
    page.goto(url)
    tab_to(page, action(page, button))
    key("Enter")
    expect(textbox(page, next(iter(fields)))).to_be_focused()
    for name, text in fields.items():
        tab_to(page, textbox(page, name))
        page.keyboard.type(text)
    key("Enter")
    expect(heading(page)).to_contain_text(next(iter(fields.values())))

    tab_to(page, action(page, "Edit"))
    key("Enter")
    expect(dialog(page)).to_be_visible()
    tab_to(page, textbox(page, changed))
    key("ControlOrMeta+A")
    page.keyboard.type(value)
    tab_to(page, save(page))
    key("Enter")
    expect(value_of(page, changed)).to_have_text(value)

    tab_to(page, action(page, "Delete"))
    key("Enter")
    expect(cancel(page)).to_be_focused()
    key("Tab")
    key("Enter")
    expect(toast(page, "was deleted.")).to_have_count(1)
    assert not MODELS[kind].objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_create_edit_and_delete_without_javascript(plain_page: Page, watch, kind: str):
    watch.expects("status of 422")
    page = plain_page
    url, button, fields, (changed, value) = KINDS[kind]
    page.goto(url)
    action(page, button).click()
    save(page).click()
    expect(errors(page).first).to_be_visible()
    for name, text in fields.items():
        textbox(page, name).fill(text)
    save(page).click()
    expect(heading(page)).to_contain_text(next(iter(fields.values())))

    action(page, "Edit").click()
    textbox(page, changed).fill(value)
    save(page).click()
    expect(value_of(page, changed)).to_have_text(value)
    action(page, "Delete").click()
    press(page, "Delete")
    expect(toast(page, "was deleted.")).to_have_count(1)
    assert not MODELS[kind].objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_double_clicking_save_creates_one_row(admin_page: Page, kind: str):
    url, button, fields, _ = KINDS[kind]
    open_dialog(admin_page, url, button)
    for name, text in fields.items():
        textbox(admin_page, name).fill(text)
    save(admin_page).dblclick()

    expect(heading(admin_page)).to_contain_text(next(iter(fields.values())))
    expect(toast(admin_page, "was ")).to_have_count(1)
    assert MODELS[kind].objects.count() == 1


@pytest.mark.parametrize("kind", FACTORIES)
def test_a_row_that_was_deleted_in_another_tab(admin_page: Page, watch, kind, subtests):
    watch.expects("404")
    page = admin_page
    for name, submit in [("Edit", "Save"), ("Delete", "Delete")]:
        if (kind, name) == ("profile", "Edit"):
            continue
        for is_open in [False, True]:
            row = FACTORIES[kind](org=Org.objects.get())
            page.goto(row.get_absolute_url())
            if is_open:
                action(page, name).click()
                expect(dialog(page)).to_be_visible()
            type(row).objects.filter(pk=row.pk).delete()
            if is_open:
                dialog(page).get_by_role("button", name=submit).click()
            else:
                action(page, name).click()

            with subtests.test(name=name, is_open=is_open):
                expect(toast(page, "deleted")).to_have_count(1)
                expect(dialog(page)).to_have_count(0)


def test_a_session_that_expires_in_a_dialog_loses_nothing(admin_page, admin, subtests):
    page = admin_page
    for kind, (url, button, fields, _) in KINDS.items():
        with subtests.test(kind=kind):
            open_dialog(page, url, button)
            for name, text in fields.items():
                textbox(page, name).fill(text)
            page.wait_for_load_state("networkidle")
            page.context.clear_cookies(name="sessionid")
            save(page).click()

            expect(page.get_by_text("You were logged out.")).to_be_visible()
            log_in(page, admin)
            for name, text in fields.items():
                expect(textbox(page, name)).to_have_value(text)
            save(page).click()
            expect(heading(page)).to_contain_text(next(iter(fields.values())))

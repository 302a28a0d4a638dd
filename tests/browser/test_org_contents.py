"""Permission sets, remote sites, certificates, and custom fields, from New to Delete."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.certificates import EXPIRED
from tests.factories import (
    CertificateFactory,
    PermissionSetFactory,
    ProfileFactory,
    RemoteSiteFactory,
    UserFieldFactory,
)
from tokenx.org.models import (
    Certificate,
    ClientApp,
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
    checkbox,
    dialog,
    errors,
    heading,
    open_dialog,
    open_user,
    save,
    tab_to,
    textbox,
    tick,
    toast,
    type_and_choose,
    value_of,
)
from .test_errors import log_in

RUNNING = "Integration User"
APP = "/apps/connected/Sales_Insights/"
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


def test_assign_and_remove_a_permission_set_by_keyboard(admin_page: Page):
    page, key = admin_page, admin_page.keyboard.press
    row = PermissionSetFactory(org=Org.objects.get(), label="Token Users")
    page.goto(row.get_absolute_url())
    tab_to(page, action(page, "Manage Assignments"))
    key("Enter")
    expect(heading(page)).to_contain_text("Assigned Users")
    tab_to(page, action(page, "Add Assignment"))
    key("Enter")
    user = page.get_by_role("combobox", name="User")
    expect(user).to_be_focused()
    type_and_choose(page, "*integration", RUNNING)
    expect(user).to_have_value(RUNNING)
    tab_to(page, page.get_by_role("button", name="Assign", exact=True))
    key("Enter")

    expect(toast(page, f"Token Users was assigned to {RUNNING}.")).to_have_count(1)
    remove = page.locator("main").get_by_role("link", name=f"Remove {RUNNING}")
    tab_to(page, remove)
    key("Enter")
    expect(cancel(page)).to_be_focused()
    key("Tab")
    key("Enter")
    expect(remove).to_have_count(0)
    assert not PermissionSetAssignment.objects.exists()


def test_assign_permission_sets_without_javascript(plain_page: Page):
    page = plain_page
    row = PermissionSetFactory(org=Org.objects.get(), label="Token Users")
    page.goto(row.get_absolute_url())
    action(page, "Manage Assignments").click()
    action(page, "Add Assignment").click()
    page.get_by_role("combobox", name="User").fill("*integration")
    press(page, "Search User")
    page.get_by_role("radio", name="integrationuser@mycompany.com").check()
    press(page, "Assign")
    expect(toast(page, "was assigned to")).to_have_count(1)
    page.get_by_role("link", name=f"Remove {RUNNING}").click()
    press(page, "Remove")
    expect(toast(page, "was removed from")).to_have_count(1)

    open_user(page, RUNNING)
    action(page, "Edit Assignments").click()
    tick(checkbox(page, "Token Users"))
    save(page).click()
    expect(action(page, "Token Users")).to_be_visible()


def test_an_assignment_that_was_removed_in_another_tab(admin_page: Page, watch):
    watch.expects("404")
    page = admin_page
    org, user = (
        Org.objects.get(),
        User.objects.get(username="integrationuser@mycompany.com"),
    )
    row = PermissionSetFactory(org=org)
    for is_open in [False, True]:
        PermissionSetAssignment.objects.create(org=org, user=user, permission_set=row)
        page.goto(f"{row.get_absolute_url()}assignments/")
        remove = page.locator("main").get_by_role("link", name=f"Remove {RUNNING}")
        if is_open:
            remove.click()
            expect(dialog(page)).to_be_visible()
        PermissionSetAssignment.objects.all().delete()
        if is_open:
            dialog(page).get_by_role("button", name="Remove").click()
        else:
            remove.click()

        expect(page.locator("[data-toast]")).to_have_count(1)
        expect(dialog(page)).to_have_count(0)
        expect(remove).to_have_count(0)


def test_give_an_app_profiles_and_permission_sets(admin_page: Page, plain_page: Page):
    PermissionSetFactory(org=Org.objects.get(), label="Token Users")
    open_dialog(admin_page, APP, "Manage")
    for name in ["Standard User", "Token Users"]:
        box = checkbox(admin_page, name)
        tab_to(admin_page, box)
        admin_page.keyboard.press("Space")
        expect(box).to_be_checked()
    tab_to(admin_page, save(admin_page))
    admin_page.keyboard.press("Enter")
    expect(value_of(admin_page, "Profiles")).to_have_text("Standard User")
    expect(value_of(admin_page, "Permission Sets")).to_have_text("Token Users")

    plain_page.goto(APP)
    action(plain_page, "Manage").click()
    tick(checkbox(plain_page, "Standard User"), on=False)
    save(plain_page).click()
    expect(value_of(plain_page, "Profiles")).to_have_text("—")
    assert ClientApp.objects.get(api_name="Sales_Insights")


def test_upload_and_download_a_certificate(plain_page: Page, tmp_path: Path, watch):
    watch.expects("status of 422")
    page = plain_page
    file = tmp_path / "okta.crt"
    file.write_text("Not a certificate")
    page.goto("/certificates/")
    action(page, "Upload Certificate").click()
    textbox(page, "Label").fill("Old Okta")
    page.get_by_label("Certificate File").set_input_files(file)
    press(page, "Upload")
    expect(errors(page)).to_have_count(1)
    expect(textbox(page, "Label")).to_have_value("Old Okta")

    file.write_text(EXPIRED)
    page.get_by_label("Certificate File").set_input_files(file)
    press(page, "Upload")
    expect(page.get_by_text("This certificate is expired.")).to_be_visible()
    expect(toast(page, "Old Okta was uploaded.")).to_have_count(1)
    with page.expect_download() as download:
        action(page, "Download Certificate").click()
    assert Path(download.value.path()).read_text() == EXPIRED


def test_values_of_custom_fields(admin_page: Page, plain_page: Page):
    UserFieldFactory(org=Org.objects.get(), name="User.Azure_Id__c", label="Azure ID")
    open_user(admin_page, RUNNING)
    tab_to(admin_page, action(admin_page, "Edit Additional Information"))
    admin_page.keyboard.press("Enter")
    expect(textbox(admin_page, "Azure ID")).to_be_focused()
    admin_page.keyboard.type("3f0a")
    admin_page.keyboard.press("Enter")
    expect(value_of(admin_page, "Azure ID")).to_have_text("3f0a")

    open_user(plain_page, RUNNING)
    action(plain_page, "Edit Additional Information").click()
    textbox(plain_page, "Azure ID").fill("")
    save(plain_page).click()
    expect(value_of(plain_page, "Azure ID")).to_have_text("—")

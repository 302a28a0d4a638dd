"""Assignments, app approval, certificate files, and values of custom fields."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.certificates import EXPIRED
from tests.factories import (
    PermissionSetFactory,
    ProfileFactory,
    StoredComponentFactory,
    UserFieldFactory,
)
from tokenx.org.models import (
    AppPermissionSet,
    Certificate,
    Org,
    PermissionSet,
    PermissionSetAssignment,
    Profile,
    RemoteSite,
    User,
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


def test_a_session_that_expires_before_an_upload(admin_page, admin, tmp_path: Path):
    page, file = admin_page, tmp_path / "okta.crt"
    file.write_text(EXPIRED)
    page.goto("/upload-certificate/")
    textbox(page, "Label").fill("Okta")
    page.get_by_label("Certificate File").set_input_files(file)
    page.context.clear_cookies(name="sessionid")
    press(page, "Upload")

    log_in(page, admin)
    expect(heading(page)).to_contain_text("Upload a Certificate")
    assert not Certificate.objects.exists()


def test_delete_a_profile_by_keyboard_and_without_javascript(admin_page, plain_page):
    profile = ProfileFactory(org=Org.objects.get(), name="Store Clerk")
    admin_page.goto("/profiles/")
    tab_to(admin_page, action(admin_page, "Store Clerk"))
    admin_page.keyboard.press("Enter")
    tab_to(admin_page, action(admin_page, "Delete"))
    admin_page.keyboard.press("Enter")
    expect(cancel(admin_page)).to_be_focused()
    admin_page.keyboard.press("Escape")
    expect(action(admin_page, "Delete")).to_be_focused()

    plain_page.goto("/profiles/")
    action(plain_page, "Store Clerk").click()
    action(plain_page, "Delete").click()
    press(plain_page, "Delete")
    expect(toast(plain_page, "Store Clerk was deleted.")).to_have_count(1)
    assert not Profile.objects.filter(pk=profile.pk).exists()


def test_open_a_named_credential_by_keyboard_and_without_javascript(
    admin_page: Page, plain_page: Page
):
    StoredComponentFactory(org=Org.objects.get(), name="Okta")
    for page in [admin_page, plain_page]:
        page.goto("/stored-components/NamedCredential/")
        tab_to(page, action(page, "Okta"), most=200)
        page.keyboard.press("Enter")
        expect(heading(page)).to_contain_text("Okta")
        # Keyboard users can scroll a long file.
        tab_to(page, page.get_by_label("Okta", exact=True), most=200)
        expect(page.get_by_text("<label>Okta</label>")).to_be_visible()


def test_a_users_fields_without_javascript(plain_page: Page, watch):
    watch.expects("status of 422")
    page = plain_page
    User.objects.filter(username="erp.connector@mycompany.com").update(federation_id="A1")
    open_user(page, RUNNING)
    action(page, "Edit").click()
    textbox(page, "Alias").fill("iu")
    textbox(page, "Nickname").fill("robot")
    page.get_by_role("combobox", name="Language").select_option(label="German")
    textbox(page, "Federation ID").fill("A1")
    save(page).click()
    expect(errors(page)).to_have_count(1)
    expect(textbox(page, "Federation ID")).to_be_focused()
    textbox(page, "Federation ID").fill("A2")
    save(page).click()
    for label, value in [("Alias", "iu"), ("Nickname", "robot"), ("Federation ID", "A2")]:
        expect(value_of(page, label)).to_have_text(value)
    expect(value_of(page, "Language")).to_have_text("German")

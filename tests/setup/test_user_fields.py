"""Custom fields on User: the list, a field, its dialogs, and users' values."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import ApexClassFactory, OrgFactory, UserFactory, UserFieldFactory
from tests.form import field_errors, form_errors, form_of
from tests.read import headings, links, names, record, rows, toasts
from tokenx.org.models import AuditEntry, CompileStatus, User, UserField
from tokenx.setup.actions import user_fields as actions
from tokenx.setup.compile_classes import compile_waiting

LIST, NEW = "/object-manager/", "/new-user-field/"
DETAILS = {"label": "Azure Id", "api_name": "", "length": "80", "description": ""}
SECTION = "Customize Users"


def url_of(name, verb="user-field"):
    return reverse(f"setup:{verb}", args=[name])


def trail():
    entries = AuditEntry.objects.order_by("pk")
    return [(entry.action, entry.section, entry.display) for entry in entries]


@pytest.fixture
def azure(org):
    return UserFieldFactory(org=org, name="User.Azure_Id__c", length=80)


@pytest.fixture
def ada(azure):
    return UserFactory(
        org=azure.org, username="ada@x.example", custom_values={"Azure_Id__c": "ada-1"}
    )


# --- The list and a field ---------------------------------------------------------------


def test_lists_the_orgs_fields(admin_client, azure):
    UserFieldFactory(org=azure.org, name="User.Badge__c")
    UserFieldFactory(org=OrgFactory(), name="User.Elsewhere__c")

    response = admin_client.get(LIST)

    assert headings(response) == ["Field Label", "Field Name", "Data Type", "Last Modified"]
    assert [row[:3] for row in rows(response)] == [
        ["Azure Id", "Azure_Id__c", "Text(80)"],
        ["Badge", "Badge__c", "Text(255)"],
    ]
    assert links(response)["Azure Id"] == url_of("Azure_Id__c")
    assert names(admin_client.get(f"{LIST}?search=BADGE")) == ["Badge"]
    assert names(admin_client.get(f"{LIST}?sort=-name")) == ["Badge", "Azure Id"]
    assertContains(admin_client.get(f"{LIST}?search=zzz"), "No matching fields")


def test_the_setup_tree_leads_to_the_list(admin_client):
    assert links(admin_client.get("/"))["Object Manager"] == LIST
    assertContains(admin_client.get(LIST), "No custom fields on User yet")


def test_shows_a_field(viewer_client, azure):
    shown = record(viewer_client.get(url_of("Azure_Id__c")))

    assert shown.pop("Last Modified By")
    assert shown.pop("Created By")
    assert shown == {
        "Field Label": "Azure Id",
        "API Name": "Azure_Id__c",
        "Data Type": "Text",
        "Length": "80",
        "Description": "—",
    }


def test_a_viewer_sees_no_buttons(viewer_client, ada):
    for url in [LIST, url_of("Azure_Id__c"), ada.get_absolute_url()]:
        response = viewer_client.get(url)
        assertContains(response, "You have view-only access to Setup.")
        found = links(response).keys()
        assert not {"New", "Edit", "Delete", "Edit Additional Information"} & found


# --- New, Edit, and Delete --------------------------------------------------------------


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
@pytest.mark.parametrize("name", ["", "Azure_Id", "Azure_Id__c"])
def test_creates_a_field(request, client_name, name, org):
    client = request.getfixturevalue(client_name)

    client.post(NEW, form_of(client.get(NEW)) | DETAILS | {"api_name": name})

    field = UserField.objects.get()
    assert (field.org, field.name, field.length) == (org, "User.Azure_Id__c", 80)
    assert toasts(client.get(LIST)) == ["Azure Id was saved."]
    display = "Created Azure Id custom field (Text) on User"
    assert trail() == [("createdCFText", SECTION, display)]


def test_refuses_invalid_values_at_their_fields(htmx_client, azure, subtests):
    for field, value, message in [
        ("label", "", "Enter a field label."),
        ("label", "x" * 41, "at most 40 characters"),
        ("api_name", "2nd", "Start an API name with a letter."),
        ("api_name", "a__b", "two consecutive underscores"),
        ("api_name", "x" * 41, "at most 40 characters before __c"),
        ("api_name", "AZURE_ID__c", "Another field already has this name."),
        ("length", "", "Enter a length from 1 to 255."),
        ("length", "0", "Enter a length from 1 to 255."),
        ("length", "256", "Enter a length from 1 to 255."),
        ("length", "x", "Enter a length from 1 to 255."),
    ]:
        with subtests.test(field=field, value=value):
            data = DETAILS | {"api_name": "Other", field: value}
            response = htmx_client.post(NEW, data)

            assert response.status_code == 422
            assert message in field_errors(response, field)[0]
    assert UserField.objects.get() == azure


def test_edits_a_field_but_not_its_name(admin_client, azure):
    url = url_of("Azure_Id__c", "edit-user-field")
    form = form_of(admin_client.get(url))
    assert "api_name" not in form

    admin_client.post(url, form | {"label": "Entra Id", "length": "40"})

    azure.refresh_from_db()
    assert (azure.label, azure.length, azure.api_name) == ("Entra Id", 40, "Azure_Id__c")
    display = "Changed Entra Id custom field on User"
    assert trail() == [("changedCFText", SECTION, display)]


def test_a_field_stays_as_long_as_its_values(admin_client, ada):
    url = url_of("Azure_Id__c", "edit-user-field")

    response = admin_client.post(url, form_of(admin_client.get(url)) | {"length": "4"})

    assert field_errors(response, "length") == [
        "A user has a value of 5 characters. Shorten it first."
    ]


def test_asks_again_if_someone_else_changed_the_field(admin_client, azure):
    url = url_of("Azure_Id__c", "edit-user-field")
    form = form_of(admin_client.get(url)) | {"label": "Mine"}
    UserField.objects.update(label="Theirs", modified_at=timezone.now())

    response = admin_client.post(url, form)

    assert "Someone else changed this field" in form_errors(response)[0]


def test_an_org_has_a_limited_number_of_fields(htmx_client, azure, monkeypatch):
    monkeypatch.setattr(actions, "MAX_USER_FIELDS", 1)

    response = htmx_client.post(NEW, DETAILS | {"api_name": "Second"})

    assert form_errors(response) == [
        "This org already has 1 custom fields on User, the limit. Delete one first."
    ]


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_deletes_a_field_with_its_values(request, client_name, ada):
    client = request.getfixturevalue(client_name)
    url = url_of("Azure_Id__c", "delete-user-field")
    elsewhere = UserFactory(org=OrgFactory(), custom_values={"Azure_Id__c": "x"})
    User.objects.filter(pk=ada.pk).update(
        custom_values={"Azure_Id__c": "ada-1", "Badge__c": "7"}
    )

    assertContains(client.get(url), "1 user will lose the value of this field.")
    client.post(url)

    assert not UserField.objects.exists()
    ada.refresh_from_db()
    assert ada.custom_values == {"Badge__c": "7"}
    elsewhere.refresh_from_db()
    assert elsewhere.custom_values == {"Azure_Id__c": "x"}
    assert trail() == [("deletedCF", SECTION, "Deleted Azure Id custom field on User")]


# --- Values -----------------------------------------------------------------------------


def test_a_users_page_shows_the_values(admin_client, admin, ada):
    assert record(admin_client.get(ada.get_absolute_url()))["Azure Id"] == "ada-1"
    assert record(admin_client.get(admin.get_absolute_url()))["Azure Id"] == "—"


def test_an_org_without_fields_shows_no_values(admin_client, admin):
    page = admin_client.get(admin.get_absolute_url())
    assertNotContains(page, "Additional Information")


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_edits_the_values(request, client_name, ada):
    client = request.getfixturevalue(client_name)
    url = reverse("setup:edit-custom-values", args=[ada.pk])
    form = form_of(client.get(url))
    assert form["Azure_Id__c"] == "ada-1"

    client.post(url, form | {"Azure_Id__c": "ada-2"})

    ada.refresh_from_db()
    assert ada.custom_values == {"Azure_Id__c": "ada-2"}
    display = "For user ada@x.example, changed Azure Id from ada-1 to ada-2"
    assert trail() == [("changeduser", "Manage Users", display)]


def test_an_empty_value_is_removed(admin_client, ada):
    url = reverse("setup:edit-custom-values", args=[ada.pk])

    admin_client.post(url, form_of(admin_client.get(url)) | {"Azure_Id__c": ""})

    ada.refresh_from_db()
    assert ada.custom_values == {}


def test_refuses_a_value_that_does_not_fit(htmx_client, admin, ada):
    url = reverse("setup:edit-custom-values", args=[ada.pk])

    response = htmx_client.post(url, {"Azure_Id__c": "x" * 81})

    assert "at most 80 characters" in field_errors(response, "Azure_Id__c")[0]
    for values in [{"Azure_Id__c": "x" * 81}, {"Azure_Id__c": "a\nb"}, {"Other__c": "x"}]:
        with pytest.raises(ValidationError):
            actions.edit_custom_values(user=ada, values=values, by=admin)
    assert trail() == []


def test_apex_knows_a_custom_field_while_it_exists(org, admin):
    body = "public class Finder { String f(User u) { return u.Azure_Id__c; } }"
    waiting = CompileStatus.NOT_COMPILED
    apex_class = ApexClassFactory(org=org, name="Finder", body=body, compile_status=waiting)
    assert status_when_opened(apex_class) == CompileStatus.NOT_RUNNABLE

    values = {"label": "Azure ID", "length": 80}
    field = actions.create_user_field(name="User.Azure_Id__c", by=admin, **values)
    assert status_when_opened(apex_class) == CompileStatus.VALID

    actions.delete_user_field(field=field, by=admin)
    assert status_when_opened(apex_class) == CompileStatus.NOT_RUNNABLE


def status_when_opened(apex_class):
    apex_class.refresh_from_db()
    compile_waiting(org=apex_class.org_id, classes=[apex_class])
    apex_class.refresh_from_db()
    return apex_class.compile_status

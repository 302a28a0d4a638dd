"""Edit a handler: changes, unchanged values, and the audit trail."""

import pytest
from django.core.exceptions import ValidationError
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import (
    ApexClassFactory,
    EnablementFactory,
    OrgFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)
from tests.form import field_errors, form_errors, form_of
from tests.read import errors, links, read, record, toasts
from tests.rollback import rolled_back
from tokenx.handlers import actions
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import ApexClass, AuditEntry

URL, DETAIL = "/handlers/My_Handler/edit/", "/handlers/My_Handler/"
CLONE = "/create-handler/?like=My_Handler"
HOSTILE = "<b>bold</b> 🙂👩‍👩‍👧 \u202eשלום"


def trail():
    entries = AuditEntry.objects.order_by("pk")
    return [(entry.action, entry.section, entry.display) for entry in entries]


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_opens_with_the_current_values(request, handler, client_name):
    TokenExchangeHandler.objects.update(allows_user_creation=True, supports_saml2=True)

    response = request.getfixturevalue(client_name).get(URL)

    assertContains(
        response, "In Salesforce, you might need Metadata API to edit a handler."
    )
    form = form_of(response)
    form.pop("version")
    form.pop("csrfmiddlewaretoken")
    assert form == {
        "label": "My Handler",
        "developer_name": "My_Handler",
        "description": "Checks tokens of an outside identity provider.",
        "token_types": ["supports_jwt", "supports_saml2"],
        "allows_user_creation": "on",
        "apex_class": handler.apex_class.name,
        "apex_class_text": handler.apex_class.name,
    }


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_changes_everything_that_can_be_edited(request, handler, admin, client_name):
    client = request.getfixturevalue(client_name)
    TokenExchangeHandler.objects.update(allows_user_creation=True)
    EnablementFactory(handler=handler, is_default=True)
    before, enabled = handler.modified_at, list(Enablement.objects.values())
    was, other = handler.apex_class.name, ApexClassFactory(org=handler.org, name="Other")
    form = form_of(client.get(URL)) | {
        "label": "Billing",
        "developer_name": "Billing_2",
        "description": "",
        "token_types": ["supports_id_token", "supports_saml2"],
        "apex_class": other.pk,
    }
    del form["allows_user_creation"]

    response = client.post(URL, form)

    url = "/handlers/Billing_2/"
    assert url in (response.get("HX-Redirect"), response.get("Location"))
    page = client.get(url, headers={"HX-Request": ""})
    assert "Billing was saved." in toasts(page)
    assert (
        record(page).items()
        >= {
            "Name": "Billing",
            "API Name": "Billing_2",
            "Description": "—",
            "Status": "Enabled",
            "Supported Token Types": "ID Token, SAML 2",
            "Apex Class": "Other",
            "Allow user creation": "No",
        }.items()
    )
    handler.refresh_from_db()
    assert handler.modified_at > before
    assert list(Enablement.objects.values()) == enabled
    assert AuditEntry.objects.get().user == admin
    assert trail() == [
        (
            "changedOauthTokenExchangeHandler",
            "Token Exchange Handlers",
            "Changed token exchange handler Billing: name from My Handler to Billing, API "
            "name from My_Handler to Billing_2, description from Checks tokens of an "
            "outside identity provider. to none, token types from JWT to ID Token and SAML "
            f"2, user creation from true to false, Apex class from {was} to Other",
        )
    ]


def test_stamps_who_changed_it(admin_client, handler, admin):
    TokenExchangeHandler.objects.update(modified_by=UserFactory(org=handler.org))

    admin_client.post(URL, form_of(admin_client.get(URL)) | {"description": "Other"})

    handler.refresh_from_db()
    assert handler.modified_by == admin


def test_saving_without_changes_leaves_no_trace(admin_client, handler):
    admin_client.post(URL, form_of(admin_client.get(URL)) | {"enable": "1"})

    assert TokenExchangeHandler.objects.get().modified_at == handler.modified_at
    assert not AuditEntry.objects.exists()


def test_saving_does_not_enable_the_handler(admin_client, handler):
    TokenExchangeHandler.objects.update(is_enabled=False)
    form = form_of(admin_client.get(URL)) | {"label": "Other", "enable": "1"}

    admin_client.post(URL, form)

    handler.refresh_from_db()
    assert (handler.label, handler.is_enabled) == ("Other", False)


def test_its_api_name_can_change_case(admin_client, handler):
    admin_client.post(
        URL, form_of(admin_client.get(URL)) | {"developer_name": "MY_handler"}
    )

    handler.refresh_from_db()
    assert handler.developer_name == "MY_handler"


BAD = [
    ("label", " ", "Enter a name."),
    ("label", "a" * 81, "at most 80 characters (it has 81)"),
    ("label", "a\0b", "Null characters are not allowed."),
    ("description", "a" * 256, "at most 255 characters (it has 256)"),
    ("developer_name", "a" * 81, "at most 80 characters (it has 81)"),
    ("developer_name", "1st", "Start an API name with a letter."),
    ("developer_name", "a__b", "An API name can't contain two consecutive underscores."),
    ("developer_name", "a/b", "Use only the letters A to Z, digits, and underscores"),
    ("developer_name", HOSTILE, "Use only the letters A to Z, digits, and underscores"),
    ("developer_name", "tAKEN", "Old Handler already has this API name."),
    ("token_types", [], "Select at least one token type."),
    ("token_types", [HOSTILE], "is not one of the available choices"),
]


def test_refuses_an_invalid_value_at_its_field(admin_client, handler, subtests):
    TokenExchangeHandlerFactory(
        org=handler.org, label="Old Handler", developer_name="Taken"
    )

    opened = form_of(admin_client.get(URL))

    for field, value, message in BAD:
        with subtests.test(field=field, value=value):
            form = opened | {"description": "Mine", field: value}

            response = admin_client.post(URL, form)

            assert response.status_code == 422
            [error] = field_errors(response, field)
            assert message in error
            values = form_of(response)
            for name in form.keys() - {field, "csrfmiddlewaretoken"}:
                assert values[name] == form[name]
            modal = read(response).one("form", class_="modal__form")
            assert modal.attributes["action"] == URL
            assert TokenExchangeHandler.objects.get(pk=handler.pk).label == "My Handler"
            assert not AuditEntry.objects.exists()


def test_another_orgs_class_cannot_be_selected(admin_client, handler):
    theirs = ApexClassFactory(org=OrgFactory(), name="Theirs")

    response = admin_client.post(
        URL, form_of(admin_client.get(URL)) | {"apex_class": theirs.pk}
    )

    assert response.status_code == 422
    assert errors(response, "apex_class").startswith("Your choice was deleted.")
    assertNotContains(response, "Theirs", status_code=422)


def test_a_class_that_no_longer_extends_the_base_class_must_be_replaced(
    admin_client, handler
):
    bare = {"body": "class Bare { }", "is_handler_class": False}
    ApexClass.objects.update(name="Bare", **bare)

    response = admin_client.post(URL, form_of(admin_client.get(URL)) | {"label": "Other"})

    assert response.status_code == 422
    assert errors(response, "apex_class") == (
        "Bare doesn't extend Auth.Oauth2TokenExchangeHandler, directly or through base "
        "classes in the org."
    )


def test_without_javascript_search_keeps_cleared_checkboxes_and_text(admin_client, handler):
    TokenExchangeHandler.objects.update(allows_user_creation=True)
    ApexClassFactory(org=handler.org, name="Alphabet")
    form = form_of(admin_client.get(URL)) | {"label": "Other", "apex_class": ""}
    form |= {"token_types": ["supports_saml2"], "apex_class_text": "bet"}
    del form["allows_user_creation"]

    response = admin_client.post(URL, form | {"find": "apex_class"})

    assert response.status_code == 200
    values = form_of(response)
    assert "allows_user_creation" not in values
    for name in ["label", "token_types", "apex_class_text", "version"]:
        assert values[name] == form[name]
    assertContains(response, "Alphabet")


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_a_stale_form_asks_again_and_loses_nothing(request, handler, client_name):
    client = request.getfixturevalue(client_name)
    stale = form_of(client.get(URL))
    client.post(URL, stale | {"description": "Theirs"})
    mine = stale | {"label": "Mine", "token_types": ["supports_saml2"]}

    response = client.post(URL, mine)

    assert response.status_code == 422
    [message] = form_errors(response)
    assert message.startswith(
        "Someone else changed this handler while you were editing it. Save again"
    )
    handler.refresh_from_db()
    assert (handler.label, handler.description) == ("My Handler", "Theirs")

    client.post(URL, form_of(response))
    handler.refresh_from_db()
    assert (handler.label, handler.token_types) == ("Mine", ["SAML 2"])
    assert handler.description == stale["description"]


def test_does_not_ask_again_if_only_an_app_was_enabled(admin_client, handler):
    form = form_of(admin_client.get(URL)) | {"label": "Other"}
    EnablementFactory(handler=handler)

    assert admin_client.post(URL, form).status_code == 302


def test_a_form_without_a_valid_version_asks_again(admin_client, handler, subtests):
    for version in ["", "yesterday", "x" * 10_000, "a\0b", HOSTILE]:
        with subtests.test(version=version), rolled_back():
            form = form_of(admin_client.get(URL)) | {"label": "Other", "version": version}

            response = admin_client.post(URL, form)

            assert response.status_code == 422
            assert form_errors(response)
            assert not AuditEntry.objects.exists()
            assert admin_client.post(URL, form_of(response)).status_code == 302


def test_a_deleted_handler_is_not_found(htmx_client, handler):
    form = form_of(htmx_client.get(URL))
    TokenExchangeHandler.objects.all().delete()

    assert htmx_client.post(URL, form).status_code == 404


def test_says_that_the_handler_was_deleted_concurrently(admin, handler):
    definition = actions.handler_values(handler) | {"apex_class": handler.apex_class}
    TokenExchangeHandler.objects.all().delete()

    with pytest.raises(ValidationError, match="My Handler was already deleted"):
        actions.edit_handler(handler=handler, definition=definition, by=admin)


def test_only_administrators_see_edit_and_clone(admin_client, viewer_client, handler):
    assert links(admin_client.get(DETAIL)).items() >= {"Edit": URL, "Clone": CLONE}.items()
    assert not {"Edit", "Clone"} & links(viewer_client.get(DETAIL)).keys()
    for url in [URL, CLONE]:
        assert viewer_client.get(url).status_code == 403
        assert viewer_client.post(url, {"label": "Other"}).status_code == 403


def test_cancel_returns_to_the_handler(admin_client, handler):
    assert links(admin_client.get(URL))["Cancel"] == DETAIL

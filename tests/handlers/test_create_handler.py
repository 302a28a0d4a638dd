"""Create Token Exchange Handler: the new handler and its Apex class."""

import re

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import ApexClassFactory, OrgFactory, TokenExchangeHandlerFactory
from tests.form import form_of
from tests.read import links, names, options, read, record, toasts
from tests.rollback import rolled_back
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org.models import ApexClass, AuditEntry

URL = "/create-handler/"
LOOKUP = "/lookup/apex-classes/"
DEFINED = {
    "label": "Billing Sync",
    "description": "Checks tokens of the billing portal.",
    "token_types": ["supports_jwt", "supports_saml2"],
    "allows_user_creation": "on",
}


def apex_class(org, **fields):
    return ApexClassFactory(org=org, **{"name": "Checker"} | fields)


def detail(response):
    return response.get("HX-Redirect") or response["Location"]


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
@pytest.mark.parametrize("state", ["disabled", "enabled"])
def test_creates_a_handler_that_is_enabled_on_request(request, admin, client_name, state):
    client, made_for = request.getfixturevalue(client_name), apex_class(admin.org)
    form = form_of(client.get(URL)) | DEFINED | {"apex_class": made_for.pk}

    response = client.post(URL, form | ({"enable": "1"} if state == "enabled" else {}))

    assert detail(response) == "/handlers/Billing_Sync/"
    handler = TokenExchangeHandler.objects.get()
    assert (handler.org, handler.modified_by) == (admin.org, admin)
    assert (handler.label, handler.developer_name) == ("Billing Sync", "Billing_Sync")
    assert handler.token_types == ["JWT", "SAML 2"]
    assert handler.allows_user_creation
    assert handler.is_enabled is (state == "enabled")
    assert handler.apex_class == made_for
    entry = AuditEntry.objects.get()
    assert (entry.org, entry.user) == (admin.org, admin)
    assert (entry.action, entry.section, entry.display) == (
        "insertOauthTokenExchangeHandler",
        "Token Exchange Handlers",
        f"Created token exchange handler Billing Sync, {state}",
    )


@pytest.mark.parametrize(
    ("button", "message"),
    [({}, "was saved."), ({"enable": "1"}, "was saved and enabled.")],
)
def test_ends_on_the_page_of_the_new_handler(admin_client, org, button, message):
    form = DEFINED | {"apex_class": apex_class(org).pk} | button

    page = admin_client.post(URL, form, follow=True)

    assert toasts(page) == [f"Billing Sync {message}"]
    assert record(page) | {"Created By": "", "Last Modified By": ""} == {
        "Name": "Billing Sync",
        "API Name": "Billing_Sync",
        "Description": "Checks tokens of the billing portal.",
        "Status": "Enabled" if button else "Disabled",
        "Supported Token Types": "JWT, SAML 2",
        "Apex Class": "Checker",
        "Allow user creation": "Yes",
        "Created By": "",
        "Last Modified By": "",
    }
    assert names(admin_client.get("/handlers/")) == ["Billing Sync"]


def test_creates_a_disabled_handler_from_the_required_fields(admin_client, org):
    form = {"label": "A", "token_types": ["supports_jwt"], "apex_class": apex_class(org).pk}

    admin_client.post(URL, form)

    handler = TokenExchangeHandler.objects.get()
    assert (handler.developer_name, handler.description) == ("A", "")
    assert not handler.allows_user_creation


@pytest.mark.parametrize("button", ["Save", "Save and Enable"])
def test_the_form_has_both_buttons(admin_client, button):
    form = read(admin_client.get(URL)).one("form", class_="modal__form")

    assert button in [element.text for element in form.all("button", type="submit")]


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_creates_a_template_that_rejects_every_token(request, admin, client_name):
    client = request.getfixturevalue(client_name)
    assertContains(client.get(URL), "The template rejects every token.")

    client.post(URL, DEFINED | {"makes_template": "on"})

    created = TokenExchangeHandler.objects.get().apex_class
    assert created.org == admin.org
    assert re.fullmatch(r"AutocreatedTokenExchHandler\d+", created.name)
    assert "This template rejects every token" in created.body
    assert f"class {created.name} extends Auth.Oauth2TokenExchangeHandler" in created.body
    assert (created.compile_status, created.is_handler_class) == ("valid", True)
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "createdApexClass",
        "insertOauthTokenExchangeHandler",
    ]


def test_each_template_has_a_unique_name(admin_client, org):
    for label in ["A", "B", "C"]:
        admin_client.post(URL, DEFINED | {"label": label, "makes_template": "on"})

    assert ApexClass.objects.count() == 3


def test_a_refused_handler_leaves_no_template_behind(admin_client, handler):
    form = DEFINED | {"developer_name": "my_handler", "makes_template": "on"}

    assert admin_client.post(URL, form).status_code == 422
    assert list(ApexClass.objects.all()) == [handler.apex_class]
    assert not AuditEntry.objects.exists()


# --- The API name -----------------------------------------------------------------------


def test_generates_the_api_name_from_the_name(htmx_client, subtests):
    for label, developer_name, name in [
        ("Billing Sync", "", "Billing_Sync"),
        ("Billing Sync", "Own_1", "Own_1"),
        ("3rd party – Café", "", "X3rd_Party_Cafe"),
        ("日本語 🙂", "", "Handler"),
        ("  ", "", ""),
    ]:
        with subtests.test(label=label, developer_name=developer_name):
            form = {"label": label, "developer_name": developer_name}

            response = htmx_client.get("/propose-api-name/", form)

            field = read(response).one("input", name="developer_name")
            assert field.attributes.get("value", "") == name
            assert read(response).children[0].attributes["id"] == "api-name"


def test_generates_an_api_name_from_any_text(htmx_client, subtests):
    for text in ["\0", "x" * 60_000, "'\"><script>", "\u202eשלום"]:
        with subtests.test(text=text):
            response = htmx_client.get("/propose-api-name/", {"label": text})

            assert response.status_code == 200
            assertNotContains(response, "<script")
            field = read(response).one("input", name="developer_name")
            assert len(field.attributes["value"]) <= 80


def test_accepts_a_custom_api_name(admin_client, org):
    form = DEFINED | {"developer_name": "Own_1", "apex_class": apex_class(org).pk}

    admin_client.post(URL, form)

    assert TokenExchangeHandler.objects.get().developer_name == "Own_1"


def test_shows_a_generated_api_name_that_is_taken(admin_client, org):
    TokenExchangeHandlerFactory(org=org, label="Old", developer_name="billing_sync")

    response = admin_client.post(URL, DEFINED | {"makes_template": "on"})

    assertContains(response, "Old already has this API name.", status_code=422)
    assert form_of(response)["developer_name"] == "Billing_Sync"


def test_another_org_can_have_the_api_name(admin_client, org):
    TokenExchangeHandlerFactory(org=OrgFactory(), developer_name="Billing_Sync")

    assert admin_client.post(URL, DEFINED | {"makes_template": "on"}).status_code == 302


# --- The Apex Class lookup --------------------------------------------------------------


def test_the_lookup_lists_classes_that_extend_the_base_class(htmx_client, org):
    apex_class(org, name="Alpha")
    apex_class(org, name="Alphabet")
    apex_class(org, name="Bare", body="class Bare { }")
    apex_class(org, name="Talks", body="class Talks { } // Auth.Oauth2TokenExchangeHandler")
    apex_class(OrgFactory(), name="Theirs")

    assert options(htmx_client.get(LOOKUP)) == ["Alpha", "Alphabet"]
    assert options(htmx_client.get(LOOKUP, {"q": "*BET"})) == ["Alphabet"]
    for text in ["bare", "talks", "theirs"]:
        response = htmx_client.get(LOOKUP, {"q": text})
        assert options(response) == []
        assertContains(response, f"match “{text}”")


def test_the_lookup_says_which_classes_are_ready(htmx_client, org, subtests):
    for status, words in {
        "valid": "Ready to validate tokens",
        "invalid": "Has compile errors",
        "not_runnable": "Partly runnable",
        "not_compiled": "Not compiled yet",
    }.items():
        with subtests.test(status=status), rolled_back():
            apex_class(org, name="Half", compile_status=status)

            assertContains(htmx_client.get(LOOKUP), words)


def test_the_lookup_links_to_the_classes_if_the_org_has_none(htmx_client):
    assert links(htmx_client.get(LOOKUP)) == {"add a class": "/apex-classes/"}


def test_the_lookup_accepts_any_text(htmx_client, org, subtests):
    apex_class(org)

    for text in ["\0", "%", "_", "'\"><script>", "🙂", "x" * 60_000]:
        with subtests.test(text=text):
            response = htmx_client.get(LOOKUP, {"q": text})

            assert response.status_code == 200
            assertNotContains(response, "<script>")


def test_without_javascript_search_lists_the_classes_and_keeps_the_form(admin_client, org):
    apex_class(org, name="Alphabet")
    apex_class(org, name="Other")
    data = DEFINED | {"apex_class_text": "bet", "developer_name": "Own"}

    response = admin_client.post(URL, data | {"find": "apex_class"})

    assert response.status_code == 200
    choices = read(response).all("input", type="radio", name="apex_class")
    assert [choice.attributes["value"] for choice in choices] == ["Alphabet"]
    assert not TokenExchangeHandler.objects.exists()
    assert form_of(response).items() >= data.items()


# --- Access and navigation --------------------------------------------------------------


def test_only_administrators_see_the_button_in_the_list(admin_client, viewer_client):
    assert links(admin_client.get("/handlers/"))["Create Token Exchange Handler"] == URL
    assert "Create Token Exchange Handler" not in links(viewer_client.get("/handlers/"))
    for address in [URL, LOOKUP, "/propose-api-name/"]:
        assert viewer_client.get(address).status_code == 403
    assert viewer_client.post(URL, DEFINED | {"makes_template": "on"}).status_code == 403
    assert not TokenExchangeHandler.objects.exists()


def test_cancel_returns_to_the_list(admin_client):
    assert links(admin_client.get(URL))["Cancel"] == reverse("handlers:list")

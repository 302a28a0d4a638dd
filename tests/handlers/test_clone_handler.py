"""Clone a handler: Create Token Exchange Handler, filled in from another one."""

import pytest

from tests.factories import (
    ApexClassFactory,
    EnablementFactory,
    OrgFactory,
    TokenExchangeHandlerFactory,
)
from tests.handlers.read import read
from tests.setup.form import form_of, said_at
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org.models import AuditEntry

CLONE, EDIT = "/create-handler/?like=My_Handler", "/handlers/My_Handler/edit/"


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_a_clone_is_defined_alike_and_enabled_for_no_app(request, handler, client_name):
    client = request.getfixturevalue(client_name)
    TokenExchangeHandler.objects.update(allows_user_creation=True, supports_saml2=True)
    EnablementFactory(handler=handler)
    opened = client.get(CLONE)
    action = read(opened).one("form", class_="modal__form").attributes["action"]

    client.post(action, form_of(opened))

    clone = TokenExchangeHandler.objects.exclude(pk=handler.pk).get()
    assert (clone.label, clone.developer_name) == (
        "Copy of My Handler",
        "Copy_Of_My_Handler",
    )
    assert clone.description == handler.description
    assert clone.token_types == ["JWT", "SAML 2"]
    assert clone.apex_class == handler.apex_class
    assert clone.allows_user_creation
    assert not clone.is_enabled
    assert clone.app_count == 0
    entry = AuditEntry.objects.get()
    assert entry.action == "insertOauthTokenExchangeHandler"
    assert entry.display == "Created token exchange handler Copy of My Handler, disabled"


def test_a_clone_of_the_longest_name_fits(admin_client, handler):
    TokenExchangeHandler.objects.update(label="🙂" * 80)

    form = form_of(admin_client.get(CLONE))

    assert form["label"] == "Copy of " + "🙂" * 72
    assert admin_client.post(CLONE, form).status_code == 302


def test_cloning_twice_says_that_the_name_is_taken(admin_client, handler):
    admin_client.post(CLONE, form_of(admin_client.get(CLONE)))

    response = admin_client.post(CLONE, form_of(admin_client.get(CLONE)))

    assert response.status_code == 422
    assert said_at(response, "developer_name") == [
        "Copy of My Handler has this API name already."
    ]


def test_what_was_typed_is_saved_though_the_original_is_gone(admin_client, handler):
    form = form_of(admin_client.get(CLONE))
    admin_client.post("/handlers/My_Handler/delete/")

    assert admin_client.post(CLONE, form).status_code == 302
    assert TokenExchangeHandler.objects.get().label == "Copy of My Handler"


@pytest.mark.parametrize(
    "like", ["Theirs", "None_Such", "my_handler", "x" * 9_000, "🙂<b>"]
)
def test_only_a_handler_of_the_org_can_be_cloned(admin_client, handler, like):
    TokenExchangeHandlerFactory(org=OrgFactory(), developer_name="Theirs")

    assert admin_client.get("/create-handler/", {"like": like}).status_code == 404


@pytest.mark.parametrize("like", ["", "\0"])
def test_a_clone_of_nothing_is_an_empty_form(admin_client, handler, like):
    assert form_of(admin_client.get("/create-handler/", {"like": like}))["label"] == ""


@pytest.mark.parametrize("url", ["/create-handler/", CLONE, EDIT, "/lookup/apex-classes/"])
@pytest.mark.parametrize("number", [1, 30, 200])
def test_the_forms_take_the_same_few_queries_at_any_size(
    admin_client, handler, url, number, django_assert_max_num_queries
):
    ApexClassFactory.create_batch(number, org=handler.org)

    with django_assert_max_num_queries(6):
        assert admin_client.get(url).status_code == 200

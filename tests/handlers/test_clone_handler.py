"""Clone a handler: Create Token Exchange Handler with another handler's values."""

import pytest

from tests.factories import (
    ApexClassFactory,
    EnablementFactory,
    OrgFactory,
    TokenExchangeHandlerFactory,
)
from tests.form import field_errors, form_of
from tests.read import read
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org.models import AuditEntry

CLONE, EDIT = "/create-handler/?like=My_Handler", "/handlers/My_Handler/edit/"


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_a_clone_copies_the_definition_but_no_enabled_apps(request, handler, client_name):
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
    assert field_errors(response, "developer_name") == [
        "Copy of My Handler already has this API name."
    ]


def test_a_clone_is_saved_even_if_the_original_was_deleted(admin_client, handler):
    form = form_of(admin_client.get(CLONE))
    admin_client.post("/handlers/My_Handler/delete/")

    assert admin_client.post(CLONE, form).status_code == 302
    assert TokenExchangeHandler.objects.get().label == "Copy of My Handler"


def test_only_a_handler_of_the_org_can_be_cloned(admin_client, handler, subtests):
    TokenExchangeHandlerFactory(org=OrgFactory(), developer_name="Theirs")

    for like in ["Theirs", "None_Such", "my_handler", "x" * 9_000, "🙂<b>"]:
        with subtests.test(like=like):
            assert admin_client.get("/create-handler/", {"like": like}).status_code == 404


def test_cloning_an_unknown_handler_shows_an_empty_form(admin_client, handler, subtests):
    for like in ["", "\0"]:
        with subtests.test(like=like):
            response = admin_client.get("/create-handler/", {"like": like})

            assert form_of(response)["label"] == ""


def test_the_forms_take_few_queries_at_any_size(
    admin_client, handler, django_assert_max_num_queries, subtests
):
    for more in [1, 29, 170]:
        ApexClassFactory.create_batch(more, org=handler.org)

        for url in ["/create-handler/", CLONE, EDIT, "/lookup/apex-classes/"]:
            with subtests.test(more=more, url=url), django_assert_max_num_queries(6):
                assert admin_client.get(url).status_code == 200

"""Delete an app: after confirmation, and not while it's enabled for handlers."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import ClientAppFactory, EnablementFactory, TokenExchangeHandlerFactory
from tests.read import links, read, toasts
from tokenx.org.models import AuditEntry, ClientApp
from tokenx.setup.actions.apps import ValidationError, delete_app


@pytest.fixture(params=["connected", "external"])
def app(request, org):
    return ClientAppFactory(org=org, label="Billing", kind=request.param)


@pytest.fixture
def url(app):
    return reverse("setup:delete-app", args=[app.kind, app.api_name])


@pytest.fixture
def used(app):
    """Enable the app for handlers."""
    handlers = [
        TokenExchangeHandlerFactory(org=app.org, label=f"Handler {label}")
        for label in "ABCDE"
    ]
    for handler in handlers:
        EnablementFactory(handler=handler, app=app)
    return handlers


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_asks_for_confirmation(request, url, app, client_name):
    response = request.getfixturevalue(client_name).get(url)

    assertContains(response, "Delete Billing?")
    assertContains(response, "You can't undo this.")
    assert ClientApp.objects.get() == app


def test_deletes_and_returns_to_the_list(admin_client, url, app, admin):
    response = admin_client.post(url, follow=True)

    assert response.redirect_chain == [(f"/apps/{app.kind}/", 302)]
    assert toasts(response) == ["Billing was deleted."]
    assert not ClientApp.objects.exists()
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.section) == ("deleteApplication", "Application")
    assert entry.display == f"Deleted {app.get_kind_display()} Billing"
    assert entry.user == admin


def test_deletes_in_the_dialog(htmx_client, url, app):
    response = htmx_client.post(url)

    assert response["HX-Redirect"] == f"/apps/{app.kind}/"
    assert not ClientApp.objects.exists()


def test_a_used_app_lists_its_handlers_instead_of_the_button(admin_client, url, used):
    response = admin_client.get(url)

    urls = links(response)
    for handler in used:
        assert urls[handler.label] == f"/handlers/{handler.developer_name}/"
    assertNotContains(response, "You can't undo this.")
    form = read(response).one("form", class_="modal__form")
    assert not form.all("button", type="submit")


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_a_used_app_is_not_deleted(request, url, app, used, client_name):
    response = request.getfixturevalue(client_name).post(url)

    assert response.status_code == 422
    message = "Billing is enabled for Handler A, Handler B, Handler C and 2 more."
    assertContains(response, message, status_code=422)
    assert ClientApp.objects.get() == app
    assert not AuditEntry.objects.exists()


def test_it_can_be_deleted_once_it_is_removed_from_its_handlers(
    admin_client, url, app, handler
):
    enablement = EnablementFactory(handler=handler, app=app)
    assert admin_client.post(url).status_code == 422
    admin_client.post(
        reverse("handlers:remove-app", args=[handler.developer_name, enablement.pk])
    )

    admin_client.post(url)

    assert not ClientApp.objects.exists()


def test_deleting_twice_is_not_found(admin_client, url):
    admin_client.post(url)

    assert admin_client.post(url).status_code == 404


def test_says_that_the_app_was_deleted_concurrently(app, admin):
    ClientApp.objects.all().delete()

    with pytest.raises(ValidationError, match="Billing was already deleted"):
        delete_app(app=app, by=admin)
    assert not AuditEntry.objects.exists()


def test_a_new_app_can_have_the_name_of_a_deleted_app(admin_client, url, app):
    admin_client.post(url)

    ClientAppFactory(org=app.org, kind=app.kind, api_name=app.api_name)

"""Consumer key and secret: generated here and shown once, and nowhere else."""

import logging

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from tests.addresses import everything
from tests.factories import ClientAppFactory
from tests.read import links, read, record
from tokenx.org.models import AuditEntry, ClientApp

from .test_edit_app import NEW, SETTINGS


@pytest.fixture
def app(org):
    return ClientAppFactory(org=org, label="Billing")


def url_of(app, name="rotate-secret"):
    return reverse(f"setup:{name}", args=[app.kind, app.api_name])


def shown(response):
    """Return the key and the secret shown on the page."""
    page = read(response)
    fields = [page.one("input", id=f"consumer-{name}") for name in ["key", "secret"]]
    assert all("readonly" in field.attributes for field in fields)
    return tuple(field.attributes["value"] for field in fields)


def rows_as_text():
    return str(everything())


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_a_new_app_shows_its_key_and_secret_once(request, org, client_name):
    client = request.getfixturevalue(client_name)

    response = client.post(NEW, SETTINGS)

    key, secret = shown(response)
    created = ClientApp.objects.get()
    assert created.consumer_key == key
    assert len(key) == 85
    assert len(secret) == 64
    assert created.has_secret(secret)
    assert not created.has_secret(secret.lower())
    assertContains(response, "Copy the secret now.")
    assertContains(response, "Token exchange is still turned off in the app's policies.")
    assert "no-store" in response["Cache-Control"]
    assert links(response)["Done"] == url_of(created, "app")
    app_urls = [url_of(created, "app"), url_of(created, "edit-app")]
    for url in ["/", "/apps/connected/", *app_urls]:
        assertNotContains(client.get(url), secret)
    assert record(client.get(url_of(created, "app")))["Consumer Key"] == key


def test_the_secret_is_stored_nowhere(admin_client, org, caplog):
    caplog.set_level(logging.DEBUG)

    response = admin_client.post(NEW, SETTINGS)

    _, secret = shown(response)
    assert secret not in rows_as_text()
    assert secret not in caplog.text
    assert secret not in str(dict(admin_client.session))
    assert secret not in str(list(Session.objects.values()))
    assert secret not in str(response.cookies)
    assert secret not in str(response.headers)
    assert ClientApp.objects.get().consumer_key not in AuditEntry.objects.get().display


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_rotating_replaces_the_secret_and_keeps_the_key(request, admin, client_name):
    client = request.getfixturevalue(client_name)
    key, old = shown(client.post(NEW, SETTINGS))
    created = ClientApp.objects.get()
    assertContains(client.get(url_of(created)), "stops working immediately")

    rotated = shown(client.post(url_of(created)))

    created.refresh_from_db()
    assert rotated[0] == key == created.consumer_key
    assert rotated[1] != old
    assert created.has_secret(rotated[1])
    assert not created.has_secret(old)
    entry = AuditEntry.objects.latest("pk")
    assert entry.action == "rotateApplicationConsumerSecret"
    assert entry.display == "Rotated the consumer secret of connected app Billing Sync"
    assert entry.user == admin
    assert rotated[1] not in rows_as_text()


def test_an_app_from_a_file_gets_a_key_and_a_secret_on_request(admin_client, app):
    assert "Generate Secret" in links(admin_client.get(url_of(app, "app")))

    key, secret = shown(admin_client.post(url_of(app)))

    app.refresh_from_db()
    assert app.consumer_key == key != ""
    assert app.has_secret(secret)
    assert "Rotate Secret" in links(admin_client.get(url_of(app, "app")))


def test_opening_the_confirmation_changes_nothing(admin_client, app):
    before = everything()

    admin_client.get(url_of(app))

    assert everything() == before


def test_keys_are_unique(admin_client, org):
    for name in "ABC":
        admin_client.post(NEW, SETTINGS | {"label": name})

    assert len(set(ClientApp.objects.values_list("consumer_key", "secret_hash"))) == 3


def test_an_app_without_a_secret_has_none(app):
    assert not app.has_secret("")
    assert not app.has_secret("anything")

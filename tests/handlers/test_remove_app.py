"""Remove an enabled app: after confirmation, and it can be enabled again."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from tests.factories import EnablementFactory
from tests.read import links, names, read, toasts
from tokenx.handlers.models import Enablement
from tokenx.org.models import AuditEntry


@pytest.fixture
def enablement(handler):
    return EnablementFactory(handler=handler, app__label="Billing")


@pytest.fixture
def url(enablement):
    name = enablement.handler.developer_name
    return reverse("handlers:remove-app", args=[name, enablement.pk])


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_asks_for_confirmation_and_names_app_and_handler(request, url, client_name):
    response = request.getfixturevalue(client_name).get(url)

    assertContains(response, "Remove Billing?")
    assertContains(response, "My Handler will no longer run for Billing.")
    assertContains(response, "You can enable the app for this handler again at any time.")
    assert Enablement.objects.count() == 1


def test_warns_if_it_is_the_apps_default_handler(htmx_client, url):
    warning = "My Handler is the default handler for Billing."
    assertNotContains(htmx_client.get(url), warning)

    Enablement.objects.update(is_default=True)

    assertContains(htmx_client.get(url), warning)


def test_removes_the_app(htmx_client, url):
    response = htmx_client.post(url)

    assert not Enablement.objects.exists()
    assert "enablements-changed" in response["HX-Trigger"]
    assert toasts(response) == ["Billing was removed from My Handler."]


def test_the_confirmation_can_be_sent_without_javascript(admin_client, url, handler):
    form = read(admin_client.get(url)).one("form", class_="modal__form").attributes

    response = admin_client.post(form["action"], follow=True)

    detail = reverse("handlers:detail", args=[handler.developer_name])
    assertRedirects(response, detail)
    assert toasts(response) == ["Billing was removed from My Handler."]
    assert names(response) == []


def test_cancel_returns_and_changes_nothing(admin_client, url, handler):
    detail = reverse("handlers:detail", args=[handler.developer_name])

    assert links(admin_client.get(url))["Cancel"] == detail
    assert Enablement.objects.count() == 1


def test_removes_nothing_else(htmx_client, url, enablement):
    same_app = EnablementFactory(handler__org=enablement.org, app=enablement.app)
    same_handler = EnablementFactory(handler=enablement.handler)

    htmx_client.post(url)

    assert set(Enablement.objects.all()) == {same_app, same_handler}


def test_it_can_be_enabled_again(htmx_client, url, enablement):
    htmx_client.post(url)
    wizard = reverse("handlers:enable-app", args=[enablement.handler.developer_name])
    data = {"app": enablement.app.pk, "run_as": enablement.run_as.pk}

    response = htmx_client.post(f"{wizard}?kind=connected", data)

    [toast] = toasts(response)
    assert toast.startswith("Billing was enabled for My Handler.")
    assert Enablement.objects.get().app == enablement.app


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_says_that_the_app_was_already_removed(request, url, client_name, method):
    client = request.getfixturevalue(client_name)
    client.post(url)

    response = getattr(client, method)(url)

    sentence = "This app was already removed from My Handler."
    assertContains(response, sentence, status_code=404)
    assert AuditEntry.objects.count() == 1


def test_leaves_one_entry_in_the_audit_trail(htmx_client, url, admin):
    Enablement.objects.update(is_default=True)

    htmx_client.post(url)

    entry = AuditEntry.objects.get()
    assert (entry.org, entry.user) == (admin.org, admin)
    assert entry.section == "Token Exchange Handlers"
    assert entry.action == "deletedOauthTokenExchHandlerApp"
    for text in ["connected app Billing", "My Handler", "default handler"]:
        assert text in entry.display


def test_stamps_the_handler(htmx_client, url, handler, admin):
    before = handler.modified_at

    htmx_client.post(url)

    handler.refresh_from_db()
    assert handler.modified_at > before
    assert handler.modified_by == admin

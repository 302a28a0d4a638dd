"""Edit an enabled app: the Run As User and the default."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from tests.factories import (
    EnablementFactory,
    IntegrationUserFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)
from tests.form import form_of
from tests.read import errors, links, toasts
from tokenx.handlers import actions
from tokenx.handlers.models import Enablement
from tokenx.org.models import AuditEntry


@pytest.fixture
def enablement(handler):
    return EnablementFactory(
        handler=handler,
        app__label="Billing",
        run_as__first_name="Inga",
        run_as__last_name="Bot",
        run_as__username="inga@mycompany.example",
    )


@pytest.fixture
def url(enablement):
    name = enablement.handler.developer_name
    return reverse("handlers:edit-enablement", args=[name, enablement.pk])


@pytest.fixture
def otto(handler):
    return IntegrationUserFactory(
        org=handler.org,
        first_name="Otto",
        last_name="Bot",
        username="otto@mycompany.example",
    )


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_opens_with_the_current_values(request, url, enablement, client_name):
    Enablement.objects.update(is_default=True)

    response = request.getfixturevalue(client_name).get(url)

    assertContains(response, "Edit Billing")
    assertContains(response, "Connected App, enabled for My Handler")
    form = form_of(response)
    assert form["run_as"] == enablement.run_as.username
    assert form["run_as_text"] == "Inga Bot"
    assert form["make_default"] == "on"


def test_changes_the_run_as_user(htmx_client, url, enablement, otto):
    form = form_of(htmx_client.get(url)) | {"run_as": otto.pk}

    response = htmx_client.post(url, form)

    enablement.refresh_from_db()
    assert enablement.run_as == otto
    assert "enablements-changed" in response["HX-Trigger"]
    [toast] = toasts(response)
    assert toast.startswith("Billing was saved. My Handler runs as Otto Bot.")


def test_ends_on_the_handlers_page_without_javascript(admin_client, url, handler, otto):
    form = form_of(admin_client.get(url)) | {"run_as": otto.pk}

    response = admin_client.post(url, form)

    assertRedirects(response, reverse("handlers:detail", args=[handler.developer_name]))


def test_becomes_the_default_and_stops_being_it(htmx_client, url, enablement):
    form = form_of(htmx_client.get(url)) | {"make_default": "on"}
    htmx_client.post(url, form)
    enablement.refresh_from_db()
    assert enablement.is_default

    form = form_of(htmx_client.get(url))
    del form["make_default"]
    htmx_client.post(url, form)
    enablement.refresh_from_db()
    assert not enablement.is_default


def test_without_javascript_search_keeps_the_checkbox_cleared(admin_client, url):
    Enablement.objects.update(is_default=True)
    form = form_of(admin_client.get(url))
    del form["make_default"]

    response = admin_client.post(url, form | {"find": "run_as"})

    assert "make_default" not in form_of(response)


def test_takes_over_as_the_default(htmx_client, url, enablement):
    other = TokenExchangeHandlerFactory(org=enablement.org, label="Old Handler")
    old = EnablementFactory(handler=other, app=enablement.app, is_default=True)
    opened = htmx_client.get(url)

    response = htmx_client.post(url, form_of(opened) | {"make_default": "on"})

    assertContains(opened, "Old Handler")
    assert Enablement.objects.default_for(enablement.app).get() == enablement
    assert toasts(response) == [
        "Billing was saved. My Handler replaced Old Handler as its default handler."
    ]
    old.refresh_from_db()
    assert not old.is_default


def test_saving_without_changes_leaves_no_trace(htmx_client, url, enablement):
    modified = enablement.handler.modified_at

    response = htmx_client.post(url, form_of(htmx_client.get(url)))

    assert response.status_code == 200
    enablement.handler.refresh_from_db()
    assert enablement.handler.modified_at == modified
    assert not AuditEntry.objects.exists()


def test_leaves_one_entry_that_says_what_changed(htmx_client, url, admin, otto):
    form = form_of(htmx_client.get(url)) | {"run_as": otto.pk, "make_default": "on"}

    htmx_client.post(url, form)

    entry = AuditEntry.objects.get()
    assert (entry.org, entry.user) == (admin.org, admin)
    assert entry.section == "Token Exchange Handlers"
    assert entry.action == "changedOauthTokenExchHandlerApp"
    for text in [
        "connected app Billing",
        "My Handler",
        "run as from inga@mycompany.example to otto@mycompany.example",
        "default from false to true",
    ]:
        assert text in entry.display


def test_stamps_the_handler(htmx_client, url, handler, otto):
    someone = UserFactory(org=handler.org)
    type(handler).objects.update(modified_by=someone)
    form = form_of(htmx_client.get(url)) | {"run_as": otto.pk}

    htmx_client.post(url, form)

    before = handler.modified_at
    handler.refresh_from_db()
    assert handler.modified_at > before
    assert handler.modified_by.username == "admin@mycompany.example"


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_says_what_someone_else_changed_concurrently(request, url, otto, client_name):
    client = request.getfixturevalue(client_name)
    stale = form_of(client.get(url))
    client.post(url, stale | {"run_as": otto.pk})

    response = client.post(url, stale | {"make_default": "on"})

    assert response.status_code == 422
    assertContains(response, "now runs as Otto Bot and isn", status_code=422)
    enablement = Enablement.objects.get()
    assert enablement.run_as == otto
    assert not enablement.is_default
    assert AuditEntry.objects.count() == 1


def test_saving_again_after_a_conflict_replaces_the_other_change(htmx_client, url, otto):
    stale = form_of(htmx_client.get(url))
    htmx_client.post(url, stale | {"run_as": otto.pk})
    refused = htmx_client.post(url, stale | {"make_default": "on"})

    response = htmx_client.post(url, form_of(refused))

    assert response.status_code == 200
    enablement = Enablement.objects.get()
    assert enablement.run_as.name == "Inga Bot"
    assert enablement.is_default


def test_asks_again_without_the_opened_version(htmx_client, url, otto, subtests):
    for version in ["", "\0", "yesterday", "x" * 10_000, None]:
        with subtests.test(version=version):
            form = {"run_as": otto.pk} | ({} if version is None else {"version": version})

            assert htmx_client.post(url, form).status_code == 422
            assert not AuditEntry.objects.exists()


def test_losing_the_default_to_another_handler_counts_as_a_change(
    htmx_client, url, enablement, otto
):
    Enablement.objects.update(is_default=True)
    stale = form_of(htmx_client.get(url))
    other = TokenExchangeHandlerFactory(org=enablement.org)
    wizard = reverse("handlers:enable-app", args=[other.developer_name])
    taken = {"app": enablement.app.pk, "run_as": otto.pk, "make_default": "on"}
    htmx_client.post(f"{wizard}?kind=connected", taken)

    assert htmx_client.post(url, stale | {"run_as": otto.pk}).status_code == 422
    assert Enablement.objects.default_for(enablement.app).get().handler == other


def test_says_at_the_field_that_the_user_is_missing(htmx_client, url):
    form = form_of(htmx_client.get(url)) | {"run_as": "", "run_as_text": "ot"}

    response = htmx_client.post(url, form)

    assert response.status_code == 422
    assert errors(response, "run_as") == "Select the user to run the handler as."
    assert form_of(response)["run_as_text"] == "ot"


def test_refuses_an_inactive_user(htmx_client, url, otto):
    form = form_of(htmx_client.get(url)) | {"run_as": otto.pk}
    otto.is_active = False
    otto.save()

    response = htmx_client.post(url, form)

    assert response.status_code == 422
    assert errors(response, "run_as") == "Otto Bot is inactive."
    assert not AuditEntry.objects.exists()


def test_keeps_a_user_who_was_deactivated_later(htmx_client, url, enablement):
    type(enablement.run_as).objects.filter(pk=enablement.run_as.pk).update(is_active=False)
    form = form_of(htmx_client.get(url)) | {"make_default": "on"}

    htmx_client.post(url, form)

    enablement.refresh_from_db()
    assert enablement.is_default


def test_edits_an_app_that_was_turned_off_later(htmx_client, url, enablement, otto):
    enablement.app.policy_allows_token_exchange = False
    enablement.app.save()
    form = form_of(htmx_client.get(url)) | {"run_as": otto.pk}

    htmx_client.post(url, form)

    enablement.refresh_from_db()
    assert enablement.run_as == otto


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stale_tab_says_that_the_app_was_removed(htmx_client, url, otto, method):
    htmx_client.post(url.replace("edit", "remove"))

    response = getattr(htmx_client, method)(url, {"run_as": otto.pk})

    sentence = "This app was already removed from My Handler."
    assertContains(response, sentence, status_code=404)


def test_recommends_an_integration_user(htmx_client, url, handler):
    person = UserFactory(org=handler.org, first_name="Pia", last_name="Person")
    form = form_of(htmx_client.get(url)) | {"run_as": person.pk}

    htmx_client.post(url, form)

    assertContains(htmx_client.get(url), "Pia Person looks like a personal account.")
    assertNotContains(htmx_client.get(url), "Inga Bot looks like")


def test_cancel_returns_to_the_handler(admin_client, url, handler):
    detail = reverse("handlers:detail", args=[handler.developer_name])

    assert links(admin_client.get(url))["Cancel"] == detail


def test_a_concurrently_removed_app_isnt_enabled_again(enablement, otto, admin):
    Enablement.objects.all().delete()
    enablement.handler.count_apps()

    with pytest.raises(ValidationError, match="already removed from My Handler"):
        actions.edit_enablement(
            enablement=enablement, run_as=otto, make_default=True, by=admin
        )
    assert not Enablement.objects.exists()

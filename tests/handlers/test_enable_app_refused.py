"""Enable New App, when it cannot be: a clear message, nothing lost, nothing doubled."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains

from tests.factories import (
    ClientAppFactory,
    EnablementFactory,
    IntegrationUserFactory,
)
from tests.handlers.read import errors, read
from tokenx.handlers.models import Enablement
from tokenx.org.models import AuditEntry


@pytest.fixture
def url(handler):
    address = reverse("handlers:enable-app", args=[handler.developer_name])
    return f"{address}?kind=connected"


@pytest.fixture
def app(handler):
    return ClientAppFactory(org=handler.org, label="Billing")


@pytest.fixture
def run_as(handler):
    return IntegrationUserFactory(org=handler.org, first_name="Inga", last_name="Bot")


@pytest.fixture(params=["admin_client", "htmx_client"])
def any_client(request):
    """With and without JavaScript."""
    return request.getfixturevalue(request.param)


def value_of(response, name):
    return read(response).one("input", type="hidden", name=name).attributes["value"]


def nothing_changed():
    return not Enablement.objects.exists() and not AuditEntry.objects.exists()


@pytest.mark.parametrize("kind", ["", "other", "CONNECTED", "\0", "x" * 10_000])
def test_asks_again_for_a_type_that_is_none(any_client, url, kind):
    response = any_client.get(url.partition("?")[0], {"kind": kind})

    assert response.status_code == 422
    assertContains(response, "of app.", status_code=422)
    assert len(read(response).all("input", type="radio")) == 2


def test_says_at_each_field_what_is_missing(any_client, url):
    response = any_client.post(url, {})

    assert response.status_code == 422
    assert errors(response, "app") == "Select the app to enable."
    assert errors(response, "run_as") == "Select the user to run the handler as."
    assert nothing_changed()


def test_a_wrong_field_is_tied_to_its_message(any_client, url, run_as):
    response = any_client.post(url, {"run_as": run_as.pk})

    field = read(response).one("input", id="app-input").attributes
    assert field["aria-invalid"] == "true"
    assert "app-error" in field["aria-describedby"].split()
    assert "aria-invalid" not in read(response).one("input", id="run_as-input").attributes


def test_loses_nothing_when_the_app_is_missing(any_client, url, run_as):
    typed = {"app_text": "bil", "run_as": run_as.pk, "make_default": "on"}

    response = any_client.post(url, typed)

    assert value_of(response, "run_as") == str(run_as.pk)
    shown = {i.attributes.get("id"): i.attributes for i in read(response).all("input")}
    assert shown["run_as-input"]["value"] == "Inga Bot"
    assert shown["app-input"]["value"] == "bil"
    assert "checked" in shown["id_make_default"]


def test_loses_nothing_when_the_user_is_missing(any_client, url, app):
    response = any_client.post(url, {"app": app.pk, "run_as_text": "*ion"})

    assert value_of(response, "app") == str(app.pk)
    shown = {i.attributes.get("id"): i.attributes for i in read(response).all("input")}
    assert shown["app-input"]["value"] == "Billing"
    assert shown["run_as-input"]["value"] == "*ion"
    assert "checked" not in shown["id_make_default"]


def test_an_app_that_is_enabled_already_says_so(any_client, url, handler, app, run_as):
    EnablementFactory(handler=handler, app=app)

    response = any_client.post(url, {"app": app.pk, "run_as": run_as.pk})

    assert response.status_code == 422
    assert errors(response, "app") == "Billing is already enabled for My Handler."
    assert value_of(response, "run_as") == str(run_as.pk)
    assert Enablement.objects.count() == 1
    assert not AuditEntry.objects.exists()


def test_a_double_click_enables_once(any_client, url, app, run_as):
    data = {"app": app.pk, "run_as": run_as.pk, "make_default": "on"}
    any_client.post(url, data)

    response = any_client.post(url, data)

    assert response.status_code == 422
    assert errors(response, "app") == "Billing is already enabled for My Handler."
    assert Enablement.objects.count() == AuditEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("off", "words"),
    [
        (["allows_token_exchange"], "switched off in its settings."),
        (["policy_allows_token_exchange"], "switched off in its policies."),
        (
            ["allows_token_exchange", "policy_allows_token_exchange"],
            "switched off in its settings and in its policies.",
        ),
    ],
)
def test_an_app_switched_off_meanwhile_says_where(any_client, url, app, run_as, off, words):
    for switch in off:
        setattr(app, switch, False)
    app.save()

    response = any_client.post(url, {"app": app.pk, "run_as": run_as.pk})

    assert response.status_code == 422
    assert errors(response, "app") == f"Billing: token exchange is {words}"
    assert value_of(response, "run_as") == str(run_as.pk)
    assert nothing_changed()


def test_an_inactive_user_cannot_be_run_as(any_client, url, app, run_as):
    run_as.is_active = False
    run_as.save()

    response = any_client.post(url, {"app": app.pk, "run_as": run_as.pk})

    assert response.status_code == 422
    assert errors(response, "run_as") == "Inga Bot is not active."
    assert value_of(response, "app") == str(app.pk)
    assert nothing_changed()


def test_both_reasons_are_said_at_once(any_client, url, app, run_as):
    type(app).objects.update(policy_allows_token_exchange=False)
    type(run_as).objects.filter(pk=run_as.pk).update(is_active=False)

    response = any_client.post(url, {"app": app.pk, "run_as": run_as.pk})

    assert "policies" in errors(response, "app")
    assert "not active" in errors(response, "run_as")


def test_an_app_of_the_other_type_cannot_be_enabled(any_client, url, handler, run_as):
    external = ClientAppFactory(org=handler.org, kind="external", label="Portal")

    response = any_client.post(url, {"app": external.pk, "run_as": run_as.pk})

    assert response.status_code == 422
    assert "Select the app to enable." in errors(response, "app")
    assert nothing_changed()


def test_a_default_is_not_taken_over_by_what_was_refused(any_client, url, app, run_as):
    default = EnablementFactory(
        handler__org=app.org, app=app, is_default=True, handler__modified_by=run_as
    )
    type(run_as).objects.filter(pk=run_as.pk).update(is_active=False)

    any_client.post(url, {"app": app.pk, "run_as": run_as.pk, "make_default": "on"})

    assert Enablement.objects.default_for(app).get() == default


@pytest.mark.parametrize("gone", ["app", "run_as"])
def test_a_stale_tab_whose_choice_was_deleted_asks_again(
    any_client, url, app, run_as, gone
):
    data = {"app": app.pk, "run_as": run_as.pk}
    {"app": app, "run_as": run_as}[gone].delete()

    response = any_client.post(url, data)

    assert response.status_code == 422
    assert errors(response, gone).startswith("This choice is gone.")
    assert nothing_changed()


def test_a_stale_tab_whose_handler_was_deleted_says_so(
    any_client, url, handler, app, run_as
):
    handler.delete()

    response = any_client.post(url, {"app": app.pk, "run_as": run_as.pk})

    assertContains(response, "This org has no such handler.", status_code=404)


NOT_A_KEY = ["0", "-1", "9" * 19, "9" * 5_000, "1.5", "x", "\0", "x" * 10_000, "🙂"]


@pytest.mark.parametrize("value", NOT_A_KEY, ids=lambda value: ascii(value)[:12])
@pytest.mark.parametrize("name", ["app", "run_as"])
def test_what_is_no_key_is_refused_at_its_field(htmx_client, url, app, run_as, name, value):
    data = {"app": app.pk, "run_as": run_as.pk} | {name: value}

    response = htmx_client.post(url, data)

    assert response.status_code == 422
    assert errors(response, name)
    assert nothing_changed()


@pytest.mark.parametrize("typed", ["\0", "x" * 10_000, "'\"><script>", "🙂", "*" * 300])
def test_anything_may_be_typed_into_the_look_ups(any_client, url, typed):
    data = {"app_text": typed, "run_as_text": typed, "make_default": typed}

    assert any_client.post(url, data).status_code == 422
    assert any_client.post(url, data | {"find": "app"}).status_code == 200
    assert any_client.get(url + "&run_as=" + "9" * 5_000).status_code == 200


def test_nothing_that_is_typed_into_a_look_up_hinders_what_was_chosen(
    any_client, url, app, run_as
):
    chosen = {"app": app.pk, "run_as": run_as.pk}

    any_client.post(url, chosen | {"app_text": "\0", "run_as_text": "\0"})

    assert Enablement.objects.get().app == app


@pytest.mark.parametrize("value", NOT_A_KEY, ids=lambda value: ascii(value)[:12])
def test_notices_take_any_choice(htmx_client, url, value):
    address = url.partition("?")[0]

    chosen = {"kind": "connected", "app": value, "run_as": value}

    response = htmx_client.get(f"{address}notices/", chosen)

    assert read(response).text == ""

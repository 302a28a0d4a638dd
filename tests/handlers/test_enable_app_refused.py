"""Enable New App: clear refusals, with no input lost and nothing enabled twice."""

from itertools import product

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains

from tests.factories import ClientAppFactory, EnablementFactory, IntegrationUserFactory
from tests.read import errors, read
from tests.rollback import rolled_back
from tokenx.handlers.models import Enablement
from tokenx.org.models import AuditEntry, ClientApp, User

from .conftest import assert_counters_equal_the_rows


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


def value_of(response, name):
    return read(response).one("input", type="hidden", name=name).attributes["value"]


def nothing_changed():
    return not Enablement.objects.exists() and not AuditEntry.objects.exists()


def test_asks_again_for_an_invalid_type(url, clients, subtests):
    kinds = ["", "other", "CONNECTED", "\0", "x" * 10_000]
    for kind, (client_name, client) in product(kinds, clients.items()):
        with subtests.test(kind=kind, client=client_name):
            response = client.get(url.partition("?")[0], {"kind": kind})

            assert response.status_code == 422
            assertContains(response, "of app.", status_code=422)
            assert len(read(response).all("input", type="radio")) == 2


def test_says_at_each_field_what_is_missing(url, clients, subtests):
    for client_name, client in clients.items():
        with subtests.test(client=client_name):
            response = client.post(url, {})

            assert response.status_code == 422
            assert errors(response, "app") == "Select the app to enable."
            assert errors(response, "run_as") == "Select the user to run the handler as."
            assert nothing_changed()


def test_an_invalid_field_refers_to_its_message(url, run_as, clients, subtests):
    for client_name, client in clients.items():
        with subtests.test(client=client_name):
            response = client.post(url, {"run_as": run_as.pk})

            field = read(response).one("input", id="app-input").attributes
            assert field["aria-invalid"] == "true"
            assert "app-error" in field["aria-describedby"].split()
            other = read(response).one("input", id="run_as-input").attributes
            assert "aria-invalid" not in other


def test_loses_nothing_when_the_app_is_missing(url, run_as, clients, subtests):
    for client_name, client in clients.items():
        with subtests.test(client=client_name):
            data = {"app_text": "bil", "run_as": run_as.pk, "make_default": "on"}

            response = client.post(url, data)

            assert value_of(response, "run_as") == run_as.username
            inputs = {
                i.attributes.get("id"): i.attributes for i in read(response).all("input")
            }
            assert inputs["run_as-input"]["value"] == "Inga Bot"
            assert inputs["app-input"]["value"] == "bil"
            assert "checked" in inputs["id_make_default"]


def test_loses_nothing_when_the_user_is_missing(url, app, clients, subtests):
    for client_name, client in clients.items():
        with subtests.test(client=client_name):
            response = client.post(url, {"app": app.pk, "run_as_text": "*ion"})

            assert value_of(response, "app") == app.api_name
            inputs = {
                i.attributes.get("id"): i.attributes for i in read(response).all("input")
            }
            assert inputs["app-input"]["value"] == "Billing"
            assert inputs["run_as-input"]["value"] == "*ion"
            assert "checked" not in inputs["id_make_default"]


def test_refuses_an_app_that_is_already_enabled(
    url, handler, app, run_as, clients, subtests
):
    EnablementFactory(handler=handler, app=app)

    for client_name, client in clients.items():
        with subtests.test(client=client_name):
            response = client.post(url, {"app": app.pk, "run_as": run_as.pk})

            assert response.status_code == 422
            assert errors(response, "app") == "Billing is already enabled for My Handler."
            assert value_of(response, "run_as") == run_as.username
            assert Enablement.objects.count() == 1
            assert not AuditEntry.objects.exists()


def test_a_double_click_enables_once(url, app, run_as, clients, subtests):
    for client_name, client in clients.items():
        with subtests.test(client=client_name), rolled_back():
            data = {"app": app.pk, "run_as": run_as.pk, "make_default": "on"}
            client.post(url, data)

            response = client.post(url, data)

            assert response.status_code == 422
            assert errors(response, "app") == "Billing is already enabled for My Handler."
            assert Enablement.objects.count() == AuditEntry.objects.count() == 1
            assert_counters_equal_the_rows()


SWITCHES = [
    (["allows_token_exchange"], "turned off in its settings."),
    (["policy_allows_token_exchange"], "turned off in its policies."),
    (
        ["allows_token_exchange", "policy_allows_token_exchange"],
        "turned off in its settings and policies.",
    ),
]


def test_says_where_an_app_was_turned_off_concurrently(url, app, run_as, clients, subtests):
    for (off, message), (client_name, client) in product(SWITCHES, clients.items()):
        with subtests.test(off=off, client=client_name), rolled_back():
            ClientApp.objects.update(**dict.fromkeys(off, False))

            response = client.post(url, {"app": app.pk, "run_as": run_as.pk})

            assert response.status_code == 422
            refused = "Billing can't be enabled because token exchange is"
            assert errors(response, "app") == f"{refused} {message}"
            assert value_of(response, "run_as") == run_as.username
            assert nothing_changed()


def test_refuses_an_inactive_run_as_user(url, app, run_as, clients, subtests):
    run_as.is_active = False
    run_as.save()

    for client_name, client in clients.items():
        with subtests.test(client=client_name):
            response = client.post(url, {"app": app.pk, "run_as": run_as.pk})

            assert response.status_code == 422
            assert errors(response, "run_as") == "Inga Bot is inactive."
            assert value_of(response, "app") == app.api_name
            assert nothing_changed()


def test_says_both_reasons_together(url, app, run_as, clients, subtests):
    type(app).objects.update(policy_allows_token_exchange=False)
    type(run_as).objects.filter(pk=run_as.pk).update(is_active=False)

    for client_name, client in clients.items():
        with subtests.test(client=client_name):
            response = client.post(url, {"app": app.pk, "run_as": run_as.pk})

            assert "policies" in errors(response, "app")
            assert "is inactive" in errors(response, "run_as")


def test_an_app_of_the_other_type_cannot_be_enabled(
    url, handler, run_as, clients, subtests
):
    external = ClientAppFactory(org=handler.org, kind="external", label="Portal")

    for client_name, client in clients.items():
        with subtests.test(client=client_name):
            response = client.post(url, {"app": external.pk, "run_as": run_as.pk})

            assert response.status_code == 422
            assert "Select the app to enable." in errors(response, "app")
            assert nothing_changed()


def test_a_refused_app_does_not_take_over_the_default(url, app, run_as, clients, subtests):
    default = EnablementFactory(
        handler__org=app.org, app=app, is_default=True, handler__modified_by=run_as
    )
    type(run_as).objects.filter(pk=run_as.pk).update(is_active=False)

    for client_name, client in clients.items():
        with subtests.test(client=client_name):
            client.post(url, {"app": app.pk, "run_as": run_as.pk, "make_default": "on"})

            assert Enablement.objects.default_for(app).get() == default


def test_a_stale_tab_whose_choice_was_deleted_asks_again(
    url, app, run_as, clients, subtests
):
    for gone, (client_name, client) in product(["app", "run_as"], clients.items()):
        with subtests.test(gone=gone, client=client_name), rolled_back():
            data = {"app": app.pk, "run_as": run_as.pk}
            {"app": ClientApp, "run_as": User}[gone].objects.get(pk=data[gone]).delete()

            response = client.post(url, data)

            assert response.status_code == 422
            assert errors(response, gone).startswith("Your choice was deleted.")
            assert nothing_changed()


def test_a_stale_tab_whose_handler_was_deleted_says_so(
    url, handler, app, run_as, clients, subtests
):
    handler.delete()

    for client_name, client in clients.items():
        with subtests.test(client=client_name):
            response = client.post(url, {"app": app.pk, "run_as": run_as.pk})

            assertContains(response, "find that handler.", status_code=404)


NOT_A_KEY = ["0", "-1", "9" * 19, "9" * 5_000, "1.5", "x", "\0", "x" * 10_000, "🙂"]


def test_refuses_an_invalid_key_at_its_field(htmx_client, url, app, run_as, subtests):
    for name, value in product(["app", "run_as"], NOT_A_KEY):
        with subtests.test(name=name, value=value):
            data = {"app": app.pk, "run_as": run_as.pk} | {name: value}

            response = htmx_client.post(url, data)

            assert response.status_code == 422
            assert errors(response, name)
            assert nothing_changed()


def test_the_lookups_accept_any_text(url, clients, subtests):
    texts = ["\0", "x" * 10_000, "'\"><script>", "🙂", "*" * 300]
    for text, (client_name, client) in product(texts, clients.items()):
        with subtests.test(text=text, client=client_name):
            data = {"app_text": text, "run_as_text": text, "make_default": text}

            assert client.post(url, data).status_code == 422
            assert client.post(url, data | {"find": "app"}).status_code == 200
            assert client.get(url + "&run_as=" + "9" * 5_000).status_code == 200


def test_text_in_the_lookups_does_not_affect_the_selection(
    url, app, run_as, clients, subtests
):
    chosen = {"app": app.pk, "run_as": run_as.pk}

    for client_name, client in clients.items():
        with subtests.test(client=client_name), rolled_back():
            client.post(url, chosen | {"app_text": "\0", "run_as_text": "\0"})

            assert Enablement.objects.get().app == app
            assert_counters_equal_the_rows()


def test_notices_accept_any_selection(htmx_client, url, subtests):
    address = url.partition("?")[0]

    for value in NOT_A_KEY:
        with subtests.test(value=value):
            chosen = {"kind": "connected", "app": value, "run_as": value}

            response = htmx_client.get(f"{address}notices/", chosen)

            assert read(response).text == ""

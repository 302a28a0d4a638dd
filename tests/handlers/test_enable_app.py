"""Enable New App: the wizard with valid input."""

import json

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from tests.factories import (
    ClientAppFactory,
    EnablementFactory,
    IntegrationUserFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)
from tests.read import links, names, read, rows, toasts
from tokenx.handlers.models import Enablement
from tokenx.org.models import AuditEntry, ClientApp


@pytest.fixture
def url(handler):
    return reverse("handlers:enable-app", args=[handler.developer_name])


@pytest.fixture
def app(handler):
    return ClientAppFactory(org=handler.org, label="Billing")


@pytest.fixture
def run_as(handler):
    return IntegrationUserFactory(org=handler.org, first_name="Inga", last_name="Bot")


@pytest.fixture
def other(handler, app):
    """Make another handler the app's current default."""
    other = TokenExchangeHandlerFactory(org=handler.org, label="Old Handler")
    return EnablementFactory(handler=other, app=app, is_default=True)


def test_enables_the_app(htmx_client, url, handler, app, run_as):
    response = htmx_client.post(
        f"{url}?kind=connected", {"app": app.pk, "run_as": run_as.pk}
    )

    enablement = Enablement.objects.get()
    assert (enablement.app, enablement.run_as) == (app, run_as)
    assert not enablement.is_default
    assert "enablements-changed" in response["HX-Trigger"]
    assert toasts(response) == [
        "Billing was enabled for My Handler. Billing has no default handler. Token "
        "requests that don't specify a handler fail. Make My Handler the default"
    ]


def test_done_empties_the_dialog_and_refreshes_the_list(
    htmx_client, url, handler, app, run_as
):
    response = htmx_client.post(
        f"{url}?kind=connected", {"app": app.pk, "run_as": run_as.pk}
    )

    event = json.loads(response["HX-Trigger"])
    body = read(response)
    assert response.status_code == 200
    assert [child.attributes for child in body.children if not isinstance(child, str)] == [
        {"hx-swap-oob": "beforeend:#toasts"}
    ]
    refreshed = htmx_client.get(handler_url(handler), event["enablements-changed"])
    assert rows(refreshed)[0][:4] == ["BillingNew", "Connected App", "Billing", "Inga Bot"]


def test_works_as_a_page_without_javascript(admin_client, url, handler, app, run_as):
    first = admin_client.get(url)
    step_1 = read(first).one("form", class_="modal__form")
    second = admin_client.get(step_1.attributes["action"], {"kind": "connected"})
    step_2 = read(second).one("form", class_="modal__form")

    response = admin_client.post(
        step_2.attributes["action"], {"app": app.pk, "run_as": run_as.pk}, follow=True
    )

    assert step_1.attributes.get("method", "get") == "get"
    assert response.request["PATH_INFO"] == handler_url(handler)
    [toast] = toasts(response)
    assert toast.startswith("Billing was enabled for My Handler.")
    assert names(response) == ["BillingNew"]


def test_done_without_javascript_ends_on_the_handlers_page(
    admin_client, url, handler, app, run_as
):
    response = admin_client.post(
        f"{url}?kind=connected", {"app": app.pk, "run_as": run_as.pk}
    )

    shown = Enablement.objects.get().pk
    assertRedirects(response, f"{handler_url(handler)}?shown={shown}")


@pytest.mark.parametrize("client_name", ["admin_client", "htmx_client"])
def test_asks_for_the_type_of_app_first(request, url, client_name):
    response = request.getfixturevalue(client_name).get(url)

    radios = read(response).all("input", type="radio")
    assert [r.attributes["value"] for r in radios] == ["connected", "external"]
    assertContains(response, "Connected App")
    assertContains(response, "External Client App")
    assertContains(response, "Next")
    assertNotContains(response, "Run as")


def test_the_fragment_is_only_the_dialogs_content(htmx_client, admin_client, url):
    for address in [url, f"{url}?kind=external"]:
        assertNotContains(htmx_client.get(address), "<html")
        assertContains(admin_client.get(address), "<html")


@pytest.mark.parametrize("kind", ClientApp.Kind)
def test_asks_for_app_user_and_default_next(htmx_client, url, kind):
    response = htmx_client.get(url, {"kind": kind})

    labels = [label.text.replace("* ", "*") for label in read(response).all("label")]
    assert labels == [
        "*Select App",
        "*Run as",
        "Make My Handler the default handler for this app",
    ]
    assertContains(response, kind.label)
    assert "Back" in links(response)
    assertContains(response, "Done")


def test_back_returns_to_the_selected_type(htmx_client, url):
    step_2 = htmx_client.get(url, {"kind": "external"})

    step_1 = htmx_client.get(links(step_2)["Back"])

    [chosen] = [r for r in read(step_1).all("input") if "checked" in r.attributes]
    assert chosen.attributes["value"] == "external"


def test_back_and_next_keep_the_user_and_the_checkbox(htmx_client, url, run_as):
    step_2 = htmx_client.get(url, {"kind": "connected"})
    held = {"run_as": run_as.pk, "make_default": "on"}
    step_1 = htmx_client.get(links(step_2)["Back"], held)
    fields = {i.attributes["name"]: i.attributes["value"] for i in hidden(step_1)}

    again = htmx_client.get(url, {"kind": "external", **fields})

    assert read(again).one("input", name="run_as").attributes["value"] == run_as.username
    assert "checked" in read(again).one("input", id="id_make_default").attributes


def test_becomes_the_default(htmx_client, url, app, run_as):
    data = {"app": app.pk, "run_as": run_as.pk, "make_default": "on"}

    response = htmx_client.post(f"{url}?kind=connected", data)

    assert Enablement.objects.get().is_default
    assert toasts(response) == ["Billing was enabled. My Handler is its default handler."]


def test_takes_over_as_the_default(htmx_client, url, handler, app, run_as, other):
    data = {"app": app.pk, "run_as": run_as.pk, "make_default": "on"}

    response = htmx_client.post(f"{url}?kind=connected", data)

    assert Enablement.objects.default_for(app).get().handler == handler
    assert toasts(response) == [
        "Billing was enabled. My Handler replaced Old Handler as its default handler."
    ]


def test_does_not_change_another_handlers_default(htmx_client, url, app, run_as, other):
    htmx_client.post(f"{url}?kind=connected", {"app": app.pk, "run_as": run_as.pk})

    assert Enablement.objects.default_for(app).get() == other
    assert Enablement.objects.count() == 2


def test_taking_over_stamps_both_handlers(
    htmx_client, url, handler, app, run_as, other, admin
):
    before = other.handler.modified_at
    data = {"app": app.pk, "run_as": run_as.pk, "make_default": "on"}

    htmx_client.post(f"{url}?kind=connected", data)

    for touched in [handler, other.handler]:
        touched.refresh_from_db()
        assert touched.modified_by == admin
        assert touched.modified_at > before


@pytest.mark.parametrize("step", ["enable-app", "enable-app-notices"])
def test_says_before_done_which_handler_is_the_default(
    htmx_client, handler, app, other, step
):
    url = reverse(f"handlers:{step}", args=[handler.developer_name])

    response = htmx_client.get(url, {"kind": "connected", "app": app.pk})

    assertContains(response, "Old Handler")
    assert links(response)["Old Handler"] == handler_url(other.handler)


def test_recommends_an_integration_user_but_accepts_a_person(
    htmx_client, url, handler, app
):
    person = UserFactory(org=handler.org, first_name="Pia", last_name="Person")
    data = {"app": app.pk, "run_as": person.pk}

    notices = htmx_client.get(f"{url}notices/", {"kind": "connected", "run_as": person.pk})
    htmx_client.post(f"{url}?kind=connected", data)

    assertContains(notices, "Pia Person looks like a personal account.")
    assert Enablement.objects.get().run_as == person


def test_says_nothing_about_an_integration_user(htmx_client, url, run_as):
    notices = htmx_client.get(f"{url}notices/", {"kind": "connected", "run_as": run_as.pk})

    assert read(notices).text == ""


def test_an_app_can_have_several_handlers(htmx_client, url, handler, app, run_as, other):
    htmx_client.post(f"{url}?kind=connected", {"app": app.pk, "run_as": run_as.pk})

    assert set(app_handlers(app)) == {handler, other.handler}


def test_without_javascript_search_lists_matches_and_keeps_the_form(
    admin_client, url, app, run_as
):
    ClientAppFactory(org=app.org, label="Other")
    data = {
        "find": "app",
        "app_text": "bill",
        "run_as": run_as.pk,
        "make_default": "on",
    }

    response = admin_client.post(f"{url}?kind=connected", data)

    radios = read(response).all("input", type="radio", name="app")
    assert [radio.attributes["value"] for radio in radios] == [app.api_name]
    assert read(response).all("input", type="hidden", name="run_as", value=run_as.username)
    assert "checked" in read(response).one("input", id="id_make_default").attributes
    assert not Enablement.objects.exists()


def test_leaves_one_entry_in_the_audit_trail(htmx_client, url, app, run_as, other, admin):
    data = {"app": app.pk, "run_as": run_as.pk, "make_default": "on"}

    htmx_client.post(f"{url}?kind=connected", data)

    entry = AuditEntry.objects.get()
    assert (entry.org, entry.user) == (admin.org, admin)
    assert entry.section == "Token Exchange Handlers"
    assert entry.action == "insertOauthTokenExchHandlerApp"
    for word in ["connected app Billing", "My Handler", run_as.username, "Old Handler"]:
        assert word in entry.display


def handler_url(handler):
    return reverse("handlers:detail", args=[handler.developer_name])


def hidden(response):
    return read(response).all("input", type="hidden")


def app_handlers(app):
    return [enablement.handler for enablement in Enablement.objects.filter(app=app)]

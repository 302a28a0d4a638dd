"""Names are text, whatever is in them, wherever they are shown."""

import pytest
from django.urls import reverse

from tests.factories import (
    ClientAppFactory,
    EnablementFactory,
    IntegrationUserFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)
from tests.handlers.read import names, options, read, rows, toasts

TEXTS = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)> &amp; &lt;b&gt;",
    "👩‍👩‍👧 שלום \u202eevil\u202c",
    "{{ 7 }}{% now 'Y' %}",
    "\x02id\x03 \x02label\x03\nbreak\ttab",
]


@pytest.fixture(params=TEXTS, ids=ascii)
def text(request):
    return request.param


@pytest.fixture
def app(org, text):
    return ClientAppFactory(org=org, label=text, api_name="Hostile")


@pytest.fixture
def person(org, text):
    return UserFactory(org=org, first_name=text, last_name=text)


@pytest.fixture
def handler(admin, text):
    return TokenExchangeHandlerFactory(
        org=admin.org,
        label=text,
        developer_name="Hostile",
        description=text,
        apex_class__name=text[:40],
        modified_by=admin,
    )


@pytest.fixture
def enabled(handler, app, person):
    return EnablementFactory(handler=handler, app=app, run_as=person, is_default=True)


def assert_shows(response, text):
    """The text stands there as it is, and no element of it came to life."""
    found = read(response)
    assert text.strip() in found.text
    assert "alert(1)" not in "".join(script.text for script in found.all("script"))
    assert not found.all("img")


def test_in_the_list_of_handlers(admin_client, handler, text):
    response = admin_client.get(reverse("handlers:list"))

    assert_shows(response, text)
    assert names(response) == [text]


def test_on_setup_home_and_in_search(admin_client, handler, app, text):
    assert_shows(admin_client.get(reverse("handlers:home")), text)
    assert_shows(admin_client.get(reverse("handlers:search"), {"q": "hostile"}), text)


def test_in_the_row_of_an_enabled_app(admin_client, enabled, text):
    response = admin_client.get(reverse("handlers:detail", args=["Hostile"]))

    assert_shows(response, text)
    [row] = rows(response)
    assert row[0] == text
    assert row[3] == f"{text} {text}"


def test_in_the_options_of_select_app(htmx_client, handler, app, text):
    url = reverse("handlers:app-lookup", args=["Hostile", "connected"])

    response = htmx_client.get(url, {"q": text[:5]})

    assert_shows(response, text)
    assert options(response) == [text]


def test_in_the_options_of_run_as(htmx_client, person, text):
    response = htmx_client.get(reverse("handlers:user-lookup"), {"q": text})

    assert_shows(response, text)
    assert options(response) == [f"{text} {text}"]


def test_in_the_reason_why_an_app_is_not_listed(htmx_client, enabled, text):
    url = reverse("handlers:app-lookup", args=["Hostile", "connected"])

    assert_shows(
        htmx_client.get(url, {"q": "hostile"}), f"{text}: already enabled for {text}"
    )


def test_in_what_was_not_found(htmx_client, admin_client, handler, text):
    url = reverse("handlers:app-lookup", args=["Hostile", "connected"])

    assert_shows(htmx_client.get(url, {"q": f"zz{text}"}), f"zz{text}")
    assert_shows(htmx_client.get(reverse("handlers:user-lookup"), {"q": text}), text)
    response = admin_client.get(reverse("handlers:search"), {"q": f"zz{text}"})
    [box] = read(response).all("input", id="setup-search")
    assert box.attributes["value"] == f"zz{text}".strip()


def test_in_the_wizard_its_notices_and_its_toast(htmx_client, handler, app, text):
    default = EnablementFactory(
        handler=TokenExchangeHandlerFactory(org=app.org, label=f"Old {text}"),
        app=app,
        is_default=True,
    )
    run_as = IntegrationUserFactory(org=app.org, first_name=text)
    url = reverse("handlers:enable-app", args=["Hostile"]) + "?kind=connected"
    data = {"app": app.pk, "run_as": run_as.pk, "make_default": "on"}

    opened = htmx_client.get(url, {"kind": "connected", "app": app.pk, "run_as": run_as.pk})
    done = htmx_client.post(url, data)

    assert_shows(opened, f"Make {text} the default handler")
    assert_shows(opened, default.handler.label)
    values = [i.attributes.get("value") for i in read(opened).all("input")]
    assert {text, run_as.name} <= set(values)
    [toast] = toasts(done)
    assert toast == (
        f"{text} is enabled, and {text} is its default handler instead of Old {text}."
    )


def test_in_edit_and_remove(htmx_client, admin_client, enabled, text):
    for name in ["edit-enablement", "remove-app"]:
        url = reverse(f"handlers:{name}", args=["Hostile", enabled.pk])
        assert_shows(htmx_client.get(url), text)
        assert_shows(admin_client.get(url), text)


def test_in_the_audit_trail_and_on_the_apps_page(admin_client, enabled, text):
    admin_client.post(reverse("handlers:remove-app", args=["Hostile", enabled.pk]))

    assert_shows(admin_client.get(reverse("org:audit-trail")), text)
    assert_shows(
        admin_client.get(reverse("setup:app", args=["connected", "Hostile"])), text
    )


def test_in_the_header_for_the_person_who_is_signed_in(admin_client, admin, text):
    admin.first_name = text
    admin.save()

    assert_shows(admin_client.get(reverse("handlers:home")), text)

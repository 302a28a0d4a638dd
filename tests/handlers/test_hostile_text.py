"""Names are shown as text on every page, never as markup."""

import pytest
from django.urls import reverse

from tests.factories import (
    ClientAppFactory,
    EnablementFactory,
    IntegrationUserFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)
from tests.read import names, options, read, rows, toasts
from tokenx.web.text import isolate

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
        # A class name is part of a URL, and no name with a slash was ever saved.
        apex_class__name=text[:40].replace("/", ""),
        modified_by=admin,
    )


@pytest.fixture
def enabled(handler, app, person):
    return EnablementFactory(handler=handler, app=app, run_as=person, is_default=True)


def assert_shows(response, text):
    """Assert that the page has the text, and that the text adds no elements."""
    page = read(response)
    assert text.strip() in page.text
    assert "alert(1)" not in "".join(script.text for script in page.all("script"))
    assert not page.all("img")


def test_pages_show_names_as_text(admin_client, htmx_client, enabled, text, subtests):
    with subtests.test("the list of handlers"):
        response = admin_client.get(reverse("handlers:list"))
        assert_shows(response, text)
        assert names(response) == [text]

    with subtests.test("the row of an enabled app"):
        response = admin_client.get(reverse("handlers:detail", args=["Hostile"]))
        assert_shows(response, text)
        [row] = rows(response)
        assert row[0] == text
        assert row[3] == f"{text} {text}"

    with subtests.test("Setup Home"):
        assert_shows(admin_client.get(reverse("setup:home")), text)

    with subtests.test("Search Setup"):
        response = admin_client.get(reverse("setup:search"), {"q": "hostile"})
        assert_shows(response, text)

    for name in ["edit-enablement", "remove-app"]:
        url = reverse(f"handlers:{name}", args=["Hostile", enabled.pk])
        for client in [htmx_client, admin_client]:
            with subtests.test(name, client=client):
                assert_shows(client.get(url), text)


def test_lookups_show_names_as_text(
    admin_client, htmx_client, handler, app, person, text, subtests
):
    apps = reverse("handlers:app-lookup", args=["Hostile", "connected"])
    users = reverse("handlers:user-lookup")

    with subtests.test("Select App"):
        response = htmx_client.get(apps, {"q": text[:5]})
        assert_shows(response, text)
        assert options(response) == [text]

    with subtests.test("Run as"):
        response = htmx_client.get(users, {"q": text})
        assert_shows(response, text)
        assert options(response) == [f"{text} {text}"]

    with subtests.test("no results"):
        assert_shows(htmx_client.get(apps, {"q": f"zz{text}"}), f"zz{text}")
        assert_shows(htmx_client.get(users, {"q": f"zz{text}"}), f"zz{text}")
        response = admin_client.get(reverse("setup:search"), {"q": f"zz{text}"})
        [box] = read(response).all("input", id="setup-search")
        assert box.attributes["value"] == f"zz{text}".strip()

    with subtests.test("the reason why an app isn't listed"):
        EnablementFactory(handler=handler, app=app, run_as=person)
        response = htmx_client.get(apps, {"q": "hostile"})
        assert_shows(response, f"{text} is already enabled for {text}")


def test_the_wizard_and_its_toast_show_names_as_text(htmx_client, handler, app, text):
    default = EnablementFactory(
        handler=TokenExchangeHandlerFactory(org=app.org, label=f"Old {text}"),
        app=app,
        is_default=True,
    )
    run_as = IntegrationUserFactory(org=app.org, first_name=text)
    url = reverse("handlers:enable-app", args=["Hostile"]) + "?kind=connected"
    data = {"app": app.pk, "run_as": run_as.pk, "make_default": "on"}

    opened = htmx_client.get(url, {"kind": "connected", "app": app.pk, "run_as": run_as.pk})
    response = htmx_client.post(url, data)

    assert_shows(opened, f"Make {isolate(text)} the default handler")
    assert_shows(opened, default.handler.label)
    values = [i.attributes.get("value") for i in read(opened).all("input")]
    assert {text, run_as.name} <= set(values)
    [toast] = toasts(response)
    assert toast == (
        f"{text} was enabled. {text} replaced Old {text} as its default handler."
    )


def test_the_audit_trail_and_the_apps_page_show_names_as_text(admin_client, enabled, text):
    admin_client.post(reverse("handlers:remove-app", args=["Hostile", enabled.pk]))

    assert_shows(admin_client.get(reverse("setup:audit-trail")), text)
    app = reverse("setup:app", args=["connected", "Hostile"])
    assert_shows(admin_client.get(app), text)


def test_the_header_shows_the_users_name_as_text(admin_client, admin, text):
    admin.first_name = text
    admin.save()

    assert_shows(admin_client.get(reverse("setup:home")), text)

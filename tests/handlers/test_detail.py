"""The handler page: its fields and enabled apps."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import ClientAppFactory, EnablementFactory
from tests.many import enable, make_apps, make_users
from tests.read import headings, links, names, read, record, rows
from tokenx.org.models import ClientApp

CONNECTED, EXTERNAL = ClientApp.Kind
SORTABLE = ["Name", "Run As User", "Enabled Date"]


@pytest.fixture
def url(handler):
    return reverse("handlers:detail", args=[handler.developer_name])


def app_names(response):
    return [name.removesuffix("New") for name in names(response)]


def test_shows_the_fields_of_the_handler(admin_client, url, handler, admin):
    handler.description = "Checks them all."
    handler.apex_class.name = "MyApexClass"
    handler.apex_class.save()
    handler.is_enabled = False
    handler.supports_saml2 = True
    handler.modified_at = datetime(2026, 3, 4, 0, 5, tzinfo=UTC)
    handler.save()

    assert record(admin_client.get(url)) == {
        "Name": "My Handler",
        "API Name": "My_Handler",
        "Description": "Checks them all.",
        "Status": "Disabled",
        "Supported Token Types": "JWT, SAML 2",
        "Apex Class": "MyApexClass",
        "Allow user creation": "No",
        "Created By": "Ada Admin, 3/4/2026, 12:05 AM UTC",
        "Last Modified By": "Ada Admin, 3/4/2026, 12:05 AM UTC",
    }


def test_shows_the_enabled_apps(admin_client, url, handler):
    EnablementFactory(
        handler=handler,
        app__label="Billing",
        app__api_name="Billing_1",
        app__kind=EXTERNAL,
        run_as__first_name="Inga",
        run_as__last_name="Bot",
        is_default=True,
        enabled_at=datetime(2026, 11, 3, 16, 5, tzinfo=UTC),
    )

    response = admin_client.get(url)

    assert headings(response)[:6] == [
        "Name",
        "App Type",
        "API Name",
        "Run As User",
        "Default",
        "Enabled Date",
    ]
    assert [row[:6] for row in rows(response)] == [
        [
            "Billing",
            "External Client App",
            "Billing_1",
            "Inga Bot",
            "Default",
            "11/3/2026, 4:05 PM UTC",
        ]
    ]
    assertContains(response, "Enabled Apps (1)")


def test_an_app_links_to_its_page(admin_client, url, handler):
    EnablementFactory(handler=handler, app__label="Billing")

    response = admin_client.get(links(admin_client.get(url))["Billing"])

    assertContains(response, "This app is ready for token exchange")


def test_an_app_with_any_api_name_links_to_its_page(admin_client, url, handler):
    app = ClientAppFactory(org=handler.org, label="App", api_name="a\"'><b>&x=1?#%2F")
    EnablementFactory(handler=handler, app=app)

    assert admin_client.get(links(admin_client.get(url))["App"]).status_code == 200


def test_an_administrator_can_enable_edit_and_remove(admin_client, url, handler):
    pk = EnablementFactory(handler=handler, app__label="Billing").pk

    response = admin_client.get(url)

    assert links(response)["Enable New App"] == f"{url}enable-app/"
    menu = read(response).one("ul", aria_label="Actions for Billing")
    assert {a.text: a.attributes["href"] for a in menu.all("a")} == {
        "Edit": f"{url}enabled-apps/{pk}/edit/",
        "Remove": f"{url}enabled-apps/{pk}/remove/",
    }


def test_a_viewer_sees_why_changes_are_not_allowed(viewer_client, url, handler):
    EnablementFactory(handler=handler, app__label="Billing")

    response = viewer_client.get(url)

    assert app_names(response) == ["Billing"]
    assert not read(response).all("ul", aria_label="Actions for Billing")
    button = [b for b in read(response).all("button") if b.text == "Enable New App"]
    assert "disabled" in button[0].attributes
    assertContains(response, "You have view-only access to Setup.")


def test_without_apps_it_says_what_to_do(admin_client, url):
    response = admin_client.get(url)

    assertContains(response, "No apps enabled yet")
    assertContains(response, "Enable an app to let this handler validate its tokens.")
    assertNotContains(response, "<table")


@pytest.fixture
def three(handler):
    """Enable three apps whose order differs by column."""
    for label, run_as, day in [
        ("ärger", "Zoé A", 2),
        ("Bär", "Çarl B", 3),
        ("ZOO", "Bea C", 1),
    ]:
        first, last = run_as.split()
        EnablementFactory(
            handler=handler,
            app__label=label,
            app__kind=EXTERNAL if label == "Bär" else CONNECTED,
            run_as__first_name=first,
            run_as__last_name=last,
            enabled_at=datetime(2026, 1, day, tzinfo=UTC),
        )


def test_sorts_by_name_user_and_date(admin_client, url, three, subtests):
    for sort, order in [
        ("", ["ärger", "Bär", "ZOO"]),
        ("name", ["ärger", "Bär", "ZOO"]),
        ("-name", ["ZOO", "Bär", "ärger"]),
        ("run_as", ["ZOO", "Bär", "ärger"]),
        ("-run_as", ["ärger", "Bär", "ZOO"]),
        ("enabled", ["ZOO", "ärger", "Bär"]),
        ("-enabled", ["Bär", "ärger", "ZOO"]),
        ("api_name", ["ärger", "Bär", "ZOO"]),
        ("\0", ["ärger", "Bär", "ZOO"]),
    ]:
        with subtests.test(sort=sort):
            assert app_names(admin_client.get(url, {"sort": sort})) == order


def test_three_headings_sort(admin_client, url, three):
    heads = [
        h for h in read(admin_client.get(url)).all("th") if "aria-sort" in h.attributes
    ]

    assert [h.text.removeprefix("Sort by:").strip() for h in heads] == SORTABLE
    for head in heads:
        link = head.one("a").attributes
        assert link["hx-push-url"] == "true"
        assert admin_client.get(url + link["href"]).status_code == 200


def test_filters_by_type(admin_client, url, three):
    assert app_names(admin_client.get(url, {"kind": CONNECTED})) == ["ärger", "ZOO"]
    assert app_names(admin_client.get(url, {"kind": EXTERNAL})) == ["Bär"]
    assert app_names(admin_client.get(url, {"kind": "other"})) == ["ärger", "Bär", "ZOO"]


def test_the_filter_and_the_sort_order_keep_each_other(admin_client, url, three):
    response = admin_client.get(url, {"kind": CONNECTED, "sort": "-name"})

    assert app_names(response) == ["ZOO", "ärger"]
    form = read(response).one("form", class_="filters")
    assert form.one("input", name="sort").attributes["value"] == "-name"
    chosen = [o.text for o in form.all("option") if "selected" in o.attributes]
    assert chosen == ["Connected App"]
    for head in read(response).all("th"):
        if "aria-sort" in head.attributes:
            assert "kind=connected" in head.one("a").attributes["href"]


def test_counts_the_filtered_apps(admin_client, url, three):
    assertContains(admin_client.get(url, {"kind": CONNECTED}), "Enabled Apps (2)")


def test_an_empty_type_links_to_all_apps(admin_client, url, handler):
    EnablementFactory(handler=handler, app__kind=CONNECTED)

    response = admin_client.get(url, {"kind": EXTERNAL})

    assertContains(response, "No enabled apps of this type")
    assert links(response)["Show all enabled apps"] == "?"


def test_htmx_gets_only_the_list_which_refreshes_itself(
    admin_client, htmx_client, url, three
):
    state = {"kind": CONNECTED, "sort": "-name"}

    part = htmx_client.get(url, state)

    assert rows(part) == rows(admin_client.get(url, state))
    root = read(part).one("article")
    assert root.attributes["id"] == "enabled-apps"
    triggers = "enablements-changed from:body, subject-not-found from:body"
    assert root.attributes["hx-trigger"] == triggers
    assert rows(htmx_client.get(root.attributes["hx-get"])) == rows(part)
    assert "HX-Request" in part["Vary"]


def test_sorts_a_hundred_apps(admin_client, url, handler):
    enable(handler, make_apps(handler.org, 100))

    response = admin_client.get(url, {"sort": "-name"})

    assert app_names(response)[0] == "App 0099"
    assertNotContains(response, "available for handlers with more than 100")


def test_does_not_sort_more_than_a_hundred_and_says_why(admin_client, url, handler):
    users = make_users(handler.org, ["Zoe Z", "Ann A"])
    enable(handler, make_apps(handler.org, 101), users)

    for sort in ["-name", "run_as", "-run_as", "enabled", "-enabled"]:
        response = admin_client.get(url, {"sort": sort})
        assert app_names(response)[:2] == ["App 0000", "App 0001"]
    assertContains(response, "available for handlers with more than 100 enabled apps.")


def test_above_a_hundred_the_headings_do_not_sort(admin_client, url, handler):
    enable(handler, make_apps(handler.org, 101))

    response = admin_client.get(url)

    assert headings(response)[:6] == [
        "Name",
        "App Type",
        "API Name",
        "Run As User",
        "Default",
        "Enabled Date",
    ]
    assert not [a for head in read(response).all("th", scope="col") for a in head.all("a")]


def test_a_newly_enabled_app_is_on_top_and_marked(admin_client, url, handler):
    enablements = enable(handler, make_apps(handler.org, 60))

    response = admin_client.get(url, {"shown": enablements[55].pk})

    assert names(response)[:2] == ["App 0055New", "App 0000"]
    assert len(names(response)) == 51


def test_a_newly_enabled_app_on_the_first_page_stays_in_order(admin_client, url, handler):
    enablements = enable(handler, make_apps(handler.org, 3))

    response = admin_client.get(url, {"shown": enablements[1].pk})

    assert names(response) == ["App 0000", "App 0001New", "App 0002"]


def test_another_handlers_app_is_never_on_top(admin_client, url, handler):
    EnablementFactory(handler=handler, app__label="Ours")
    theirs = EnablementFactory(handler__org=handler.org)

    assert names(admin_client.get(url, {"shown": theirs.pk})) == ["Ours"]


def test_an_unknown_app_is_never_on_top(admin_client, url, three, subtests):
    for shown in ["", "0", "-1", "x", "\0", "9" * 30, "9" * 5_000, "²"]:
        with subtests.test(shown=shown):
            assert names(admin_client.get(url, {"shown": shown})) == ["ärger", "Bär", "ZOO"]

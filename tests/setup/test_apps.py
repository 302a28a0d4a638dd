"""App Manager, External Client App Manager, and the app page."""

from itertools import product

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import (
    ClientAppFactory,
    EnablementFactory,
    OrgFactory,
    TokenExchangeHandlerFactory,
)
from tests.many import add_grams, enable, make_apps
from tests.read import headings, links, names, read, record, rows
from tests.rollback import rolled_back
from tokenx.org.search import grams

KINDS = ["connected", "external"]
MANAGER = "/apps/"
CONNECTED, EXTERNAL = "/apps/connected/", "/apps/external/"
SWITCHES = [
    (True, True, "Ready", "This app is ready for token exchange"),
    (
        False,
        True,
        "Turned off in settings",
        "token exchange is turned off in its settings.",
    ),
    (
        True,
        False,
        "Turned off in policies",
        "token exchange is turned off in its policies.",
    ),
    (
        *(False, False, "Turned off in both"),
        "turned off in its settings and policies.",
    ),
]


def make(org, label, **fields):
    return ClientAppFactory(org=org, label=label, **fields)


@pytest.fixture
def mixed(org):
    """Create an app for each combination of the two settings."""
    for index, (setting, policy, label, _) in enumerate(SWITCHES):
        make(
            org,
            f"{index} {label}",
            api_name=f"Z{9 - index}",
            allows_token_exchange=setting,
            policy_allows_token_exchange=policy,
        )


def test_each_list_has_the_apps_of_its_kind_and_org(viewer_client, org):
    make(org, "Ours")
    make(org, "Outside", kind="external")
    make(OrgFactory(), "Theirs")

    assert names(viewer_client.get(CONNECTED)) == ["Ours"]
    assert names(viewer_client.get(EXTERNAL)) == ["Outside"]


def test_app_manager_lists_all_apps_of_the_org_with_their_types(viewer_client, org):
    make(org, "Ours")
    make(org, "Outside", kind="external")
    make(OrgFactory(), "Theirs")

    response = viewer_client.get(MANAGER)

    assert headings(response)[2] == "App Type"
    assert [[row[0], row[2]] for row in rows(response)] == [
        ["Ours", "Connected App"],
        ["Outside", "External Client App"],
    ]


def test_app_manager_is_filtered_searched_and_sorted_by_type(htmx_client, org, subtests):
    make(org, "One connected")
    make(org, "Two connected", allows_token_exchange=False)
    make(org, "An external", kind="external")

    for has_grams in [False, True]:
        if has_grams:
            add_grams(org)
        for query, expected in [
            ({"type": "external"}, ["An external"]),
            ({"type": "connected", "eligibility": "eligible"}, ["One connected"]),
            ({"type": "nonsense"}, ["An external", "One connected", "Two connected"]),
            ({"sort": "type"}, ["One connected", "Two connected", "An external"]),
            ({"search": "connected", "sort": "-name"}, ["Two connected", "One connected"]),
            ({"search": "e"}, ["An external", "One connected", "Two connected"]),
        ]:
            with subtests.test(query=query, has_grams=has_grams):
                assert names(htmx_client.get(MANAGER, query)) == expected


def test_the_row_menu_opens_edits_and_manages_an_app(
    admin_client, viewer_client, org, subtests
):
    for kind in KINDS:
        app = make(org, "Billing", kind=kind)
        for url in [MANAGER, f"/apps/{kind}/"]:
            with subtests.test(url=url, kind=kind):
                menu = links(admin_client.get(url, {"type": kind}))
                assert menu["View"] == url_of(app)
                assert menu["Edit"] == f"{url_of(app)}edit/"
                assert menu["Manage"] == f"{url_of(app)}?tab=policies#app-policies"
                assert "Edit" not in links(viewer_client.get(url))


@pytest.mark.parametrize(
    ("url", "title", "button"),
    [
        (MANAGER, "App Manager", "New Connected App"),
        (MANAGER, "App Manager", "New External Client App"),
        (CONNECTED, "Manage Connected Apps", "New Connected App"),
        (EXTERNAL, "External Client App Manager", "New External Client App"),
    ],
)
def test_a_list_has_its_title_and_button(admin_client, viewer_client, url, title, button):
    assert read(admin_client.get(url)).one("h1").text.endswith(title)
    assert links(admin_client.get(url))[button].startswith("/new-app/")
    assert button not in links(viewer_client.get(url))
    assertContains(viewer_client.get(url), "You have view-only access to Setup.")


def test_says_whether_an_app_is_ready_or_where_it_is_turned_off(admin_client, mixed):
    assert headings(admin_client.get(CONNECTED))[:3] == [
        "Name",
        "API Name",
        "Token Exchange",
    ]
    assert [row[2] for row in rows(admin_client.get(CONNECTED))] == [s[2] for s in SWITCHES]


def test_filters_by_settings_that_are_turned_off(htmx_client, mixed, subtests):
    for value, label in [
        ("eligible", "0 Ready"),
        ("settings", "1 Turned off in settings"),
        ("policies", "2 Turned off in policies"),
        ("both", "3 Turned off in both"),
    ]:
        with subtests.test(value=value):
            assert names(htmx_client.get(CONNECTED, {"eligibility": value})) == [label]


def test_searches_names_and_api_names(htmx_client, org, subtests):
    make(org, "Billing", api_name="Bill_1", allows_token_exchange=False)
    make(org, "Café Billing", api_name="Bill_2")
    make(org, "Billing elsewhere", kind="external")
    make(org, "Other")

    for has_grams in [False, True]:
        if has_grams:
            add_grams(org)
        for text, matches in [
            ("billing", ["Billing", "Café Billing"]),
            ("CAFE", ["Café Billing"]),
            ("bill_2", ["Café Billing"]),
            ("x" * 300, []),
            ("%", []),
            ("<b>", []),
        ]:
            with subtests.test(text=text, has_grams=has_grams):
                query = {"search": text}
                assert names(htmx_client.get(CONNECTED, query)) == matches
                both = htmx_client.get(CONNECTED, query | {"eligibility": "eligible"})
                assert names(both) == [name for name in matches if name != "Billing"]


def test_sorts(htmx_client, mixed, subtests):
    for sort, first in [
        ("name", "0 Ready"),
        ("-name", "3 Turned off in both"),
        ("api_name", "3 Turned off in both"),
        ("-api_name", "0 Ready"),
        ("modified", "0 Ready"),
        ("-modified", "3 Turned off in both"),
        ("handlers", "0 Ready"),
        ("nonsense", "0 Ready"),
    ]:
        with subtests.test(sort=sort):
            assert names(htmx_client.get(CONNECTED, {"sort": sort}))[0] == first


def test_names_the_first_handlers_and_counts_the_rest(admin_client, org):
    app, free = make(org, "A used"), make(org, "B free")
    for index in range(5):
        handler = TokenExchangeHandlerFactory(org=org, label=f"Handler {index}")
        EnablementFactory(handler=handler, app=app)

    response = admin_client.get(CONNECTED)

    assert names(response) == [app.label, free.label]
    assert [" ".join(row[3].split()) for row in rows(response)] == [
        "Handler 0, Handler 1, Handler 2 and 2 more",
        "",
    ]


def test_shows_fifty_on_a_page(admin_client, org):
    make_apps(org, 60)

    assert len(names(admin_client.get(CONNECTED))) == 50
    assert names(admin_client.get(CONNECTED, {"page": 2}))[-1] == "App 0059"


@pytest.mark.parametrize("number", [3, 60])
def test_a_list_takes_few_queries_at_any_size(
    admin_client, org, number, django_assert_max_num_queries, subtests
):
    apps = make_apps(org, number)
    for handler in TokenExchangeHandlerFactory.create_batch(4, org=org):
        enable(handler, apps)

    for has_grams in [False, True]:
        if has_grams:
            add_grams(org)
        for url, query in product(
            [CONNECTED, MANAGER], ["", "?search=a&eligibility=eligible&sort=-api_name"]
        ):
            with (
                subtests.test(has_grams=has_grams, url=url, query=query),
                django_assert_max_num_queries(6),
            ):
                assert rows(admin_client.get(url + query))


def test_an_apps_page_takes_few_queries_at_any_number_of_handlers(
    admin_client, org, django_assert_max_num_queries, subtests
):
    app = make(org, "Used", kind="external")

    for more, number in [(1, 1), (19, 20)]:
        for handler in TokenExchangeHandlerFactory.create_batch(more, org=org):
            EnablementFactory(handler=handler, app=app)
        for query in ["", "?tab=policies"]:
            with subtests.test(number=number, query=query):
                # Two for the user who modified the app last.
                with django_assert_max_num_queries(9):
                    response = admin_client.get(url_of(app) + query)
                assert len(rows(response)) == number


def test_an_empty_list_says_what_apps_are_for(admin_client, org):
    assertContains(admin_client.get(CONNECTED), "No apps of this type yet")
    make(org, "One")
    assertContains(admin_client.get(CONNECTED, {"search": "zz"}), "No matching apps")


# --- The app page ---------------------------------------------------------------------


def url_of(app):
    return reverse("setup:app", args=[app.kind, app.api_name])


def test_says_which_setting_is_turned_off(viewer_client, org, subtests):
    for (setting, policy, label, message), kind in product(SWITCHES, KINDS):
        with subtests.test(label=label, kind=kind), rolled_back():
            app = make(
                org,
                "App",
                kind=kind,
                allows_token_exchange=setting,
                policy_allows_token_exchange=policy,
            )

            response = viewer_client.get(url_of(app))

            assertContains(response, message)
            values = list(record(response).values())
            assert values[:2] == ["On" if setting else "Off", "On" if policy else "Off"]


def test_shows_each_handler_with_its_default_and_run_as(admin_client, org):
    app = make(org, "Billing")
    for index, is_default in enumerate([False, True]):
        handler = TokenExchangeHandlerFactory(
            org=org, label=f"Handler {index}", is_enabled=is_default
        )
        EnablementFactory(
            handler=handler,
            app=app,
            is_default=is_default,
            run_as__first_name="Inga",
            run_as__last_name=f"Bot {index}",
        )
    EnablementFactory(handler=handler)

    handler_rows = rows(admin_client.get(url_of(app)))

    assert [row[:4] for row in handler_rows] == [
        ["Handler 0", "Disabled", "Inga Bot 0", ""],
        ["Handler 1", "Enabled", "Inga Bot 1", "Default"],
    ]


def test_says_that_the_app_is_enabled_for_no_handler(admin_client, org):
    assertContains(
        admin_client.get(url_of(make(org, "Free"))),
        "This app isn't enabled for any handler",
    )


def test_a_connected_apps_settings_and_policies_are_on_one_page(admin_client, org):
    app = make(
        org,
        "Billing",
        contact_email="ada@mycompany.example",
        callback_url="https://billing.example/callback",
        scopes=["api", "refresh_token"],
    )

    values = record(admin_client.get(url_of(app)))

    assert values["Contact Email"] == "ada@mycompany.example"
    assert values["Callback URL"] == "https://billing.example/callback"
    assert values["Selected OAuth Scopes"] == (
        "Manage user data via APIs (api), Perform requests at any time (refresh_token)"
    )
    assert values["Permitted Users"] == "Admin approved users are pre-authorized"
    assert values["Consumer Secret"] == "None"


def test_an_external_client_app_has_two_tabs_with_urls(admin_client, org, subtests):
    app = make(org, "Outside", kind="external")

    for query, tab, present, absent in [
        ("", "Settings", "Contact Email", "Permitted Users"),
        ("?tab=settings", "Settings", "Contact Email", "Permitted Users"),
        ("?tab=policies", "Policies", "Permitted Users", "Contact Email"),
        ("?tab=<b>", "Settings", "Contact Email", "Permitted Users"),
    ]:
        with subtests.test(query=query):
            response = admin_client.get(url_of(app) + query)

            values = record(response)
            assert present in values
            assert absent not in values
            tabs = read(response).one("nav", aria_label="Settings and policies")
            assert [a.text for a in tabs.all("a", aria_current="page")] == [tab]


def test_apps_of_both_types_can_share_an_api_name(viewer_client, org):
    for kind in ["connected", "external"]:
        make(org, f"The {kind}", kind=kind, api_name="Same")

    for kind in ["connected", "external"]:
        assertContains(viewer_client.get(f"/apps/{kind}/Same/"), f"The {kind}")


def test_a_viewer_sees_no_buttons_and_the_reason(viewer_client, org, subtests):
    for kind in ["connected", "external"]:
        with subtests.test(kind=kind), rolled_back():
            response = viewer_client.get(url_of(make(org, "App", kind=kind)))

            assert not {"Edit", "Manage", "Delete", "Generate Secret"} & set(
                links(response)
            )
            assertContains(response, "You have view-only access to Setup.")


def test_search_setup_links_to_the_app(admin_client, org):
    app = make(org, "Billing")

    assert links(admin_client.get("/search/", {"q": "billing"}))["Billing"] == url_of(app)


def test_the_tree_marks_the_manager_of_the_kind(admin_client, org):
    for kind, list_label, label in [
        ("connected", "Manage Connected Apps", "App Manager"),
        ("external", "External Client App Manager", "External Client App Manager"),
    ]:
        app = make(org, "App", kind=kind)
        for url, marked in [
            (MANAGER, "App Manager"),
            (f"/apps/{kind}/", list_label),
            (url_of(app), label),
            (f"{url_of(app)}edit/", label),
        ]:
            nav = read(admin_client.get(url)).one("nav", id="setup-nav")
            assert [a.text for a in nav.all("a", aria_current="page")] == [marked]


def test_names_are_never_markup(admin_client, org, handler):
    text = "\"'><img src=x onerror=alert(1)> 🙂 שלום \u202eevil\u202c {{ 7 }}"
    handler.label = text
    handler.save()
    EnablementFactory(handler=handler, app=make(org, text, api_name="Hostile"))

    for url in [
        CONNECTED,
        *(f"{CONNECTED}Hostile/{page}" for page in ["", "edit/", "delete/"]),
    ]:
        response = admin_client.get(url)
        assertNotContains(response, "<img")
        assert text in read(response).text


def test_a_large_org_is_searched_with_the_index(admin_client, org, monkeypatch):
    monkeypatch.setattr(grams, "WALKABLE", 60)
    make_apps(org, 61)
    grams.rebuild(org)

    org.refresh_from_db()
    assert org.has_app_grams
    assert names(admin_client.get(CONNECTED, {"search": "pp 0042"})) == ["App 0042"]

"""The user list and the user page."""

import pytest
from django.core.cache import cache
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import (
    EnablementFactory,
    IntegrationUserFactory,
    OrgFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)
from tests.many import add_grams, enable, make_apps, make_users
from tests.read import headings, links, names, read, record, rows
from tests.rollback import rolled_back
from tokenx.org.models import BuiltInProfile

URL = "/users/"
# The list also reads the profiles to filter by.
# A page also reads the custom fields and the permission sets.
# A user's page takes two for the user who modified it last.
PAGE, LIST = 9, 5


def address(user, name="user"):
    return reverse(f"setup:{name}", args=[user.pk])


@pytest.fixture
def people(admin):
    """Create three users; with Ada Admin, their order differs by column."""
    org = admin.org
    UserFactory(org=org, first_name="Çarl", last_name="Young", username="d@x.example")
    IntegrationUserFactory(
        org=org, first_name="Data", last_name="Åction", username="c@x.example"
    )
    UserFactory(
        org=org,
        first_name="",
        last_name="Bea",
        username="z@x.example",
        is_active=False,
        profile=BuiltInProfile.SETUP_VIEWER,
    )
    return org


def test_lists_the_orgs_users(admin_client, people):
    UserFactory(org=OrgFactory(), last_name="Elsewhere")

    response = admin_client.get(URL)

    heads = ["Name", "Username", "Profile", "Active", "Integration User"]
    assert headings(response) == heads
    assert rows(response) == [
        ["Ada Admin", "admin@mycompany.example", "System Administrator", "Yes", "No"],
        ["Bea", "z@x.example", "Setup Viewer", "No", "No"],
        ["Çarl Young", "d@x.example", "Standard User", "Yes", "No"],
        [
            "Data Åction",
            "c@x.example",
            "Minimum Access - API Only Integrations",
            "Yes",
            "Yes",
        ],
    ]
    assertContains(response, "4 items • Sorted by Name")


def test_sorts_by_name_username_and_profile(admin_client, people, subtests):
    for sort, expected in [
        ("name", ["Ada Admin", "Bea", "Çarl Young", "Data Åction"]),
        ("-name", ["Data Åction", "Çarl Young", "Bea", "Ada Admin"]),
        ("username", ["Ada Admin", "Data Åction", "Çarl Young", "Bea"]),
        ("-username", ["Bea", "Çarl Young", "Data Åction", "Ada Admin"]),
        ("profile", ["Data Åction", "Bea", "Çarl Young", "Ada Admin"]),
        ("-profile", ["Ada Admin", "Çarl Young", "Bea", "Data Åction"]),
        ("active", ["Ada Admin", "Bea", "Çarl Young", "Data Åction"]),
        ("no-such", ["Ada Admin", "Bea", "Çarl Young", "Data Åction"]),
    ]:
        with subtests.test(sort=sort):
            assert names(admin_client.get(URL, {"sort": sort})) == expected


def test_searches_active_and_inactive_users_like_run_as(admin_client, people, subtests):
    searches = [
        ("", ["Ada Admin", "Bea", "Çarl Young", "Data Åction"]),
        ("  DA", ["Data Åction"]),
        ("young", ["Çarl Young"]),
        ("carl y", ["Çarl Young"]),
        ("act", ["Data Åction"]),
        ("be", ["Bea"]),
        ("oung", []),
        ("*oung", ["Çarl Young"]),
        ("*a", ["Ada Admin", "Bea", "Çarl Young", "Data Åction"]),
        ("*TION", ["Data Åction"]),
        ("*", ["Ada Admin", "Bea", "Çarl Young", "Data Åction"]),
        ("%", []),
        ("_", []),
        ("x" * 5_000, []),
        ("a\0b", ["Ada Admin", "Bea", "Çarl Young", "Data Åction"]),
        ("<b>", []),
    ]
    for has_grams in [False, True]:
        if has_grams:
            add_grams(people)
        for text, expected in searches:
            with subtests.test(text=text, has_grams=has_grams):
                active = [name for name in expected if name != "Bea"]
                query = {"search": text}
                assert names(admin_client.get(URL, query)) == expected
                assert names(admin_client.get(URL, query | {"active": "yes"})) == active


def test_filters_by_profile_active_and_integration(admin_client, people, subtests):
    everybody = ["Ada Admin", "Bea", "Çarl Young", "Data Åction"]

    for query, expected in [
        ({"active": "yes"}, ["Ada Admin", "Çarl Young", "Data Åction"]),
        ({"active": "no"}, ["Bea"]),
        ({"integration": "yes"}, ["Data Åction"]),
        ({"integration": "no"}, ["Ada Admin", "Bea", "Çarl Young"]),
        ({"profile": "admin"}, ["Ada Admin"]),
        ({"profile": "setup_viewer", "active": "yes"}, []),
        ({"profile": "none", "active": "none"}, everybody),
    ]:
        with subtests.test(query=query):
            assert names(admin_client.get(URL, query)) == expected


def test_says_that_no_user_matches_and_links_to_all(admin_client, people):
    response = admin_client.get(URL, {"search": "nobody"})

    assertContains(response, "0 of 4 items • Sorted by Name")
    assert links(response)["Show all users"] == "?"


def test_shows_50_a_page_and_keeps_the_filters(admin_client, admin):
    make_users(admin.org, [f"Ann {index:03}" for index in range(120)])

    first = admin_client.get(URL, {"search": "ann", "sort": "-name"})
    second = admin_client.get(URL + links(first)["Next"])

    assert names(first)[0] == "Ann 119"
    assert len(names(first)) == 50
    assert names(second)[0] == "Ann 069"
    assertContains(second, "Page 2 of 3")


def test_the_fragment_is_only_the_list(htmx_client, people):
    response = htmx_client.get(URL, {"search": "da"})

    assert names(response) == ["Data Åction"]
    assertNotContains(response, "<html")
    assertNotContains(response, 'id="filters"')


def test_has_a_node_in_the_setup_tree(admin_client, people):
    current = read(admin_client.get(URL)).all("a", aria_current="page")

    assert [link.text for link in current] == ["Users"]


def test_a_viewer_sees_why_changes_are_not_allowed(viewer_client, viewer):
    for url in [URL, address(viewer)]:
        response = viewer_client.get(url)
        assertContains(response, "You have view-only access to Setup.")
        assert not {"New User", "Edit", "Deactivate"} & set(links(response))


def test_shows_a_user(admin_client, admin):
    user = IntegrationUserFactory(
        org=admin.org,
        first_name="Inga",
        last_name="Bot",
        username="inga@x.example",
        email="bots@x.example",
    )

    response = admin_client.get(address(user))

    fields = record(response)
    assert {"Created By", "Last Modified By"} <= fields.keys()
    assert {name: fields[name] for name in fields if not name.endswith(" By")} == {
        "First Name": "Inga",
        "Last Name": "Bot",
        "Email": "bots@x.example",
        "Username": "inga@x.example",
        "Profile": "Minimum Access - API Only Integrations",
        "Active": "Yes",
        "Integration User": "Yes",
        "Time Zone": "Automatic",
        "Locale": "English (United States)",
        "Alias": "ibot",
        "Nickname": "inga",
        "Language": "English",
        "Email Encoding": "Unicode (UTF-8)",
        "Federation ID": "—",
    }
    assertContains(response, "No handlers run as this user.")
    urls = links(response)
    assert urls["Edit"] == address(user, "edit-user")
    assert urls["Deactivate"] == address(user, "deactivate-user")
    assert "Activate" not in urls


def test_an_inactive_user_can_be_activated(admin_client, admin):
    user = UserFactory(org=admin.org, is_active=False)

    urls = links(admin_client.get(address(user)))

    assert urls["Activate"] == address(user, "activate-user")
    assert "Deactivate" not in urls


def test_says_that_users_cannot_deactivate_themselves(admin_client, admin):
    response = admin_client.get(address(admin))

    assertContains(response, "You can't deactivate yourself.")
    assert "Deactivate" not in links(response)


def test_shows_the_apps_that_run_as_a_user(admin_client, admin):
    user = IntegrationUserFactory(org=admin.org)
    zeta = TokenExchangeHandlerFactory(org=admin.org, label="Zeta")
    alpha = TokenExchangeHandlerFactory(org=admin.org, label="alpha")
    EnablementFactory(handler=zeta, run_as=user, app__label="Billing", is_default=True)
    EnablementFactory(handler=alpha, run_as=user, app__label="Sales")
    EnablementFactory(handler=alpha, run_as=user, app__label="Audit")
    EnablementFactory(handler=alpha, app__label="Another user's")

    response = admin_client.get(address(user))

    assertContains(response, "Used as Run As User (3)")
    assert rows(response) == [
        ["Audit", "alpha", ""],
        ["Sales", "alpha", ""],
        ["Billing", "Zeta", "Default"],
    ]
    assert links(response)["Billing"] == "/apps/connected/Billing/"
    assert links(response)["Zeta"] == "/handlers/Zeta/"


def test_shows_the_first_50_of_many(admin_client, handler, subtests):
    user = IntegrationUserFactory(org=handler.org)
    apps = make_apps(handler.org, 1_100)

    for start, end in [(0, 60), (60, 1_100)]:
        with subtests.test(number=end):
            enable(handler, apps[start:end], [user])

            response = admin_client.get(address(user))

            assert len(rows(response)) == 50
            assertContains(response, f"Showing the first 50 of {end:,}.")


def test_names_are_always_text(admin_client, admin, subtests):
    for text in ["<script>alert(1)</script>", "שלום \u202eevil", "🙂{{ 7 }}"]:
        with subtests.test(text=text), rolled_back():
            user = UserFactory(org=admin.org, first_name=text, last_name="Bot")

            for url in [URL, address(user), address(user, "edit-user")]:
                page = read(admin_client.get(url))
                assert f"{text} Bot" in page.text
                assert "alert(1)" not in "".join(s.text for s in page.all("script"))


# --- Query counts ---------------------------------------------------------------------


@pytest.mark.parametrize("number", [10, 300])
def test_the_list_takes_few_queries(
    clients, admin, number, django_assert_num_queries, subtests
):
    make_users(admin.org, [f"Ann Li{index}" for index in range(number)])

    for query, queries in [
        ("", LIST),
        # One more counts the users without the filters.
        ("?search=*li&active=yes&sort=-profile", LIST + 1),
        ("?page=2", LIST),
    ]:
        with subtests.test(query=query):
            cache.clear()
            for client in clients.values():
                with django_assert_num_queries(queries):
                    assert rows(client.get(URL + query))


def test_a_user_takes_few_queries(
    admin_client, handler, django_assert_num_queries, subtests
):
    user = IntegrationUserFactory(org=handler.org)
    apps = make_apps(handler.org, 100)

    for start, end in [(0, 3), (3, 100)]:
        with subtests.test(number=end):
            enable(handler, apps[start:end], [user])
            for name, queries in [("user", PAGE), ("edit-user", 4), ("deactivate-user", 6)]:
                with django_assert_num_queries(queries):
                    admin_client.get(address(user, name))

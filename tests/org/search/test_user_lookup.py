"""Run as: the users that the lookup lists. For its search rules, see test_matching.py."""

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import IntegrationUserFactory, OrgFactory, UserFactory
from tests.many import make_users
from tests.read import marked, options, read
from tests.rollback import rolled_back

URL = "/lookup/users/"


@pytest.fixture
def add_users(admin):
    """Return a function that creates users with these names in the administrator's org."""
    return lambda *names, **fields: make_users(admin.org, list(names), **fields)


def test_an_empty_search_lists_everyone_by_name(admin_client, add_users):
    add_users("Zoe A", "ärne B", "Bea C")

    assert options(admin_client.get(URL)) == ["Ada Admin", "ärne B", "Bea C", "Zoe A"]


def test_finds_beginnings_or_any_part_after_an_asterisk(admin_client, add_users, subtests):
    add_users("Integration User", "Marion Smith", "Sam Low", "Jose Núñez")

    for typed, expected in [
        ("int", ["Integration User"]),
        ("us", ["Integration User"]),
        ("INTEGRATION us", ["Integration User"]),
        ("ion", []),
        ("*ion", ["Integration User", "Marion Smith"]),
        ("*ION", ["Integration User", "Marion Smith"]),
        ("*n s", ["Marion Smith"]),
        ("s", ["Marion Smith", "Sam Low"]),
        ("  sam ", ["Sam Low"]),
        ("josé", ["Jose Núñez"]),
        ("nunez", ["Jose Núñez"]),
        ("*", ["Ada Admin", "Integration User", "Jose Núñez", "Marion Smith", "Sam Low"]),
    ]:
        with subtests.test(typed=typed):
            assert options(admin_client.get(URL, {"q": typed})) == expected


def test_lists_only_the_orgs_active_users(admin_client, add_users, admin):
    add_users("Ina Here")
    make_users(OrgFactory(), ["Ina There"])
    UserFactory(org=admin.org, first_name="Ina", last_name="Gone", is_active=False)

    assert options(admin_client.get(URL, {"q": "ina"})) == ["Ina Here"]


def test_marks_the_typed_text(admin_client, add_users, subtests):
    for name, typed, mark in [
        ("Marion Smith", "*ion", "ion"),
        ("Marion Smith", "smi", "Smi"),
        ("Smith Smithson", "smith", "Smith"),
        ("José Núñez", "nun", "Núñ"[:3]),
        ("Straußs", "strauss", "Strauß"),
        ("Anna Maria", "anna mar", "Anna Mar"),
        ("佐藤 美咲", "美", "美"),
        ("Ærø Ærø", "*ro", "rø"),
        ("Lê Minh Nguyễn", "le minh ng", "Lê Minh Ng"),
        ("x\u0301y z", "xy", "x\u0301y"),
    ]:
        with subtests.test(name=name, typed=typed), rolled_back():
            add_users(name)

            assert marked(admin_client.get(URL, {"q": typed})) == [mark]


def test_shows_usernames_and_integration_users(admin_client, admin):
    IntegrationUserFactory(
        org=admin.org, first_name="Inga", last_name="Bot", username="inga@mycompany.example"
    )

    inga = read(admin_client.get(URL, {"q": "inga"})).one(role="option")

    assert "inga@mycompany.example · Integration user" in inga.text
    assert "Integration user" not in read(admin_client.get(URL, {"q": "ada"})).text


def test_lists_users_with_the_same_name_separately(admin_client, add_users):
    first, second = add_users("Anna Müller", "Anna Müller")

    users = read(admin_client.get(URL, {"q": "anna"})).all(role="option")

    assert [o.attributes["data-value"] for o in users] == [
        first.username,
        second.username,
    ]
    assert first.username in users[0].text
    assert second.username in users[1].text


def test_lists_200_and_says_that_there_are_more(admin_client, add_users):
    add_users(*[f"Ann {index:03}" for index in range(201)])

    response = admin_client.get(URL, {"q": "ann"})

    assert options(response) == [f"Ann {index:03}" for index in range(200)]
    assertContains(response, "Showing the first 200 users.")


def test_lists_exactly_200_users_without_a_note(admin_client, add_users):
    add_users(*[f"Ann {index:03}" for index in range(200)])

    response = admin_client.get(URL, {"q": "ann"})

    assert len(options(response)) == 200
    assertNotContains(response, "are listed")


def test_no_results_suggest_searching_anywhere_in_the_name(admin_client, add_users):
    response = admin_client.get(URL, {"q": "ion"})

    assertContains(response, "No active user")
    assertContains(response, "To search anywhere in the name")


def test_accepts_any_text(admin_client, add_users, subtests):
    for typed in ["*zzz", "*" * 10_000, "\0", "%", "x" * 10_000]:
        with subtests.test(typed=typed):
            response = admin_client.get(URL, {"q": typed})

            assert response.status_code == 200
            assert options(response) == ([] if typed.strip("*\0") else ["Ada Admin"])


def test_does_not_recommend_the_asterisk_after_it_was_used(admin_client, add_users):
    assertNotContains(
        admin_client.get(URL, {"q": "*zzz"}), "To search anywhere in the name"
    )

"""Run as: the users that the lookup lists. For its search rules, see test_matching.py."""

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import IntegrationUserFactory, OrgFactory, UserFactory
from tests.many import make_users
from tests.read import marked, options, read
from tests.rollback import rolled_back

URL = "/lookup/users/"


@pytest.fixture
def make(admin):
    """Users of the administrator's org, by their names."""
    return lambda *names, **fields: make_users(admin.org, list(names), **fields)


def test_nothing_typed_lists_everybody_by_name(admin_client, make):
    make("Zoe A", "ärne B", "Bea C")

    assert options(admin_client.get(URL)) == ["Ada Admin", "ärne B", "Bea C", "Zoe A"]


def test_finds_by_beginning_or_after_an_asterisk_anywhere(admin_client, make, subtests):
    make("Integration User", "Marion Smith", "Sam Low", "Jose Núñez")

    for typed, found in [
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
            assert options(admin_client.get(URL, {"q": typed})) == found


def test_lists_active_users_of_the_own_org(admin_client, make, admin):
    make("Ina Here")
    make_users(OrgFactory(), ["Ina There"])
    UserFactory(org=admin.org, first_name="Ina", last_name="Gone", is_active=False)

    assert options(admin_client.get(URL, {"q": "ina"})) == ["Ina Here"]


def test_marks_what_was_typed(admin_client, make, subtests):
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
            make(name)

            assert marked(admin_client.get(URL, {"q": typed})) == [mark]


def test_shows_the_username_and_who_is_an_integration_user(admin_client, admin):
    IntegrationUserFactory(
        org=admin.org, first_name="Inga", last_name="Bot", username="inga@mycompany.example"
    )

    inga = read(admin_client.get(URL, {"q": "inga"})).one(role="option")

    assert "inga@mycompany.example · Integration user" in inga.text
    assert "Integration user" not in read(admin_client.get(URL, {"q": "ada"})).text


def test_lists_two_people_with_one_name_apart(admin_client, make):
    first, second = make("Anna Müller", "Anna Müller")

    found = read(admin_client.get(URL, {"q": "anna"})).all(role="option")

    assert [o.attributes["data-value"] for o in found] == [str(first.pk), str(second.pk)]
    assert first.username in found[0].text
    assert second.username in found[1].text


def test_lists_200_and_says_that_there_are_more(admin_client, make):
    make(*[f"Ann {place:03}" for place in range(201)])

    response = admin_client.get(URL, {"q": "ann"})

    assert options(response) == [f"Ann {place:03}" for place in range(200)]
    assertContains(response, "Showing the first 200 users.")


def test_lists_200_without_a_word_where_that_is_all(admin_client, make):
    make(*[f"Ann {place:03}" for place in range(200)])

    response = admin_client.get(URL, {"q": "ann"})

    assert len(options(response)) == 200
    assertNotContains(response, "are listed")


def test_says_how_to_find_more_where_nothing_was_found(admin_client, make):
    response = admin_client.get(URL, {"q": "ion"})

    assertContains(response, "No active user")
    assertContains(response, "To search anywhere in the name")


def test_accepts_any_text(admin_client, make, subtests):
    for typed in ["*zzz", "*" * 10_000, "\0", "%", "x" * 10_000]:
        with subtests.test(typed=typed):
            response = admin_client.get(URL, {"q": typed})

            assert response.status_code == 200
            assert options(response) == ([] if typed.strip("*\0") else ["Ada Admin"])


def test_does_not_recommend_the_asterisk_to_whoever_used_it(admin_client, make):
    assertNotContains(
        admin_client.get(URL, {"q": "*zzz"}), "To search anywhere in the name"
    )

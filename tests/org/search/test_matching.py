"""Search for Run As users, with and without n-grams, compared to an oracle."""

from itertools import product

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.factories import OrgFactory, profile_of
from tokenx.org.models import BuiltInProfile, User
from tokenx.org.search import grams
from tokenx.org.search.matching import find_users

from .oracle import Person, Text, Typed, expected_indexes, joined, persons, spaced, words


@st.composite
def searches(draw):
    """Draw people, and typed text that's likely to match some of them."""
    people = draw(st.lists(persons, min_size=1, max_size=12))
    someone = draw(st.sampled_from(people))
    name = draw(st.sampled_from([someone.first, someone.last, whole(someone)]))
    pieces = st.one_of(words, st.just(name), st.just(Text("", "")), beginnings(name))
    return people, Typed(draw(pieces), draw(st.booleans()))


def whole(person):
    if not person.first.plain:
        return person.last
    return Text(
        f"{person.first.written} {person.last.written}",
        f"{person.first.plain} {person.last.plain}",
    )


@st.composite
def beginnings(draw, name):
    """Draw the plain form of part of a name, as someone without accents types it."""
    start = draw(st.integers(0, max(0, len(name.plain) - 1)))
    length = draw(st.integers(0, 5))
    piece = name.plain[start : start + length].strip()
    return Text(piece, piece)


def make(people, *, with_grams):
    org = OrgFactory()
    profile = profile_of(org, BuiltInProfile.STANDARD_USER)
    users = []
    for index, person in enumerate(people):
        user = User(
            org=org,
            first_name=person.first.written,
            last_name=person.last.written,
            username=f"user{index}@mycompany.example",
            is_active=person.is_active,
            profile=profile,
        )
        user.set_keys()
        users.append(user)
    created = User.objects.bulk_create(users)
    if with_grams:
        for user in created:
            grams.add_user(user)
        org.has_user_grams = True
        org.save()
    return org, [user.pk for user in created]


def person(first, last, is_active=True):
    return Person(joined(list(first)), joined(list(last)), is_active)


HYPOTHESIS = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


MIXED = [
    person("Ina", "Bian"),
    person("", "Ñ"),
    person("ß", "ö"),
    person("s", "ß"),
    person("æ", "Åno", is_active=False),
    Person(spaced([joined(["a"]), joined(["n"])]), joined(list("bin")), True),
]
TEXTS = ["n", "ss", "b", "ina b", "i", "an", "a n", "n bi", "bian", "o", "aea"]


@pytest.mark.parametrize("with_grams", [False, True], ids=["walking", "grams"])
def test_finds_the_same_users_as_the_oracle(db, with_grams, subtests):
    org, keys = make(MIXED, with_grams=with_grams)

    for text, is_anywhere in product(TEXTS, [False, True]):
        with subtests.test(text=text, is_anywhere=is_anywhere):
            typed = Typed(Text(text, text), is_anywhere)
            users, has_more = find_users(org, typed.written)

            assert [keys.index(user.id) for user in users] == expected_indexes(MIXED, typed)
            assert not has_more


@pytest.mark.slow
@pytest.mark.parametrize("with_grams", [False, True], ids=["walking", "grams"])
@HYPOTHESIS
@given(search=searches())
@example(
    search=([person("Ina", "Bian"), person("", "ñ".upper())], Typed(joined(["n"]), False))
)
@example(search=([person("ß", "ö"), person("s", "ß")], Typed(joined(["s", "s"]), True)))
def test_finds_the_same_users_as_the_oracle_in_any_org(db, with_grams, search):
    people, typed = search
    org, keys = make(people, with_grams=with_grams)

    users, has_more = find_users(org, typed.written)

    assert [keys.index(user.id) for user in users] == expected_indexes(people, typed)
    assert not has_more


@pytest.fixture(scope="module")
def crowd():
    """Build 250 people called Ann or Bin, the newest ones first in the alphabet."""
    letters = "abefinos"
    names = [a + b + c for a in letters for b in letters for c in letters][:250]
    return [
        person("Ann" if index % 2 else "Bin", name)
        for index, name in enumerate(reversed(names))
    ]


@pytest.mark.parametrize("with_grams", [False, True], ids=["walking", "grams"])
def test_finds_the_first_200_by_name_and_says_that_there_are_more(db, crowd, with_grams):
    org, keys = make(crowd, with_grams=with_grams)

    for text, is_anywhere in [("", False), ("n", True), ("in", True), ("a", False)]:
        typed = Typed(Text(text, text), is_anywhere)
        users, has_more = find_users(org, typed.written)
        people = [p for p in crowd if p.whole and p.is_active]
        assert [keys.index(user.id) for user in users] == expected_indexes(people, typed)
        assert has_more == (len(users) == 200)
    assert len(find_users(org, "")[0]) == 200
    assert find_users(org, "")[1]


@pytest.mark.parametrize("with_grams", [False, True], ids=["walking", "grams"])
def test_accepts_any_text(db, with_grams, subtests):
    org, _ = make([person("Ann", "Bee")], with_grams=with_grams)

    odd = ["%", "_", "*%", "\\", "'", "\0", "*\0", "\n", "*\n", "x" * 10_000, "\U0010ffff"]
    for text in odd:
        with subtests.test(text=text):
            users, has_more = find_users(org, text)

            finds_all = not text.strip("*\0\n")
            assert len(users) == finds_all
            assert not has_more

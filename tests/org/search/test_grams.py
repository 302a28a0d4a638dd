"""The search index of large orgs: SQL and Python build the same n-grams."""

from collections import defaultdict

import pytest

from tests.factories import (
    ClientAppFactory,
    OrgFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)
from tests.many import make_apps, make_users
from tests.rollback import rolled_back
from tokenx.handlers.lookups import offered_apps
from tokenx.org.models import AppGram, ClientApp, User, UserGram
from tokenx.org.search import grams
from tokenx.org.search.matching import find_any_apps, find_users

ODD = [
    "Ａda O’Brien", "Łukasz Żółkiewski", "美咲 佐藤", "민준 김", "محمد الأحمد", "नेहा शर्मा",
    "x y", "🙂 👩‍👩‍👧", "ﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺﷺ ﷺﷺﷺﷺ", " Madonna", "aaa aaaa", "\u0301 \u0301",
]  # fmt: skip


def by_row(rows, key):
    by_row = defaultdict(set)
    for row in rows.values("gram", "key", key):
        by_row[row[key]].add((row["gram"], row["key"]))
    return by_row


@pytest.fixture(params=[60, pytest.param(2_000, marks=pytest.mark.slow)])
def large(request, monkeypatch, org):
    """Create an org that's just large enough for n-grams of users and apps."""
    monkeypatch.setattr(grams, "WALKABLE", request.param)
    names = ODD + [f"U{index % 7} L{index}" for index in range(grams.WALKABLE)]
    make_users(org, names)
    User.objects.filter(org=org, pk__in=User.objects.all()[20:40]).update(is_active=False)
    apps = make_apps(org, grams.WALKABLE - 1, "A {}")
    ClientApp.objects.filter(pk__in=[a.pk for a in apps[:9]]).update(kind="external")
    ClientApp.objects.filter(pk__in=[a.pk for a in apps[6:20]]).update(
        allows_token_exchange=False
    )
    for index, name in enumerate(ODD):
        ClientAppFactory(org=org, label=name, api_name=f"Odd_{index}")
    grams.rebuild(org)
    return org


def test_sql_and_python_build_the_same_grams(large):
    users = {
        user.pk: {(gram, user.name_key) for gram in grams.grams_of_user(user)}
        for user in User.objects.filter(org=large, is_active=True).exclude(name_key="")
    }
    apps = {
        app.pk: {(gram, app.search_key) for gram in grams.grams_of_app(app)}
        for app in ClientApp.objects.filter(org=large)
    }

    assert large.has_user_grams
    assert large.has_app_grams
    assert by_row(UserGram.objects.filter(org=large), "user") == users
    assert by_row(AppGram.objects.filter(org=large), "app") == apps


def test_rebuilding_removes_the_grams_of_a_small_org(org):
    user = UserFactory(org=org)
    grams.add_user(user)
    other = UserFactory(org=OrgFactory())
    grams.add_user(other)

    grams.rebuild(org)

    assert not org.has_user_grams
    assert set(UserGram.objects.values_list("user", flat=True)) == {other.pk}


def test_a_removed_user_is_no_longer_found(org):
    user = UserFactory(org=org, first_name="Zoë", last_name="van den Berg")
    org.has_user_grams = True

    for typed in ["zoe", "zoë van", "van d", "*en", "*den ber"]:
        grams.add_user(user)
        assert [match.id for match in find_users(org, typed)[0]] == [user.pk]
        grams.remove_user(user)
        # The users' index finds beginnings of whole names, and grams find all other parts.
        if typed.startswith(("*", "van")):
            assert find_users(org, typed)[0] == []
    assert not UserGram.objects.exists()


def test_an_inactive_user_gets_no_grams(org):
    grams.add_user(UserFactory(org=org, is_active=False))

    assert not UserGram.objects.exists()


def test_finds_an_app_by_any_part_of_its_name(org, subtests):
    org.has_app_grams = True
    app = ClientAppFactory(org=org, label="Billing Sync")
    grams.add_app(app)
    off = ClientAppFactory(
        org=org, label="Billing Sync", api_name="Off", allows_token_exchange=False
    )
    grams.add_app(off)

    handler = TokenExchangeHandlerFactory(org=org)
    offered = (app.pk, "Billing Sync", app.api_name)

    for typed in ["b", "il", "bil", "billing", "ling sy"]:
        with subtests.test(typed=typed), rolled_back():
            assert offered_apps(handler, org, "connected", typed) == [offered]
            assert offered_apps(handler, org, "external", typed) == []
            assert list(find_any_apps(org, typed)) == [app, off]
            grams.remove_app(app)
            assert list(find_any_apps(org, typed)) == [off]

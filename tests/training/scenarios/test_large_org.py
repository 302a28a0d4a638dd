"""The large org, at a small size."""

from itertools import islice

import pytest

from tests.conftest import signed_in
from tests.read import more, names, options
from tokenx.handlers.models import Enablement
from tokenx.org.models import ClientApp, User
from tokenx.org.search import grams
from tokenx.training.scenarios import large as large_org
from tokenx.training.scenarios.people import people


@pytest.fixture(autouse=True)
def few_names(monkeypatch):
    """Choose from fewer names: generating 20,000 takes longer than the rest."""
    monkeypatch.setattr(large_org, "people", lambda seed: islice(people(seed), 500))


@pytest.fixture
def steps():
    """Collect the reported progress."""
    return []


@pytest.fixture
def build(db, steps):
    def build(**sizes):
        return large_org.build(
            password="correct horse battery",
            progress=lambda *step: steps.append(step),
            **sizes,
        )

    return build


def test_has_the_requested_sizes_and_pages_that_open(build, steps):
    administrator = build(users=120, enabled_apps=60, free_apps=20)
    org, page = administrator.org, signed_in(administrator)

    assert User.objects.filter(org=org, username__startswith="user").count() == 120
    assert ClientApp.objects.filter(org=org).count() == 80
    assert Enablement.objects.filter(org=org).count() == 60
    assert not org.has_user_grams
    last = {name: (done, total) for name, done, total in steps}
    assert last["Users"] == (120, 120)
    assert last["Apps"] == (80, 80)
    assert last["Enabled apps"] == (60, 60)
    assert names(page.get("/handlers/")) == ["MyTokenExchangeHandler"]
    first = page.get("/handlers/MyTokenExchangeHandler/")
    assert len(set(names(first) + names(page.get(more(first))))) == 60


@pytest.mark.parametrize("limit", [150, pytest.param(2_000, marks=pytest.mark.slow)])
def test_users_and_apps_are_found_by_the_index(build, limit, monkeypatch):
    monkeypatch.setattr(grams, "WALKABLE", limit)
    administrator = build(users=limit, enabled_apps=10, free_apps=limit)
    page = signed_in(administrator)
    users = User.objects.filter(org=administrator.org, username__startswith="user")
    user = users.order_by("pk")[99]

    assert administrator.org.has_user_grams
    assert administrator.org.has_app_grams
    for text in [user.name, user.last_name, f"*{user.name[2:]}"]:
        assert user.name in options(page.get("/lookup/users/", {"q": text}))
    url = "/handlers/MyTokenExchangeHandler/lookup/apps/connected/"
    number = f"{limit // 2 - 1:07}"
    assert options(page.get(url, {"q": number})) == [f"Device {number}"]

"""The large org, in small."""

import pytest

from tests.conftest import signed_in
from tests.handlers.read import more, names, options
from tokenx.handlers.models import Enablement
from tokenx.org import grams
from tokenx.org.models import ClientApp, User
from tokenx.training import large_org


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def told():
    return []


@pytest.fixture
def build(db, told):
    def build(**sizes):
        return large_org.build(
            password="correct horse battery",
            progress=lambda *step: told.append(step),
            **sizes,
        )

    return build


def test_has_the_sizes_that_were_asked_for_and_pages_that_open(build, told):
    administrator = build(users=120, enabled_apps=60, free_apps=20)
    org, page = administrator.org, signed_in(administrator)

    assert User.objects.filter(org=org, username__startswith="user").count() == 120
    assert ClientApp.objects.filter(org=org).count() == 80
    assert Enablement.objects.filter(org=org).count() == 60
    assert not org.has_user_grams
    last = {what: (done, total) for what, done, total in told}
    assert last["Users"] == (120, 120)
    assert last["Apps"] == (80, 80)
    assert last["Enabled apps"] == (60, 60)
    assert names(page.get("/handlers/")) == ["MyTokenExchangeHandler"]
    first = page.get("/handlers/MyTokenExchangeHandler/")
    assert len(set(names(first) + names(page.get(more(first))))) == 60


def test_is_searchable_by_its_grams(build):
    administrator = build(users=grams.WALKABLE, enabled_apps=10, free_apps=grams.WALKABLE)
    page = signed_in(administrator)
    somebody = User.objects.filter(org=administrator.org, username__startswith="user")[99]

    assert administrator.org.has_user_grams
    assert administrator.org.has_app_grams
    for typed in [somebody.name, somebody.last_name, f"*{somebody.name[2:]}"]:
        assert somebody.name in options(page.get("/lookup/users/", {"q": typed}))
    url = "/handlers/MyTokenExchangeHandler/lookup/apps/connected/"
    assert options(page.get(url, {"q": "0000999"})) == ["Device 0000999"]

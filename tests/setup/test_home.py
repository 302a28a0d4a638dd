"""Setup Home and Search Setup."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from tests.factories import (
    ApexClassFactory,
    ClientAppFactory,
    OrgFactory,
    TokenExchangeHandlerFactory,
    UserFactory,
)
from tests.paths import ROOT
from tests.read import read
from tests.rollback import rolled_back
from tokenx.org.models import ClientApp, Org
from tokenx.org.search import grams
from tokenx.training.exercises.catalogue import exercises
from tokenx.training.models import ExerciseRun
from tokenx.training.scenarios.demo_org import build_demo_org


@pytest.fixture
def search(viewer_client):
    """Return the links that Search Setup finds."""

    def search(text):
        main = read(viewer_client.get("/search/", {"q": text})).one("main")
        return {a.text: a.attributes["href"] for a in main.all("a")}

    return search


def test_lists_the_recently_modified_handlers(viewer_client, org):
    day = datetime(2026, 1, 1, tzinfo=UTC)
    for number in [3, 11, 8, 1, 6, 2, 5, 10, 7, 4, 9]:
        TokenExchangeHandlerFactory(
            org=org, label=f"Handler {number}", modified_at=day + timedelta(days=number)
        )

    table = read(viewer_client.get("/")).one("tbody")

    labels = [a.text for a in table.all("a")]
    assert labels == [f"Handler {number}" for number in range(11, 1, -1)]
    assert table.all("a")[0].attributes["href"] == "/handlers/Handler_11/"


def test_says_where_to_start(viewer_client):
    response = viewer_client.get("/")

    assertContains(response, "Get Started")
    steps = read(response).one("ol", class_="steps")
    assert [a.attributes["href"] for a in steps.all("a")] == ["/handlers/", "/try-it/"]


def test_lists_the_handler_that_the_readme_starts_with(client, db):
    client.force_login(build_demo_org(password="correct horse battery staple"))

    assert "Open the menu of MyTokenExchangeHandler" in (ROOT / "README.md").read_text()
    assertContains(client.get("/"), "MyTokenExchangeHandler</a>")


def test_an_org_without_handlers_says_so(viewer_client):
    TokenExchangeHandlerFactory(org=OrgFactory())

    assertContains(viewer_client.get("/"), "No token exchange handlers yet")


def test_search_setup_finds_pages_handlers_and_apps(search, org):
    TokenExchangeHandlerFactory(
        org=org, label="Tökens", developer_name="Tok", apex_class__name="TokenCheck"
    )
    ClientAppFactory(org=org, label="My Token App", api_name="One")
    ClientAppFactory(
        org=org, label="Token off", api_name="Off", kind="external",
        allows_token_exchange=False,
    )  # fmt: skip
    TokenExchangeHandlerFactory(org=OrgFactory(), label="Token of theirs")
    ClientAppFactory(org=OrgFactory(), label="Token of theirs")

    assert search("token") == {
        "Token Exchange Handlers": "/handlers/",
        "Tökens": "/handlers/Tok/",
        "My Token App": "/apps/connected/One/",
        "Token off": "/apps/external/Off/",
        "TokenCheck": "/apex-classes/TokenCheck/",
    }


def test_search_setup_finds_users_and_apex_classes(search, org):
    UserFactory(org=org, first_name="Zoe", last_name="Zebra", username="zoe@example.com")
    ApexClassFactory(org=org, name="ZebraHandler")
    other = OrgFactory()
    UserFactory(org=other, last_name="Zebra", username="theirs@example.com")
    ApexClassFactory(org=other, name="ZebraOfTheirs")

    found = search("zeb")

    assert list(found) == ["Zoe Zebra", "ZebraHandler"]
    assert found["ZebraHandler"] == "/apex-classes/ZebraHandler/"


def test_search_setup_shows_the_first_of_many_results(viewer_client, org):
    for number in range(21):
        ApexClassFactory(org=org, name=f"Zebra{number:02}")

    response = viewer_client.get("/search/", {"q": "zebra"})

    assertContains(response, "Zebra19")
    assertNotContains(response, "Zebra20")
    assertContains(response, "There are more.")


def test_search_setup_finds_by_api_name(search, org):
    TokenExchangeHandlerFactory(org=org, label="Handler", developer_name="Zebra_1")
    ClientAppFactory(org=org, label="App", api_name="Zebra_2")

    assert list(search("zebra_")) == ["Handler", "App"]


def test_search_setup_finds_apps_in_a_large_org(search, org):
    org.has_app_grams = True
    org.save()
    for label in ["Zebra", "Zebra off"]:
        grams.add_app(
            ClientAppFactory(org=org, label=label, allows_token_exchange=label == "Zebra")
        )
    grams.add_app(ClientAppFactory(org=OrgFactory(), label="Zebra of theirs"))
    assert ClientApp.objects.count() == 3

    for text in ["z", "zeb", "zebra"]:
        assert set(search(text)) >= {"Zebra", "Zebra off"}
        assert "Zebra of theirs" not in search(text)


def test_search_setup_says_that_nothing_matches(viewer_client, search):
    assert search("zzz") == {}
    assertContains(viewer_client.get("/search/", {"q": "zzz"}), "No results")


def test_search_setup_asks_for_text(viewer_client, subtests):
    for text in ["", "   ", None]:
        with subtests.test(text=text):
            response = viewer_client.get("/search/", {} if text is None else {"q": text})

            assertContains(response, "Enter the name of a Setup page")
            assertNotContains(response, "No results")


def test_search_setup_accepts_any_text(viewer_client, org, subtests):
    TokenExchangeHandlerFactory(org=org, label="Handler")
    ClientAppFactory(org=org, label="App")

    for text in ["\0", "%", "'", "x" * 10_000, "\U0010ffff", "*"]:
        with subtests.test(text=text):
            assert viewer_client.get("/search/", {"q": text}).status_code == 200


def test_continues_with_the_next_exercise(viewer_client, org, subtests):
    order = list(exercises().values())
    for done, current, expected in [
        ([], "", order[0]),
        (order[:1], "", order[1]),
        ([], order[5].slug, order[5]),
        (order[5:6], order[5].slug, order[0]),
    ]:
        with subtests.test(done=len(done), current=current), rolled_back():
            for exercise in done:
                ExerciseRun.objects.create(
                    org=org, exercise=exercise.slug, finished_at=timezone.now()
                )
            Org.objects.update(exercise=current)

            card = read(viewer_client.get("/")).one("article", id="next-exercise")

            assert f"{len(order)} exercises. Continue: {expected.title}" in card.text
            assert f"/training/exercises/{expected.slug}/" in [
                a.attributes["href"] for a in card.all("a")
            ]


def test_offers_the_certificate_when_all_exercises_are_completed(viewer_client, org):
    for slug in exercises():
        ExerciseRun.objects.create(org=org, exercise=slug, finished_at=timezone.now())

    card = read(viewer_client.get("/")).one("article", id="next-exercise")

    assert "exercises, all completed." in card.text
    assert "/training/certificate/" in [a.attributes["href"] for a in card.all("a")]

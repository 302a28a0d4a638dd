"""The class page: everyone's progress, live, with few queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from pytest_django.asserts import assertContains, assertNotContains

from tests.read import read
from tokenx.training.exercises import exercises, paths
from tokenx.training.models import ExerciseRun, Participant

from .rows import ClassroomFactory, ExerciseRunFactory, ParticipantFactory

PATH = next(iter(paths()))
FIRST, SECOND, *_ = paths()[PATH].exercises
QUERIES = 5  # The session, the user, the class, its participants, and all their runs.


@pytest.fixture
def classroom(admin):
    return ClassroomFactory(trainer=admin, path=PATH)


@pytest.fixture
def url(classroom):
    return reverse("training:classroom", args=[classroom.pk])


def ago(minutes):
    return timezone.now() - timedelta(minutes=minutes)


def person(classroom, name, *, exercise=FIRST, minutes=1, **run):
    """Create a participant who started an exercise half an hour ago."""
    participant = ParticipantFactory(classroom=classroom, name=name, joined_at=ago(40))
    if exercise:
        ExerciseRunFactory(
            org=participant.practice_org,
            exercise=exercise,
            started_at=ago(30),
            changed_at=ago(minutes),
            **run,
        )
    return participant


def rows(response):
    body = read(response).one("tbody")
    return [[cell.text for cell in row.all("th") + row.all("td")] for row in body.all("tr")]


def names(response):
    return [row[0] for row in rows(response)]


def test_shows_each_participants_progress(admin_client, url, classroom):
    person(classroom, "Ada", met=2, hints=1)

    [row] = rows(admin_client.get(url))

    of = len(paths()[PATH].exercises)
    title = exercises()[FIRST].title
    assert row == ["Ada", title, "2 of 4", "1", f"0 of {of}", "29 min", "Working"]


def test_a_participant_with_all_exercises_done_is_finished(admin_client, url, classroom):
    ada = person(classroom, "Ada", exercise=None)
    for exercise in paths()[PATH].exercises:
        ExerciseRunFactory(
            org=ada.practice_org,
            exercise=exercise,
            started_at=ago(20),
            finished_at=ago(15),
            changed_at=ago(15),
        )

    response = admin_client.get(url)

    assert rows(response)[0][-1] == "Finished"
    assertContains(response, "1 participant: 1 finished, 0 inactive")


def test_shows_inactive_participants_with_their_time(admin_client, url, classroom):
    person(classroom, "Ada", minutes=7)
    person(classroom, "Grace", minutes=1)

    assert [row[-1] for row in rows(admin_client.get(url))] == [
        "Inactive for 7 min",
        "Working",
    ]
    assert [row[-1] for row in rows(admin_client.get(url, {"still": "10"}))] == [
        "Working"
    ] * 2


def test_filters_by_state_and_by_name(admin_client, url, classroom):
    person(classroom, "Ada Lovelace", minutes=7)
    person(classroom, "Grace Hopper", minutes=1)

    assert names(admin_client.get(url, {"state": "still"})) == ["Ada Lovelace"]
    assert names(admin_client.get(url, {"search": "hop"})) == ["Grace Hopper"]
    assertContains(admin_client.get(url, {"search": "none"}), "No matching participants")


def test_sorts_by_any_column(admin_client, url, classroom, subtests):
    person(classroom, "Ada", met=3, hints=2, minutes=4)
    person(classroom, "Bob", met=1, minutes=1)

    for sort, expected in [
        ("name", ["Ada", "Bob"]),
        ("-name", ["Bob", "Ada"]),
        ("conditions", ["Bob", "Ada"]),
        ("-hints", ["Ada", "Bob"]),
        ("changed", ["Ada", "Bob"]),
        ("none-such", ["Ada", "Bob"]),
    ]:
        with subtests.test(sort=sort):
            assert names(admin_client.get(url, {"sort": sort})) == expected


def test_ignores_invalid_values_in_the_url(admin_client, url, classroom, subtests):
    person(classroom, "Ada")

    for value in ["", "x", "-1", "9" * 40, "\0"]:
        with subtests.test(value=value):
            invalid = dict.fromkeys(["still", "state", "sort", "search", "seen"], value)
            assert admin_client.get(url, invalid).status_code == 200


def poll_url(response):
    return read(response).one("div", id="class-poll").attributes["hx-get"]


def test_polling_returns_nothing_if_nothing_changed(
    admin_client, htmx_client, url, classroom
):
    person(classroom, "Ada")

    assert htmx_client.get(url + poll_url(admin_client.get(url))).status_code == 204


def test_polling_returns_only_changed_rows(admin_client, htmx_client, url, classroom):
    ada, bob = person(classroom, "Ada"), person(classroom, "Bob")
    poll = poll_url(admin_client.get(url))
    ExerciseRun.objects.filter(org=bob.practice_org).update(met=3)

    response = htmx_client.get(url + poll)

    assertContains(response, f'id="person-{bob.pk}"')
    assertContains(response, "3 of 4")
    assertContains(response, 'hx-swap-oob="true"')
    assertNotContains(response, f'id="person-{ada.pk}"')
    assert htmx_client.get(url + poll_url(response)).status_code == 204


def test_polling_returns_the_table_after_someone_joined(
    admin_client, htmx_client, url, classroom
):
    person(classroom, "Ada")
    poll = poll_url(admin_client.get(url))
    person(classroom, "Bob")

    response = htmx_client.get(url + poll)

    assert response["HX-Retarget"] == "#class-people"
    assert names(response) == ["Ada", "Bob"]


def test_polling_keeps_the_filter_and_the_order(admin_client, htmx_client, url, classroom):
    person(classroom, "Ada", minutes=7)
    bob = person(classroom, "Bob", minutes=8)
    poll = poll_url(admin_client.get(url, {"sort": "-name", "state": "still"}))
    ExerciseRun.objects.filter(org=bob.practice_org).update(changed_at=timezone.now())

    assert names(htmx_client.get(url + poll)) == ["Ada"]


def test_an_ended_class_does_not_poll(admin_client, url, classroom):
    classroom.ends_at = ago(1)
    classroom.save()

    response = admin_client.get(url)

    assertNotContains(response, "every 3s")
    assertNotContains(response, classroom.code)


def test_an_ended_class_shows_states_as_of_its_end(admin_client, url, classroom):
    person(classroom, "Ada", minutes=22)
    person(classroom, "Grace", minutes=29)
    classroom.ends_at = ago(20)
    classroom.save()

    states = [row[-1] for row in rows(admin_client.get(url))]

    assert states == ["Working", "Inactive for 9 min"]


def test_an_open_page_reloads_when_the_class_ends(
    admin_client, htmx_client, url, classroom
):
    person(classroom, "Ada")
    poll = admin_client.get(url).context["table"].poll_url
    classroom.ends_at = ago(1)
    classroom.save()

    assert htmx_client.get(url + poll)["HX-Refresh"] == "true"


def test_hides_progress_after_the_end(admin_client, url, classroom):
    ada = person(classroom, "Ada", met=4, finished_at=ago(1), minutes=1)
    ExerciseRunFactory(org=ada.practice_org, exercise=SECOND, hints=5, started_at=ago(2))
    classroom.ends_at = ago(10)
    classroom.save()

    [row] = rows(admin_client.get(url))

    of = len(paths()[PATH].exercises)
    assert row[2:5] == ["—", "0", f"0 of {of}"]


def test_shows_nothing_of_another_class(admin_client, url, classroom):
    person(ClassroomFactory(path=PATH), "Eve")
    person(ClassroomFactory(path=PATH, trainer=classroom.trainer), "Mallory")

    assertContains(admin_client.get(url), "No one has joined yet")


def test_names_are_escaped(admin_client, htmx_client, url, classroom):
    person(classroom, "<script>alert(1)</script>")

    response = admin_client.get(url)

    assertNotContains(response, "<script>alert")
    assertContains(response, "&lt;script&gt;alert(1)")


def test_lists_a_participant_whose_org_was_deleted(admin_client, url, classroom):
    person(classroom, "Ada")
    Participant.objects.update(practice_org=None)

    assert rows(admin_client.get(url))[0][-1] == "Org deleted"


@pytest.mark.parametrize("people", [0, 10, pytest.param(200, marks=pytest.mark.slow)])
def test_query_count_is_constant(admin_client, url, classroom, people):
    many(classroom, people)
    admin_client.get(url)

    with CaptureQueriesContext(connection) as whole:
        response = admin_client.get(url)
    with CaptureQueriesContext(connection) as poll:
        admin_client.get(url + poll_url(response), headers={"HX-Request": "true"})

    assert len(whole) == QUERIES - (not people)
    assert len(poll) == QUERIES - (not people)


def many(classroom, people):
    """Create participants with two exercises each."""
    participants = [person(classroom, f"Person {number:03}") for number in range(people)]
    ExerciseRun.objects.bulk_create(
        ExerciseRun(org=participant.practice_org, exercise=SECOND, conditions=5)
        for participant in participants
    )


def test_a_participants_page_lists_their_exercises(admin_client, classroom):
    ada = person(classroom, "Ada", met=2, hints=3)

    response = admin_client.get(
        reverse("training:participant", args=[classroom.pk, ada.pk])
    )

    assertContains(response, exercises()[FIRST].title)
    assertContains(response, "2 of 4")
    assertContains(response, escape(exercises()[SECOND].title))

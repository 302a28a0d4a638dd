"""A person's own progress, and the certificate."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.factories import OrgFactory
from tokenx.training.exercise_actions import start_exercise
from tokenx.training.exercises import exercises, paths
from tokenx.training.models import ExerciseRun

PROGRESS, CERTIFICATE = "/training/progress/", "/training/certificate/"


def run(org, slug, *, minutes=None, hints=0):
    now = timezone.now()
    return ExerciseRun.objects.create(
        org=org,
        exercise=slug,
        started_at=now - timedelta(minutes=minutes or 0),
        tried_at=now - timedelta(minutes=minutes or 0),
        finished_at=now if minutes is not None else None,
        met=1,
        conditions=2,
        hints=hints,
    )


def test_shows_what_is_done_with_time_and_hints(admin_client, org):
    run(org, "find-the-page", minutes=4, hints=2)
    run(org, "view-details", minutes=3)
    run(org, "make-it-the-default", hints=1)

    content = admin_client.get(PROGRESS).content.decode()

    assert f"2 of {len(exercises())} exercises done" in content
    assert "7 minutes" in content
    assert "3 hints" in content


def test_shows_nothing_of_another_org(admin_client, org):
    run(OrgFactory(), "find-the-page", minutes=4)

    assert b"0 of 20 exercises done" in admin_client.get(PROGRESS).content
    assert b"20 exercises to go" in admin_client.get(CERTIFICATE).content


@pytest.mark.parametrize("slug", list(paths()))
def test_a_certificate_is_for_the_whole_of_a_path(admin_client, org, admin, slug):
    *first, last = paths()[slug].exercises
    for each in first:
        run(org, each, minutes=1)
    where = f"{CERTIFICATE}?path={slug}"
    assert b"1 exercise to go" in admin_client.get(where).content

    run(org, last, minutes=1)
    content = admin_client.get(where).content.decode()

    assert "Certificate of completion" in content
    assert admin.name in content
    assert paths()[slug].label in content
    assert "no certificate of Salesforce" in content


def test_an_exercise_that_is_done_again_counts_as_done(admin_client, org, admin):
    for slug in exercises():
        run(org, slug, minutes=1)
        start_exercise(org=org, exercise=exercises()[slug], by=admin)

    assert b"Certificate of completion" in admin_client.get(CERTIFICATE).content
    content = admin_client.get(PROGRESS).content
    assert b"20 of 20" in content
    assert b"20 minutes" in content


def test_an_exercise_that_is_gone_counts_for_nothing(admin_client, org):
    run(org, "gone-since", minutes=1)

    assert b"0 of 20" in admin_client.get(PROGRESS).content


def test_the_list_says_how_far_each_is(admin_client, org):
    run(org, "find-the-page", minutes=1)
    run(org, "view-details")

    content = admin_client.get("/training/exercises/?path=basics").content.decode()

    assert "Done" in content
    assert "1 of 2 met" in content
    assert "Repair a broken deployment" not in content

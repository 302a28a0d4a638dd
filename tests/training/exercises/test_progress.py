"""The user's progress page and certificate."""

from datetime import timedelta

from django.utils import timezone

from tests.factories import OrgFactory
from tests.rollback import rolled_back
from tokenx.training.exercises import exercises, paths
from tokenx.training.exercises.actions import start_exercise
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


def test_shows_finished_exercises_with_time_and_hints(admin_client, org):
    run(org, "find-the-page", minutes=4, hints=2)
    run(org, "view-details", minutes=3)
    run(org, "make-it-the-default", hints=1)

    content = admin_client.get(PROGRESS).content.decode()

    assert f"2 of {len(exercises())} exercises completed" in content
    assert "7 minutes" in content
    assert "3 hints" in content


def test_shows_nothing_of_another_org(admin_client, org):
    run(OrgFactory(), "find-the-page", minutes=4)

    assert b"0 of 20 exercises completed" in admin_client.get(PROGRESS).content
    assert b"20 exercises to go" in admin_client.get(CERTIFICATE).content


def test_a_certificate_requires_all_exercises_of_a_path(admin_client, org, admin, subtests):
    for slug, path in paths().items():
        with subtests.test(slug=slug), rolled_back():
            *first, last = path.exercises
            for each in first:
                run(org, each, minutes=1)
            url = f"{CERTIFICATE}?path={slug}"
            assert b"1 exercise to go" in admin_client.get(url).content

            run(org, last, minutes=1)
            content = admin_client.get(url).content.decode()

            assert "Certificate of completion" in content
            assert admin.name in content
            assert path.label in content
            assert "isn't a Salesforce certification" in content


def test_a_restarted_exercise_counts_as_done(admin_client, org, admin):
    for slug in exercises():
        run(org, slug, minutes=1)
        start_exercise(org=org, exercise=exercises()[slug], by=admin)

    assert b"Certificate of completion" in admin_client.get(CERTIFICATE).content
    content = admin_client.get(PROGRESS).content
    assert b"20 of 20" in content
    assert b"20 minutes" in content


def test_a_removed_exercise_does_not_count(admin_client, org):
    run(org, "gone-since", minutes=1)

    assert b"0 of 20" in admin_client.get(PROGRESS).content


def test_the_list_shows_each_exercises_progress(admin_client, org):
    run(org, "find-the-page", minutes=1)
    run(org, "view-details")

    content = admin_client.get("/training/exercises/?path=basics").content.decode()

    assert "Completed" in content
    assert "1 of 2 met" in content
    assert "Repair a broken deployment" not in content

"""The page of a class of 200 people.

    python -m tests.benchmarks.class_page

It measures time as a multiple of an empty view's time, as in ratios.py: for the whole page,
for the fragment that polls every three seconds without changes, and for ten people.
"""

import os
import sys
import tempfile
from datetime import timedelta

ROUNDS = 9


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tokenx-class-") as folder:
        os.environ["TOKENX_DATA_DIR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "tokenx.settings"
        import django

        django.setup()
        from django.core.management import call_command
        from django.test import override_settings

        call_command("migrate", verbosity=0)
        floors = "tests.benchmarks.floors"
        with override_settings(ROOT_URLCONF=floors, ALLOWED_HOSTS=["*"]):
            _measure([int(number) for number in sys.argv[1:]] or [10, 200])


def _measure(sizes: list[int]) -> None:
    from django.test import Client

    from .ratios import Target, measure, ratio

    floor = Target("/hello/", Client())
    targets = {}
    for size in sizes:
        url, trainer, seen = _class_of(size)
        whole, polling = Client(), Client(headers={"HX-Request": "true"})
        for client in [whole, polling]:
            client.force_login(trainer)
        targets[f"{size} people, whole page"] = Target(url, whole)
        everything = Target(f"{url}?seen=x", polling)
        targets[f"{size} people, all rows swapped"] = everything
        targets[f"{size} people, nothing new"] = Target(f"{url}{seen}", polling, 204)
    measure([floor, *targets.values()], ROUNDS)
    for name, target in targets.items():
        milliseconds = min(target.rounds) * 1e3
        print(
            f"{name:32} {ratio(target, floor):6.1f} x an empty view, "
            f"{milliseconds:5.1f} ms, {target.size / 1024:6.1f} KB"
        )


def _class_of(size: int):
    """Create a class in its third exercise; return its URL, its trainer, and its state."""
    from django.http import QueryDict
    from django.utils import timezone

    from tests.training.classes.rows import ClassroomFactory, ParticipantFactory
    from tokenx.training.classes.table import table_of
    from tokenx.training.exercises import paths
    from tokenx.training.models import ExerciseRun

    classroom = ClassroomFactory(path="all", ends_at=timezone.now() + timedelta(days=1))
    people = ParticipantFactory.create_batch(size, classroom=classroom)
    ExerciseRun.objects.bulk_create(
        ExerciseRun(org=person.practice_org, exercise=exercise, conditions=4, met=2)
        for person in people
        for exercise in paths()["all"].exercises[:3]
    )
    seen = table_of(classroom, QueryDict()).poll_url
    return f"/training/classes/{classroom.pk}/", classroom.trainer, seen


if __name__ == "__main__":
    main()

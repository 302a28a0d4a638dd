"""The exercise that a person continues with."""

from typing import NamedTuple

from tokenx.org.models import Org
from tokenx.training.models import ExerciseRun

from .catalogue import exercises, paths
from .exercise import Exercise


class NextExercise(NamedTuple):
    """The next exercise, or None if all are completed, and the number of all exercises."""

    exercise: Exercise | None
    total: int


def next_exercise(org: Org) -> NextExercise:
    """Return the exercise in the panel, or else the first one that isn't completed."""
    known = exercises()
    order = paths()["all"].exercises
    runs = ExerciseRun.objects.filter(org=org, finished_at__isnull=False)
    done = set(runs.values_list("exercise", flat=True))
    left = [slug for slug in order if slug not in done]
    slug = org.exercise if org.exercise in left else next(iter(left), "")
    return NextExercise(known.get(slug), len(order))

"""What can be done with an exercise: start it, leave it, see a hint, answer a question."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from tokenx.org.models import Org, User
from tokenx.training.models import ExerciseRun, PracticeOrg
from tokenx.training.practice.actions import reset_org, why_not_reset

from . import Exercise

ANSWER_LENGTH = 200


@transaction.atomic
def reset_for(*, org: Org, exercise: Exercise, by: User) -> None:
    """Put a practice org into the state of the scenario that the exercise starts from.

    Raises ValidationError where the org is none, or where the scenario cannot be built.
    """
    practice = PracticeOrg.objects.filter(org=org).first()
    if practice is None:
        raise ValidationError("Only practice orgs and the demo org can be reset.")
    practice.scenario = exercise.scenario
    if why := why_not_reset(practice):
        raise ValidationError(why)
    practice.save(update_fields=["scenario"])
    reset_org(org=org, by=by)


@transaction.atomic
def start_exercise(*, org: Org, exercise: Exercise, by: User) -> ExerciseRun:
    """Begin it, or begin it anew, and let the panel show it.

    What guards have to know of the org is written down now. Hints that were seen before
    stay seen, and an exercise that was finished stays so.
    """
    now = timezone.now()
    baseline = {
        condition.key: noted
        for condition in exercise.conditions
        if (noted := condition.note_baseline(org)) is not None
    }
    before = ExerciseRun.objects.select_for_update().filter(org=org, exercise=exercise.slug)
    run, _ = ExerciseRun.objects.update_or_create(
        org=org,
        exercise=exercise.slug,
        defaults={
            "tried_at": now,
            "spent": sum((run.time for run in before), timedelta()),
            "changed_at": now,
            "met": 0,
            "conditions": len(exercise.conditions),
            "answers": {},
            "baseline": baseline,
        },
    )
    _show(org, exercise.slug)
    return run


def leave_exercise(*, org: Org, by: User) -> None:
    """Take the panel away. What was done stays done, and is still counted."""
    _show(org, "")


def show_hint(*, org: Org, exercise: Exercise) -> ExerciseRun:
    """One hint more, until all are shown."""
    run, _ = ExerciseRun.objects.get_or_create(org=org, exercise=exercise.slug)
    shown = min(run.hints + 1, len(exercise.hints))
    ExerciseRun.objects.filter(pk=run.pk, org=org).update(hints=shown)
    run.hints = shown
    return run


@transaction.atomic
def answer_question(*, org: Org, exercise: Exercise, question: str, answer: str) -> None:
    """Keep what was answered. Whether it is right is a condition's to say."""
    ExerciseRun.objects.get_or_create(org=org, exercise=exercise.slug)
    runs = ExerciseRun.objects.select_for_update().filter(org=org)
    run = runs.get(exercise=exercise.slug)
    # PostgreSQL keeps no NUL.
    kept = answer.replace("\0", "").strip()[:ANSWER_LENGTH]
    run.answers = {**run.answers, question: kept}
    run.save(update_fields=["answers"])


def _show(org: Org, slug: str) -> None:
    Org.objects.filter(pk=org.pk).update(exercise=slug)
    org.exercise = slug

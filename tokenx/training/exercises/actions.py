"""Actions on exercises: start, leave, show a hint, and answer a question."""

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
    """Reset a practice org to the exercise's scenario.

    Raise ValidationError if it isn't a practice org or the scenario can't be built.
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
    """Start or restart an exercise and show it in the panel.

    The baselines of guards are stored now. Hints stay visible after a restart, and a
    finished exercise stays finished.
    """
    now = timezone.now()
    baseline = {
        condition.key: state
        for condition in exercise.conditions
        if (state := condition.note_baseline(org)) is not None
    }
    earlier = ExerciseRun.objects.select_for_update().filter(
        org=org, exercise=exercise.slug
    )
    run, _ = ExerciseRun.objects.update_or_create(
        org=org,
        exercise=exercise.slug,
        defaults={
            "tried_at": now,
            "spent": sum((run.time for run in earlier), timedelta()),
            "changed_at": now,
            "met": 0,
            "conditions": len(exercise.conditions),
            "answers": {},
            "baseline": baseline,
        },
    )
    _show_in_panel(org, exercise.slug)
    return run


def leave_exercise(*, org: Org, by: User) -> None:
    """Close the panel. All changes and the progress are kept."""
    _show_in_panel(org, "")


def show_hint(*, org: Org, exercise: Exercise) -> ExerciseRun:
    """Show one more hint, if any are left."""
    run, _ = ExerciseRun.objects.get_or_create(org=org, exercise=exercise.slug)
    shown = min(run.hints + 1, len(exercise.hints))
    ExerciseRun.objects.filter(pk=run.pk, org=org).update(hints=shown)
    run.hints = shown
    return run


@transaction.atomic
def answer_question(*, org: Org, exercise: Exercise, question: str, answer: str) -> None:
    """Store an answer. A condition checks whether it's correct."""
    ExerciseRun.objects.get_or_create(org=org, exercise=exercise.slug)
    runs = ExerciseRun.objects.select_for_update().filter(org=org)
    run = runs.get(exercise=exercise.slug)
    # PostgreSQL can't store NUL.
    text = answer.replace("\0", "").strip()[:ANSWER_LENGTH]
    run.answers = {**run.answers, question: text}
    run.save(update_fields=["answers"])


def _show_in_panel(org: Org, slug: str) -> None:
    Org.objects.filter(pk=org.pk).update(exercise=slug)
    org.exercise = slug

"""Checks of an org's progress in an exercise, from its state and never from clicks."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone

from tokenx.org.models import Org
from tokenx.training.models import ExerciseRun

from . import Exercise, ExerciseStep
from .conditions import Answer, ConditionResult, OrgState

__all__ = ["ConditionResult", "ExerciseOutcome", "check", "look", "update_run"]


@dataclass(frozen=True)
class ExerciseOutcome:
    """An exercise's conditions and steps as they are in an org, and its run."""

    exercise: Exercise
    run: ExerciseRun | None
    results: list[ConditionResult]
    # A step is done while all of its conditions are met.
    steps: list[tuple[ExerciseStep, bool]]

    @property
    def met(self) -> int:
        return sum(result.is_met for result in self.results)

    @property
    def is_done(self) -> bool:
        return self.met == len(self.results)

    @property
    def next_step(self) -> ExerciseStep | None:
        """Return the first step that isn't done, even if a later one is."""
        if self.is_done:
            return None
        return next((step for step, is_done in self.steps if not is_done), None)

    @property
    def first_unmet(self) -> ConditionResult | None:
        """Return the first unmet condition, in the order of the exercise."""
        return next((result for result in self.results if not result.is_met), None)

    @property
    def questions(self) -> Iterator[tuple[str, str, ConditionResult]]:
        """Yield each question of the panel with its answer and its result."""
        answers = self.run.answers if self.run else {}
        for condition, result in zip(self.exercise.conditions, self.results, strict=True):
            if isinstance(condition, Answer):
                yield condition.question, answers.get(condition.question, ""), result


def check(org: Org, exercise: Exercise) -> list[ConditionResult]:
    """Return the result of each condition: expected, actual, and the page to visit."""
    return look(org, exercise).results


def look(org: Org, exercise: Exercise) -> ExerciseOutcome:
    """Return how far an org is in an exercise."""
    run = ExerciseRun.objects.filter(org=org, exercise=exercise.slug).first()
    return _look_at_run(org, exercise, run)


def update_run(org: Org, exercise: Exercise) -> ExerciseRun:
    """Store the number of met conditions if it changed.

    A finished exercise stays finished, even if the org changes later.
    """
    run, _ = ExerciseRun.objects.get_or_create(org=org, exercise=exercise.slug)
    save_outcome(_look_at_run(org, exercise, run))
    return run


def save_outcome(outcome: ExerciseOutcome) -> None:
    """Store an outcome in its run if it differs from the last one."""
    run, counts = outcome.run, (outcome.met, len(outcome.results))
    if run is None:
        return
    is_finished_now = outcome.is_done and not run.is_finished
    if (run.met, run.conditions) == counts and not is_finished_now:
        return
    run.met, run.conditions = counts
    run.changed_at = timezone.now()
    if is_finished_now:
        run.finished_at = run.changed_at
    run.save(update_fields=["met", "conditions", "changed_at", "finished_at"])


def _look_at_run(org: Org, exercise: Exercise, run: ExerciseRun | None) -> ExerciseOutcome:
    state = OrgState(org, run)
    results = [condition.check(state) for condition in exercise.conditions]
    steps = [(step, _is_done(step, state)) for step in exercise.steps]
    return ExerciseOutcome(exercise, run, results, steps)


def _is_done(step: ExerciseStep, state: OrgState) -> bool:
    conditions = step.done_when
    return bool(conditions) and all(
        condition.look(state).is_met for condition in conditions
    )

"""How far an org is with an exercise: it looks at the org's state, and never at clicks."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone

from tokenx.org.models import Org
from tokenx.training.models import ExerciseRun

from . import Exercise, Step
from .conditions import Answer, Result, State

__all__ = ["Outcome", "Result", "check", "look", "update_run"]


@dataclass(frozen=True)
class Outcome:
    """An exercise in an org: each condition, each step, and the run that is kept of it."""

    exercise: Exercise
    run: ExerciseRun | None
    results: list[Result]
    # A step is done while all that it is done when is so.
    steps: list[tuple[Step, bool]]

    @property
    def met(self) -> int:
        return sum(result.is_met for result in self.results)

    @property
    def is_done(self) -> bool:
        return self.met == len(self.results)

    @property
    def next_step(self) -> Step | None:
        """The first step that is not done, whatever was done after it."""
        if self.is_done:
            return None
        return next((step for step, is_done in self.steps if not is_done), None)

    @property
    def first_open(self) -> Result | None:
        """What is not met yet, first in the order of the exercise."""
        return next((result for result in self.results if not result.is_met), None)

    @property
    def questions(self) -> Iterator[tuple[str, str, Result]]:
        """What is asked in the panel, what was answered, and whether it is right."""
        both = zip(self.exercise.conditions, self.results, strict=True)
        for condition, result in both:
            if isinstance(condition, Answer):
                answers = self.run.answers if self.run else {}
                yield condition.question, answers.get(condition.question, ""), result


def check(org: Org, exercise: Exercise) -> list[Result]:
    """Each condition of the exercise: what was expected, what was found, where to look."""
    return look(org, exercise).results


def look(org: Org, exercise: Exercise) -> Outcome:
    run = ExerciseRun.objects.filter(org=org, exercise=exercise.slug).first()
    return _look(org, exercise, run)


def update_run(org: Org, exercise: Exercise) -> ExerciseRun:
    """Keep how many conditions are met; written only where that has changed.

    What was finished stays so, whatever is done to the org afterwards.
    """
    run, _ = ExerciseRun.objects.get_or_create(org=org, exercise=exercise.slug)
    keep(_look(org, exercise, run))
    return run


def keep(outcome: Outcome) -> None:
    """Write down in the run what was found, if it is not what was found last."""
    run, found = outcome.run, (outcome.met, len(outcome.results))
    if run is None:
        return
    is_finished_now = outcome.is_done and not run.is_finished
    if (run.met, run.conditions) == found and not is_finished_now:
        return
    run.met, run.conditions = found
    run.changed_at = timezone.now()
    if is_finished_now:
        run.finished_at = run.changed_at
    run.save(update_fields=["met", "conditions", "changed_at", "finished_at"])


def _look(org: Org, exercise: Exercise, run: ExerciseRun | None) -> Outcome:
    state = State(org, run)
    results = [condition.check(state) for condition in exercise.conditions]
    steps = [
        (step, bool(step.done_when) and all(it.look(state).is_met for it in step.done_when))
        for step in exercise.steps
    ]
    return Outcome(exercise, run, results, steps)

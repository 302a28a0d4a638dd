"""How far the people of a class are: two queries, however many people it has."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from .exercises import Exercise, exercises, paths
from .models import Classroom, ExerciseRun, Participant


@dataclass(frozen=True)
class Step:
    """An exercise of the path, and how it goes for one person, if it was begun."""

    exercise: Exercise
    run: ExerciseRun | None = None

    @property
    def is_done(self) -> bool:
        return bool(self.run and self.run.finished_at)

    @property
    def time(self) -> timedelta:
        """From its beginning to its end, or to what was last done in it."""
        if not self.run:
            return timedelta(0)
        moments = [self.run.changed_at, self.run.finished_at or self.run.started_at]
        return max(*moments, self.run.started_at) - self.run.started_at


@dataclass(frozen=True)
class Result:
    """What one person of a class has done of its path."""

    participant: Participant
    steps: list[Step]

    @property
    def current(self) -> Step | None:
        """The step that was last worked on, or the first that waits; none at the end."""
        open_steps = [step for step in self.steps if not step.is_done]
        begun = [step for step in open_steps if step.run]
        if begun:
            return max(begun, key=lambda step: step.run.changed_at)  # type: ignore[union-attr]
        return open_steps[0] if open_steps else None

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def has_finished(self) -> bool:
        return bool(self.steps) and self.done == len(self.steps)

    @property
    def hints(self) -> int:
        return sum(step.run.hints for step in self.steps if step.run)

    @property
    def time(self) -> timedelta:
        return sum((step.time for step in self.steps), timedelta(0))

    @property
    def changed_at(self) -> datetime:
        """When something was last done; joining is something."""
        runs = [step.run for step in self.steps if step.run]
        moments = [moment for run in runs for moment in (run.changed_at, run.finished_at)]
        return max([self.participant.joined_at, *filter(None, moments)])


def results_of(
    classroom: Classroom, participants: list[Participant] | None = None
) -> list[Result]:
    """The results of everybody in the class, or of some, by name.

    What somebody does in their org after the class has ended is theirs alone.
    """
    if participants is None:
        rows = classroom.participants.filter(org=classroom.org_id)
        participants = list(rows.order_by("name", "id"))
    found = exercises()
    path = paths().get(classroom.path)
    slugs = [slug for slug in path.exercises if slug in found] if path else []
    runs = _runs(classroom, participants)
    return [
        Result(
            each,
            [Step(found[slug], runs[each.practice_org_id].get(slug)) for slug in slugs],
        )
        for each in participants
    ]


def _runs(
    classroom: Classroom, participants: list[Participant]
) -> defaultdict[int | None, dict[str, ExerciseRun]]:
    orgs = [each.practice_org_id for each in participants if each.practice_org_id]
    until = min(classroom.ends_at, timezone.now())
    runs: defaultdict[int | None, dict[str, ExerciseRun]] = defaultdict(dict)
    for run in ExerciseRun.objects.filter(org__in=orgs):
        if run.started_at <= until:
            runs[run.org_id][run.exercise] = _as_of(run, until)
    return runs


def _as_of(run: ExerciseRun, until: datetime) -> ExerciseRun:
    """The run without what came after the end of the class."""
    if run.finished_at and run.finished_at > until:
        run.finished_at = None
    if run.changed_at > until:
        run.met, run.conditions, run.changed_at = 0, 0, run.started_at
    return run

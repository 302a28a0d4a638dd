"""How far the people of a class are: two queries, however many people it has."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from django.utils import timezone

from tokenx.training.exercises import Exercise, exercises, paths
from tokenx.training.models import Classroom, ExerciseRun, Participant, time_of


class Run(NamedTuple):
    """What of an ExerciseRun is of interest to a trainer, whose page reads thousands."""

    org_id: int
    exercise: str
    started_at: datetime
    tried_at: datetime
    spent: timedelta
    finished_at: datetime | None
    changed_at: datetime
    hints: int
    met: int
    conditions: int


class Step(NamedTuple):
    """An exercise of the path, and how it goes for one person, if it was begun."""

    exercise: Exercise
    run: Run | None = None

    @property
    def is_done(self) -> bool:
        return self.run is not None and self.run.finished_at is not None

    @property
    def time(self) -> timedelta:
        return time_of(self.run) if self.run else timedelta(0)


@dataclass(frozen=True)
class Result:
    """What one person of a class has done of its path."""

    participant: Participant
    steps: list[Step]

    @cached_property
    def runs(self) -> list[Run]:
        return [step.run for step in self.steps if step.run]

    @cached_property
    def current(self) -> Step | None:
        """The step that was last worked on, or the first that waits; none at the end."""
        open_steps = [step for step in self.steps if not step.is_done]
        begun = [(step.run.changed_at, step) for step in open_steps if step.run]
        if begun:
            return max(begun, key=lambda pair: pair[0])[1]
        return open_steps[0] if open_steps else None

    @cached_property
    def done(self) -> int:
        return sum(run.finished_at is not None for run in self.runs)

    @property
    def has_finished(self) -> bool:
        return bool(self.steps) and self.done == len(self.steps)

    @property
    def hints(self) -> int:
        return sum(run.hints for run in self.runs)

    @property
    def time(self) -> timedelta:
        return sum((step.time for step in self.steps if step.run), timedelta(0))

    @cached_property
    def changed_at(self) -> datetime:
        """When something was last done; joining is something."""
        moments = [
            moment for run in self.runs for moment in (run.changed_at, run.finished_at)
        ]
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
    untouched = {slug: Step(found[slug]) for slug in slugs}
    begun = _begun(classroom, participants, untouched)
    return [
        Result(each, list((untouched | begun[each.practice_org_id]).values()))
        for each in participants
    ]


def _begun(
    classroom: Classroom, participants: list[Participant], untouched: dict[str, Step]
) -> defaultdict[int | None, dict[str, Step]]:
    """The steps that were begun, by org and exercise."""
    orgs = [each.practice_org_id for each in participants if each.practice_org_id]
    until = min(classroom.ends_at, timezone.now())
    begun: defaultdict[int | None, dict[str, Step]] = defaultdict(dict)
    rows = ExerciseRun.objects.filter(org__in=orgs, exercise__in=list(untouched))
    for run in map(Run._make, rows.values_list(*Run._fields)):
        if run.started_at <= until:
            step = Step(untouched[run.exercise].exercise, _as_of(run, until))
            begun[run.org_id][run.exercise] = step
    return begun


def _as_of(run: Run, until: datetime) -> Run:
    """The run without what came after the end of the class."""
    if run.finished_at and run.finished_at > until:
        run = run._replace(finished_at=None)
    if run.changed_at > until:
        last = min(run.tried_at, until)
        run = run._replace(met=0, conditions=0, tried_at=last, changed_at=last)
    return run

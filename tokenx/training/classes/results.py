"""Results of a class's participants, read with two queries."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from django.utils import timezone

from tokenx.training.exercises import Exercise, exercises, paths
from tokenx.training.models import Classroom, ExerciseRun, Participant, time_of


class ParticipantRun(NamedTuple):
    """The ExerciseRun columns for the class page, which loads thousands of rows."""

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


class ParticipantStep(NamedTuple):
    """An exercise of the path, and a participant's run of it, if it was started."""

    exercise: Exercise
    run: ParticipantRun | None = None

    @property
    def is_done(self) -> bool:
        return self.run is not None and self.run.finished_at is not None

    @property
    def time(self) -> timedelta:
        return time_of(self.run) if self.run else timedelta(0)


@dataclass(frozen=True)
class ParticipantResult:
    """A participant's progress on the path."""

    participant: Participant
    steps: list[ParticipantStep]

    @cached_property
    def runs(self) -> list[ParticipantRun]:
        return [step.run for step in self.steps if step.run]

    @cached_property
    def current(self) -> ParticipantStep | None:
        """Return the step of the last activity, or else the first one that isn't done."""
        open_steps = [step for step in self.steps if not step.is_done]
        started = [(step.run.changed_at, step) for step in open_steps if step.run]
        if started:
            return max(started, key=lambda pair: pair[0])[1]
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
        """Return the time of the last activity, which can be joining."""
        moments = [
            moment for run in self.runs for moment in (run.changed_at, run.finished_at)
        ]
        return max([self.participant.joined_at, *filter(None, moments)])


def results_of(
    classroom: Classroom, participants: list[Participant] | None = None
) -> list[ParticipantResult]:
    """Return the results of all or some participants, sorted by name.

    Anything they do after the class has ended is private.
    """
    if participants is None:
        rows = classroom.participants.filter(org=classroom.org_id)
        participants = list(rows.order_by("name", "id"))
    known = exercises()
    path = paths().get(classroom.path)
    slugs = [slug for slug in path.exercises if slug in known] if path else []
    untouched = {slug: ParticipantStep(known[slug]) for slug in slugs}
    started = _started_steps(classroom, participants, untouched)
    results = []
    for participant in participants:
        steps = untouched | started[participant.practice_org_id]
        results.append(ParticipantResult(participant, list(steps.values())))
    return results


def _started_steps(
    classroom: Classroom,
    participants: list[Participant],
    untouched: dict[str, ParticipantStep],
) -> defaultdict[int | None, dict[str, ParticipantStep]]:
    """Return the steps that were started, by org and exercise."""
    org_ids = [participant.practice_org_id for participant in participants]
    orgs = [org_id for org_id in org_ids if org_id]
    until = min(classroom.ends_at, timezone.now())
    started: defaultdict[int | None, dict[str, ParticipantStep]] = defaultdict(dict)
    rows = ExerciseRun.objects.filter(org__in=orgs, exercise__in=list(untouched))
    for run in map(ParticipantRun._make, rows.values_list(*ParticipantRun._fields)):
        if run.started_at <= until:
            exercise = untouched[run.exercise].exercise
            step = ParticipantStep(exercise, _as_of(run, until))
            started[run.org_id][run.exercise] = step
    return started


def _as_of(run: ParticipantRun, until: datetime) -> ParticipantRun:
    """Hide everything that happened after the end of the class."""
    if run.finished_at and run.finished_at > until:
        run = run._replace(finished_at=None)
    if run.changed_at > until:
        last = min(run.tried_at, until)
        run = run._replace(met=0, conditions=0, tried_at=last, changed_at=last)
    return run

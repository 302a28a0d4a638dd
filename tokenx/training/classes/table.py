"""The table of a class's participants, from which a polling page gets only the changes.

The page sends what it has seen: a digest of the order, and four characters for each row.
"""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tokenx.training.models import Classroom
from tokenx.web.listing import summarize
from tokenx.web.sorting import Column, Sorting
from tokenx.web.template_rows import render_rows

from .results import ParticipantResult, results_of

COLUMNS = {
    "name": "Name",
    "exercise": "Exercise",
    "conditions": "Conditions Met",
    "hints": "Hints",
    "done": "Completed Exercises",
    "time": "Time",
    "changed": "State",
}
INACTIVE_AFTER = {
    "2": "2 minutes",
    "5": "5 minutes",
    "10": "10 minutes",
    "20": "20 minutes",
}
DEFAULT_INACTIVE_AFTER = "5"
_DIGEST_LENGTH = 4


class ParticipantCells(NamedTuple):
    """The variables of a row's template."""

    pk: str
    url: str
    name: str
    exercise: str
    conditions: str
    hints: str
    done: str
    time: str
    state_html: str


@dataclass(frozen=True)
class ParticipantStatus:
    """A participant's result, and whether they're active now."""

    result: ParticipantResult
    now: datetime
    inactive_after: timedelta

    @cached_property
    def is_inactive(self) -> bool:
        idle = self.now - self.result.changed_at
        return not self.result.has_finished and idle >= self.inactive_after

    @property
    def state(self) -> str:
        if self.result.has_finished:
            return "finished"
        return "still" if self.is_inactive else "working"

    def cells(self) -> ParticipantCells:
        result, step = self.result, self.result.current
        run = step.run if step else None
        return ParticipantCells(
            pk=str(result.participant.pk),
            url=reverse(
                "training:participant",
                args=[result.participant.classroom_id, result.participant.pk],
            ),
            name=result.participant.name,
            exercise=step.exercise.title if step else "—",
            conditions=f"{run.met} of {run.conditions}" if run and run.conditions else "—",
            hints=str(result.hints),
            done=f"{result.done} of {len(result.steps)}",
            time=in_minutes(result.time),
            state_html=self._badge(),
        )

    def _badge(self) -> SafeString:
        if self.result.participant.practice_org_id is None:
            return format_html('<span class="slds-badge">{}</span>', "Org deleted")
        if self.is_inactive:
            idle = in_minutes(self.now - self.result.changed_at)
            return format_html('<span class="slds-badge">Inactive</span> {}', f"for {idle}")
        return SafeString("Finished" if self.result.has_finished else "Working")


def _position(status: ParticipantStatus) -> tuple[int, int]:
    """Return the index of the current exercise and the number of its met conditions."""
    step = status.result.current
    if step is None:
        return len(status.result.steps), 0
    return status.result.steps.index(step), step.run.met if step.run else 0


_SORTS: dict[str, Callable[[ParticipantStatus], Any]] = {
    "name": lambda status: status.result.participant.name.casefold(),
    "exercise": lambda status: _position(status)[0],
    "conditions": _position,
    "hints": lambda status: status.result.hints,
    "done": lambda status: status.result.done,
    "time": lambda status: status.result.time,
    "changed": lambda status: status.result.changed_at,
}


@dataclass(frozen=True)
class ClassTable:
    """The rows and the order that the URL selects."""

    query: QueryDict
    columns: list[Column]
    sorted_by: str
    rows: list[ParticipantCells]
    total: int
    inactive: int
    finished: int

    @property
    def html(self) -> SafeString:
        return _render(self.rows, is_swapped=False)

    @cached_property
    def seen(self) -> str:
        return _digest("".join(row.pk + " " for row in self.rows)) + "".join(
            _digest("\t".join(row)) for row in self.rows
        )

    @property
    def summary(self) -> str:
        """Return the count of participants and the sort order."""
        is_filtered = any(self.query.get(name) for name in ("search", "state"))
        total = self.total if is_filtered else None
        return summarize(len(self.rows), sorted_by=self.sorted_by, total=total)

    def is_in_order_of(self, seen: str) -> bool:
        """Return whether the page shows the same participants in the same order."""
        now = self.seen
        return len(now) == len(seen) and now[:_DIGEST_LENGTH] == seen[:_DIGEST_LENGTH]

    def changed_since(self, seen: str) -> SafeString:
        now = self.seen
        changed = [
            row
            for index, row in enumerate(self.rows, start=1)
            if _digest_at(now, index) != _digest_at(seen, index)
        ]
        return _render(changed, is_swapped=True)

    @property
    def poll_url(self) -> str:
        query = self.query.copy()
        query["seen"] = self.seen
        return f"?{query.urlencode()}"


def table_of(classroom: Classroom, query: QueryDict) -> ClassTable:
    """Return the participants that the URL selects."""
    params = query.copy()
    params.pop("seen", None)
    still = params.get("still", "")
    minutes = int(still if still in INACTIVE_AFTER else DEFAULT_INACTIVE_AFTER)
    # No one becomes inactive after the class ended.
    now = min(timezone.now(), classroom.ends_at)
    inactive_after = timedelta(minutes=minutes)
    people = [
        ParticipantStatus(result, now, inactive_after) for result in results_of(classroom)
    ]
    sorting = Sorting.from_query(params, COLUMNS, default="name")
    shown = [status for status in people if _matches(status, params)]
    shown.sort(key=_SORTS["name"])
    shown.sort(key=_SORTS[sorting.name], reverse=sorting.is_descending)
    return ClassTable(
        query=params,
        columns=[sorting.column(name, label, params) for name, label in COLUMNS.items()],
        sorted_by=COLUMNS[sorting.name],
        rows=[status.cells() for status in shown],
        total=len(people),
        inactive=sum(status.is_inactive for status in people),
        finished=sum(status.result.has_finished for status in people),
    )


def _matches(status: ParticipantStatus, query: QueryDict) -> bool:
    state, words = query.get("state", ""), query.get("search", "").casefold().split()
    if state and state != status.state:
        return False
    name = status.result.participant.name.casefold()
    return all(word in name for word in words)


def in_minutes(time: timedelta) -> str:
    """Format a duration in its largest useful unit."""
    minutes = int(time.total_seconds()) // 60
    if minutes < 120:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"


def _render(rows: list[ParticipantCells], *, is_swapped: bool) -> SafeString:
    template = "training/classes/_class_person_row.html"
    return render_rows(template, ParticipantCells._fields, rows, is_swapped=is_swapped)


def _digest_at(digests: str, index: int) -> str:
    return digests[index * _DIGEST_LENGTH :][:_DIGEST_LENGTH]


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()[:3]
    return base64.urlsafe_b64encode(digest).decode()

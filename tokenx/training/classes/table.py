"""The people of a class as a table, of which a page that looks again gets what changed.

A page says what it has seen: the order of the people, and four letters for each of them.
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
from tokenx.web.sorting import Column, Sorting
from tokenx.web.template_rows import render_rows

from .results import Result, results_of

COLUMNS = {
    "name": "Name",
    "exercise": "Exercise",
    "conditions": "Conditions Met",
    "hints": "Hints",
    "done": "Exercises Done",
    "time": "Time",
    "changed": "State",
}
STILL = {"2": "2 minutes", "5": "5 minutes", "10": "10 minutes", "20": "20 minutes"}
STILL_BY_DEFAULT = "5"
_DIGEST = 4


class Cells(NamedTuple):
    """A row, as its template takes it."""

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
class Person:
    """A result, and how it stands at this moment."""

    result: Result
    now: datetime
    still_after: timedelta

    @cached_property
    def is_still(self) -> bool:
        idle = self.now - self.result.changed_at
        return not self.result.has_finished and idle >= self.still_after

    @property
    def state(self) -> str:
        if self.result.has_finished:
            return "finished"
        return "still" if self.is_still else "working"

    def cells(self) -> Cells:
        result, step = self.result, self.result.current
        run = step.run if step else None
        return Cells(
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
            return format_html('<span class="slds-badge">{}</span>', "Org is gone")
        if self.is_still:
            idle = in_minutes(self.now - self.result.changed_at)
            return format_html(
                '<span class="slds-badge">Stands still</span> {}', f"for {idle}"
            )
        return SafeString("Finished" if self.result.has_finished else "Working")


def _place(person: Person) -> tuple[int, int]:
    """Which exercise it is, and how many of its conditions are met."""
    step = person.result.current
    if step is None:
        return len(person.result.steps), 0
    return person.result.steps.index(step), step.run.met if step.run else 0


_SORTS: dict[str, Callable[[Person], Any]] = {
    "name": lambda person: person.result.participant.name.casefold(),
    "exercise": lambda person: _place(person)[0],
    "conditions": _place,
    "hints": lambda person: person.result.hints,
    "done": lambda person: person.result.done,
    "time": lambda person: person.result.time,
    "changed": lambda person: person.result.changed_at,
}


@dataclass(frozen=True)
class Table:
    """The rows that the URL asks for, in its order."""

    query: QueryDict
    columns: list[Column]
    rows: list[Cells]
    total: int
    still: int
    finished: int

    @property
    def html(self) -> SafeString:
        return _render(self.rows, is_swapped=False)

    @cached_property
    def seen(self) -> str:
        return _digest("".join(row.pk + " " for row in self.rows)) + "".join(
            _digest("\t".join(row)) for row in self.rows
        )

    def is_in_order_of(self, seen: str) -> bool:
        """Whether a page that has seen this shows the same people in the same order."""
        now = self.seen
        return len(now) == len(seen) and now[:_DIGEST] == seen[:_DIGEST]

    def changed_since(self, seen: str) -> SafeString:
        now = self.seen
        changed = [
            row
            for at, row in enumerate(self.rows, start=1)
            if now[at * _DIGEST :][:_DIGEST] != seen[at * _DIGEST :][:_DIGEST]
        ]
        return _render(changed, is_swapped=True)

    @property
    def poll_url(self) -> str:
        query = self.query.copy()
        query["seen"] = self.seen
        return f"?{query.urlencode()}"


def table_of(classroom: Classroom, query: QueryDict) -> Table:
    asked = query.copy()
    asked.pop("seen", None)
    still = asked.get("still", "")
    minutes = int(still if still in STILL else STILL_BY_DEFAULT)
    # Nobody stands still in a class that is over.
    now = min(timezone.now(), classroom.ends_at)
    people = [
        Person(result, now, timedelta(minutes=minutes)) for result in results_of(classroom)
    ]
    sorting = Sorting.from_query(asked, COLUMNS, default="name")
    shown = [person for person in people if _is_asked_for(person, asked)]
    shown.sort(key=_SORTS["name"])
    shown.sort(key=_SORTS[sorting.name], reverse=sorting.is_descending)
    return Table(
        query=asked,
        columns=[sorting.column(name, label, asked) for name, label in COLUMNS.items()],
        rows=[person.cells() for person in shown],
        total=len(people),
        still=sum(person.is_still for person in people),
        finished=sum(person.result.has_finished for person in people),
    )


def _is_asked_for(person: Person, query: QueryDict) -> bool:
    state, words = query.get("state", ""), query.get("search", "").casefold().split()
    if state and state != person.state:
        return False
    name = person.result.participant.name.casefold()
    return all(word in name for word in words)


def in_minutes(time: timedelta) -> str:
    """A time as it is read at a glance."""
    minutes = int(time.total_seconds()) // 60
    if minutes < 120:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"


def _render(rows: list[Cells], *, is_swapped: bool) -> SafeString:
    template = "training/classes/_class_person_row.html"
    return render_rows(template, Cells._fields, rows, is_swapped=is_swapped)


def _digest(text: str) -> str:
    found = hashlib.sha256(text.encode()).digest()[:3]
    return base64.urlsafe_b64encode(found).decode()

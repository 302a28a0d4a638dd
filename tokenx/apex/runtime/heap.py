"""Counts the memory that values take, and refuses more than the limit.

Reserved bytes only grow. When they pass the limit, what's still reachable is measured, from
the calls that run, the static variables, and what evaluators hold.
"""

import sys
from collections.abc import Iterator
from types import FrameType, GeneratorType
from typing import TYPE_CHECKING, Any

from ..values import (
    ApexList,
    ApexMap,
    ApexSet,
    Instance,
    PlatformObject,
    QueryRows,
    Record,
    Value,
)
from .budget import MAX_HEAP
from .errors import LimitExceededError
from .frames import Frame

if TYPE_CHECKING:
    from .run import ApexRun

# Values that are visited for one step.
_VALUES_PER_STEP = 20
_HELD = (ApexList, ApexSet, ApexMap, Record, Instance, QueryRows, PlatformObject)


class Heap:
    """The heap of a run; `used` is what was reserved since the last measurement."""

    __slots__ = ("_run", "maximum", "used")

    def __init__(self, run: "ApexRun") -> None:
        self._run = run
        self.used = 0
        self.maximum = MAX_HEAP

    def collect(self, size: int) -> None:
        """Measure what's reachable; raise LimitExceededError if there's no room."""
        self.used -= size
        self.note_largest()
        if size > self.maximum:
            raise _too_large(size)
        self.used = self.measure() + size
        if self.used > self.maximum:
            raise _too_large(self.used)

    def note_largest(self) -> None:
        """Keep the size of the heap for the run's limits if it's the largest so far."""
        budget = self._run.budget
        budget.largest_heap = max(budget.largest_heap, self.used)

    def measure(self) -> int:
        """Return the bytes of all values that are reachable, each counted once."""
        seen = set[int]()
        total = visited = 0
        waiting = list(self._roots())
        charge = self._run.budget.charge
        while waiting:
            value = waiting.pop()
            visited += 1
            if visited % (_VALUES_PER_STEP * 100) == 0:
                charge(100)
            if isinstance(value, str | bytes):
                if id(value) not in seen:
                    seen.add(id(value))
                    total += len(value)
            elif isinstance(value, _HELD) and id(value) not in seen:
                seen.add(id(value))
                size, inner = _contents(value)
                total += size
                waiting += inner
        charge(visited // _VALUES_PER_STEP % 100)
        return total

    def _roots(self) -> Iterator[Value]:
        for loaded in list(self._run.types.loaded.values()):
            yield from loaded.statics.values()
        for frame in self._run.frames:
            yield from frame.locals.values()
            yield frame.this
            yield frame.result
        yield from _held_by_python()


def _held_by_python() -> Iterator[Value]:
    """Yield what evaluators hold: in functions that run, and in generators that wait."""
    frame: FrameType | None = sys._getframe(1)
    package = __name__.rpartition(".")[0]
    while frame is not None:
        if str(frame.f_globals.get("__name__", "")).startswith(package):
            yield from _values_of(frame)
        frame = frame.f_back


def _values_of(frame: FrameType) -> Iterator[Value]:
    for value in frame.f_locals.values():
        if isinstance(value, list | tuple):
            for each in value:
                if type(each) is GeneratorType:
                    yield from _waiting(each)
                else:
                    yield each
        elif type(value) is GeneratorType:
            yield from _waiting(value)
        elif not isinstance(value, Frame):
            yield value


def _waiting(generator: Any) -> Iterator[Value]:
    """Yield what a generator holds that isn't running."""
    frame = generator.gi_frame
    if frame is None or generator.gi_running:
        return
    for value in frame.f_locals.values():
        if isinstance(value, list | tuple):
            yield from value
        else:
            yield value


def _contents(value: Any) -> tuple[int, list[Value]]:
    """Return the bytes that a value takes by itself, and what it holds."""
    if isinstance(value, ApexList):
        return 16 + 8 * len(value.items), value.items
    if isinstance(value, ApexSet):
        return 16 + 8 * len(value.items), list(value.items.values())
    if isinstance(value, ApexMap):
        inner = [each for pair in value.items.values() for each in pair]
        return 16 + 8 * len(inner), inner
    if isinstance(value, Record):
        return 16 + 16 * len(value.fields), list(value.fields.values())
    if isinstance(value, Instance):
        inner = [*value.fields.values(), value.base]
        return 16 + 8 * len(value.fields), inner
    if isinstance(value, QueryRows):
        return 16 + 8 * len(value.records), list(value.records)
    return 16, list(value.children())


def _too_large(size: int) -> LimitExceededError:
    return LimitExceededError(f"Apex heap size too large: {size}")

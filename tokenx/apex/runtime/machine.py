"""Drives generators on a stack of its own, so that deep Apex needs no deep Python.

An evaluator gives a value. If code of the org must run first, it gives a generator, which
yields the generators that it waits for and returns its value. A value of Apex is never a
generator.
"""

from collections.abc import Callable, Generator
from types import GeneratorType
from typing import Any, TypeAlias

from .errors import ThrownError

# A value, or a generator that gives it.
Pending: TypeAlias = Any
Steps: TypeAlias = Generator[Any, Any, Any]


def drive(pending: Pending) -> Any:
    """Return a value; run the generator that gives it, if it's one.

    A generator can return another one, which then takes its place.
    """
    if type(pending) is not GeneratorType:
        return pending
    waiting: list[Steps] = []
    current: Steps = pending
    value: Any = None
    error: ThrownError | None = None
    while True:
        try:
            value = current.send(value) if error is None else current.throw(error)
            error = None
        except StopIteration as stop:
            value, error = stop.value, None
            if type(value) is GeneratorType:
                current, value = value, None
            elif waiting:
                current = waiting.pop()
            else:
                return value
        except ThrownError as raised:
            if not waiting:
                raise
            current, error = waiting.pop(), raised
        else:
            if type(value) is GeneratorType:
                waiting.append(current)
                current, value = value, None


def go_on(pending: Pending, finish: Callable[..., Pending], *arguments: Any) -> Pending:
    """Call `finish(value, *arguments)` now, or in a generator when the value is there."""
    if type(pending) is GeneratorType:
        return then(pending, finish, *arguments)
    return finish(pending, *arguments)


def then(pending: Steps, finish: Callable[..., Pending], *arguments: Any) -> Steps:
    """Wait for a value, and call `finish(value, *arguments)`."""
    value = yield pending
    return finish(value, *arguments)

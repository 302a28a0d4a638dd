"""How far a deployment is, and whether it is to stop, while it runs.

A deployment changes the org in one transaction, so what it says of itself in the database
is seen only before and after. Meanwhile this process knows more; others see the database.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event

_RUNNING: dict[int, "Progress"] = {}


class CanceledError(Exception):
    """Somebody wants the deployment to stop; nothing of it is kept."""


@dataclass
class Progress:
    """Components that are read and then applied: each counts twice."""

    total: int = 0
    done: int = 0
    detail: str = ""
    canceled: Event = field(default_factory=Event)
    on_step: Callable[[], None] | None = None

    def step(self, detail: str) -> None:
        """One more is about to be done. Raises CanceledError."""
        self.check()
        self.done, self.detail = self.done + 1, detail
        if self.on_step:
            self.on_step()

    def check(self) -> None:
        if self.canceled.is_set():
            raise CanceledError

    @property
    def percent(self) -> int:
        return min(99, 100 * self.done // (2 * self.total)) if self.total else 0


def progress_of(deployment: int) -> Progress | None:
    """Of a deployment that this process runs."""
    return _RUNNING.get(deployment)


@contextmanager
def running(deployment: int) -> Iterator[Progress]:
    progress = _RUNNING.setdefault(deployment, Progress())
    try:
        yield progress
    finally:
        _RUNNING.pop(deployment, None)

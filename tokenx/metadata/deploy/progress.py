"""The progress and the cancellation of a running deployment.

A deployment changes the org in one transaction, which hides its progress from other
connections. The running process keeps the progress in memory. Others read the database.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event

_RUNNING: dict[int, "Progress"] = {}


class CanceledError(Exception):
    """The deployment was canceled, and its changes are rolled back."""


@dataclass
class Progress:
    """The number of steps done. Each component counts twice: read and applied."""

    total: int = 0
    done: int = 0
    detail: str = ""
    canceled: Event = field(default_factory=Event)
    on_step: Callable[[], None] | None = None

    def step(self, detail: str) -> None:
        """Count one more step. Raises CanceledError."""
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
    """Return the progress of a deployment if this process runs it."""
    return _RUNNING.get(deployment)


@contextmanager
def running(deployment: int) -> Iterator[Progress]:
    progress = _RUNNING.setdefault(deployment, Progress())
    try:
        yield progress
    finally:
        _RUNNING.pop(deployment, None)

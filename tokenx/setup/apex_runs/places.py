"""Places of runs: one for each org, and for half of the server's threads at a time.

A run can take seconds, and its request holds a thread. The other half of the threads stays
free for pages. Places are per process.

Threads share one interpreter lock. While classes run, Python changes the thread that holds
it more often, and each run sleeps for a moment again and again. A page waits only briefly.
"""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Condition
from time import monotonic, sleep

from django.conf import settings

# A request that waits holds a thread, too.
MAX_WAIT = 0.2
# The value of the Retry-After header, in seconds.
RETRY_AFTER = 1
# How long a thread keeps the interpreter lock while classes run, and how long a run sleeps,
# in seconds.
SWITCH_INTERVAL, PAUSE = 0.000_5, 0.001
_USUAL_INTERVAL = sys.getswitchinterval()


class NoPlaceError(Exception):
    """A sentence that says why a run can't start now."""


class Places:
    """The places of this process."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._orgs: set[int] = set()

    @contextmanager
    def held(self, org: int, *, wait: float = MAX_WAIT) -> Iterator[None]:
        """Hold a place for an org. Raise NoPlaceError if none is free in time."""
        self._take(org, monotonic() + wait)
        try:
            yield
        finally:
            with self._changed:
                self._orgs.discard(org)
                if not self._orgs:
                    sys.setswitchinterval(_USUAL_INTERVAL)
                self._changed.notify_all()

    def _take(self, org: int, deadline: float) -> None:
        with self._changed:
            while reason := self._why_not(org):
                remaining = deadline - monotonic()
                if remaining <= 0 or not self._changed.wait(remaining):
                    if reason := self._why_not(org):
                        raise NoPlaceError(reason)
                    break
            self._orgs.add(org)
            sys.setswitchinterval(SWITCH_INTERVAL)

    def _why_not(self, org: int) -> str:
        if org in self._orgs:
            return "Another run in this org isn't finished. Try again in a moment."
        if len(self._orgs) >= count_of_places():
            return "The server is busy with other runs. Try again in a moment."
        return ""


def count_of_places() -> int:
    """Return how many runs can be at a time: half of the threads, but at least one."""
    return max(1, settings.THREADS // 2)


def give_way() -> None:
    """Let other threads go first."""
    sleep(PAUSE)


_places = Places()


def place_for(org: int) -> AbstractContextManager[None]:
    """Hold a place for a run in an org. Raise NoPlaceError if none is free in time."""
    return _places.held(org)

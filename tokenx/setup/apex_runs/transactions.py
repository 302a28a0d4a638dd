"""The transaction of a run: the first change opens it, and it's rolled back by default.

A run that only reads takes no lock. docs/decisions/sqlite.md says why a transaction takes
the write lock when it begins.
"""

from dataclasses import dataclass
from time import monotonic, sleep

from django.db import connection, transaction

# A run that has held SQLite's only write lock for longer than this rests as long as it held
# the lock, but not longer than that: in seconds.
LONG_HOLD, MOST_REST = 0.05, 0.25


@dataclass(frozen=True, eq=False)
class Savepoint:
    """A savepoint; without an ID, it's from before the first change."""

    id: str | None


class RunTransaction:
    """Keeps what a run changes apart until the run ends."""

    def __init__(self) -> None:
        self._atomic: transaction.Atomic | None = None
        self._opened_at = 0.0
        self._savepoints: list[Savepoint] = []
        # Apex can't call out between a change and the end of the transaction.
        self.has_changes = False

    @property
    def is_open(self) -> bool:
        return self._atomic is not None

    def open(self) -> None:
        """Begin the transaction, unless it has begun."""
        if self._atomic is None:
            self._atomic = transaction.atomic()
            self._atomic.__enter__()
            self._opened_at = monotonic()

    def close(self, *, commit: bool = False) -> None:
        """End the transaction, if it has begun."""
        if self._atomic is None:
            return
        atomic, self._atomic = self._atomic, None
        self._savepoints.clear()
        if not commit:
            transaction.set_rollback(True)
        atomic.__exit__(None, None, None)
        _rest(monotonic() - self._opened_at)

    def savepoint(self) -> Savepoint:
        """Set a savepoint. Before the first change, it needs no transaction."""
        point = Savepoint(transaction.savepoint() if self.is_open else None)
        self._savepoints.append(point)
        return point

    def roll_back(self, point: Savepoint) -> bool:
        """Return to a savepoint, which ends later ones. Return whether it was valid."""
        if point.id is None:
            self.close()
            self.has_changes = False
            # It stays valid: another change opens another transaction.
            self._savepoints = [point]
            return True
        if point not in self._savepoints:
            return False
        transaction.savepoint_rollback(point.id)
        del self._savepoints[self._savepoints.index(point) + 1 :]
        return True


def _rest(held: float) -> None:
    """Let other requests have the write lock if the run held it for long.

    SQLite has no queue: who waits looks for the lock every 0.1 s at most. Without a rest,
    code that changes something and loops could take the lock each time before others do.
    """
    is_free = not connection.in_atomic_block
    if held > LONG_HOLD and is_free and not connection.features.has_select_for_update:
        sleep(min(held, MOST_REST))

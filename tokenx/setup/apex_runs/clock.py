"""The clock and the random numbers of a run."""

import secrets
from datetime import datetime

from django.utils import timezone

from .moments import as_datetime


class SystemClock:
    """The server's clock."""

    def now(self) -> datetime:
        """Return the time in UTC, in whole milliseconds as in Apex."""
        return as_datetime(timezone.now())

    def random_bytes(self, count: int) -> bytes:
        """Return unpredictable bytes."""
        return secrets.token_bytes(count)

"""Users who created and last modified a record, and the times, as its page shows them.

Handlers store it. Other records have a time, and the Setup Audit Trail has the user: each
change adds an entry in its transaction. Records that are older than their org's first
entries were built with the org, by its first user.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Q

from .models import AuditEntry, User

# An entry follows its change within this time, and few others do.
_CLOSE = timedelta(seconds=2)
_MOST_ENTRIES = 50


class Stamp(NamedTuple):
    """A time and a user; None if it's unknown."""

    at: datetime | None = None
    by: User | None = None


class Stamps(NamedTuple):
    created: Stamp
    modified: Stamp

    @property
    def labeled(self) -> list[tuple[str, Stamp]]:
        return [("Created By", self.created), ("Last Modified By", self.modified)]


def stamps_of(row: Any, *names: str) -> Stamps:
    """Return a record's stamps. The entries of its changes contain one of the names."""
    created_at = getattr(row, "created_at", None)
    modified_at = getattr(row, "modified_at", None)
    if created_at and modified_at:
        # Scenarios say only when a record was modified.
        created_at = min(created_at, modified_at)
    if hasattr(row, "modified_by"):
        return Stamps(
            Stamp(created_at, row.created_by), Stamp(modified_at, row.modified_by)
        )
    times = [at for at in (created_at, modified_at) if at]
    entries = [
        entry
        for entry in _entries_after(row.org_id, times)
        if any(name in entry.display for name in names)
    ]
    builder = None
    modified = _first_after(entries, modified_at)
    if modified_at and modified and modified.display.startswith("Created"):
        # It hasn't changed since.
        created_at = created_at or modified_at
    if not modified:
        builder = _builder_of(row, modified_at or created_at)
        created_at = created_at or (modified_at if builder else None)
    created = _first_after(entries, created_at)
    return Stamps(
        Stamp(created_at, created.user if created else builder),
        Stamp(modified_at, modified.user if modified else builder),
    )


def _entries_after(org: int, times: list[datetime]) -> list[AuditEntry]:
    if not times:
        return []
    close = Q()
    for at in times:
        close |= Q(created_at__range=(at, at + _CLOSE))
    entries = AuditEntry.objects.filter(close, org=org).select_related("user")
    return list(entries.order_by("created_at", "id")[:_MOST_ENTRIES])


def _first_after(entries: list[AuditEntry], at: datetime | None) -> AuditEntry | None:
    return next(
        (e for e in entries if at and at <= e.created_at <= at + _CLOSE),
        None,
    )


def _builder_of(row: Any, at: datetime | None) -> User | None:
    """Return the org's first user if the record is as old as the org."""
    if at is None:
        return None
    users = User.objects.filter(org=row.org_id, org__created_at__gte=at)
    return users.order_by("pk").first()

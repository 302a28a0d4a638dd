"""Time zones by their IANA names, and that of the user who runs the code."""

from datetime import datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from ..runtime.api import Run


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo | None:
    """Return a time zone by its name, or None; no other file is opened."""
    return ZoneInfo(name) if name in available_timezones() else None


def zone_of_user(run: Run) -> tzinfo:
    """Return the time zone of the user who runs the code."""
    found = zone_of(run.ports.user.time_zone)
    return found or ZoneInfo("GMT")


def in_user_zone(run: Run, moment: datetime) -> datetime:
    """Return a time in the time zone of the user who runs the code."""
    return moment.astimezone(zone_of_user(run))

"""The time zone of the user who runs the code."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..runtime.api import Run


def zone_of(run: Run) -> ZoneInfo:
    """Return the running user's time zone; UTC if its name isn't known."""
    try:
        return ZoneInfo(run.ports.user.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")

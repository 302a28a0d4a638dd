"""Time zones by their IANA names, such as Europe/Berlin."""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

# "Factory" is a placeholder, and "localtime" depends on the server.
_NOT_ZONES = {"Factory", "localtime", "posixrules"}
NAME_LENGTH = 40


@cache
def names() -> frozenset[str]:
    """Return all names, also the old ones that some browsers send."""
    return frozenset(available_timezones() - _NOT_ZONES)


def find_zone(name: str) -> tzinfo | None:
    """Return the named zone, or None if the name is unknown."""
    return _zone(name) if name in names() else None


@cache
def _zone(name: str) -> tzinfo:
    return ZoneInfo(name)


def gmt_offset(moment: datetime) -> str:
    """Return the offset as Salesforce writes it: GMT-05:00."""
    minutes = (moment.utcoffset() or timedelta()) // timedelta(minutes=1)
    sign = "-" if minutes < 0 else "+"
    return f"GMT{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def label_of(name: str) -> str:
    """Return a zone's name with its current offset: (GMT-05:00) America/New_York."""
    zone = find_zone(name)
    return f"({gmt_offset(datetime.now(zone))}) {name}" if zone else name


def choices() -> list[tuple[str, str]]:
    """Return the zones for a select field, from west to east."""
    now = datetime.now(UTC)
    offsets = {
        name: now.astimezone(find_zone(name)).utcoffset() for name in current_names()
    }
    by_offset = sorted(offsets, key=lambda name: (-(offsets[name] or timedelta()), name))
    return [(name, label_of(name)) for name in by_offset]


@cache
def current_names() -> list[str]:
    """Return the names in today's spelling: UTC, and one or more for each country."""
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    return ["UTC", *(name for row in rows if (name := row[2]) in names())]

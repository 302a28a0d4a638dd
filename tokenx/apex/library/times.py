"""Time and TimeZone."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from ..runtime.api import Run
from ..types import ApexType
from ..values import PlatformObject
from ..values.moments import time_after
from .date_formats import offset_text, zone_name
from .dates import HOUR, MINUTE, SECOND, checked_method, checked_static
from .time_zones import zone_of

# --- Time --------------------------------------------------------------------------------


@checked_static("Time", "newInstance")
def new_time(run: Run, hour: int, minute: int, second: int, millisecond: int) -> time:
    """Return a Time."""
    del run
    total = hour * HOUR + minute * MINUTE + second * SECOND + millisecond
    return time_after(time(0), total)


def _time_addition(name: str, unit: int) -> None:
    def add(run: Run, value: time, count: int) -> time:
        del run
        return time_after(value, count * unit)

    checked_method("Time", name)(add)


_time_addition("addHours", HOUR)
_time_addition("addMinutes", MINUTE)
_time_addition("addSeconds", SECOND)
_time_addition("addMilliseconds", 1)


@checked_method("Time", "hour")
def time_hour(run: Run, value: time) -> int:
    """Return the hour."""
    del run
    return value.hour


@checked_method("Time", "minute")
def time_minute(run: Run, value: time) -> int:
    """Return the minute."""
    del run
    return value.minute


@checked_method("Time", "second")
def time_second(run: Run, value: time) -> int:
    """Return the second."""
    del run
    return value.second


@checked_method("Time", "millisecond")
def time_millisecond(run: Run, value: time) -> int:
    """Return the millisecond."""
    del run
    return value.microsecond // 1_000


# --- TimeZone ----------------------------------------------------------------------------


@dataclass(slots=True, eq=False, kw_only=True)
class TimeZoneValue(PlatformObject):
    """A time zone by its name."""

    type: ApexType = ApexType("TimeZone")  # noqa: RUF009  (types are frozen)
    name: str

    def text(self) -> str:
        """Return its name."""
        return self.name


def zone_or_gmt(name: str) -> tzinfo:
    return zone_of(name) or ZoneInfo("GMT")


@checked_static("TimeZone", "getTimeZone")
def get_time_zone(run: Run, name: str) -> TimeZoneValue:
    """Return a time zone; an unknown one is GMT."""
    run.allocate(16)
    return TimeZoneValue(name=name if zone_of(name) else "GMT")


@checked_method("TimeZone", "getID")
def get_zone_id(run: Run, zone: TimeZoneValue) -> str:
    """Return the name."""
    del run
    return zone.name


@checked_method("TimeZone", "getDisplayName")
def get_display_name(run: Run, zone: TimeZoneValue) -> str:
    """Return the zone's standard offset, long name, and name."""
    local = run.ports.clock.now().astimezone(zone_or_gmt(zone.name))
    local -= local.dst() or timedelta()
    return f"(GMT{offset_text(local, ':')}) {zone_name(local, 4)} ({zone.name})"


@checked_method("TimeZone", "getOffset")
def get_offset(run: Run, zone: TimeZoneValue, moment: datetime) -> int:
    """Return the zone's offset at a time, in milliseconds."""
    del run
    offset = moment.astimezone(zone_or_gmt(zone.name)).utcoffset()
    return (offset or timedelta()) // timedelta(milliseconds=1)

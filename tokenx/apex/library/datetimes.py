"""Datetime."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

from ..runtime.api import Run
from ..values import Long, Value
from ..values.moments import (
    add_milliseconds,
    checked_moment,
    from_milliseconds,
    milliseconds_of,
)
from .checks import require
from .date_formats import (
    both_pattern,
    format_by_locale,
    format_by_pattern,
    parse_by_locale,
    zone_name,
)
from .dates import (
    HOUR,
    MINUTE,
    SECOND,
    checked_method,
    checked_static,
    invalid_value,
    months_later,
    parsed_parts,
    valid_date,
)
from .registry import method
from .time_zones import in_user_zone, zone_of_user
from .times import zone_or_gmt

_MOMENT = re.compile(
    r"\s*([0-9]{1,4})-([0-9]{1,2})-([0-9]{1,2})"
    r"[ T]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:\.[0-9]{1,9})?Z?\s*"
)


def _moment(zone: tzinfo, parts: tuple[int, ...]) -> datetime:
    """Return a local time as UTC; hours and more beyond the last go on in the next."""
    year, month, day, hour, minute, second = (*parts, 0, 0, 0)[:6]
    start = datetime.combine(valid_date(year, month, day), time(0), UTC)
    milliseconds = hour * HOUR + minute * MINUTE + second * SECOND
    local = add_milliseconds(start, milliseconds)
    return checked_moment(local.replace(tzinfo=zone).astimezone(UTC))


@checked_static("Datetime", "now")
def now(run: Run) -> datetime:
    """Return the time."""
    moment = run.ports.clock.now().astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1_000 * 1_000)


def _new_moment(zone_of_run: Callable[[Run], tzinfo]) -> Callable[..., datetime]:
    def new(run: Run, *parts: Any) -> datetime:
        zone = zone_of_run(run)
        if len(parts) == 1:
            return from_milliseconds(int(parts[0]))
        if len(parts) == 2:
            local = datetime.combine(parts[0], parts[1], zone)
            return checked_moment(local.astimezone(UTC))
        return _moment(zone, parts)

    return new


def _utc(run: Run) -> tzinfo:
    del run
    return UTC


checked_static("Datetime", "newInstance", 1, 2, 3, 6)(_new_moment(zone_of_user))
checked_static("Datetime", "newInstanceGmt", 2, 3, 6)(_new_moment(_utc))


@checked_static("Datetime", "parse")
def parse_moment(run: Run, text: str) -> datetime:
    """Read a time as the user's locale writes it, in the user's time zone."""
    found = parse_by_locale(text.strip(), both_pattern(run.ports.user.formats))
    if found is None:
        raise invalid_value("date/time", text)
    local = checked_moment(found).replace(tzinfo=zone_of_user(run))
    return checked_moment(local.astimezone(UTC))


@checked_static("Datetime", "valueOf")
def moment_value_of(run: Run, value: Value) -> datetime:
    """Return the time of a text such as 2026-11-30 15:04:05, in the user's time zone."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time(0), UTC)
    if not isinstance(value, str):
        raise invalid_value("date/time", run.to_text(value))
    return _moment(zone_of_user(run), parsed_parts(_MOMENT, value, "date/time"))


@checked_static("Datetime", "valueOfGmt")
def moment_value_of_gmt(run: Run, text: str) -> datetime:
    """Return the time of a text such as 2026-11-30 15:04:05 in UTC."""
    del run
    return _moment(UTC, parsed_parts(_MOMENT, text, "date/time"))


def _addition(name: str, unit: int) -> None:
    def add(run: Run, value: datetime, count: int) -> datetime:
        del run
        return add_milliseconds(value, count * unit)

    checked_method("Datetime", name)(add)


_addition("addDays", 24 * HOUR)
_addition("addHours", HOUR)
_addition("addMinutes", MINUTE)
_addition("addSeconds", SECOND)


@checked_method("Datetime", "addMonths")
def moment_add_months(run: Run, value: datetime, months: int) -> datetime:
    """Return the time so many months later."""
    del run
    return datetime.combine(months_later(value.date(), months), value.timetz())


@checked_method("Datetime", "addYears")
def moment_add_years(run: Run, value: datetime, years: int) -> datetime:
    """Return the time so many years later."""
    return moment_add_months(run, value, 12 * years)


_PARTS: dict[str, Callable[[datetime], Value]] = {
    "day": lambda moment: moment.day,
    "dayOfYear": lambda moment: moment.timetuple().tm_yday,
    "hour": lambda moment: moment.hour,
    "millisecond": lambda moment: moment.microsecond // 1_000,
    "minute": lambda moment: moment.minute,
    "month": lambda moment: moment.month,
    "second": lambda moment: moment.second,
    "year": lambda moment: moment.year,
    "date": lambda moment: moment.date(),
    "time": lambda moment: moment.time(),
}


def _part(name: str, read: Callable[[datetime], Value]) -> None:
    def local(run: Run, value: datetime) -> Value:
        return read(in_user_zone(run, value))

    def gmt(run: Run, value: datetime) -> Value:
        del run
        return read(value)

    checked_method("Datetime", name)(local)
    checked_method("Datetime", f"{name}Gmt")(gmt)


for _name, _read in _PARTS.items():
    _part(_name, _read)


@checked_method("Datetime", "getTime")
def get_time(run: Run, value: datetime) -> Long:
    """Return the milliseconds since 1970."""
    del run
    return Long(milliseconds_of(value))


@checked_method("Datetime", "isSameDay")
def is_same_day(run: Run, value: datetime, other: datetime) -> bool:
    """Say whether two times are on the same day in the user's time zone."""
    return in_user_zone(run, value).date() == in_user_zone(run, other).date()


@checked_method("Datetime", "format", 0)
def format_moment(run: Run, value: datetime) -> str:
    """Return the time as the user's locale writes it, in the user's time zone."""
    return format_by_locale(in_user_zone(run, value), both_pattern(run.ports.user.formats))


@method("Datetime", "format", 1)
def format_moment_by(run: Run, value: datetime, pattern: str | None) -> str:
    """Format the time by a pattern, in the user's time zone."""
    if pattern is None:
        return format_moment(run, value)
    return format_by_pattern(run, in_user_zone(run, value), pattern)


@method("Datetime", "format", 2)
def format_moment_in(
    run: Run, value: datetime, pattern: str | None, zone: str | None
) -> str:
    """Format the time by a pattern, in a time zone; an unknown one is GMT."""
    if zone is None:
        return format_moment_by(run, value, pattern)
    require(pattern)
    local = value.astimezone(zone_or_gmt(zone))
    return format_by_pattern(run, local, str(pattern))


@checked_method("Datetime", "formatGmt")
def format_moment_gmt(run: Run, value: datetime, pattern: str) -> str:
    """Format the time by a pattern in UTC."""
    return format_by_pattern(run, value, pattern)


@checked_method("Datetime", "formatLong")
def format_long(run: Run, value: datetime) -> str:
    """Return the time as the user's locale writes it, with seconds and the zone's name."""
    local = in_user_zone(run, value)
    pattern = both_pattern(run.ports.user.formats, with_seconds=True)
    return f"{format_by_locale(local, pattern)} {zone_name(local, 1)}"

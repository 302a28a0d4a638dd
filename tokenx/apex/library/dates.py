"""Date, Datetime, Time, and TimeZone."""

import re
from calendar import isleap, monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from ..runtime.api import Run
from ..runtime.errors import ThrownError, thrown
from ..types import ApexType
from ..values import Long, PlatformObject, Value
from ..values.moments import (
    MAX_YEAR,
    MIN_YEAR,
    add_days,
    add_milliseconds,
    checked_date,
    checked_moment,
    from_milliseconds,
    milliseconds_of,
    time_after,
)
from .arguments import require
from .date_formats import (
    both_pattern,
    format_by_locale,
    format_by_pattern,
    offset_text,
    parse_by_locale,
    zone_name,
)
from .registry import method, static_method
from .time_zones import in_user_zone, zone_of, zone_of_user

F = TypeVar("F", bound=Callable[..., Any])
_SECOND, _MINUTE, _HOUR = 1_000, 60_000, 3_600_000
_DATE = re.compile(r"\s*([0-9]{1,4})-([0-9]{1,2})-([0-9]{1,2})(?:[ T].*)?\s*", re.DOTALL)
_MOMENT = re.compile(
    r"\s*([0-9]{1,4})-([0-9]{1,2})-([0-9]{1,2})"
    r"[ T]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:\.[0-9]{1,9})?Z?\s*"
)
# Countries whose weeks start on Sunday.
_SUNDAY_FIRST = frozenset(
    [
        "US",
        "CA",
        "MX",
        "BR",
        "JP",
        "IN",
        "IL",
        "KR",
        "TW",
        "HK",
        "PH",
        "ZA",
        "AR",
        "CO",
        "PE",
        "VE",
        "CL",
        "SG",
        "TH",
        "ID",
    ]
)


def _method(type_name: str, *names: str | int) -> Callable[[F], F]:
    """Register a method whose arguments can't be null."""
    return _checked(method(type_name, *names))


def _static(type_name: str, *names: str | int) -> Callable[[F], F]:
    """Register a static method whose arguments can't be null."""
    return _checked(static_method(type_name, *names))


def _checked(register: Callable[[Any], Any]) -> Callable[[F], F]:
    def registered(function: F) -> F:
        def checked(run: Run, *arguments: Value) -> Value:
            require(*arguments)
            return function(run, *arguments)

        register(checked)
        return function

    return registered


def _invalid(kind: str, text: str) -> ThrownError:
    return thrown("TypeException", f"Invalid {kind}: {text[:1_000]}")


# --- Making dates ------------------------------------------------------------------------


def _months_later(value: date, months: int) -> date:
    """Add months; the day is at most the last one of the month."""
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    if not MIN_YEAR <= year <= MAX_YEAR:
        raise _invalid("date", f"year {year}")
    day = min(value.day, monthrange(year, month + 1)[1])
    return value.replace(year=year, month=month + 1, day=day)


def _date(year: int, month: int, day: int) -> date:
    """Return a date; months and days beyond the last one go on in the next."""
    years, month = divmod(month - 1, 12)
    if not MIN_YEAR <= year + years <= MAX_YEAR:
        raise _invalid("date", f"{year}-{month + 1}-{day}")
    return add_days(date(year + years, month + 1, 1), day - 1)


def _moment(zone: tzinfo, parts: tuple[int, ...]) -> datetime:
    """Return a local time as UTC; hours and more beyond the last go on in the next."""
    year, month, day, hour, minute, second = (*parts, 0, 0, 0)[:6]
    start = datetime.combine(_date(year, month, day), time(0), UTC)
    milliseconds = hour * _HOUR + minute * _MINUTE + second * _SECOND
    local = add_milliseconds(start, milliseconds)
    return checked_moment(local.replace(tzinfo=zone).astimezone(UTC))


def _parsed(pattern: re.Pattern[str], text: str, kind: str) -> tuple[int, ...]:
    match = pattern.fullmatch(text) if len(text) < 200 else None
    if not match:
        raise _invalid(kind, text)
    parts = tuple(map(int, match.groups()))
    year, month, day, *rest = parts
    is_valid = MIN_YEAR <= year <= MAX_YEAR and 1 <= month <= 12
    is_valid = is_valid and 1 <= day <= monthrange(year, month)[1]
    limits = (24, 60, 60)
    if not is_valid or any(
        each >= limit for each, limit in zip(rest, limits, strict=False)
    ):
        raise _invalid(kind, text)
    return parts


# --- Date --------------------------------------------------------------------------------


@_static("Date", "daysInMonth")
def days_in_month(run: Run, year: int, month: int) -> int:
    """Return the number of days of a month."""
    del run
    return monthrange(_date(year, 1, 1).year, (month - 1) % 12 + 1)[1]


@_static("Date", "isLeapYear")
def is_leap_year(run: Run, year: int) -> bool:
    """Say whether a year has a February 29."""
    del run
    return isleap(year)


@_static("Date", "newInstance")
def new_date(run: Run, year: int, month: int, day: int) -> date:
    """Return a date."""
    del run
    return _date(year, month, day)


@_static("Date", "today")
def today(run: Run) -> date:
    """Return today's date in the user's time zone."""
    return in_user_zone(run, run.ports.clock.now()).date()


@_static("Date", "parse")
def parse_date(run: Run, text: str) -> date:
    """Read a date as the user's locale writes it."""
    found = parse_by_locale(text.strip(), run.ports.user.formats.date)
    if found is None:
        raise _invalid("date", text)
    return checked_date(found.date())


@_static("Date", "valueOf")
def date_value_of(run: Run, value: Value) -> date:
    """Return the date of a text such as 2026-11-30, or of a time in the user's zone."""
    if isinstance(value, datetime):
        return in_user_zone(run, value).date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        raise _invalid("date", run.to_text(value))
    return date(*_parsed(_DATE, value, "date"))


@_method("Date", "addDays")
def date_add_days(run: Run, value: date, days: int) -> date:
    """Return the date so many days later."""
    del run
    return add_days(value, days)


@_method("Date", "addMonths")
def date_add_months(run: Run, value: date, months: int) -> date:
    """Return the date so many months later."""
    del run
    return _months_later(value, months)


@_method("Date", "addYears")
def date_add_years(run: Run, value: date, years: int) -> date:
    """Return the date so many years later."""
    del run
    return _months_later(value, 12 * years)


@_method("Date", "day")
def date_day(run: Run, value: date) -> int:
    """Return the day of the month."""
    del run
    return value.day


@_method("Date", "month")
def date_month(run: Run, value: date) -> int:
    """Return the month."""
    del run
    return value.month


@_method("Date", "year")
def date_year(run: Run, value: date) -> int:
    """Return the year."""
    del run
    return value.year


@_method("Date", "dayOfYear")
def date_day_of_year(run: Run, value: date) -> int:
    """Return the day of the year."""
    del run
    return value.timetuple().tm_yday


@_method("Date", "daysBetween")
def days_between(run: Run, value: date, other: date) -> int:
    """Return the number of days from this date to another one."""
    del run
    return (other - value).days


@_method("Date", "monthsBetween")
def months_between(run: Run, value: date, other: date) -> int:
    """Return the number of months from this date's month to that of another one."""
    del run
    return (other.year - value.year) * 12 + other.month - value.month


@_method("Date", "format")
def format_date(run: Run, value: date) -> str:
    """Return the date as the user's locale writes it."""
    return format_by_locale(value, run.ports.user.formats.date)


@_method("Date", "isSameDay")
def is_same_date(run: Run, value: date, other: date) -> bool:
    """Say whether two dates are equal."""
    del run
    return value == other


@_method("Date", "toStartOfMonth")
def start_of_month(run: Run, value: date) -> date:
    """Return the first day of the month."""
    del run
    return value.replace(day=1)


@_method("Date", "toStartOfWeek")
def start_of_week(run: Run, value: date) -> date:
    """Return the first day of the week in the user's locale."""
    country = run.ports.user.locale.replace("-", "_").rpartition("_")[2]
    is_sunday_first = country in _SUNDAY_FIRST
    return add_days(value, -((value.weekday() + is_sunday_first) % 7))


# --- Datetime ----------------------------------------------------------------------------


@_static("Datetime", "now")
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


_static("Datetime", "newInstance", 1, 2, 3, 6)(_new_moment(zone_of_user))
_static("Datetime", "newInstanceGmt", 2, 3, 6)(_new_moment(_utc))


@_static("Datetime", "parse")
def parse_moment(run: Run, text: str) -> datetime:
    """Read a time as the user's locale writes it, in the user's time zone."""
    found = parse_by_locale(text.strip(), both_pattern(run.ports.user.formats))
    if found is None:
        raise _invalid("date/time", text)
    local = checked_moment(found).replace(tzinfo=zone_of_user(run))
    return checked_moment(local.astimezone(UTC))


@_static("Datetime", "valueOf")
def moment_value_of(run: Run, value: Value) -> datetime:
    """Return the time of a text such as 2026-11-30 15:04:05, in the user's time zone."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time(0), UTC)
    if not isinstance(value, str):
        raise _invalid("date/time", run.to_text(value))
    return _moment(zone_of_user(run), _parsed(_MOMENT, value, "date/time"))


@_static("Datetime", "valueOfGmt")
def moment_value_of_gmt(run: Run, text: str) -> datetime:
    """Return the time of a text such as 2026-11-30 15:04:05 in UTC."""
    del run
    return _moment(UTC, _parsed(_MOMENT, text, "date/time"))


def _addition(name: str, unit: int) -> None:
    def add(run: Run, value: datetime, count: int) -> datetime:
        del run
        return add_milliseconds(value, count * unit)

    _method("Datetime", name)(add)


_addition("addDays", 24 * _HOUR)
_addition("addHours", _HOUR)
_addition("addMinutes", _MINUTE)
_addition("addSeconds", _SECOND)


@_method("Datetime", "addMonths")
def moment_add_months(run: Run, value: datetime, months: int) -> datetime:
    """Return the time so many months later."""
    del run
    return datetime.combine(_months_later(value.date(), months), value.timetz())


@_method("Datetime", "addYears")
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

    _method("Datetime", name)(local)
    _method("Datetime", f"{name}Gmt")(gmt)


for _name, _read in _PARTS.items():
    _part(_name, _read)


@_method("Datetime", "getTime")
def get_time(run: Run, value: datetime) -> Long:
    """Return the milliseconds since 1970."""
    del run
    return Long(milliseconds_of(value))


@_method("Datetime", "isSameDay")
def is_same_day(run: Run, value: datetime, other: datetime) -> bool:
    """Say whether two times are on the same day in the user's time zone."""
    return in_user_zone(run, value).date() == in_user_zone(run, other).date()


@_method("Datetime", "format", 0)
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
    local = value.astimezone(_zone_or_gmt(zone))
    return format_by_pattern(run, local, str(pattern))


@_method("Datetime", "formatGmt")
def format_moment_gmt(run: Run, value: datetime, pattern: str) -> str:
    """Format the time by a pattern in UTC."""
    return format_by_pattern(run, value, pattern)


@_method("Datetime", "formatLong")
def format_long(run: Run, value: datetime) -> str:
    """Return the time as the user's locale writes it, with seconds and the zone's name."""
    local = in_user_zone(run, value)
    pattern = both_pattern(run.ports.user.formats, with_seconds=True)
    return f"{format_by_locale(local, pattern)} {zone_name(local, 1)}"


# --- Time --------------------------------------------------------------------------------


@_static("Time", "newInstance")
def new_time(run: Run, hour: int, minute: int, second: int, millisecond: int) -> time:
    """Return a Time."""
    del run
    total = hour * _HOUR + minute * _MINUTE + second * _SECOND + millisecond
    return time_after(time(0), total)


def _time_addition(name: str, unit: int) -> None:
    def add(run: Run, value: time, count: int) -> time:
        del run
        return time_after(value, count * unit)

    _method("Time", name)(add)


_time_addition("addHours", _HOUR)
_time_addition("addMinutes", _MINUTE)
_time_addition("addSeconds", _SECOND)
_time_addition("addMilliseconds", 1)


@_method("Time", "hour")
def time_hour(run: Run, value: time) -> int:
    """Return the hour."""
    del run
    return value.hour


@_method("Time", "minute")
def time_minute(run: Run, value: time) -> int:
    """Return the minute."""
    del run
    return value.minute


@_method("Time", "second")
def time_second(run: Run, value: time) -> int:
    """Return the second."""
    del run
    return value.second


@_method("Time", "millisecond")
def time_millisecond(run: Run, value: time) -> int:
    """Return the millisecond."""
    del run
    return value.microsecond // 1_000


# --- TimeZone ----------------------------------------------------------------------------


@dataclass(slots=True, eq=False, kw_only=True)
class TimeZoneValue(PlatformObject):
    """A time zone by its name."""

    type: ApexType = ApexType("TimeZone")  # noqa: RUF009
    name: str

    def text(self) -> str:
        """Return its name."""
        return self.name


def _zone_or_gmt(name: str) -> tzinfo:
    return zone_of(name) or ZoneInfo("GMT")


@_static("TimeZone", "getTimeZone")
def get_time_zone(run: Run, name: str) -> TimeZoneValue:
    """Return a time zone; an unknown one is GMT."""
    run.allocate(16)
    return TimeZoneValue(name=name if zone_of(name) else "GMT")


@_method("TimeZone", "getID")
def get_zone_id(run: Run, zone: TimeZoneValue) -> str:
    """Return the name."""
    del run
    return zone.name


@_method("TimeZone", "getDisplayName")
def get_display_name(run: Run, zone: TimeZoneValue) -> str:
    """Return the zone's standard offset, long name, and name."""
    local = run.ports.clock.now().astimezone(_zone_or_gmt(zone.name))
    local -= local.dst() or timedelta()
    return f"(GMT{offset_text(local, ':')}) {zone_name(local, 4)} ({zone.name})"


@_method("TimeZone", "getOffset")
def get_offset(run: Run, zone: TimeZoneValue, moment: datetime) -> int:
    """Return the zone's offset at a time, in milliseconds."""
    del run
    offset = moment.astimezone(_zone_or_gmt(zone.name)).utcoffset()
    return (offset or timedelta()) // timedelta(milliseconds=1)

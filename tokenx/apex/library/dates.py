"""Date, and the parts that Datetime and Time share with it."""

import re
from calendar import isleap, monthrange
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from ..runtime.api import Run
from ..runtime.errors import ThrownError, thrown
from ..values import Value
from ..values.moments import MAX_YEAR, MIN_YEAR, add_days, checked_date
from .checks import require
from .date_formats import format_by_locale, parse_by_locale
from .registry import method, static_method
from .time_zones import in_user_zone

F = TypeVar("F", bound=Callable[..., Any])
SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
_DATE = re.compile(r"\s*([0-9]{1,4})-([0-9]{1,2})-([0-9]{1,2})(?:[ T].*)?\s*", re.DOTALL)
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


def checked_method(type_name: str, *names: str | int) -> Callable[[F], F]:
    """Register a method whose arguments can't be null."""
    return _checked(method(type_name, *names))


def checked_static(type_name: str, *names: str | int) -> Callable[[F], F]:
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


def invalid_value(kind: str, text: str) -> ThrownError:
    return thrown("TypeException", f"Invalid {kind}: {text[:1_000]}")


# --- Making dates ------------------------------------------------------------------------


def months_later(value: date, months: int) -> date:
    """Add months; the day is at most the last one of the month."""
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    if not MIN_YEAR <= year <= MAX_YEAR:
        raise invalid_value("date", f"year {year}")
    day = min(value.day, monthrange(year, month + 1)[1])
    return value.replace(year=year, month=month + 1, day=day)


def valid_date(year: int, month: int, day: int) -> date:
    """Return a date; months and days beyond the last one go on in the next."""
    years, month = divmod(month - 1, 12)
    if not MIN_YEAR <= year + years <= MAX_YEAR:
        raise invalid_value("date", f"{year}-{month + 1}-{day}")
    return add_days(date(year + years, month + 1, 1), day - 1)


def parsed_parts(pattern: re.Pattern[str], text: str, kind: str) -> tuple[int, ...]:
    match = pattern.fullmatch(text) if len(text) < 200 else None
    if not match:
        raise invalid_value(kind, text)
    parts = tuple(map(int, match.groups()))
    year, month, day, *rest = parts
    is_valid = MIN_YEAR <= year <= MAX_YEAR and 1 <= month <= 12
    is_valid = is_valid and 1 <= day <= monthrange(year, month)[1]
    limits = (24, 60, 60)
    if not is_valid or any(
        each >= limit for each, limit in zip(rest, limits, strict=False)
    ):
        raise invalid_value(kind, text)
    return parts


# --- Date --------------------------------------------------------------------------------


@checked_static("Date", "daysInMonth")
def days_in_month(run: Run, year: int, month: int) -> int:
    """Return the number of days of a month."""
    del run
    return monthrange(valid_date(year, 1, 1).year, (month - 1) % 12 + 1)[1]


@checked_static("Date", "isLeapYear")
def is_leap_year(run: Run, year: int) -> bool:
    """Say whether a year has a February 29."""
    del run
    return isleap(year)


@checked_static("Date", "newInstance")
def new_date(run: Run, year: int, month: int, day: int) -> date:
    """Return a date."""
    del run
    return valid_date(year, month, day)


@checked_static("Date", "today")
def today(run: Run) -> date:
    """Return today's date in the user's time zone."""
    return in_user_zone(run, run.ports.clock.now()).date()


@checked_static("Date", "parse")
def parse_date(run: Run, text: str) -> date:
    """Read a date as the user's locale writes it."""
    found = parse_by_locale(text.strip(), run.ports.user.formats.date)
    if found is None:
        raise invalid_value("date", text)
    return checked_date(found.date())


@checked_static("Date", "valueOf")
def date_value_of(run: Run, value: Value) -> date:
    """Return the date of a text such as 2026-11-30, or of a time in the user's zone."""
    if isinstance(value, datetime):
        return in_user_zone(run, value).date()
    if isinstance(value, date):
        return value
    if not isinstance(value, str):
        raise invalid_value("date", run.to_text(value))
    return date(*parsed_parts(_DATE, value, "date"))


@checked_method("Date", "addDays")
def date_add_days(run: Run, value: date, days: int) -> date:
    """Return the date so many days later."""
    del run
    return add_days(value, days)


@checked_method("Date", "addMonths")
def date_add_months(run: Run, value: date, months: int) -> date:
    """Return the date so many months later."""
    del run
    return months_later(value, months)


@checked_method("Date", "addYears")
def date_add_years(run: Run, value: date, years: int) -> date:
    """Return the date so many years later."""
    del run
    return months_later(value, 12 * years)


@checked_method("Date", "day")
def date_day(run: Run, value: date) -> int:
    """Return the day of the month."""
    del run
    return value.day


@checked_method("Date", "month")
def date_month(run: Run, value: date) -> int:
    """Return the month."""
    del run
    return value.month


@checked_method("Date", "year")
def date_year(run: Run, value: date) -> int:
    """Return the year."""
    del run
    return value.year


@checked_method("Date", "dayOfYear")
def date_day_of_year(run: Run, value: date) -> int:
    """Return the day of the year."""
    del run
    return value.timetuple().tm_yday


@checked_method("Date", "daysBetween")
def days_between(run: Run, value: date, other: date) -> int:
    """Return the number of days from this date to another one."""
    del run
    return (other - value).days


@checked_method("Date", "monthsBetween")
def months_between(run: Run, value: date, other: date) -> int:
    """Return the number of months from this date's month to that of another one."""
    del run
    return (other.year - value.year) * 12 + other.month - value.month


@checked_method("Date", "format")
def format_date(run: Run, value: date) -> str:
    """Return the date as the user's locale writes it."""
    return format_by_locale(value, run.ports.user.formats.date)


@checked_method("Date", "isSameDay")
def is_same_date(run: Run, value: date, other: date) -> bool:
    """Say whether two dates are equal."""
    del run
    return value == other


@checked_method("Date", "toStartOfMonth")
def start_of_month(run: Run, value: date) -> date:
    """Return the first day of the month."""
    del run
    return value.replace(day=1)


@checked_method("Date", "toStartOfWeek")
def start_of_week(run: Run, value: date) -> date:
    """Return the first day of the week in the user's locale."""
    country = run.ports.user.locale.replace("-", "_").rpartition("_")[2]
    is_sunday_first = country in _SUNDAY_FIRST
    return add_days(value, -((value.weekday() + is_sunday_first) % 7))

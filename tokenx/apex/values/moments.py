"""Arithmetic of Date, Datetime, and Time, within the years that Salesforce has."""

import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from ..runtime.errors import thrown

MIN_YEAR, MAX_YEAR = 1700, 4000
MILLISECONDS_OF_DAY = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_DAYS = (MAX_YEAR - MIN_YEAR + 1) * 366


def checked_date(value: date) -> date:
    """Return a date; raise a TypeException if its year is out of range."""
    if MIN_YEAR <= value.year <= MAX_YEAR:
        return value
    raise thrown("TypeException", f"Invalid date: {value.isoformat()}")


def checked_moment(value: datetime) -> datetime:
    """Return a time; raise a TypeException if its year is out of range."""
    if MIN_YEAR <= value.year <= MAX_YEAR:
        return value
    raise thrown("TypeException", f"Invalid date/time: {value.isoformat()}")


def add_days(value: date, days: int) -> date:
    """Return the date so many days later."""
    if abs(days) > _MAX_DAYS:
        raise thrown("TypeException", "Invalid date")
    return checked_date(value + timedelta(days=days))


def add_milliseconds(value: datetime, milliseconds: int) -> datetime:
    """Return the time so many milliseconds later."""
    if abs(milliseconds) > _MAX_DAYS * MILLISECONDS_OF_DAY:
        raise thrown("TypeException", "Invalid date/time")
    return checked_moment(value + timedelta(milliseconds=milliseconds))


def add_day_fraction(value: datetime, days: int | float | Decimal) -> datetime:
    """Return the time so many days later, such as 0.5."""
    if isinstance(days, float) and not math.isfinite(days):
        raise thrown("TypeException", "Invalid date/time")
    if not -_MAX_DAYS <= days <= _MAX_DAYS:
        raise thrown("TypeException", "Invalid date/time")
    return add_milliseconds(value, round(days * MILLISECONDS_OF_DAY))


def milliseconds_of(value: datetime) -> int:
    """Return the milliseconds since 1970."""
    return (value - _EPOCH) // timedelta(milliseconds=1)


def from_milliseconds(milliseconds: int) -> datetime:
    """Return the time so many milliseconds after 1970 began."""
    return add_milliseconds(_EPOCH, milliseconds)


def milliseconds_of_time(value: time) -> int:
    """Return the milliseconds since midnight."""
    seconds = (value.hour * 60 + value.minute) * 60 + value.second
    return seconds * 1_000 + value.microsecond // 1_000


def time_after(value: time, milliseconds: int) -> time:
    """Return the Time so many milliseconds later; after midnight, it starts again."""
    rest = (milliseconds_of_time(value) + milliseconds) % MILLISECONDS_OF_DAY
    seconds, rest = divmod(rest, 1_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return time(hours, minutes, seconds, rest * 1_000)

"""Dates, times, and Datetimes in JSON."""

import re
from datetime import UTC, date, datetime, time, timedelta

_DATE = r"(\d{4})-(\d\d)-(\d\d)"
_TIME = r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?"
_ZONE = r"(?:Z|([+-])(\d\d):?(\d\d))?"
_DATE_ONLY = re.compile(f"{_DATE}(?:[T ].*)?", re.ASCII)
_DATETIME = re.compile(f"{_DATE}(?:[T ]{_TIME}{_ZONE})?", re.ASCII)
_TIME_ONLY = re.compile(f"{_TIME}{_ZONE}", re.ASCII)


def text_of_datetime(moment: datetime) -> str:
    """Return a Datetime as 2026-01-31T10:00:00.000Z."""
    utc = moment.replace(tzinfo=None)
    return f"{text_of_date(utc.date())}T{text_of_time(utc.time())}"


def text_of_date(day: date) -> str:
    """Return a date as 2026-01-31."""
    return f"{day.year:04d}-{day.month:02d}-{day.day:02d}"


def text_of_time(moment: time) -> str:
    """Return a time as 10:00:00.000Z."""
    seconds = f"{moment.hour:02d}:{moment.minute:02d}:{moment.second:02d}"
    return f"{seconds}.{moment.microsecond // 1_000:03d}Z"


def date_of(text: str) -> date | None:
    """Read a date, or the date of a Datetime; None if it isn't one."""
    match = _DATE_ONLY.fullmatch(text[:100])
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def datetime_of(text: str) -> datetime | None:
    """Read a Datetime with or without a time zone; None if it isn't one."""
    match = _DATETIME.fullmatch(text[:100])
    if not match:
        return None
    year, month, day, hour, minute, second = (int(each or 0) for each in match.groups()[:6])
    thousandths = int((match[7] or "0").ljust(3, "0")[:3])
    try:
        moment = datetime(year, month, day, hour, minute, second, thousandths * 1_000, UTC)
        return moment - _offset(match[8], match[9], match[10])
    except (ValueError, OverflowError):
        return None


def time_of(text: str) -> time | None:
    """Read a time; None if it isn't one."""
    match = _TIME_ONLY.fullmatch(text[:100])
    if not match:
        return None
    thousandths = int((match[4] or "0").ljust(3, "0")[:3])
    hour, minute, second = (int(each or 0) for each in match.groups()[:3])
    try:
        return time(hour, minute, second, thousandths * 1_000)
    except ValueError:
        return None


def _offset(sign: str | None, hours: str | None, minutes: str | None) -> timedelta:
    if not sign:
        return timedelta()
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    return -offset if sign == "-" else offset

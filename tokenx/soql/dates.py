"""SOQL's date literals, such as TODAY, LAST_WEEK, and NEXT_N_DAYS:3."""

from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

UNITS = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR")
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
_MONTHS_OF_A_YEAR = 12


class Span(NamedTuple):
    """A half-open interval `[start, end)`."""

    start: datetime
    end: datetime


class _Stretch(NamedTuple):
    """A date literal's range, in units relative to the current one.

    Each is a number, and how often the number written behind the word is added to it.
    """

    unit: str
    start: int
    end: int
    start_by: int = 0
    end_by: int = 0


PLAIN = {
    "YESTERDAY": _Stretch("DAY", -1, 0),
    "TODAY": _Stretch("DAY", 0, 1),
    "TOMORROW": _Stretch("DAY", 1, 2),
    "LAST_90_DAYS": _Stretch("DAY", -90, 1),
    "NEXT_90_DAYS": _Stretch("DAY", 1, 91),
}
# LAST_N_DAYS includes today; LAST_N_WEEKS and LAST_N_MONTHS exclude the current unit.
COUNTED = {"LAST_N_DAYS": _Stretch("DAY", 0, 1, start_by=-1)}
for _unit in UNITS:
    if _unit != "DAY":
        PLAIN[f"LAST_{_unit}"] = _Stretch(_unit, -1, 0)
        PLAIN[f"THIS_{_unit}"] = _Stretch(_unit, 0, 1)
        PLAIN[f"NEXT_{_unit}"] = _Stretch(_unit, 1, 2)
        COUNTED[f"LAST_N_{_unit}S"] = _Stretch(_unit, 0, 0, start_by=-1)
    COUNTED[f"NEXT_N_{_unit}S"] = _Stretch(_unit, 1, 1, end_by=1)
    COUNTED[f"N_{_unit}S_AGO"] = _Stretch(_unit, 0, 1, start_by=-1, end_by=-1)


def span(word: str, number: int | None, now: datetime) -> Span:
    """Return the literal's interval. Raise OverflowError if it's outside the calendar."""
    unit, start, end, start_by, end_by = (PLAIN | COUNTED)[word]
    written = number or 0
    try:
        first = _beginning(unit, now.date(), start + start_by * written)
        after = _beginning(unit, now.date(), end + end_by * written)
    except ValueError as error:
        raise OverflowError from error
    return Span(_midnight(first, now.tzinfo), _midnight(after, now.tzinfo))


def _midnight(day: date, zone: tzinfo | None) -> datetime:
    return datetime.combine(day, time(), zone)


def _beginning(unit: str, today: date, ahead: int) -> date:
    """Return the first day of the unit, counted from today's."""
    if unit == "DAY":
        return today + timedelta(days=ahead)
    if unit == "WEEK":
        # A week starts on Sunday, as in Salesforce's default locale.
        sunday = today - timedelta(days=today.isoweekday() % 7)
        return sunday + timedelta(weeks=ahead)
    length = _MONTHS[unit]
    months = today.year * _MONTHS_OF_A_YEAR + today.month - 1
    year, month = divmod((months // length + ahead) * length, _MONTHS_OF_A_YEAR)
    return date(year, month + 1, 1)

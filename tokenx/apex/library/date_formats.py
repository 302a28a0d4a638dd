"""Patterns of dates: those of Java's SimpleDateFormat, and those of a user's locale."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from ..runtime.api import Run
from ..runtime.errors import thrown
from ..runtime.ports import LocaleFormats
from ..values.building import Parts

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_ZONE_NAMES = {
    "ACDT": "Australian Central Daylight Time",
    "ACST": "Australian Central Standard Time",
    "AEDT": "Australian Eastern Daylight Time",
    "AEST": "Australian Eastern Standard Time",
    "BST": "British Summer Time",
    "CDT": "Central Daylight Time",
    "CEST": "Central European Summer Time",
    "CET": "Central European Standard Time",
    "CST": "Central Standard Time",
    "EDT": "Eastern Daylight Time",
    "EEST": "Eastern European Summer Time",
    "EET": "Eastern European Standard Time",
    "EST": "Eastern Standard Time",
    "GMT": "Greenwich Mean Time",
    "IST": "India Standard Time",
    "JST": "Japan Standard Time",
    "MDT": "Mountain Daylight Time",
    "MST": "Mountain Standard Time",
    "PDT": "Pacific Daylight Time",
    "PST": "Pacific Standard Time",
    "UTC": "Coordinated Universal Time",
}
_PART = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|([^A-Za-z']+)|(')")


def format_by_pattern(run: Run, moment: datetime, pattern: str) -> str:
    """Format a time by a pattern of SimpleDateFormat, in the time's zone."""
    run.budget.charge(3 + len(pattern) // 2)
    run.allocate(64 * len(pattern))
    parts = Parts[str](run)
    for match in _PART.finditer(pattern):
        parts.add(_formatted(moment, match))
    return "".join(parts.items)


def _formatted(moment: datetime, match: re.Match[str]) -> str:
    quoted, letter, literal, stray = match.groups()
    if letter:
        write = _LETTERS.get(letter)
        if write is None:
            message = f"Illegal pattern character '{letter}'"
            raise thrown("IllegalArgumentException", message)
        return write(moment, len(match[0]))
    if stray:
        raise thrown("IllegalArgumentException", "Unterminated quote")
    if quoted is not None:
        return quoted.replace("''", "'") if quoted else "'"
    return literal


def _number(read: Callable[[datetime], int]) -> Callable[[datetime, int], str]:
    return lambda moment, count: str(read(moment)).zfill(count)


def _month(moment: datetime, count: int) -> str:
    name = _MONTHS[moment.month - 1]
    if count >= 4:
        return name
    return name[:3] if count == 3 else str(moment.month).zfill(count)


def _day_name(moment: datetime, count: int) -> str:
    name = _DAYS[moment.weekday()]
    return name if count >= 4 else name[:3]


def _year(year: int, count: int) -> str:
    return f"{year % 100:02}" if count == 2 else str(year).zfill(count)


def _week_start(day: date) -> date:
    """Return the Sunday of a day's week."""
    return day - timedelta(days=(day.weekday() + 1) % 7)


def _week_year(moment: datetime) -> int:
    """Return the year of the week: the next one if the week has its first day."""
    return (_week_start(moment.date()) + timedelta(days=6)).year


def _week_of_year(moment: datetime) -> int:
    first = _week_start(date(_week_year(moment), 1, 1))
    return (_week_start(moment.date()) - first).days // 7 + 1


def _week_of_month(moment: datetime) -> int:
    first = _week_start(moment.date().replace(day=1))
    return (_week_start(moment.date()) - first).days // 7 + 1


def offset_text(moment: datetime, separator: str) -> str:
    """Return a time's offset from UTC, such as -0800."""
    minutes = (moment.utcoffset() or timedelta()) // timedelta(minutes=1)
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}{separator}{rest:02}"


def _iso_offset(moment: datetime, count: int) -> str:
    if not moment.utcoffset():
        return "Z"
    text = offset_text(moment, ":" if count >= 3 else "")
    return text[:3] if count == 1 else text


def zone_name(moment: datetime, count: int) -> str:
    """Return the name of a time's zone: PST, or Pacific Standard Time from four letters."""
    name = moment.tzname() or "GMT"
    if name == "UTC":
        name = "GMT"
    if name[:1] in "+-":
        return f"GMT{offset_text(moment, ':')}"
    return _ZONE_NAMES.get(name, name) if count >= 4 else name


_LETTERS: dict[str, Callable[[datetime, int], str]] = {
    "G": lambda moment, count: "AD",
    "y": lambda moment, count: _year(moment.year, count),
    "Y": lambda moment, count: _year(_week_year(moment), count),
    "M": _month,
    "L": _month,
    "w": _number(_week_of_year),
    "W": _number(_week_of_month),
    "D": _number(lambda moment: moment.timetuple().tm_yday),
    "d": _number(lambda moment: moment.day),
    "F": _number(lambda moment: (moment.day - 1) // 7 + 1),
    "E": _day_name,
    "u": _number(lambda moment: moment.isoweekday()),
    "a": lambda moment, count: "AM" if moment.hour < 12 else "PM",
    "H": _number(lambda moment: moment.hour),
    "k": _number(lambda moment: moment.hour or 24),
    "K": _number(lambda moment: moment.hour % 12),
    "h": _number(lambda moment: moment.hour % 12 or 12),
    "m": _number(lambda moment: moment.minute),
    "s": _number(lambda moment: moment.second),
    "S": _number(lambda moment: moment.microsecond // 1_000),
    "z": zone_name,
    "Z": lambda moment, count: offset_text(moment, ""),
    "X": _iso_offset,
}


# --- The user's locale -------------------------------------------------------------------

_FIELD = re.compile("DD?|MM?|YYYY|HH?|hh?|mm|ss|a")


def format_by_locale(moment: date, pattern: str) -> str:
    """Format a date or time by a pattern such as DD.MM.YYYY or h:mm a."""
    at = moment if isinstance(moment, datetime) else datetime(*moment.timetuple()[:3])
    return _FIELD.sub(lambda match: _field(at, match[0]), pattern)


def _field(moment: datetime, name: str) -> str:
    if name == "a":
        return "AM" if moment.hour < 12 else "PM"
    value = {
        "D": moment.day,
        "M": moment.month,
        "Y": moment.year,
        "H": moment.hour,
        "h": moment.hour % 12 or 12,
        "m": moment.minute,
        "s": moment.second,
    }[name[0]]
    return str(value).zfill(len(name))


def both_pattern(formats: LocaleFormats, *, with_seconds: bool = False) -> str:
    """Return the pattern of a date with its time."""
    time = formats.time
    if with_seconds:
        time = re.sub("(.)mm", r"\1mm\1ss", time)
    return formats.both.replace("date", formats.date).replace("time", time)


def parse_by_locale(text: str, pattern: str) -> datetime | None:
    """Read a date or time by a pattern, with or without leading zeros, or return None."""
    names: list[str] = []

    def group(match: re.Match[str]) -> str:
        names.append(match[0][0])
        return {"a": "([AaPp][Mm])", "Y": r"(\d{4})"}.get(match[0][0], r"(\d{1,2})")

    escaped = re.escape(pattern).replace("\\ ", " ").replace(",", ",?")
    expression = re.sub(r"\s+", r"\\s*", _FIELD.sub(group, escaped))
    # The patterns are those of the locales, and so are linear.
    found = re.fullmatch(expression, text, re.ASCII) if len(text) < 100 else None
    if not found:
        return None
    values = dict(zip(names, found.groups(), strict=True))
    hour = int(values.get("H") or values.get("h") or 0)
    if "a" in values:
        hour = hour % 12 + (12 if values["a"].lower() == "pm" else 0)
    try:
        return datetime(
            int(values["Y"]),
            int(values["M"]),
            int(values["D"]),
            hour,
            int(values.get("m") or 0),
            tzinfo=UTC,
        )
    except ValueError:
        return None

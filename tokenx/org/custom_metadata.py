"""Custom metadata records: the values in a record's file, for queries."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime
from itertools import islice
from typing import Any
from xml.etree import ElementTree as ET

_SCHEMA_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
_FIELD = re.compile(r"[A-Za-z]\w{0,99}", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?")
_CALENDAR: dict[str, tuple[str, Callable[[str], object]]] = {
    "date": ("date", date.fromisoformat),
    "dateTime": ("datetime", datetime.fromisoformat),
}
_NUMBERS = {"double", "decimal", "int", "integer", "long"}

# A query selects at most this many.
MAX_FIELDS = 200
STRING, BOOLEAN, DOUBLE = "string", "boolean", "double"
DATE, DATETIME = "date", "datetime"


def details_of(file: str) -> dict[str, Any]:
    """Return the record's label, its values, and the name and type of each field.

    The keys of the last two are the fields' names in lowercase. Fields without a value are
    left out of the values, and can have no type. A file that isn't XML has no details.
    """
    try:
        root = ET.fromstring(file.encode())  # noqa: S314 (the reader refuses a DOCTYPE)
    except ET.ParseError:
        return {}
    label = next((_text(each) for each in root if _name(each) == "label"), "")
    values: dict[str, str] = {}
    fields: dict[str, list[str]] = {}
    for name, value in islice(_entries(root), MAX_FIELDS):
        text, kind = _text(value), _type_of(value)
        fields[name.lower()] = [name, kind]
        if text:
            values[name.lower()] = text
    return {"label": label, "values": values, "fields": fields}


def _entries(root: ET.Element) -> Iterator[tuple[str, ET.Element]]:
    """Yield the name and the value of each field."""
    for each in root:
        if _name(each) != "values":
            continue
        children = {_name(child): child for child in each}
        name, value = _text(children.get("field")), children.get("value")
        if value is not None and _FIELD.fullmatch(name):
            yield name, value


def _type_of(value: ET.Element) -> str:
    """Return the type that queries give the field; an invalid value is a string."""
    declared = value.get(f"{_SCHEMA_INSTANCE}type", "").rpartition(":")[2]
    text = _text(value)
    if declared == "boolean":
        return BOOLEAN
    if not declared and not text:
        return ""
    if declared in _CALENDAR:
        kind, read = _CALENDAR[declared]
        with suppress(ValueError):
            if text:
                read(text)
            return kind
    return DOUBLE if declared in _NUMBERS and _NUMBER.fullmatch(text) else STRING


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _text(element: ET.Element | None) -> str:
    return "".join(element.itertext()).strip() if element is not None else ""

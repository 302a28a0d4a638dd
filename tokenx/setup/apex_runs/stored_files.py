"""Reads stored metadata files: labels, custom metadata, and named credentials."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from xml.etree import ElementTree as ET

from tokenx.apex.values import Value
from tokenx.apex.values.numbers import parse_decimal

from .moments import as_datetime

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
# Apex types by the type of a value, without its prefix. The other types are texts.
_APEX_TYPES = {
    "boolean": "Boolean",
    "date": "Date",
    "dateTime": "Datetime",
    "decimal": "Decimal",
    "double": "Decimal",
    "int": "Decimal",
}


@dataclass(frozen=True)
class StoredValue:
    """A field of a custom metadata record: its Apex type, and its value.

    A field without a value can have no type; other records have it.
    """

    type: str
    value: Value


@dataclass(frozen=True)
class StoredRecord:
    """A custom metadata record."""

    label: str
    fields: dict[str, StoredValue]


def read_labels(file: str) -> dict[str, str]:
    """Return the texts of custom labels by name in lower case."""
    return {
        _text(label, "fullName").lower(): _text(label, "value")
        for label in _children(_root(file), "labels")
    }


def read_record(file: str) -> StoredRecord:
    """Return a custom metadata record."""
    root = _root(file)
    values = (
        (_text(each, "field"), next(_children(each, "value"), None))
        for each in _children(root, "values")
    )
    return StoredRecord(
        _text(root, "label"), {name: _value(value) for name, value in values if name}
    )


def read_endpoint(file: str) -> str:
    """Return the URL of a named credential, or an empty string. It never reads secrets."""
    root = _root(file)
    if endpoint := _text(root, "endpoint"):
        return endpoint.strip()
    for parameter in _children(root, "namedCredentialParameters"):
        if _text(parameter, "parameterType").lower() == "url":
            return _text(parameter, "parameterValue").strip()
    return ""


def _root(file: str) -> ET.Element:
    """Return the root element. A file that isn't valid XML is empty."""
    # Files with a DOCTYPE aren't stored; it could be an XML bomb.
    try:
        if "<!DOCTYPE" not in file:
            return ET.fromstring(file)  # noqa: S314 (it has no entities)
    except (ET.ParseError, UnicodeEncodeError):
        pass
    return ET.Element("empty")


def _children(element: ET.Element, name: str) -> Iterator[ET.Element]:
    return (each for each in element if each.tag.rpartition("}")[2] == name)


def _text(element: ET.Element, name: str) -> str:
    found = next(_children(element, name), None)
    return (found.text or "") if found is not None else ""


def _value(element: ET.Element | None) -> StoredValue:
    if element is None:
        return StoredValue("", None)
    type_ = element.get(_TYPE, "").rpartition(":")[2]
    text = element.text or ""
    apex_type = _APEX_TYPES.get(type_, "String") if type_ or text else ""
    if not text or element.get(_NIL) == "true":
        return StoredValue(apex_type, None)
    try:
        return StoredValue(apex_type, _converted(text, apex_type))
    except ValueError:
        return StoredValue(apex_type, None)


def _converted(text: str, apex_type: str) -> Value:
    if apex_type == "Boolean":
        return text.strip().lower() == "true"
    if apex_type == "Decimal":
        return parse_decimal(text.strip())
    if apex_type == "Date":
        return date.fromisoformat(text.strip())
    if apex_type == "Datetime":
        return as_datetime(datetime.fromisoformat(text.strip()))
    return text

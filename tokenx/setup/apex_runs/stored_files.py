"""Reads stored metadata files: labels and named credentials."""

from collections.abc import Iterator
from xml.etree import ElementTree as ET


def read_labels(file: str) -> dict[str, str]:
    """Return the texts of custom labels by name in lower case."""
    return {
        _text(label, "fullName").lower(): _text(label, "value")
        for label in _children(_root(file), "labels")
    }


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

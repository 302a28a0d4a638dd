"""Values of elements, and Salesforce's messages for invalid values and files.

See docs/salesforce/product.md, Error texts.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any
from xml.parsers import expat

from .elements import Element, Spot

_CODES = {
    name: expat.errors.codes[text]
    for name, text in vars(expat.errors).items()
    if name.startswith("XML_ERROR_")
}
SHOWN = 100
_UNENDED = "XML document structures must start and end within the same entity."
_BEFORE_ROOT = {_CODES["XML_ERROR_SYNTAX"], _CODES["XML_ERROR_INVALID_TOKEN"]}
_WORDS = {
    _CODES["XML_ERROR_UNCLOSED_TOKEN"]: _UNENDED,
    _CODES["XML_ERROR_JUNK_AFTER_DOC_ELEMENT"]: (
        "The markup in the document following the root element must be well-formed."
    ),
    _CODES["XML_ERROR_INVALID_TOKEN"]: (
        "The content of elements must consist of well-formed character data or markup."
    ),
    _CODES["XML_ERROR_UNDEFINED_ENTITY"]: ("An entity was referenced, but not declared."),
}

SPACE = " \t\r\n"
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def why_no_xml(error: expat.ExpatError, *, is_begun: bool, open_element: str) -> str:
    """Return the message of Salesforce's parser for an error of ours."""
    if error.code == _CODES["XML_ERROR_TAG_MISMATCH"] and open_element:
        name = shown(open_element)
        return (
            f'The element type "{name}" must be terminated by the matching end-tag '
            f'"</{name}>".'
        )
    if error.code == _CODES["XML_ERROR_NO_ELEMENTS"]:
        return _UNENDED if is_begun else "Premature end of file."
    if not is_begun and error.code in _BEFORE_ROOT:
        return "Content is not allowed in prolog."
    return _WORDS.get(error.code) or f"{expat.ErrorString(error.code).capitalize()}."


def full_name(name: str) -> str:
    """Return a name as in Salesforce's messages: {namespace}name."""
    namespace, _, short = name.rpartition(" ")
    return f"{{{shown(namespace)}}}{shown(short)}"


def misplaced(name: str, kind: str, what: str) -> str:
    where = f"this location in type {shown(kind)}"
    return f"Error parsing file: Element {full_name(name)} {what} {where}"


def shown(text: str) -> str:
    """Shorten a text so that it fits into a sentence."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def value_of(element: Element, text: str) -> str | bool:
    """Return a text's value; any value if the text is invalid."""
    return _BOOLEANS.get(text.strip(SPACE), False) if element.is_boolean else text


def invalid_value_messages(element: Element, text: str) -> list[str]:
    """Return the messages for a text that's invalid for the element, or an empty list."""
    if element.is_boolean:
        if text.strip(SPACE) in _BOOLEANS:
            return []
        return [f"'{shown(text)}' is not a valid value for the type xsd:boolean"]
    messages = []
    if element.is_required and not element.may_be_empty and not text.strip():
        messages.append(f"Required field is missing: {element.name}")
    if element.length and len(text) > element.length:
        message = f"Value too long for field: {element.name} maximum length is:"
        messages.append(f"{message}{element.length}")
    return messages


class Frame:
    """An open element with the values of its elements so far."""

    __slots__ = ("number", "spot", "values")

    def __init__(self, spot: Spot, number: int) -> None:
        self.spot = spot
        self.number = number
        self.values: dict[str, Any] = {attribute: [] for attribute in spot.lists}

    def add(self, element: Element, value: Any) -> None:
        if element.is_list:
            self.values[element.attribute].append(value)
        else:
            self.values[element.attribute] = value

    def definition(self, refuse: Callable[[str, tuple[int, int]], None]) -> Any:
        """Return the element's definition.

        Missing values get a stand-in: the file is refused, but only after all of its
        problems are found.
        """
        spot, values = self.spot, self.values
        for attribute in spot.lists:
            if attribute == "unknown_elements":
                values[attribute].sort(key=attrgetter("name"))
            values[attribute] = tuple(values[attribute])
        for attribute, name in spot.required:
            if attribute not in values:
                refuse(f"Required field is missing: {name}", spot.place((), self.number))
                values[attribute] = ""
        definition = spot.element.inner(**values)  # type: ignore[misc]
        if spot.has_rules:
            for path, message in definition.contradictions():
                refuse(message, spot.place(path, self.number))
        return definition

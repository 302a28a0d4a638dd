"""Values of elements: from text to values, and from values to definitions."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from .elements import Element, Spot
from .parser_messages import shown

SPACE = " \t\r\n"
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def value_of(element: Element, text: str) -> str | bool:
    """Return a text's value; any value if the text is invalid."""
    return _BOOLEANS.get(text.strip(SPACE), False) if element.is_boolean else text


def troubles(element: Element, text: str) -> list[str]:
    """Return why a text is invalid for the element, or an empty string."""
    if element.is_boolean:
        if text.strip(SPACE) in _BOOLEANS:
            return []
        return [f"'{shown(text)}' is not a valid value for the type xsd:boolean"]
    found = []
    if element.is_required and not element.may_be_empty and not text.strip():
        found.append(f"Required field is missing: {element.name}")
    if element.length and len(text) > element.length:
        words = f"Value too long for field: {element.name} maximum length is:"
        found.append(f"{words}{element.length}")
    return found


class Frame:
    """An open element with the values of its elements so far."""

    __slots__ = ("number", "spot", "values")

    def __init__(self, spot: Spot, number: int) -> None:
        self.spot = spot
        self.number = number
        self.values: dict[str, Any] = {attribute: [] for attribute in spot.lists}

    def say(self, element: Element, value: Any) -> None:
        if element.is_list:
            self.values[element.attribute].append(value)
        else:
            self.values[element.attribute] = value

    def made(self, refuse: Callable[[str, tuple[int, int]], None]) -> Any:
        """Return the element's definition.

        Missing values get a stand-in: the file is refused, but only after all of its
        problems are found.
        """
        spot, values = self.spot, self.values
        for attribute in spot.lists:
            if attribute == "kept":
                values[attribute].sort(key=attrgetter("name"))
            values[attribute] = tuple(values[attribute])
        for attribute, name in spot.required:
            if attribute not in values:
                refuse(f"Required field is missing: {name}", spot.place((), self.number))
                values[attribute] = ""
        made = spot.element.inner(**values)  # type: ignore[misc]
        if spot.has_rules:
            for path, words in made.contradictions():
                refuse(words, spot.place(path, self.number))
        return made

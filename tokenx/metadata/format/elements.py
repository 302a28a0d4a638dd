"""A definition's declared elements, and their locations in a file."""

from array import array
from dataclasses import dataclass, fields
from functools import cache
from types import UnionType
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from .definitions import NAMESPACE

T = TypeVar("T")

_REMEMBERED = 1_000


@dataclass(frozen=True)
class Element:
    """The rules for one element of a type."""

    name: str
    attribute: str
    length: int
    is_required: bool
    may_be_empty: bool
    is_list: bool
    is_boolean: bool
    inner: type | None
    refers_to: str = ""
    since: int = 0


@cache
def elements_of(definition: Any) -> dict[str, Element]:
    """Return a definition's declared elements in alphabetical order."""
    hints = get_type_hints(definition)
    found = {}
    for each in fields(definition):
        if not each.metadata:
            continue
        hint, is_list = hints[each.name], False
        if isinstance(hint, UnionType):
            hint = next(part for part in get_args(hint) if part is not type(None))
        if get_origin(hint) is tuple:
            hint, is_list = get_args(hint)[0], True
        name = each.metadata["element"]
        found[name] = Element(
            name,
            each.name,
            each.metadata["length"],
            each.metadata["is_required"],
            each.metadata["may_be_empty"],
            is_list,
            hint is bool,
            hint if hint not in (str, bool) else None,
            each.metadata["refers_to"],
            each.metadata["since"],
        )
    return dict(sorted(found.items()))


def packed(line: int, column: int) -> int:
    """Pack line and column into one number."""
    return line << 32 | column


def unpacked(place: int) -> tuple[int, int]:
    return place >> 32, place & 0xFFFFFFFF


class Spot:
    """A declared element, and all of its locations in one file.

    Locations are in arrays: a file can have a hundred thousand of them.
    """

    def __init__(self, element: Element) -> None:
        self.element = element
        self.type_name = getattr(element.inner, "type_name", "")
        inner = elements_of(element.inner) if element.inner else {}
        self.inside = {f"{NAMESPACE} {name}": Spot(each) for name, each in inner.items()}
        self.allows_unknown = hasattr(element.inner, "unknown_elements")
        self.required = [(e.attribute, e.name) for e in inner.values() if e.is_required]
        self.lists = [e.attribute for e in inner.values() if e.is_list]
        if self.allows_unknown:
            self.lists.append("unknown_elements")
        self.has_rules = hasattr(element.inner, "contradictions")
        # Packed locations, or 0. All locations of a list are in one array, with the start
        # index of each list.
        self.places = array("Q")
        self._begins = array("I")
        # Recent values. Users repeat: sharing their strings saves most of the memory, and a
        # valid value needs no second check.
        self.known: dict[str, str | bool] = {}

    def remember(self, text: str, value: str | bool) -> None:
        if len(self.known) >= _REMEMBERED:
            self.known.clear()
        self.known[text] = value

    def note(self, within: int, place: int) -> int:
        """Record an element inside the element with this number, and return its number."""
        number = within
        if self.element.is_list:
            number = len(self.places)
            if len(self._begins) <= within:
                self._begins.extend([number] * (within + 1 - len(self._begins)))
        elif len(self.places) < number:
            self.places.extend([0] * (number - len(self.places)))
        self.places.append(place)
        return number

    def last_place(self) -> tuple[int, int]:
        return self.place((), len(self.places) - 1)

    def place(self, path: tuple[str | int, ...], number: int = 0) -> tuple[int, int]:
        """Return the line and column of a path, from the element with this number."""
        if path:
            index = path[1] if len(path) > 1 and isinstance(path[1], int) else None
            rest = path[1:] if index is None else path[2:]
            inside = self.inside[f"{NAMESPACE} {path[0]}"]
            found = inside._number(number, index or 0)
            if found is not None:
                return inside.place(rest, found)
        return unpacked(self.places[number])

    def _number(self, within: int, index: int) -> int | None:
        """Return the number of this element inside the element with this number, if any."""
        number, end = within, len(self.places)
        if self.element.is_list:
            if within >= len(self._begins):
                return None
            number = self._begins[within] + index
            if within + 1 < len(self._begins):
                end = self._begins[within + 1]
        return number if number < end and self.places[number] else None


@dataclass
class Document(Generic[T]):
    """A file's definition with the location of each element."""

    definition: T
    root: Spot

    def place(self, *path: str | int) -> tuple[int, int]:
        """Return an element's line and column: `place("enablements", 2, "isDefault")`.

        Both count from 1. For a list, it's the location of the first element; for a missing
        element, the location of its parent.
        """
        return self.root.place(path)

"""The elements that a definition declares, and where in a file they were."""

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
    """What may be said at one element of a type."""

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
    """The elements that a definition declares, in the order of the alphabet."""
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
    """Line and column in one number."""
    return line << 32 | column


def unpacked(place: int) -> tuple[int, int]:
    return place >> 32, place & 0xFFFFFFFF


class Spot:
    """An element that a type declares, and all places of one file where it is.

    The places are in arrays: a file may have a hundred thousand of them.
    """

    def __init__(self, element: Element) -> None:
        self.element = element
        self.type_name = getattr(element.inner, "type_name", "")
        inner = elements_of(element.inner) if element.inner else {}
        self.inside = {f"{NAMESPACE} {name}": Spot(each) for name, each in inner.items()}
        self.keeps = hasattr(element.inner, "kept")
        self.required = [(e.attribute, e.name) for e in inner.values() if e.is_required]
        self.lists = [e.attribute for e in inner.values() if e.is_list]
        if self.keeps:
            self.lists.append("kept")
        # Elements with nothing but texts in them, each once: xml_rows.py reads them.
        self.is_row = hasattr(element.inner, "__slots__")
        self.has_rules = hasattr(element.inner, "contradictions")
        # Packed places; 0 where there is none. Those of a list are all in one array, and
        # each list begins somewhere in it.
        self.places = array("Q")
        self._begins = array("I")
        # What was said there lately. Users come again and again: one text for each of them
        # saves most of the memory, and what was good before is good again.
        self.known: dict[str, str | bool] = {}

    def remember(self, text: str, value: str | bool) -> None:
        if len(self.known) >= _REMEMBERED:
            self.known.clear()
        self.known[text] = value

    def note(self, within: int, place: int) -> int:
        """Note one more, inside the element of that number; returns its own number."""
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
        """Line and column of what a path leads to, from the element of that number."""
        if path:
            index = path[1] if len(path) > 1 and isinstance(path[1], int) else None
            rest = path[1:] if index is None else path[2:]
            inside = self.inside[f"{NAMESPACE} {path[0]}"]
            found = inside._number(number, index or 0)
            if found is not None:
                return inside.place(rest, found)
        return unpacked(self.places[number])

    def _number(self, within: int, index: int) -> int | None:
        """The number of the one in the element of that number, if there is one."""
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
    """What a file says, and where it says it."""

    definition: T
    root: Spot

    def place(self, *path: str | int) -> tuple[int, int]:
        """Line and column, from 1, of an element: `place("enablements", 2, "isDefault")`.

        Of a list, that of its first; of one that is not there, that of what it would be in.
        """
        return self.root.place(path)

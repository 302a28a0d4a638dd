"""The elements that a definition declares, and where in a file they were."""

from array import array
from dataclasses import dataclass, fields
from functools import cache
from types import UnionType
from typing import Generic, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


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


@cache
def elements_of(definition: type) -> dict[str, Element]:
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
        )
    return dict(sorted(found.items()))


class Places:
    """The places of elements, in arrays: a file may have a hundred thousand of them."""

    def __init__(self) -> None:
        self._arrays: dict[tuple, array] = {}

    def note(self, names: tuple[str, ...], number: int, line: int, column: int) -> None:
        places = self._arrays.get(names)
        if places is None:
            places = self._arrays[names] = array("I")
        places.extend([0] * (2 * number - len(places)))
        places.append(line)
        places.append(column + 1)

    def of(self, path: tuple[str | int, ...]) -> tuple[int, int]:
        names = tuple(part for part in path if isinstance(part, str))
        number = next((part for part in path if isinstance(part, int)), 0)
        places = self._arrays.get(names, ())
        if 2 * number + 1 < len(places) and places[2 * number]:
            return places[2 * number], places[2 * number + 1]
        return self.of(path[:-1]) if path else (1, 1)


@dataclass
class Document(Generic[T]):
    """What a file says, and where it says it."""

    definition: T
    places: Places

    def place(self, *path: str | int) -> tuple[int, int]:
        """Line and column, from 1, of an element: `place("enablements", 2, "isDefault")`.

        Of one that is not there, the place of what it would be in.
        """
        return self.places.of(path)

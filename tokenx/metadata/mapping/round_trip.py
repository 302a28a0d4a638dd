"""Preserves unknown and optional elements so that a file round-trips.

A row stores the details of each of its files: its unknown elements, and the optional
elements that are present.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tokenx.metadata.format.definitions import UnknownElement
from tokenx.metadata.format.elements import elements_of
from tokenx.metadata.format.writer import UNWRITTEN

FileDetails = dict[str, Any]
# Values that count as absent if the file didn't have the element.
_NOTHING = (None, False, "", ())


def details_of(definition: Any) -> FileDetails:
    """Return the details of a definition's file, as JSON."""
    return {
        "unknown": [_to_json(each) for each in definition.unknown_elements],
        "present": [
            element.attribute
            for element in elements_of(definition.__class__).values()
            if element.name not in UNWRITTEN
            and getattr(definition, element.attribute) not in (None, ())
        ],
    }


def restore_definition(
    kind: type, details: FileDetails | None, values: Mapping[str, Any]
) -> Any:
    """Return a definition of the values and the file's unknown elements.

    An optional element that the file didn't have is left out while it has its default.
    Without details, every element is written.
    """
    present = set(details["present"]) if details is not None else None
    written = dict(values)
    for element in elements_of(kind).values():
        name = element.attribute
        if element.is_required or name not in written:
            continue
        is_left_out = written[name] == "" if present is None else name not in present
        if is_left_out and written[name] in _NOTHING:
            written[name] = () if element.is_list else None
    unknown = details["unknown"] if details else []
    return kind(**written, unknown_elements=tuple(map(_from_json, unknown)))


def is_empty(definition: Any) -> bool:
    """Tell whether the definition has no elements."""
    values = (
        getattr(definition, element.attribute)
        for element in elements_of(definition.__class__).values()
    )
    return not definition.unknown_elements and all(value in (None, ()) for value in values)


def _to_json(element: UnknownElement) -> list[Any]:
    if isinstance(element.content, str):
        return [element.name, element.content]
    return [element.name, [_to_json(each) for each in element.content]]


def _from_json(pair: Iterable[Any]) -> UnknownElement:
    name, content = pair
    if isinstance(content, str):
        return UnknownElement(name, content)
    return UnknownElement(name, tuple(map(_from_json, content)))

"""Preserves unknown and optional elements so that a file round-trips.

A row stores a note on each of its files: its unknown elements, and which optional elements
it had.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tokenx.metadata.format.definitions import Kept
from tokenx.metadata.format.elements import elements_of
from tokenx.metadata.format.writer import UNWRITTEN

Note = dict[str, Any]
# Values that count as absent if the file didn't have the element.
_NOTHING = (None, False, "", ())


def note_of(definition: Any) -> Note:
    """Return the note on a definition, as JSON."""
    return {
        "kept": [_to_json(each) for each in definition.kept],
        "said": [
            element.attribute
            for element in elements_of(definition.__class__).values()
            if element.name not in UNWRITTEN
            and getattr(definition, element.attribute) not in (None, ())
        ],
    }


def recall(kind: type, note: Note | None, values: Mapping[str, Any]) -> Any:
    """Return a definition of the values and the note's elements.

    An optional element that the file didn't have is left out while it has its default.
    Without a note, every element is written.
    """
    said = set(note["said"]) if note is not None else None
    shown = dict(values)
    for element in elements_of(kind).values():
        name = element.attribute
        if element.is_required or name not in shown:
            continue
        is_left_out = shown[name] == "" if said is None else name not in said
        if is_left_out and shown[name] in _NOTHING:
            shown[name] = () if element.is_list else None
    kept = note["kept"] if note else []
    return kind(**shown, kept=tuple(map(_from_json, kept)))


def says_nothing(definition: Any) -> bool:
    """Tell whether the definition has no elements."""
    values = (
        getattr(definition, element.attribute)
        for element in elements_of(definition.__class__).values()
    )
    return not definition.kept and all(value in (None, ()) for value in values)


def _to_json(kept: Kept) -> list[Any]:
    if isinstance(kept.content, str):
        return [kept.name, kept.content]
    return [kept.name, [_to_json(each) for each in kept.content]]


def _from_json(found: Iterable[Any]) -> Kept:
    name, content = found
    if isinstance(content, str):
        return Kept(name, content)
    return Kept(name, tuple(map(_from_json, content)))

"""Declarations of a metadata type's elements, which definitions consist of."""

from dataclasses import field
from typing import Any, NamedTuple

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
NAME_LENGTH = 80
TEXT_LENGTH = 255


# Problems although every element is valid: the path of elements, and a sentence.
Contradiction = tuple[tuple[str | int, ...], str]


class UnknownElement(NamedTuple):
    """An element that tokenx doesn't use; it's written back unchanged."""

    name: str
    content: "str | tuple[UnknownElement, ...]"


def element(
    name: str,
    *,
    length: int = 0,
    default: Any = None,
    is_required: bool = False,
    may_be_empty: bool = False,
    refers_to: str = "",
    since: int = 0,
) -> Any:
    """Declare a field as an element of a file.

    A required element must exist, and have text unless it may be empty. `length` is the
    maximum number of characters, 0 for no limit. `refers_to` is the type that it names.
    `since` is the first API version that has it; older clients don't receive it.
    """
    metadata = {
        "element": name,
        "length": length,
        "is_required": is_required,
        "may_be_empty": may_be_empty,
        "refers_to": refers_to,
        "since": since,
    }
    if is_required:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)

"""The ports of the checker: queries, the fields of objects, and the org's classes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from .tree import CompilationUnit


class QueryError(Exception):
    """A query that is certainly invalid; `offset` is the error's index in its text."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Bind:
    """An Apex expression in a query, such as the ids of `IN :ids`.

    `text` is the expression without its colon; `offset` is its index in the query's text.
    """

    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class QueryShape:
    """The objects, fields, and binds of a query.

    `objects` are the names in FROM; the first one is the type of the records. `fields` are
    the fields and relationship paths that the query itself selects, filters, and sorts by,
    such as Id and Profile.Name.
    """

    objects: tuple[str, ...]
    fields: tuple[str, ...]
    binds: tuple[Bind, ...] = ()
    # SELECT COUNT() alone, which returns an Integer.
    is_count: bool = False
    # Aggregate functions and GROUP BY return AggregateResult records.
    is_aggregate: bool = False
    # What tokenx doesn't support in it, such as GROUP BY, and its index; empty if nothing.
    unknown: str = ""
    unknown_offset: int = 0


@dataclass(frozen=True, slots=True)
class Ports:
    """Functions through which the checker learns about queries and objects.

    `parse_query` raises QueryError if a query is certainly invalid. `fields_of` takes an
    object's name without case and returns the Apex types of its fields and relationships,
    by name in lower case. It returns None if the object isn't known.
    """

    parse_query: Callable[[str], QueryShape]
    fields_of: Callable[[str], Mapping[str, str] | None]
    # Objects without records, by lower-case name: a query on them returns no rows.
    without_records: frozenset[str] = frozenset()
    # Says whether there's a custom label with this name.
    has_label: Callable[[str], bool] = lambda _: False


class OrgClasses(Protocol):
    """The org's classes, by lower-case name."""

    def __contains__(self, key: object, /) -> bool:
        """Say whether the org has the class, even one with errors. This reads no code."""

    def get(self, key: str, /) -> CompilationUnit | None:
        """Return the tree of a class, or None if it doesn't exist or has syntax errors."""

"""Chooses among methods and constructors of the same name by their arguments."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from ..types import ApexType
from ..values import Id, Long, QueryRows, Value
from ..values.types_of import is_instance, is_subtype, type_of
from .static_types import static_type

if TYPE_CHECKING:
    from ..tree import Expression
    from .frames import Frame
    from .run import ApexRun

# The place of arguments, from which their declared types come; None outside of code.
Where: TypeAlias = "tuple[Frame, Sequence[Expression]]"
C = TypeVar("C")
# The Python class of a type whose values need no conversion.
PLAIN: dict[str, type] = {
    "String": str,
    "Integer": int,
    "Boolean": bool,
    "Long": Long,
    "Decimal": Decimal,
    "Double": float,
    "Id": Id,
    "Blob": bytes,
}
# How well a value of a simple type fits another type; a smaller number is better.
_WIDENED: dict[str, dict[str, int]] = {
    "integer": {"long": 1, "double": 2, "decimal": 3},
    "long": {"double": 1, "decimal": 2},
    "double": {"decimal": 1},
    "decimal": {"double": 1},
    "string": {"id": 2},
    "id": {"string": 1},
    "date": {"datetime": 1},
}
_SIMPLE = frozenset(
    {"string", "integer", "boolean", "long", "decimal", "double", "id", "blob"}
    | {"date", "datetime", "time"}
)
_EXACT, _ROW, _RELATED, _OBJECT = 0, 1, 5, 20
# The compiler accepts no Object for another type; only values that JSON made come here.
_NARROWED = 30


def rank(
    run: "ApexRun", given: ApexType | None, value: Value, wanted: ApexType
) -> int | None:
    """Return how well an argument fits a parameter, or None if it doesn't.

    The declared type decides if it's known; else, the value's own does.
    """
    key = wanted.key
    if type(value) is QueryRows:
        return _rank_query(run, value, wanted)
    if given is not None and given.key == "object" and key == "object":
        return _EXACT
    if given is not None and given.key == "object":
        found = rank(run, None, value, wanted)
        return None if found is None else found + _NARROWED
    if given is None:
        if value is None:
            return _OBJECT if key == "object" else _ROW
        given = type_of(value)
    return _OBJECT if key == "object" else _rank_typed(run, given, value, wanted)


def _rank_typed(
    run: "ApexRun", given: ApexType, value: Value, wanted: ApexType
) -> int | None:
    key = wanted.key
    if given.is_same(wanted):
        return _EXACT
    mine = given.key
    if mine in _SIMPLE:
        return _WIDENED.get(mine, {}).get(key)
    if key in _SIMPLE:
        return None
    if is_subtype(run, given, wanted):
        return _RELATED
    if value is not None and is_instance(run, value, wanted):
        return _RELATED + 1
    # A collection whose elements aren't known exactly.
    return _OBJECT + 1 if mine == key else None


def _rank_query(run: "ApexRun", rows: QueryRows, wanted: ApexType) -> int | None:
    element = wanted.arguments[0] if wanted.key == "list" and wanted.arguments else wanted
    row = ApexType(rows.object_name)
    if wanted.key == "object":
        return _OBJECT
    if element.is_same(row):
        return _EXACT if element is not wanted else _ROW
    return _RELATED if is_subtype(run, row, element) else None


def declared_types(where: "Where | None", count: int) -> Sequence[ApexType | None]:
    """Return the declared types of arguments; None for those that aren't known."""
    if where is None:
        return [None] * count
    frame, nodes = where
    return [static_type(frame, node) for node in nodes]


def choose(
    run: "ApexRun",
    candidates: Sequence[tuple[C, tuple[ApexType, ...]]],
    where: "Where | None",
    values: Sequence[Value],
) -> C | None:
    """Return the candidate whose parameters fit best; None if none does."""
    given = declared_types(where, len(values))
    best: C | None = None
    lowest: tuple[int, ...] | None = None
    for candidate, parameters in candidates:
        ranks: list[int] = []
        for index, wanted in enumerate(parameters):
            found = rank(run, given[index], values[index], wanted)
            if found is None:
                break
            ranks.append(found)
        else:
            cost = (sum(ranks), max(ranks, default=0))
            if lowest is None or cost < lowest:
                best, lowest = candidate, cost
    return best

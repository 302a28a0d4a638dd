"""Queries on records in memory: those of custom metadata types.

Values are exact, and each comparison is counted, because a value can be long.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol

from tokenx.org.record_ids import pk_of

from .dates import span
from .parser import MALFORMED
from .schema import Field, MemoryRow, SObject, find_column
from .tree import (
    Aggregate,
    Aliased,
    Comparison,
    Condition,
    Literal,
    Not,
    Order,
    Query,
    Relative,
    SemiJoin,
    SoqlError,
    SoqlPath,
    Text,
)
from .tree import All as AllOf

_COMPARISONS_PER_STEP = 20
_COUNTED_AT_ONCE = 1_000
_FOLDED_PER_STEP = 1_000
_MOST_STEPS = 1_000_000
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: one == other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}
_KINDS: dict[str, Any] = {
    "boolean": bool,
    "double": Decimal,
    "date": date | Relative,
    "datetime": datetime | Relative,
}


class Wildcard(Enum):
    ONE = "_"
    MANY = "%"


_WILDCARDS: dict[str, Wildcard] = {each.value: each for each in Wildcard}


class Counter(Protocol):
    """Counts the work of a query, and raises an exception if it's too much."""

    def charge(self, steps: int = 1) -> None: ...

    def charge_for(self, units: int, units_per_step: int = 1) -> None: ...


class ApiCounter:
    """The bound of an API's query."""

    def __init__(self) -> None:
        self._steps = 0

    def charge(self, steps: int = 1) -> None:
        """Count steps. Raise SoqlError if there are too many."""
        self._steps += steps
        if self._steps > _MOST_STEPS:
            sentence = "Your query request was running for too long."
            raise SoqlError("QUERY_TIMEOUT", sentence)

    def charge_for(self, units: int, units_per_step: int = 1) -> None:
        """Count the work on so many characters."""
        self.charge(units // units_per_step)


class MemoryQuery:
    """A query on records in memory."""

    def __init__(
        self, query: Query, sobject: SObject, now: datetime, counter: Counter
    ) -> None:
        self._query, self._sobject, self._now = query, sobject, now
        self._counter = counter

    def matching(self, rows: Sequence[MemoryRow]) -> list[MemoryRow]:
        """Return the rows that match the query, unordered."""
        where = self._query.where
        return [each for each in rows if where is None or self._matches(where, each)]

    def ordered(self, rows: Sequence[MemoryRow]) -> list[MemoryRow]:
        """Return the rows of the query's order, OFFSET, and LIMIT."""
        found = self.matching(rows)
        for order in reversed(self._query.order):
            found = self._sorted(found, order)
        return self.part(found)

    def part(self, found: list[Any]) -> list[Any]:
        query = self._query
        end = None if query.limit is None else query.offset + query.limit
        return found[query.offset : end]

    def groups(
        self, rows: Sequence[MemoryRow], writer: Callable[[Field], Callable[[Any], Any]]
    ) -> list[dict[str, Any]]:
        """Return the values of the query's groups by their names in the result."""
        keys = [self._field(path).name.lower() for path in self._query.group]
        groups: dict[tuple[Any, ...], list[MemoryRow]] = {} if keys else {(): []}
        for row in self.matching(rows):
            groups.setdefault(tuple(row.values[key] for key in keys), []).append(row)
        found = list(groups.values())
        for order in reversed(self._query.order):
            found = self._sorted(found, order)
        names = self._query.result_names
        return [
            {
                name: self._selected(each, group, writer)
                for name, each in zip(names, self._query.select, strict=True)
            }
            for group in self.part(found)
        ]

    def _selected(self, selected: Any, group: list[MemoryRow], writer: Any) -> Any:
        if isinstance(selected, Aggregate):
            value = self._aggregate(selected, group)
            is_count = selected.function.startswith("COUNT")
            path = selected.path
        else:
            path = selected.path if isinstance(selected, Aliased) else selected
            value, is_count = group[0].values[self._field(path).name.lower()], False
        if is_count or value is None or path is None:
            return value
        return writer(self._field(path))(value)

    def _aggregate(self, function: Aggregate, group: list[MemoryRow]) -> Any:
        assert function.path  # noqa: S101 (COUNT() alone is another query)
        key = self._field(function.path).name.lower()
        values = [each.values[key] for each in group if each.values[key] is not None]
        if function.function == "COUNT":
            return len(values)
        if function.function == "COUNT_DISTINCT":
            return len(set(values))
        if not values:
            return None
        least = function.function == "MIN"
        return min(values, key=_folded) if least else max(values, key=_folded)

    def _sorted(self, items: list[Any], order: Order) -> list[Any]:
        """Sort rows, or groups of rows."""

        def value_of(item: Any) -> Any:
            group = item if isinstance(item, list) else [item]
            path = self._unaliased(order.path)
            if isinstance(path, Aggregate):
                return self._aggregate(path, group)
            return group[0].values[self._field(path).name.lower()]

        values = [(value_of(each), each) for each in items]
        empty = [each for value, each in values if value is None]
        filled = [pair for pair in values if pair[0] is not None]
        filled.sort(key=lambda pair: _folded(pair[0]), reverse=order.is_descending)
        rest = [each for _, each in filled]
        return [*empty, *rest] if order.is_nulls_first else [*rest, *empty]

    def _unaliased(self, path: SoqlPath | Aggregate) -> SoqlPath | Aggregate:
        """Return what an alias in ORDER BY stands for."""
        found: dict[str, SoqlPath | Aggregate] = {
            each.alias.lower(): each for each in self._query.aggregates if each.alias
        }
        for each in self._query.select:
            if isinstance(each, Aliased):
                found[each.alias.lower()] = each.path
        return found.get(str(path).lower(), path)

    def _matches(self, condition: Condition, row: MemoryRow) -> bool:
        """Say whether a row meets a condition, whose depth the parser has checked."""
        if isinstance(condition, SemiJoin):
            sentence = "semi join sub-selects aren't supported for custom metadata types"
            raise self._query.error(MALFORMED, sentence, condition.path.at)
        if isinstance(condition, Comparison):
            return self._compares(condition, row)
        if isinstance(condition, Not):
            return not self._matches(condition.inner[0], row)
        found = (self._matches(each, row) for each in condition.inner)
        return all(found) if isinstance(condition, AllOf) else any(found)

    def _compares(self, comparison: Comparison, row: MemoryRow) -> bool:
        field = self._field(comparison.path)
        value = row.values[field.name.lower()]
        return any(
            self._is_met(value, field, comparison, each) for each in comparison.values
        )

    def _is_met(
        self, value: Any, field: Field, comparison: Comparison, literal: Literal
    ) -> bool:
        self._counter.charge()
        operator = "=" if comparison.operator == "IN" else comparison.operator
        other: Any = literal.value if isinstance(literal, Text) else literal
        if other in (None, ""):
            return operator == "=" and value is None
        is_date = field.type == "date" and isinstance(other, datetime)
        if is_date or not isinstance(other, _KINDS.get(field.type, str)):
            sentence = f"filter criterion for field '{field.name}' has another type"
            raise self._query.error("INVALID_FIELD", sentence, comparison.path.at)
        if value is None:
            return False
        if operator == "LIKE":
            if not isinstance(value, str):
                sentence = f"invalid operator on {field.type} field"
                code = "INVALID_QUERY_FILTER_OPERATOR"
                raise self._query.error(code, sentence, comparison.path.at)
            pattern = literal.pattern if isinstance(literal, Text) else ""
            return is_like(value.lower(), pattern.lower(), self._counter)
        if field.type == "id":
            return operator == "=" and pk_of(field.prefix, other) == value
        if isinstance(value, str):
            self._counter.charge_for(len(value), _FOLDED_PER_STEP)
        if isinstance(other, Relative):
            return self._is_within(value, operator, other, comparison.path)
        return _SIGNS[operator](_folded(value), _folded(other))

    def _is_within(self, value: Any, operator: str, word: Relative, path: SoqlPath) -> bool:
        """Compare a date or time with an interval: it's after it if it's after its end."""
        try:
            when = span(word.word, word.number, self._now)
        except OverflowError:
            sentence = f"Invalid date: {word.word}:{word.number}"
            raise self._query.error(MALFORMED, sentence, path.at) from None
        start: Any = when.start if isinstance(value, datetime) else when.start.date()
        end: Any = when.end if isinstance(value, datetime) else when.end.date()
        tests = {
            "<": value < start,
            "<=": value < end,
            ">": value >= end,
            ">=": value >= start,
        }
        return tests.get(operator, start <= value < end)

    def _field(self, path: SoqlPath) -> Field:
        return find_column(self._query, self._sobject, path).field


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def is_like(text: str, pattern: str, counter: Counter) -> bool:
    """Say whether a text matches a LIKE pattern, in which `\\` escapes a wildcard.

    At worst, it compares each character with each part of the pattern, and counts that.
    """
    counter.charge_for(len(text) + len(pattern), _COMPARISONS_PER_STEP)
    count = 0
    parts = _parts(pattern)
    at = part = 0
    after_many, retry = -1, 0
    while at < len(text):
        count += 1
        if count % _COUNTED_AT_ONCE == 0:
            counter.charge_for(_COUNTED_AT_ONCE, _COMPARISONS_PER_STEP)
        expected = parts[part] if part < len(parts) else None
        if expected == text[at] or expected is Wildcard.ONE:
            at, part = at + 1, part + 1
        elif expected is Wildcard.MANY:
            after_many, retry = part + 1, at
            part += 1
        elif after_many >= 0:
            retry += 1
            at, part = retry, after_many
        else:
            return False
    return all(each is Wildcard.MANY for each in parts[part:])


def _parts(pattern: str) -> list[str | Wildcard]:
    """Return a wildcard or a character for each part."""
    found: list[str | Wildcard] = []
    characters = iter(pattern)
    for each in characters:
        if each == "\\":
            found.append(next(characters, each))
        else:
            found.append(_WILDCARDS.get(each, each))
    return found

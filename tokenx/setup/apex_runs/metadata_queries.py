"""Queries on custom metadata, whose records are files and not rows."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tokenx.apex.runtime.budget import Budget
from tokenx.apex.runtime.errors import NotRunnableError
from tokenx.apex.values import QueryRows, Record, Value
from tokenx.soql.tree import (
    Aggregate,
    Comparison,
    Condition,
    Fields,
    Literal,
    Not,
    Order,
    Query,
    Relative,
    SemiJoin,
    SoqlPath,
    Text,
)
from tokenx.soql.tree import All as AllOf

_COMPARISONS_PER_STEP = 20
_COUNTED_AT_ONCE = 1_000
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: one == other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}


def run_on_records(
    query: Query, records: Sequence[Record], types: Mapping[str, str], budget: Budget
) -> QueryRows | int:
    """Run a query whose binds have values. Raise SoqlError."""
    found = _MetadataQuery(query, types, budget)
    matching = [each for each in records if found.matches(query.where, each)]
    if query.group or any(each.function != "COUNT" for each in query.aggregates):
        raise NotRunnableError("GROUP BY in a query on custom metadata")
    if query.aggregates:
        return found.counted(matching)
    for order in reversed(query.order):
        matching = found.sorted(matching, order)
    end = None if query.limit is None else query.offset + query.limit
    selected = found.selected()
    rows = [
        Record(each.object_name, {name: each.fields[name] for name in selected}, True)
        for each in matching[query.offset : end]
    ]
    return QueryRows(query.entity.names[0], rows)


class _MetadataQuery:
    def __init__(self, query: Query, types: Mapping[str, str], budget: Budget) -> None:
        self._query, self._types, self._budget = query, types, budget

    def selected(self) -> list[str]:
        """Return the selected fields, and the ID, which a record always has."""
        names = ["id"]
        for each in self._query.select:
            if isinstance(each, Fields):
                is_all = each.which == "ALL"
                names += [n for n in self._types if is_all or not n.endswith("__c")]
            elif isinstance(each, SoqlPath):
                names.append(self._field(each))
        return list(dict.fromkeys(names))

    def counted(self, records: Sequence[Record]) -> QueryRows | int:
        counts = self._query.aggregates
        if counts[0].path is None:
            return len(records)
        values: dict[str, Value] = {}
        for name, each in zip(self._query.result_names, counts, strict=True):
            field = self._field(each.path) if each.path else "id"
            filled = (one for one in records if one.fields[field] is not None)
            values[name.lower()] = sum(1 for _ in filled)
        return QueryRows("AggregateResult", [Record("AggregateResult", values, True)])

    def sorted(self, records: list[Record], order: Order) -> list[Record]:
        assert not isinstance(order.path, Aggregate)  # noqa: S101 (the parser refuses it)
        name = self._field(order.path)
        empty = [each for each in records if each.fields[name] is None]
        filled = [each for each in records if each.fields[name] is not None]
        filled.sort(
            key=lambda each: _folded(each.fields[name]), reverse=order.is_descending
        )
        return [*empty, *filled] if order.is_nulls_first else [*filled, *empty]

    def matches(self, condition: Condition | None, record: Record) -> bool:
        """Say whether a record meets a condition, whose depth the parser has checked."""
        if condition is None:
            return True
        if isinstance(condition, Comparison):
            value = record.fields[self._field(condition.path)]
            return any(self._compares(value, condition, each) for each in condition.values)
        if isinstance(condition, SemiJoin):
            raise NotRunnableError("a nested query in a query on custom metadata")
        if isinstance(condition, Not):
            return not self.matches(condition.inner[0], record)
        found = (self.matches(each, record) for each in condition.inner)
        return all(found) if isinstance(condition, AllOf) else any(found)

    def _compares(self, value: Value, comparison: Comparison, literal: Literal) -> bool:
        self._budget.charge()
        operator = "=" if comparison.operator == "IN" else comparison.operator
        if isinstance(literal, Relative):
            raise NotRunnableError(f"{literal.word} in a query on custom metadata")
        other: Any = literal.value if isinstance(literal, Text) else literal
        if other in (None, ""):
            return operator == "=" and value is None
        if value is None:
            return False
        if not _is_comparable(value, other):
            sentence = (
                f"value of filter criterion for field '{comparison.path.names[-1]}' has "
                "another type"
            )
            raise self._query.error("INVALID_FIELD", sentence, comparison.path.at)
        if operator == "LIKE":
            pattern = literal.pattern if isinstance(literal, Text) else ""
            return is_like(value.lower(), pattern.lower(), self._budget)
        return _SIGNS[operator](_folded(value), _folded(other))

    def _field(self, path: SoqlPath) -> str:
        names = [name.lower() for name in path.names]
        own = {self._query.entity.names[0].lower(), (self._query.alias or "").lower()}
        if len(names) > 1 and names[0] in own:
            del names[0]
        if len(names) > 1:
            raise NotRunnableError(f"{path} in a query on custom metadata")
        if names[0] not in self._types:
            sentence = (
                f"No such column '{path.names[-1]}' on entity "
                f"'{self._query.entity.names[0]}'. If you are attempting to use a custom "
                "field, be sure to append the '__c' after the custom field name. Please "
                "reference your WSDL or the describe call for the appropriate names."
            )
            raise self._query.error("INVALID_FIELD", sentence, path.at)
        return names[0]


def _folded(value: Value) -> Any:
    return value.lower() if isinstance(value, str) else value


def _is_comparable(value: Value, other: Value) -> bool:
    kinds: tuple[Any, ...] = (bool, str, Decimal, datetime, date)
    kind = next(each for each in kinds if isinstance(value, each))
    return isinstance(other, kind) and isinstance(other, bool) == (kind is bool)


def is_like(text: str, pattern: str, budget: Budget) -> bool:
    """Say whether a text matches a LIKE pattern, in which `\\` escapes a wildcard.

    At worst, it compares each character with each part of the pattern, and counts that.
    """
    budget.charge_for(len(text) + len(pattern), _COMPARISONS_PER_STEP)
    count = 0
    parts = _parts(pattern)
    at = part = 0
    after_many, retry = -1, 0
    while at < len(text):
        count += 1
        if count % _COUNTED_AT_ONCE == 0:
            budget.charge_for(_COUNTED_AT_ONCE, _COMPARISONS_PER_STEP)
        if part < len(parts) and parts[part] in ("_", f"={text[at]}"):
            at, part = at + 1, part + 1
        elif part < len(parts) and parts[part] == "%":
            after_many, retry = part + 1, at
            part += 1
        elif after_many >= 0:
            retry += 1
            at, part = retry, after_many
        else:
            return False
    return all(each == "%" for each in parts[part:])


def _parts(pattern: str) -> list[str]:
    """Return a wildcard, or a character after an equals sign, for each part."""
    found, characters = [], iter(pattern)
    for each in characters:
        if each == "\\":
            found.append(f"={next(characters, each)}")
        else:
            found.append(each if each in "%_" else f"={each}")
    return found

"""Values of binds: a query with binds becomes one that can run."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from .parser import MALFORMED, check_numbers, check_size
from .tree import (
    BindExpression,
    Comparison,
    Condition,
    Literal,
    Query,
    SemiJoin,
    SoqlError,
    Text,
)

_BACKSLASH = re.compile(r"\\([%_\\])?")


def with_values(query: Query, values: Mapping[str, Any]) -> Query:
    """Return the query with its binds replaced by their values.

    The keys are the expressions of the binds; a collection is a list, tuple, or set. Raise
    SoqlError for a value that a query can't have.
    """
    limit, offset = query.limit, query.offset
    if query.bound_limit:
        limit = _number(query, "LIMIT", query.bound_limit, values)
    if query.bound_offset:
        offset = _number(query, "OFFSET", query.bound_offset, values)
    bound = replace(
        query,
        where=_with_values(query.where, values) if query.where else None,
        limit=limit,
        offset=offset,
        bound_limit=None,
        bound_offset=None,
    )
    check_size(bound)
    check_numbers(bound)
    return bound


def _with_values(condition: Condition, values: Mapping[str, Any]) -> Condition:
    """Replace the binds of a condition; the parser has checked its depth."""
    if isinstance(condition, SemiJoin):
        inner_where = condition.where and _with_values(condition.where, values)
        return replace(condition, where=inner_where)
    if not isinstance(condition, Comparison):
        inner = tuple(_with_values(each, values) for each in condition.inner)
        return replace(condition, inner=inner)
    operator, literals = condition.operator, list[Literal]()
    for each in condition.values:
        value = values[each.text] if isinstance(each, BindExpression) else each
        if isinstance(value, list | tuple | set):
            # As in Apex, `=` with a collection finds any of its values.
            operator = "IN" if operator == "=" else operator
            literals += map(_literal, value)
        else:
            is_bind = isinstance(each, BindExpression)
            literals.append(_literal(value) if is_bind else each)
    return replace(condition, operator=operator, values=tuple(literals))


def _literal(value: Any) -> Literal:
    """Convert a value to a literal. The wildcards of a string keep their meaning."""
    if isinstance(value, str):
        return Text(value, _BACKSLASH.sub(_escaped, value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(str(value))
    if value is None or isinstance(value, bool | Decimal | date):
        return value
    raise SoqlError(MALFORMED, f"Invalid bind expression type: {type(value).__name__}")


def _escaped(backslash: re.Match[str]) -> str:
    """Return a backslash with the wildcard that it escapes, or as a literal character."""
    return backslash[0] if backslash[1] else "\\\\"


def _number(
    query: Query, clause: str, bind: BindExpression, values: Mapping[str, Any]
) -> int:
    number = values[bind.text]
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        sentence = f"Invalid bind expression for {clause}: {bind.text}"
        raise query.error(MALFORMED, sentence, bind.at)
    return number

"""The SOQL parser: from a query's text to a tree, or to an error with its location.

It doesn't know any objects; run.py resolves names. docs/decisions/soql.md lists what's
supported.
"""

import re
from datetime import date
from typing import Any

from lark.exceptions import UnexpectedInput, UnexpectedToken

from .grammar import MOST_VALUES, MisplacedError, parts_of
from .tree import (
    BindExpression,
    Comparison,
    Count,
    Fields,
    Query,
    Relative,
    SoqlError,
    SoqlPath,
    error_at,
    too_complicated,
)

__all__ = ["MALFORMED", "Query", "SoqlError", "parse"]

MALFORMED = "MALFORMED_QUERY"
# Salesforce's limits.
LONGEST = 100_000
LAST_OFFSET = 2_000
MOST_WITH_FIELDS = 200
# Our limits, which the ORM and SQLite can handle.
DEEPEST = 20
MOST_CONDITIONS = 400
MOST_SELECTED = 200
MOST_ORDERS = 32
# Names of tokens in errors.
_SHOWN_TOKEN = re.compile(r"\w{1,80}|'[^'\\]{1,80}|.", re.DOTALL)
_SIGNS = set("_'().,:<>=!+-")


def parse(text: str, *, has_binds: bool = False) -> Query:
    """Parse a query. Raise SoqlError if it's invalid.

    An Apex query has binds and some clauses that the APIs refuse.
    """
    if not text.strip():
        raise SoqlError(MALFORMED, "SOQL statements cannot be empty or null")
    if len(text) > LONGEST:
        sentence = f"SOQL statements cannot be longer than {LONGEST} characters."
        raise SoqlError(MALFORMED, sentence)
    try:
        parts: Any = parts_of(text, has_binds=has_binds)
    except MisplacedError as error:
        raise error_at(text, error.at, MALFORMED, str(error)) from None
    except UnexpectedInput as error:
        refused = unexpected(text, error)
        refused.is_unexpected = True
        raise refused from None
    query = _query(text, parts)
    check_size(query)
    _check_select(query)
    check_numbers(query)
    return query


def _query(text: str, parts: tuple[Any, ...]) -> Query:
    select, entity, alias, where, order, *numbers = parts
    bound = [each if isinstance(each, BindExpression) else None for each in numbers]
    limit, offset = [None if isinstance(each, BindExpression) else each for each in numbers]
    return Query(
        text, select, entity, alias, where, order or (), limit, offset or 0, *bound
    )


def unexpected(text: str, error: UnexpectedInput) -> SoqlError:
    """Return Salesforce's error for an unexpected token."""
    end, at = len(text.rstrip()), error.pos_in_stream or 0
    is_token = isinstance(error, UnexpectedToken)
    if at >= end or (isinstance(error, UnexpectedToken) and error.token.type == "$END"):
        return error_at(text, end, MALFORMED, "unexpected token: '<EOF>'")
    sign = text[at]
    if sign == "'" and not is_token:
        return _unreadable(text, at, "mismatched character '<EOF>' expecting '''")
    if not sign.isalnum() and sign not in _SIGNS:
        return _unreadable(text, at, f"no viable alternative at character '{sign}'")
    token = _SHOWN_TOKEN.match(text, at)
    shown = (token.group() if token else sign).lstrip("'") or sign
    return error_at(text, at, MALFORMED, f"unexpected token: '{shown}'")


def _unreadable(text: str, at: int, sentence: str) -> SoqlError:
    """Return Salesforce's error for characters that form no token, which counts from 0."""
    row, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at) - 1
    return SoqlError(MALFORMED, f"line {row}:{column} {sentence}")


def _check_select(query: Query) -> None:
    """Refuse a mix of counts and fields: GROUP BY isn't supported."""
    counts = [each for each in query.select if isinstance(each, Count)]
    if not counts:
        return
    for each in query.select:
        if not isinstance(each, Count):
            name = each if isinstance(each, SoqlPath) else f"FIELDS({each.which})"
            sentence = f"Field must be grouped or aggregated: {name}"
            raise query.error(MALFORMED, sentence, each.at)
    for order in query.order:
        sentence = f"Ordered field must be grouped or aggregated: {order.path}"
        raise query.error(MALFORMED, sentence, order.path.at)
    names = [each.lower() for each in query.count_names]
    for each, name in zip(counts, names, strict=True):
        if names.count(name) > 1:
            raise query.error(MALFORMED, f"duplicate alias: {name}", each.at)
    if counts[0].path and (query.limit is not None or query.offset):
        clause = "OFFSET" if query.limit is None else "LIMIT"
        sentence = "Non-grouped query that uses overall aggregate functions cannot also use"
        raise SoqlError(MALFORMED, f"{sentence} {clause}")


def check_numbers(query: Query) -> None:
    """Refuse a LIMIT or OFFSET that the query can't have. Raise SoqlError."""
    for each in query.select:
        is_all = isinstance(each, Fields) and each.which == "ALL"
        if is_all and (query.limit is None or query.limit > MOST_WITH_FIELDS):
            sentence = "The SOQL FIELDS function must have a LIMIT of at most"
            raise query.error(MALFORMED, f"{sentence} {MOST_WITH_FIELDS}", each.at)
    if query.offset > LAST_OFFSET:
        sentence = f"Maximum SOQL offset allowed is {LAST_OFFSET}"
        raise SoqlError("NUMBER_OUTSIDE_VALID_RANGE", sentence)


def check_size(query: Query) -> None:
    """Count conditions and values and measure their depth, without recursion."""
    if len(query.select) > MOST_SELECTED or len(query.order) > MOST_ORDERS:
        raise too_complicated()
    waiting = [(query.where, 1)] if query.where else []
    count = 0
    while waiting:
        condition, depth = waiting.pop()
        if isinstance(condition, Comparison):
            if len(condition.values) > MOST_VALUES:
                raise too_complicated()
            # Each date in a list is an interval of its own.
            dates = sum(isinstance(each, date | Relative) for each in condition.values)
            count += max(1, dates)
        else:
            waiting += [(each, depth + 1) for each in condition.inner]
        if count > MOST_CONDITIONS or depth > DEEPEST:
            raise too_complicated()

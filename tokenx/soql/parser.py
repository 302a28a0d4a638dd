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
    Aggregate,
    Aliased,
    All,
    BindExpression,
    Comparison,
    Condition,
    Fields,
    Not,
    Query,
    Relative,
    SemiJoin,
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
MOST_SEMI_JOINS = 2
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
    _check_order(query)
    if query.where:
        _check_semi_joins(query, query.where)
    check_numbers(query)
    return query


def _query(text: str, parts: tuple[Any, ...]) -> Query:
    select, entity, alias, where, group, order, *numbers = parts
    bound = [each if isinstance(each, BindExpression) else None for each in numbers]
    limit, offset = [None if isinstance(each, BindExpression) else each for each in numbers]
    return Query(
        text,
        select,
        entity,
        alias,
        where,
        order or (),
        limit,
        offset or 0,
        group or (),
        *bound,
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
    """Refuse fields that aren't grouped in a query with groups or aggregates."""
    if not query.group and not query.aggregates:
        for each in query.select:
            if isinstance(each, Aliased):
                sentence = "only aggregate expressions use field aliasing"
                raise query.error(MALFORMED, sentence, each.at)
        return
    _check_grouped(query)
    if query.group and any(each.path is None for each in query.aggregates):
        raise query.error(MALFORMED, "Grouped query cannot use COUNT()", 0)
    names = [each.lower() for each in query.result_names]
    for each, name in zip(query.select, names, strict=True):
        if names.count(name) > 1:
            raise query.error(MALFORMED, f"duplicate alias: {name}", each.at)
    if query.is_aggregate and not query.group and (query.limit is not None or query.offset):
        clause = "OFFSET" if query.limit is None else "LIMIT"
        sentence = "Non-grouped query that uses overall aggregate functions cannot also use"
        raise SoqlError(MALFORMED, f"{sentence} {clause}")


def _check_grouped(query: Query) -> None:
    grouped = {_key(query, path) for path in query.group}
    for each in query.select:
        if isinstance(each, Aggregate):
            continue
        path = each.path if isinstance(each, Aliased) else each
        if isinstance(path, Fields) or _key(query, path) not in grouped:
            name = f"FIELDS({path.which})" if isinstance(path, Fields) else path
            sentence = f"Field must be grouped or aggregated: {name}"
            raise query.error(MALFORMED, sentence, path.at)


def _check_order(query: Query) -> None:
    """Refuse an order that the groups don't have."""
    grouped = {_key(query, path) for path in query.group}
    grouped |= {
        (each.alias.lower(),)
        for each in query.select
        if isinstance(each, Aliased | Aggregate) and each.alias
    }
    for order in query.order:
        path = order.path
        if isinstance(path, Aggregate):
            if not query.group:
                sentence = "Ordering by an aggregate function requires GROUP BY"
                raise query.error(MALFORMED, sentence, path.at)
        elif (query.group or query.aggregates) and _key(query, path) not in grouped:
            sentence = f"Ordered field must be grouped or aggregated: {path}"
            raise query.error(MALFORMED, sentence, path.at)


def _check_semi_joins(query: Query, where: Condition) -> None:
    """Refuse nested queries in places where Salesforce doesn't allow them."""
    conditions = where.inner if isinstance(where, All) else (where,)
    allowed = [
        inner
        for each in conditions
        for inner in (each.inner if isinstance(each, Not) else (each,))
        if isinstance(inner, SemiJoin)
    ]
    for each in query.semi_joins:
        if not any(each is one for one in allowed):
            sentence = (
                "Semi join sub-selects are only allowed at the top level WHERE expressions "
                "and not in nested WHERE expressions."
            )
            raise query.error(MALFORMED, sentence, each.path.at)
    if len(allowed) > MOST_SEMI_JOINS:
        sentence = f"Maximum {MOST_SEMI_JOINS} semi join sub-selects are allowed."
        raise query.error(MALFORMED, sentence, allowed[-1].path.at)


def _key(query: Query, path: SoqlPath) -> tuple[str, ...]:
    """Return what is the same for each way to write a field."""
    names = [name.lower() for name in path.names]
    own = {query.entity.names[0].lower(), (query.alias or "").lower()}
    return tuple(names[1:] if len(names) > 1 and names[0] in own else names)


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
    if len(query.group) > MOST_ORDERS:
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
        elif isinstance(condition, SemiJoin):
            count += 1
            waiting += [(condition.where, depth + 1)] if condition.where else []
        else:
            waiting += [(each, depth + 1) for each in condition.inner]
        if count > MOST_CONDITIONS or depth > DEEPEST:
            raise too_complicated()

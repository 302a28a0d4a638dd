"""ORDER BY, LIMIT, and OFFSET of a query."""

from typing import Any

from django.db.models import Case, QuerySet, Value, When
from django.db.models.functions import Lower

from .schema import SoqlColumn
from .tree import Order, Query, SoqlPath


def part_of(query: Query, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return the number of rows after the query's OFFSET and LIMIT."""
    end = None if query.limit is None else query.offset + query.limit
    return rows[query.offset : end]


def order_terms(
    query: Query, column: SoqlColumn, order: Order, path: SoqlPath
) -> list[Any]:
    """Order nulls first or last, and then by value."""
    field = column.field
    if field.is_long:
        sentence = f"field '{field.name}' can not be sorted in a query call"
        raise query.error("INVALID_FIELD", sentence, path.at)
    if field.source is None or isinstance(column.expression, Value):
        return []  # It is the same in all rows.
    value = Lower(column.expression) if field.is_text else column.expression
    term = value.desc() if order.is_descending else value.asc()
    # Empty text, which is null, already sorts first. Databases order null differently.
    is_in_order = not column.only and not field.can_have_null
    if is_in_order and order.is_nulls_first != order.is_descending:
        return [term]
    if not column.can_be_null:
        return [term]
    first, last = Value(0), Value(1)
    nulls, others = (first, last) if order.is_nulls_first else (last, first)
    return [Case(When(column.is_null, then=nulls), default=others), term]

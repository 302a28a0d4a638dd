"""Queries that the ORM writes once and the database is then asked again and again.

For a query that reads an index, composing the SQL costs the ORM several times what the
database takes to answer. So the few queries that every page, every "more" and every
look-up ask are composed once per connection, with a mark in the place of each value:

    @prepared
    def enabled_after(handler: int, key: str) -> QuerySet:
        return Enablement.objects.filter(handler=handler, app_key__gt=key).values_list(…)

    enabled_after(7, "billing")  # a list of tuples

The function is called with marks for its arguments, so it may not look at them, and they
go to the database as they are: integers and text. docs/decisions/long-lists.md
"""

import inspect
from collections.abc import Callable
from functools import wraps
from threading import local
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet

Values = tuple[Any, ...]

# An integer field takes no text for a mark; no key of ours is as low as these numbers.
_LOWEST = -(2**62)


class _Composed(NamedTuple):
    sql: str
    # For each parameter of the SQL: the place of an argument, or what it always is.
    parameters: list[tuple[int | None, Any]]
    # Turns what the database returns into Python's values.
    convert: Callable[[list[Values]], list[Values]]
    connection: Any


def prepared(compose: Callable[..., QuerySet]) -> Callable[..., list[Values]]:
    """Turn a function that composes a `values_list()` into one that gives its rows."""
    marks = _marks(compose)
    # A connection belongs to a thread, and what was composed for it as well.
    kept = local()

    @wraps(compose)
    def ask(*arguments: int | str) -> list[Values]:
        connection = connections[DEFAULT_DB_ALIAS]
        composed: _Composed | None = getattr(kept, "composed", None)
        if composed is None or composed.connection is not connection:
            composed = kept.composed = _compose(compose(*marks), marks, connection)
        values = [
            always if place is None else arguments[place]
            for place, always in composed.parameters
        ]
        with connection.cursor() as cursor:
            cursor.execute(composed.sql, values)
            found = cursor.fetchall()
        return composed.convert(found)

    return ask


def _marks(compose: Callable[..., Any]) -> list[int | str]:
    kinds = [each.annotation for each in inspect.signature(compose).parameters.values()]
    return [
        _LOWEST + place if kind is int else f"\x02{place}\x03"
        for place, kind in enumerate(kinds)
    ]


def _compose(rows: QuerySet, marks: list[int | str], connection: Any) -> _Composed:
    compiler = rows.query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    converters = compiler.get_converters([column[0] for column in compiler.select])

    def convert(found: list[Values]) -> list[Values]:
        columns: list[Any] = [*zip(*found, strict=True)]
        if not columns:
            return []
        for place, (steps, expression) in converters.items():
            for step in steps:
                columns[place] = [step(it, expression, connection) for it in columns[place]]
        return [*zip(*columns, strict=True)]

    return _Composed(
        sql=sql,
        parameters=[
            (marks.index(value) if value in marks else None, value) for value in parameters
        ],
        convert=convert if converters else list,
        connection=connection,
    )

"""Queries that the ORM compiles once per connection.

For a query that reads an index, compiling the SQL takes the ORM several times as long as
the database takes to run it. Lookups, the next fifty rows of a long list, and runs of Apex
compile theirs once, with a placeholder for each value:

    @prepared
    def enabled_after(handler: int, key: str) -> QuerySet:
        return Enablement.objects.filter(handler=handler, app_key__gt=key).values_list(…)

    enabled_after(7, "billing")  # a list of tuples

Without `values_list()`, the result is a list of model instances. The function is called
with placeholders for its arguments, so it can't inspect them. They go to the database
unchanged: integers and text. docs/decisions/long-lists.md
"""

import inspect
from collections.abc import Callable
from functools import partial, wraps
from threading import local
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django.db.models.query import ModelIterable

Values = tuple[Any, ...]

# Placeholders for integers, which are lower than any key.
_LOWEST = -(2**62)


class _Composed(NamedTuple):
    sql: str
    # For each parameter of the SQL: the index of an argument, or a constant.
    parameters: list[tuple[int | None, Any]]
    # Converts the database's values to Python's, and rows to instances.
    convert: Callable[[list[Values]], list[Any]]
    connection: Any


def prepared(compose: Callable[..., QuerySet]) -> Callable[..., list[Any]]:
    """Turn a function that composes a query into one that returns its rows."""
    placeholders = _placeholders(compose)
    # A connection belongs to a thread, and so does a query compiled for it.
    cache = local()

    @wraps(compose)
    def ask(*arguments: int | str) -> list[Any]:
        connection = connections[DEFAULT_DB_ALIAS]
        composed: _Composed | None = getattr(cache, "composed", None)
        if composed is None or composed.connection is not connection:
            composed = cache.composed = _compose(
                compose(*placeholders), placeholders, connection
            )
        values = [
            constant if index is None else arguments[index]
            for index, constant in composed.parameters
        ]
        with connection.cursor() as cursor:
            cursor.execute(composed.sql, values)
            rows = cursor.fetchall()
        return composed.convert(rows)

    return ask


def _placeholders(compose: Callable[..., Any]) -> list[int | str]:
    parameters = inspect.signature(compose).parameters.values()
    kinds = [parameter.annotation for parameter in parameters]
    return [
        _LOWEST + index if kind is int else f"\x02{index}\x03"
        for index, kind in enumerate(kinds)
    ]


def _compose(rows: QuerySet, placeholders: list[int | str], connection: Any) -> _Composed:
    compiler = rows.query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    return _Composed(
        sql=sql,
        parameters=[
            (placeholders.index(value) if value in placeholders else None, value)
            for value in parameters
        ],
        convert=_instances(rows, compiler) or converter_of(compiler),
        connection=connection,
    )


def converter_of(compiler: Any) -> Callable[[list[Values]], list[Values]]:
    """Return a function that converts the database's values to Python's."""
    converters = compiler.get_converters([column[0] for column in compiler.select])
    if not converters:
        return list

    def convert(rows: list[Values]) -> list[Values]:
        columns: list[Any] = [*zip(*rows, strict=True)]
        if not columns:
            return []
        for index, (steps, expression) in converters.items():
            for step in steps:
                column = columns[index]
                columns[index] = [
                    step(value, expression, compiler.connection) for value in column
                ]
        return [*zip(*columns, strict=True)]

    return convert


def _instances(rows: QuerySet, compiler: Any) -> Callable[[list[Values]], list[Any]] | None:
    """Return a function that makes instances of rows; None for a `values_list()`."""
    if rows._iterable_class is not ModelIterable:
        return None
    names = [column[0].target.attname for column in compiler.select]
    make = partial(rows.model.from_db, DEFAULT_DB_ALIAS, names)
    convert = converter_of(compiler)
    return lambda found: [*map(make, convert(found))]

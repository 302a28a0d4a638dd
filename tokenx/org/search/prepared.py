"""Queries that the ORM compiles once per connection.

For a query that reads an index, compiling the SQL takes the ORM several times as long as
the database takes to run it. Lookups, the next fifty rows of a long list, and runs of Apex
compile theirs once, with a placeholder for each value:

    @prepared
    def enabled_after(handler: int, key: str) -> QuerySet:
        return Enablement.objects.filter(handler=handler, app_key__gt=key).values_list(…)

    enabled_after(7, "billing")  # a list of tuples

Without `values_list()`, the result is a list of model instances, with their annotations
and the instances that `select_related()` names. Prefetched rows aren't supported. The
function is called with placeholders for its arguments, so it can't inspect them. They are
integers, text, and times. prepared_writes.py compiles insertions and updates.
docs/decisions/long-lists.md
"""

import inspect
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import wraps
from threading import local
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django.db.models.query import ModelIterable

Values = tuple[Any, ...]
Argument = int | str | datetime

# Placeholders for integers, which are lower than any key, and for times.
_LOWEST = -(2**62)
_EARLIEST = datetime(1, 1, 2, tzinfo=UTC)


class Statement(NamedTuple):
    """A statement, and for each of its parameters an argument's index or a constant."""

    sql: str
    parameters: list[tuple[int | None, Any]]

    def values(self, arguments: Iterable[Argument], connection: Any) -> list[Any]:
        """Return the statement's parameters for the arguments."""
        adapted = _adapted(arguments, connection)
        return [
            constant if index is None else adapted[index]
            for index, constant in self.parameters
        ]


class _Composed(NamedTuple):
    statement: Statement
    # Converts the database's values to Python's, and rows to instances.
    convert: Callable[[list[Values]], list[Any]]
    connection: Any


def prepared(compose: Callable[..., QuerySet]) -> Callable[..., list[Any]]:
    """Turn a function that composes a query into one that returns its rows."""
    placeholders = placeholders_of(compose)
    # A connection belongs to a thread, and so does a query compiled for it.
    cache = local()

    @wraps(compose)
    def ask(*arguments: Argument) -> list[Any]:
        connection = connections[DEFAULT_DB_ALIAS]
        composed: _Composed | None = getattr(cache, "composed", None)
        if composed is None or composed.connection is not connection:
            composed = cache.composed = _compose(
                compose(*placeholders), placeholders, connection
            )
        values = composed.statement.values(arguments, connection)
        with connection.cursor() as cursor:
            cursor.execute(composed.statement.sql, values)
            rows = cursor.fetchall()
        return composed.convert(rows)

    return ask


def placeholders_of(compose: Callable[..., Any]) -> list[Argument]:
    """Return a value for each parameter of a function that composes a statement."""
    parameters = inspect.signature(compose).parameters.values()
    return [
        _placeholder(parameter.annotation, index)
        for index, parameter in enumerate(parameters)
    ]


def _placeholder(kind: type, index: int) -> Argument:
    if kind is int:
        return _LOWEST + index
    if kind is datetime:
        return _EARLIEST + timedelta(seconds=index)
    return f"\x02{index}\x03"


def _adapted(arguments: Iterable[Argument], connection: Any) -> list[Any]:
    """Return the arguments as the database takes them."""
    adapt = connection.ops.adapt_datetimefield_value
    return [adapt(each) if isinstance(each, datetime) else each for each in arguments]


def _compose(rows: QuerySet, placeholders: list[Argument], connection: Any) -> _Composed:
    compiler = rows.query.get_compiler(connection=connection)
    return _Composed(
        statement=statement_of(compiler, placeholders),
        convert=_instances(rows, compiler) or converter_of(compiler),
        connection=connection,
    )


def statement_of(compiler: Any, placeholders: list[Argument]) -> Statement:
    """Return the statement that the ORM compiled with placeholders."""
    sql, parameters = compiler.as_sql()
    expected = _adapted(placeholders, compiler.connection)
    return Statement(
        sql,
        [
            (expected.index(value) if value in expected else None, value)
            for value in parameters
        ],
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
    make = _maker(compiler.klass_info, compiler.select)
    convert = converter_of(compiler)
    annotations = compiler.annotation_col_map
    if not annotations:
        return lambda found: [*map(make, convert(found))]

    def annotated(row: Values) -> Any:
        instance = make(row)
        for name, index in annotations.items():
            setattr(instance, name, row[index])
        return instance

    return lambda found: [*map(annotated, convert(found))]


def _maker(planned: dict[str, Any], columns: list[Any]) -> Callable[[Values], Any]:
    """Return a function that makes an instance of a row, with its related instances."""
    model, indexes = planned["model"], planned["select_fields"]
    start, end = indexes[0], indexes[-1] + 1
    names = [columns[index][0].target.attname for index in indexes]
    key = start + names.index(model._meta.pk.attname)
    related = [
        (each["local_setter"], each["remote_setter"], _maker(each, columns))
        for each in planned.get("related_klass_infos", [])
    ]

    def make(row: Values) -> Any:
        if row[key] is None:
            return None
        instance = model.from_db(DEFAULT_DB_ALIAS, names, row[start:end])
        for set_related, set_reverse, make_related in related:
            other = make_related(row)
            set_related(instance, other)
            if other is not None:
                set_reverse(other, instance)
        return instance

    return make

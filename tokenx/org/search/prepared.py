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
from django.db.models import Model, QuerySet

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


class Joined:
    """A row of a model together with the rows it points to, from one `values_list()`.

    `Joined(User, org=["name"])` lists all columns of a user, and of the org the id and
    the name; what is not listed is fetched when somebody asks for it, as after `only()`.
    """

    def __init__(self, model: type[Model], **related: list[str]) -> None:
        self.model = model
        self.names = [field.attname for field in model._meta.concrete_fields]
        self.related = {
            name: _in_order(model._meta.get_field(name).related_model, fields)
            for name, fields in related.items()
        }
        self.columns = [
            *self.names,
            *(f"{name}__{it}" for name, (_, its) in self.related.items() for it in its),
        ]

    def instance(self, values: Values) -> Any:
        row, end = self._row(self.model, self.names, values), len(self.names)
        for name, (model, fields) in self.related.items():
            start, end = end, end + len(fields)
            setattr(row, name, self._row(model, fields, values[start:end]))
        return row

    @staticmethod
    def _row(model: Any, names: list[str], values: Values) -> Model:
        row: Model = model.from_db(DEFAULT_DB_ALIAS, names, values)
        return row


def _in_order(model: Any, wanted: list[str]) -> tuple[Any, list[str]]:
    """The id and the fields, in the order of the model, as from_db() takes them."""
    names = [field.attname for field in model._meta.concrete_fields]
    return model, [name for name in names if name in {"id", *wanted}]

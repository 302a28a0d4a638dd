"""Insertions and updates that the ORM compiles once per connection, as in prepared.py."""

from collections.abc import Callable
from functools import wraps
from threading import local
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, Model, QuerySet
from django.db.models.sql import InsertQuery, UpdateQuery
from django.db.transaction import mark_for_rollback_on_error

from .prepared import Argument, Statement, placeholders_of, statement_of

Changes = tuple[QuerySet, dict[str, Any]]


class _Insertion(NamedTuple):
    sql: str
    fields: list[Field]
    connection: Any


_insertions = local()


def insert(row: Model) -> None:
    """Insert a row as `save(force_insert=True)` does, without signals.

    The model has a generated key and no parent.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    insertion = _insertion(row, connection)
    values = [
        field.get_db_prep_save(field.pre_save(row, add=True), connection=connection)
        for field in insertion.fields
    ]
    with mark_for_rollback_on_error(DEFAULT_DB_ALIAS), connection.cursor() as cursor:
        cursor.execute(insertion.sql, values)
        if connection.features.can_return_columns_from_insert:
            [row.pk] = cursor.fetchone()
        else:
            meta: Any = type(row)._meta
            row.pk = connection.ops.last_insert_id(cursor, meta.db_table, meta.pk.column)
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def _insertion(row: Model, connection: Any) -> _Insertion:
    """Return the insertion of a model's rows, and compile it for a new connection."""
    model = type(row)
    known: dict[Any, _Insertion] = _insertions.__dict__
    found = known.get(model)
    if found is None or found.connection is not connection:
        fields = [
            field for field in model._meta.local_concrete_fields if field.name != "id"
        ]
        query = InsertQuery(model)
        query.insert_values(fields, [row])
        compiler: Any = query.get_compiler(connection=connection)
        compiler.returning_fields = [model._meta.pk]
        [(sql, _)] = compiler.as_sql()
        found = known[model] = _Insertion(sql, fields, connection)
    return found


def prepared_update(
    *, locking: Callable[..., QuerySet] | None = None
) -> Callable[[Callable[..., Changes]], Callable[..., list[int]]]:
    """Turn a function that composes rows and their changes into one that makes them.

    It returns the keys of the changed rows. `locking` composes rows from the same
    arguments, which are locked first. SQLite has no such locks, and one writer at a time.
    """

    def decorate(compose: Callable[..., Changes]) -> Callable[..., list[int]]:
        placeholders = placeholders_of(compose)
        cache = local()

        @wraps(compose)
        def update(*arguments: Argument) -> list[int]:
            connection = connections[DEFAULT_DB_ALIAS]
            if not connection.features.can_return_columns_from_insert:
                return _update_in_two_steps(*compose(*arguments))
            has_lock = locking is not None and connection.features.has_select_for_update
            if getattr(cache, "connection", None) is not connection:
                statement = _compile(*compose(*placeholders), placeholders, connection)
                if locking is not None and has_lock:
                    rows = locking(*placeholders).select_for_update(no_key=True)
                    lock = statement_of(rows.query.get_compiler("default"), placeholders)
                    statement = _together(lock, statement)
                cache.statement, cache.connection = statement, connection
            prepared: Statement = cache.statement
            values = prepared.values(arguments, connection)
            with (
                mark_for_rollback_on_error(DEFAULT_DB_ALIAS),
                connection.cursor() as cursor,
            ):
                cursor.execute(prepared.sql, values)
                if has_lock:
                    cursor.nextset()
                return [key for (key,) in cursor.fetchall()]

        return update

    return decorate


def _together(first: Statement, second: Statement) -> Statement:
    """Return two statements that PostgreSQL gets together and runs in this order."""
    return Statement(f"{first.sql}; {second.sql}", first.parameters + second.parameters)


def _compile(
    rows: QuerySet, changes: dict[str, Any], placeholders: list[Argument], connection: Any
) -> Statement:
    query: Any = rows.query.chain(UpdateQuery)
    query.add_update_values(changes)
    compiler = query.get_compiler(connection=connection)
    sql, parameters = statement_of(compiler, placeholders)
    key = connection.ops.quote_name(rows.model._meta.pk.column)
    return Statement(f"{sql} RETURNING {key}", parameters)


def _update_in_two_steps(rows: QuerySet, changes: dict[str, Any]) -> list[int]:
    """Update rows on SQLite before 3.35, which doesn't return the keys."""
    keys = list(rows.values_list("pk", flat=True))
    if keys:
        rows.filter(pk__in=keys).update(**changes)
    return keys

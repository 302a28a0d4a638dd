"""A guard on the SQL of tests: joins, updates, deletions, and selections name the org.

Middleware collects the faults of each request, and a fixture those of each command and of
each run of a deployment queue. The fixture fails the test at its end, so no error handler
hides a fault. Handwritten SQL is read as well as Django's. Reading one row by its ID alone
is allowed for the session's user only, once for each request.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, wraps
from typing import Any
from unittest.mock import patch

import pytest
from django.apps import apps
from django.core.management import BaseCommand
from django.db import connection
from django.http import HttpRequest, HttpResponse

_FAULTS: list[str] = []

_UPDATE = re.compile(
    r"\bUPDATE (?:ONLY )?(\w+)(?: (?:AS )?(\w+))? SET (.*?)(?: WHERE (.*))?$"
)
_DELETE = re.compile(r"\bDELETE FROM (?:ONLY )?(\w+)(?: (?:AS )?(?!WHERE)(\w+))?(.*)$")
_FROM = re.compile(r"(?<!DELETE )\bFROM (\w+)\b(?!\.)(?: (?:AS )?(\w+))?")
_JOIN = re.compile(r"\bJOIN (\w+)\b(?!\.)(?: (?:AS )?(?!ON\b)(\w+))?(?: ON (.*))?")
_END_OF_JOIN = re.compile(
    r"\b(?:(?:INNER |LEFT |CROSS |RIGHT |FULL )?(?:OUTER )?JOIN|WHERE|GROUP BY|ORDER BY"
    r"|LIMIT|UNION|SET)\b"
)
_KEYWORDS = {
    "WHERE", "INNER", "LEFT", "CROSS", "JOIN", "ORDER", "LIMIT", "GROUP", "ON", "UNION",
    "FOR", "SET",
}  # fmt: skip
_BY_ID = re.compile(r"WHERE (\w+)\.id = \S+( ORDER BY \w+\.id ASC)?( LIMIT \d+)?$")
# Commands ask which orgs exist: the rows of a table aren't read, only their orgs.
_ORGS_ALONE = re.compile(
    r"SELECT DISTINCT (\w+)\.org_id AS \w+ FROM \1 WHERE (?!.*\bFROM\b)"
)

# Rows that are looked up before the org is known, by something that's unique everywhere.
ACROSS_ORGS = {
    "org_user": "username =",
    "org_clientapp": "consumer_key =",
    "training_classroom": "code =",
    "training_participant": "practice_org_id =",
    "training_practiceorg": "address_hash =",
}
SESSION_USER = "org_user"


@lru_cache(maxsize=4096)
def faults_of(sql: str) -> tuple[str, ...]:
    """Return the parts of a statement that don't name the org, or an empty tuple."""
    return tuple(f"{fault}: {sql[:2000]}" for fault in _faults_of(_plain(sql)))


def _plain(sql: str) -> str:
    """Return the statement on one line, without quotes around names."""
    return " ".join(sql.replace('"', "").split())


def _faults_of(sql: str) -> Iterator[str]:
    yield from _faults_of_change(sql)
    yield from _faults_of_joins(sql)
    for source in _FROM.finditer(sql):
        table, alias = source.groups()
        if table in org_tables() and not _names_org(sql, source.end(1), table, alias):
            yield f"a selection from {table} names no org"


def _faults_of_joins(sql: str) -> Iterator[str]:
    for start in re.finditer(r"\bJOIN ", sql):
        join = _JOIN.match(sql, start.start())
        if join is None or join[1] not in org_tables():
            continue
        table, alias, rest = join.groups()
        if rest is None or alias in _KEYWORDS:
            if not _names_org(sql, join.end(1), table, alias):
                yield f"a join of {table} names no org"
        elif not _compares_org(_condition(rest)):
            yield f"a join of {table} doesn't compare the org"


def _condition(rest: str) -> str:
    """Return the condition of a join, which ends at the next clause."""
    own = _without_subqueries(_until_closed(rest))
    return own[: end.start()] if (end := _END_OF_JOIN.search(own)) else own


def _compares_org(condition: str) -> bool:
    """Tell whether a join's condition compares the org with a column or a value."""
    return bool(re.search(r"\borg_id = \(*(?:\w+\.org_id\b|%|\d)", condition))


def _faults_of_change(sql: str) -> Iterator[str]:
    own = _without_subqueries(sql)
    for table, alias, changes, condition in _UPDATE.findall(own):
        if table in org_tables() and not _is_org_in(condition, table, alias):
            yield f"an update of {table} names no org"
        if table in org_tables() and re.search(r"\borg_id =", changes):
            yield f"an update of {table} sets the org"
    for table, alias, condition in _DELETE.findall(own):
        if table in org_tables() and not _is_org_in(condition, table, alias):
            yield f"a deletion from {table} names no org"


def _names_org(sql: str, start: int, table: str, alias: str | None) -> bool:
    is_alias = alias and alias not in _KEYWORDS
    rest = _until_closed(sql[start:])
    if _ORGS_ALONE.match(sql):
        return True
    return _is_org_in(rest, table, alias if is_alias else "") or is_by_id(sql, SESSION_USER)


def _is_org_in(condition: str, table: str, alias: str | None) -> bool:
    """Tell whether a condition has the table's org, or finds its rows across orgs."""
    if re.search(rf"\b{alias or table}\.org_id\b|(?<![.\w])org_id (?:=|IN)", condition):
        return True
    return ACROSS_ORGS.get(table, "\0") in condition


def _until_closed(sql: str) -> str:
    """Return the text up to the parenthesis that closes the one around it."""
    depth = 0
    for index, character in enumerate(sql):
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return sql[:index]
    return sql


def _without_subqueries(sql: str) -> str:
    """Return the statement with each subquery left out; its org isn't the statement's."""
    while start := re.search(r"\( ?SELECT\b", sql):
        subquery = _until_closed(sql[start.start() + 1 :])
        sql = sql[: start.start()] + "()" + sql[start.start() + len(subquery) + 2 :]
    return sql


def is_by_id(sql: str, table: str) -> bool:
    match = _BY_ID.search(_plain(sql))
    return match is not None and match[1] == table


@lru_cache(maxsize=1)
def org_tables() -> frozenset[str]:
    models = [
        model for model in apps.get_models() if model.__module__.startswith("tokenx.")
    ]
    names = {field.name for model in models for field in model._meta.fields}
    assert "org" in names
    return frozenset(
        model._meta.db_table
        for model in models
        if any(field.name == "org" for field in model._meta.fields)
    )


class SqlGuardMiddleware:
    """Check the SQL of each request; installed by tests/settings.py."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        selected_by_id = 0

        def check(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            nonlocal selected_by_id
            _FAULTS.extend(faults_of(sql))
            selected_by_id += is_by_id(sql, SESSION_USER)
            if selected_by_id > 1:
                _FAULTS.append(f"a second user is selected by ID alone: {sql}")
                selected_by_id = 0
            return execute(sql, params, many, context)

        with connection.execute_wrapper(check):
            return self.get_response(request)


@contextmanager
def guarded() -> Iterator[None]:
    """Check the SQL of the block, in which there's no session and no exception for it."""

    def check(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        _FAULTS.extend(faults_of(sql))
        if is_by_id(sql, SESSION_USER):
            _FAULTS.append(f"a user is selected by ID alone: {sql}")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(check):
        yield


def _guarded(function: Callable) -> Callable:
    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with guarded():
            return function(*args, **kwargs)

    return wrapper


def _execute(command: BaseCommand, *args: Any, **options: Any) -> Any:
    """Run a command of ours under the guard, and Django's commands as they are."""
    if type(command).__module__.startswith("tokenx."):
        with guarded():
            return _EXECUTE(command, *args, **options)
    return _EXECUTE(command, *args, **options)


_EXECUTE = BaseCommand.execute


@pytest.fixture(autouse=True)
def every_query_names_the_org() -> Iterator[None]:
    from tokenx.metadata.deploy import queue

    _FAULTS.clear()
    with (
        patch.object(BaseCommand, "execute", _execute),
        patch.object(queue, "run_queue", _guarded(queue.run_queue)),
    ):
        yield
    assert not _FAULTS, "\n".join(_FAULTS)

"""A guard on the SQL of all requests in tests: joins, updates, and deletions name the org.

Middleware collects the faults of each request, and a fixture fails the test at its end, so
no error handler hides one. Reading one row by its ID alone is allowed for the session's
user only, once for each request.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.http import HttpRequest, HttpResponse

_FAULTS: list[str] = []

_UPDATE = re.compile(r'^UPDATE "(\w+)"(?: AS "\w+")? SET (.*?)(?: WHERE (.*))?$', re.DOTALL)
_DELETE = re.compile(r'^DELETE FROM "(\w+)"(?: WHERE (.*))?$', re.DOTALL)
_FROM = re.compile(r'(?<!DELETE )\bFROM "(\w+)"(?: (?:AS )?"?([A-Z]+\d+|\w+)"?)?')
_JOIN = re.compile(r'\bJOIN "(\w+)"(?: (?:AS )?"?(\w+)"?)? ON (\((?:[^()]|\([^()]*\))*\))')
_KEYWORDS = {"WHERE", "INNER", "LEFT", "ORDER", "LIMIT", "GROUP", "ON", "UNION", "FOR"}
_BY_ID = re.compile(r'WHERE "(\w+)"\."id" = \S+( ORDER BY "\w+"."id" ASC)?( LIMIT \d+)?$')

# Rows that are looked up before the org is known, by something that's unique everywhere.
ACROSS_ORGS = {
    "org_user": '"username" =',
    "org_clientapp": '"consumer_key" =',
    "training_classroom": '"code" =',
    "training_participant": '"practice_org_id" =',
    "training_practiceorg": '"address_hash" =',
}
SESSION_USER = "org_user"


@lru_cache(maxsize=4096)
def faults_of(sql: str) -> tuple[str, ...]:
    """Return the parts of a statement that don't name the org, or an empty list."""
    return tuple(f"{fault}: {sql[:2000]}" for fault in _faults_of(" ".join(sql.split())))


def _faults_of(sql: str) -> Iterator[str]:
    yield from _faults_of_change(sql)
    for table, _, condition in _JOIN.findall(sql):
        if table in org_tables() and condition.count('"org_id"') < 2:
            yield f"a join of {table} doesn't compare the org"
    for source in _FROM.finditer(sql):
        table, alias = source.groups()
        if table in org_tables() and not _names_org(sql, source.end(), table, alias):
            yield f"a selection from {table} names no org"


def _faults_of_change(sql: str) -> Iterator[str]:
    if update := _UPDATE.match(sql):
        table, changes, condition = update.groups()
        names_org = '"org_id"' in (condition or "") or _is_across_orgs(table, condition)
        if table in org_tables() and not names_org:
            yield f"an update of {table} names no org"
        if table in org_tables() and '"org_id" =' in changes.partition("SELECT")[0]:
            yield f"an update of {table} sets the org"
    if deletion := _DELETE.match(sql):
        table, condition = deletion.groups()
        if table in org_tables() and '"org_id"' not in (condition or ""):
            yield f"a deletion from {table} names no org"


def _names_org(sql: str, start: int, table: str, alias: str | None) -> bool:
    name = alias if alias and alias not in _KEYWORDS else table
    rest = sql[start:]
    if re.search(rf'(?:"{name}"|\b{name})\."org_id"|\b(?<!\.)"?org_id"? =', rest):
        return True
    return _is_across_orgs(table, rest) or is_by_id(sql, SESSION_USER)


def _is_across_orgs(table: str, condition: str | None) -> bool:
    return ACROSS_ORGS.get(table, "\0") in (condition or "")


def is_by_id(sql: str, table: str) -> bool:
    match = _BY_ID.search(" ".join(sql.split()))
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


@pytest.fixture(autouse=True)
def every_query_names_the_org() -> Iterator[None]:
    _FAULTS.clear()
    yield
    assert not _FAULTS, "\n".join(_FAULTS)

"""The apps that handlers are to be enabled for, as a set in the database.

A file may name a hundred thousand: row by row that takes a hundred times as long
(facts/performance.md 6). What is wanted goes into a table that lasts as long as the
connection; another one says what each row of it is in this org. The words of
actions/replace_enablements.py are made of what is asked here.

Both databases start from the few wanted rows, and not from the many apps, because the
joins are LEFT JOINs. SQLite finds `lower(api_name)` in its index only beside an expression:
a column of type text would make it convert each of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from tokenx.org.models.user import normalize_username

_WANTED = """
CREATE TEMPORARY TABLE wanted (
  handler_id bigint, number integer, kind text, name text, username text,
  is_default bool
)
"""
_FOUND = """
CREATE TEMPORARY TABLE found AS
SELECT w.handler_id, w.number, w.is_default, w.kind,
       a.id AS app_id, a.label, a.search_key AS app_key,
       a.allows_token_exchange AS is_on_in_settings,
       a.policy_allows_token_exchange AS is_on_in_policies,
       u.id AS run_as_id, u.is_active,
       e.id AS enablement_id, e.run_as_id AS old_run_as_id, e.is_default AS was_default
  FROM wanted w
  LEFT JOIN org_clientapp a
    ON a.org_id = %(org)s AND a.kind = w.kind AND lower(a.api_name) = (w.name || '')
  LEFT JOIN org_user u ON u.org_id = %(org)s AND u.username = w.username
  LEFT JOIN handlers_enablement e
    ON e.org_id = %(org)s AND e.handler_id = w.handler_id AND e.app_id = a.id
"""
# Those that are to have no app at all are in it too.
_REPLACED = "CREATE TEMPORARY TABLE replaced (handler_id bigint PRIMARY KEY)"
_INDEXES = [
    "CREATE INDEX found_enablement ON found (enablement_id)",
    "CREATE INDEX found_app ON found (app_id)",
    "CREATE INDEX found_handler ON found (handler_id)",
]
_TABLES = ("wanted", "found", "replaced")


class Wanted(NamedTuple):
    """An app that a handler is to be enabled for, by the names that files use."""

    kind: str
    api_name: str
    username: str
    is_default: bool


@contextmanager
def wanted_rows(org: int, wanted: Mapping[int, Iterable[Wanted]]) -> Iterator[None]:
    """The tables, while the block runs: what each handler (by its id) is to have."""
    _drop()
    with connection.cursor() as cursor:
        cursor.execute(_REPLACED)
        cursor.executemany(
            "INSERT INTO replaced VALUES (%s)", [(handler,) for handler in wanted]
        )
        cursor.execute(_WANTED)
        _fill(cursor, wanted)
        cursor.execute(_FOUND, {"org": org})
        for statement in _INDEXES:
            cursor.execute(statement)
    try:
        yield
    finally:
        # After an error PostgreSQL takes no statement until the rollback, which drops
        # them anyway.
        if not connection.needs_rollback:
            _drop()


def _fill(cursor: Any, wanted: Mapping[int, Iterable[Wanted]]) -> None:
    rows = (
        (
            handler,
            number,
            each.kind,
            each.api_name.lower(),
            normalize_username(each.username),
            each.is_default,
        )
        for handler, apps in wanted.items()
        for number, each in enumerate(apps)
    )
    if connection.vendor == "postgresql":
        with cursor.copy("COPY wanted FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        cursor.executemany("INSERT INTO wanted VALUES (%s, %s, %s, %s, %s, %s)", rows)


def _drop() -> None:
    for table in _TABLES:
        run(f"DROP TABLE IF EXISTS {table}")


# --- Asking ------------------------------------------------------------------------------

# Each of them: the rows that cannot be, and what a sentence about them needs.
NOT_FOUND = "SELECT handler_id, number, kind FROM found WHERE app_id IS NULL"
NO_USER = "SELECT handler_id, number FROM found WHERE run_as_id IS NULL"
SWITCHED_OFF = """
SELECT handler_id, number, app_id FROM found
 WHERE app_id IS NOT NULL AND enablement_id IS NULL
   AND NOT (is_on_in_settings AND is_on_in_policies)
"""
INACTIVE = """
SELECT handler_id, number, run_as_id FROM found
 WHERE NOT is_active AND (enablement_id IS NULL OR old_run_as_id <> run_as_id)
"""
# Defaults that another handler has, one that is not among these and so will keep it.
DEFAULT_ELSEWHERE = """
SELECT f.handler_id, f.number, f.app_id, d.handler_id
  FROM found f JOIN handlers_enablement d
    ON d.org_id = %(org)s AND d.app_id = f.app_id AND d.is_default
 WHERE f.is_default AND d.handler_id NOT IN (SELECT handler_id FROM replaced)
   AND d.handler_id <> f.handler_id
"""
DEFAULT_TWICE = """
SELECT handler_id, number, app_id, NULL FROM found f
 WHERE is_default AND app_id IN (
   SELECT app_id FROM found WHERE is_default GROUP BY app_id HAVING count(*) > 1
 )
"""


def ask(statement: str, org: int, most: int) -> list[tuple]:
    """The first rows of an answer, by handler and number."""
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} ORDER BY 1, 2 LIMIT {most}", {"org": org})
        return cursor.fetchall()


# What is added, changed or removed: the handler and the app of each.
ADDED = "SELECT handler_id, label FROM found WHERE enablement_id IS NULL"
CHANGED = """
SELECT handler_id, label FROM found
 WHERE enablement_id IS NOT NULL
   AND (run_as_id <> old_run_as_id OR is_default <> was_default)
"""
_GONE = """
org_id = %(org)s AND handler_id = %(handler)s
AND id NOT IN (SELECT enablement_id FROM found WHERE enablement_id IS NOT NULL)
"""
REMOVED = f"""
SELECT handler_id, (SELECT label FROM org_clientapp a WHERE a.id = app_id) AS label
  FROM handlers_enablement WHERE {_GONE}
"""  # noqa: S608 (no value in it)


def count_and_name(
    statement: str, org: int, handler: int, most: int
) -> tuple[int, list[str]]:
    """How many rows of one of the three statements a handler has, and the first apps."""
    # S608: both are put together of our own statements; values are parameters.
    rows = f"SELECT label FROM ({statement}) AS rows WHERE handler_id = %(handler)s"  # noqa: S608
    parameters = {"org": org, "handler": handler}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({rows}) AS counted", parameters)  # noqa: S608
        [number] = cursor.fetchone()
        if not number:
            return 0, []
        cursor.execute(f"{rows} ORDER BY 1 LIMIT {most}", parameters)
        return number, [label for [label] in cursor.fetchall()]


# --- Changing ----------------------------------------------------------------------------

LOCK_APPS = """
SELECT id FROM org_clientapp
 WHERE org_id = %(org)s AND id IN (
   SELECT app_id FROM found UNION
   SELECT app_id FROM handlers_enablement
    WHERE org_id = %(org)s AND handler_id IN (SELECT handler_id FROM replaced)
 )
 ORDER BY id FOR UPDATE
"""
REMOVE = f"DELETE FROM handlers_enablement WHERE {_GONE}"  # noqa: S608 (no value in it)
# One default handler per app is always true, so the old ones go first.
GIVE_UP_DEFAULTS = """
UPDATE handlers_enablement SET is_default = %(no)s, modified_at = %(now)s
 WHERE id IN (SELECT enablement_id FROM found WHERE was_default AND NOT is_default)
"""
CHANGE = """
UPDATE handlers_enablement
   SET run_as_id = f.run_as_id, is_default = f.is_default, modified_at = %(now)s
  FROM found f
 WHERE f.enablement_id = handlers_enablement.id
   AND (f.run_as_id <> f.old_run_as_id OR f.is_default <> f.was_default)
"""
ADD = """
INSERT INTO handlers_enablement
  (org_id, handler_id, app_id, run_as_id, is_default, enabled_at, modified_at,
   app_kind, app_key)
SELECT %(org)s, handler_id, app_id, run_as_id, is_default, %(now)s, %(now)s, kind, app_key
  FROM found WHERE enablement_id IS NULL ORDER BY handler_id, number
"""


def change(org: int, handlers: Iterable[int], now: datetime) -> None:
    """Remove, change and add, so that the rows are those that are wanted."""
    shared = {
        "org": org,
        "no": False,
        "now": connection.ops.adapt_datetimefield_value(now),
    }
    for handler in handlers:
        run(REMOVE, {"org": org, "handler": handler})
    for statement in (GIVE_UP_DEFAULTS, CHANGE, ADD):
        run(statement, shared)


def lock_apps(org: int) -> None:
    """Nobody else changes what these apps are enabled for until the transaction ends."""
    if connection.features.has_select_for_update:
        run(LOCK_APPS, {"org": org})


def run(statement: str, parameters: dict[str, Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)

"""Compare and change handlers' enabled apps as sets in the database.

A file can list 100,000 apps, and row-by-row changes take a hundred times as long
(docs/salesforce/performance.md, Deployment of many enabled apps). The wanted enablements
go into a temporary table that lasts as long as the connection. A second one resolves
their names to rows of this org. actions/replace_enablements.py turns the answers into
sentences.

The joins are LEFT JOINs, so both databases start from the few wanted rows and not from
the many apps. SQLite finds `lower(api_name)` in its index only if it's compared with an
expression: a text column would make it convert each value.
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
_RESOLVED = """
CREATE TEMPORARY TABLE resolved AS
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
# This table also has the handlers for which no apps are wanted.
_REPLACED = "CREATE TEMPORARY TABLE replaced (handler_id bigint PRIMARY KEY)"
_INDEXES = [
    "CREATE INDEX resolved_enablement ON resolved (enablement_id)",
    "CREATE INDEX resolved_app ON resolved (app_id)",
    "CREATE INDEX resolved_handler ON resolved (handler_id)",
]
_TABLES = ("wanted", "resolved", "replaced")


class WantedEnablement(NamedTuple):
    """An app to enable for a handler, by the names that files use."""

    kind: str
    api_name: str
    username: str
    is_default: bool


@contextmanager
def wanted_rows(
    org: int, wanted: Mapping[int, Iterable[WantedEnablement]]
) -> Iterator[None]:
    """Create the temporary tables while the block runs.

    `wanted` maps the ID of each handler to the apps it should have.
    """
    _drop_tables()
    with connection.cursor() as cursor:
        cursor.execute(_REPLACED)
        cursor.executemany(
            "INSERT INTO replaced VALUES (%s)", [(handler,) for handler in wanted]
        )
        cursor.execute(_WANTED)
        _fill_wanted(cursor, wanted)
        cursor.execute(_RESOLVED, {"org": org})
        for statement in _INDEXES:
            cursor.execute(statement)
    try:
        yield
    finally:
        # After an error, PostgreSQL accepts no statements until the rollback, which
        # drops the tables anyway.
        if not connection.needs_rollback:
            _drop_tables()


def _fill_wanted(cursor: Any, wanted: Mapping[int, Iterable[WantedEnablement]]) -> None:
    rows = (
        (
            handler,
            number,
            app.kind,
            app.api_name.lower(),
            normalize_username(app.username),
            app.is_default,
        )
        for handler, apps in wanted.items()
        for number, app in enumerate(apps)
    )
    if connection.vendor == "postgresql":
        with cursor.copy("COPY wanted FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        cursor.executemany("INSERT INTO wanted VALUES (%s, %s, %s, %s, %s, %s)", rows)


def _drop_tables() -> None:
    for table in _TABLES:
        run(f"DROP TABLE IF EXISTS {table}")


# --- Queries -----------------------------------------------------------------------------

# Each query selects refused rows with the values that a sentence about them needs.
UNKNOWN_APPS = "SELECT handler_id, number, kind FROM resolved WHERE app_id IS NULL"
UNKNOWN_USERS = "SELECT handler_id, number FROM resolved WHERE run_as_id IS NULL"
APPS_TURNED_OFF = """
SELECT handler_id, number, app_id FROM resolved
 WHERE app_id IS NOT NULL AND enablement_id IS NULL
   AND NOT (is_on_in_settings AND is_on_in_policies)
"""
INACTIVE_USERS = """
SELECT handler_id, number, run_as_id FROM resolved
 WHERE NOT is_active AND (enablement_id IS NULL OR old_run_as_id <> run_as_id)
"""
# Defaults of a handler that isn't being replaced and therefore keeps them.
DEFAULTS_ELSEWHERE = """
SELECT r.handler_id, r.number, r.app_id, d.handler_id
  FROM resolved r JOIN handlers_enablement d
    ON d.org_id = %(org)s AND d.app_id = r.app_id AND d.is_default
 WHERE r.is_default AND d.handler_id NOT IN (SELECT handler_id FROM replaced)
   AND d.handler_id <> r.handler_id
"""
DEFAULTS_CLAIMED_TWICE = """
SELECT handler_id, number, app_id, NULL FROM resolved r
 WHERE is_default AND app_id IN (
   SELECT app_id FROM resolved WHERE is_default GROUP BY app_id HAVING count(*) > 1
 )
"""


def select(statement: str, org: int, limit: int) -> list[tuple]:
    """Return the first rows of a query, ordered by handler and number."""
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} ORDER BY 1, 2 LIMIT {limit}", {"org": org})
        return cursor.fetchall()


# The handler and app of each enablement that is added, changed, or removed.
ADDED = "SELECT handler_id, label FROM resolved WHERE enablement_id IS NULL"
CHANGED = """
SELECT handler_id, label FROM resolved
 WHERE enablement_id IS NOT NULL
   AND (run_as_id <> old_run_as_id OR is_default <> was_default)
"""
_NOT_WANTED = """
org_id = %(org)s AND handler_id = %(handler)s
AND id NOT IN (SELECT enablement_id FROM resolved WHERE enablement_id IS NOT NULL)
"""
REMOVED = f"""
SELECT handler_id,
       (SELECT label FROM org_clientapp a WHERE a.org_id = %(org)s AND a.id = app_id)
         AS label
  FROM handlers_enablement WHERE {_NOT_WANTED}
"""  # noqa: S608 (no value in it)


def count_and_name(
    statement: str, org: int, handler: int, limit: int
) -> tuple[int, list[str]]:
    """Count a handler's rows in ADDED, CHANGED, or REMOVED, and name the first apps."""
    rows = f"SELECT label FROM ({statement}) AS rows WHERE handler_id = %(handler)s"  # noqa: S608 (our own SQL)
    parameters = {"org": org, "handler": handler}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({rows}) AS counted", parameters)  # noqa: S608 (our own SQL)
        [number] = cursor.fetchone()
        if not number:
            return 0, []
        cursor.execute(f"{rows} ORDER BY 1 LIMIT {limit}", parameters)
        return number, [label for [label] in cursor.fetchall()]


# --- Changes -----------------------------------------------------------------------------

LOCK_APPS = """
SELECT id FROM org_clientapp
 WHERE org_id = %(org)s AND id IN (
   SELECT app_id FROM resolved UNION
   SELECT app_id FROM handlers_enablement
    WHERE org_id = %(org)s AND handler_id IN (SELECT handler_id FROM replaced)
 )
 ORDER BY id FOR UPDATE
"""
REMOVE = f"DELETE FROM handlers_enablement WHERE {_NOT_WANTED}"  # noqa: S608 (no value in it)
# An app never has two default handlers, so clear the old ones first.
CLEAR_DEFAULTS = """
UPDATE handlers_enablement SET is_default = %(no)s, modified_at = %(now)s
 WHERE org_id = %(org)s
   AND id IN (SELECT enablement_id FROM resolved WHERE was_default AND NOT is_default)
"""
CHANGE = """
UPDATE handlers_enablement
   SET run_as_id = r.run_as_id, is_default = r.is_default, modified_at = %(now)s
  FROM resolved r
 WHERE handlers_enablement.org_id = %(org)s
   AND r.enablement_id = handlers_enablement.id
   AND (r.run_as_id <> r.old_run_as_id OR r.is_default <> r.was_default)
"""
ADD = """
INSERT INTO handlers_enablement
  (org_id, handler_id, app_id, run_as_id, is_default, enabled_at, modified_at,
   app_kind, app_key)
SELECT %(org)s, handler_id, app_id, run_as_id, is_default, %(now)s, %(now)s, kind, app_key
  FROM resolved WHERE enablement_id IS NULL ORDER BY handler_id, number
"""


def change(org: int, handlers: Iterable[int], now: datetime) -> None:
    """Remove, change, and add rows until they match the wanted enablements."""
    shared = {
        "org": org,
        "no": False,
        "now": connection.ops.adapt_datetimefield_value(now),
    }
    for handler in handlers:
        run(REMOVE, {"org": org, "handler": handler})
    for statement in (CLEAR_DEFAULTS, CHANGE, ADD):
        run(statement, shared)


def lock_apps(org: int) -> None:
    """Lock the enablements of these apps until the transaction ends."""
    if connection.features.has_select_for_update:
        run(LOCK_APPS, {"org": org})


def run(statement: str, parameters: dict[str, Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)

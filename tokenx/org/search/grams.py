"""The n-gram index of large orgs.

A gram is a substring of one to three characters. For each gram, there's one row per user
(or app) whose key contains it. The primary key keeps a gram's rows in key order: `WHERE org
= … AND gram = 'ion' ORDER BY key LIMIT 200` reads the start of one range. The prefixes of
full names and last names, of every length, are grams too.

Orgs of up to WALKABLE users (or apps) have no grams: walking their names in order is fast
enough. docs/decisions/search.md
"""

from collections.abc import Callable, Iterable
from math import prod

from django.db import connection
from django.db.models import QuerySet, Value
from django.db.models.functions import StrIndex

from tokenx.org.models import AppGram, ClientApp, Org, User, UserGram

WALKABLE = 60_000
SIZE = 3
# Marks grams that are prefixes of names; no key contains it.
PREFIX = "\n"
# Frequency of characters in names, in percent; all others have about 1.
SHARE = {
    "e": 12, "a": 11, "i": 8, "n": 8, "r": 7, "o": 7, "s": 6, " ": 6,
    "l": 5, "t": 5, "m": 4, "d": 4, "h": 4, "c": 3, "u": 3,
}  # fmt: skip
# The first character of an app's grams: its kind, uppercase if it can't be enabled.
SCOPES = ["c", "C", "e", "E"]


def scope_of(kind: str, *, is_exchangeable: bool) -> str:
    return kind[0] if is_exchangeable else kind[0].upper()


def substrings(key: str, sizes: Iterable[int] = range(1, SIZE + 1)) -> set[str]:
    return {
        key[start : start + size] for size in sizes for start in range(len(key) - size + 1)
    }


def prefixes(key: str) -> set[str]:
    return {PREFIX + key[:length] for length in range(1, len(key) + 1)}


# --- Search ------------------------------------------------------------------------


def with_gram(rows: QuerySet, org: int, grams: list[str], **also: object) -> QuerySet:
    """Return users or apps that have one of the grams, in key order."""
    return rows.filter(grams__org=org, grams__gram__in=grams, **also).order_by(
        "grams__key", "pk"
    )


def containing(rows: QuerySet, org: int, grams: list[str], text: str) -> QuerySet:
    """Return users or apps whose key contains the text, in key order.

    `grams` is the text's rarest() gram in each scope.
    """
    index = StrIndex("grams__key", Value(text))
    return with_gram(rows, org, grams).annotate(index=index).filter(index__gt=0)


def rarest(text: str) -> str:
    """Return the text's gram that's likely the rarest, by its characters.

    Counting would be exact but take one more query per lookup. A bad guess costs time; the
    result is the same.
    """
    if len(text) <= SIZE:
        return text
    return min(
        sorted(substrings(text, [SIZE])),
        key=lambda gram: prod(SHARE.get(letter, 1) for letter in gram),
    )


# --- Maintenance -------------------------------------------------------------------


def add_user(user: User) -> None:
    """Add an active user's grams, in an org that has grams."""
    if user.is_active:
        rows = (
            UserGram(org_id=user.org_id, gram=gram, key=user.name_key, user=user)
            for gram in grams_of_user(user)
        )
        UserGram.objects.bulk_create(rows)


def remove_user(user: User) -> None:
    """Remove a user's grams, before the user's keys change."""
    UserGram.objects.filter(
        org=user.org_id, gram__in=grams_of_user(user), key=user.name_key, user=user
    ).delete()


def grams_of_user(user: User) -> set[str]:
    return substrings(user.name_key) | prefixes(user.name_key) | prefixes(user.last_key)


def add_app(app: ClientApp) -> None:
    """Add an app's grams, in an org that has grams."""
    rows = (
        AppGram(org_id=app.org_id, gram=gram, key=app.search_key, app=app)
        for gram in grams_of_app(app)
    )
    AppGram.objects.bulk_create(rows)


def remove_app(app: ClientApp) -> None:
    """Remove an app's grams, before its key and settings change."""
    AppGram.objects.filter(
        org=app.org_id, gram__in=grams_of_app(app), key=app.search_key, app=app
    ).delete()


def grams_of_app(app: ClientApp) -> set[str]:
    scope = scope_of(app.kind, is_exchangeable=app.is_exchangeable)
    return {scope + piece for piece in substrings(app.search_key)}


def include_app(org: Org, app: ClientApp) -> None:
    """Add a new app's grams if the org has grams, or all grams if it now needs them."""
    if org.has_app_grams:
        add_app(app)
    elif ClientApp.objects.filter(org=org).count() > WALKABLE:
        rows = AppGram.objects.filter(org=org)
        rows._raw_delete(rows.db)
        with connection.cursor() as cursor:
            for size in range(1, SIZE + 1):
                cursor.execute(_PIECES_OF_APPS.format(size=size), {"org": org.pk})
        org.has_app_grams = True
        org.save(update_fields=["has_app_grams"])


def rebuild(org: Org, progress: Callable[[int, int], None] | None = None) -> None:
    """Rebuild a large org's grams in the database, or delete a small org's grams.

    Until all grams exist, the org is walked, so an interrupted rebuild does no harm. If
    others can change users or apps concurrently, call it in a transaction. `progress`
    receives the number of finished statements and the total; in an org of a million users,
    a statement takes up to a minute.
    """
    _set_flags(org, users=False, apps=False)
    for grams in (UserGram, AppGram):
        rows = grams.objects.filter(org=org)
        rows._raw_delete(rows.db)
    has_users = User.objects.filter(org=org).count() > WALKABLE
    has_apps = ClientApp.objects.filter(org=org).count() > WALKABLE
    statements = [
        _PREFIXS_OF_USERS.format(key=key) for key in ["name_key", "last_key"] if has_users
    ]
    for size in range(1, SIZE + 1):
        statements += [_PIECES_OF_USERS.format(size=size)] * has_users
        statements += [_PIECES_OF_APPS.format(size=size)] * has_apps
    with connection.cursor() as cursor:
        for done, statement in enumerate(statements, start=1):
            cursor.execute(statement, {"org": org.pk})
            if progress:
                progress(done, len(statements))
    _set_flags(org, users=has_users, apps=has_apps)


def _set_flags(org: Org, *, users: bool, apps: bool) -> None:
    org.has_user_grams, org.has_app_grams = users, apps
    org.save(update_fields=["has_user_grams", "has_app_grams"])


# The same grams in SQL for both databases, which are better at sorting tens of millions of
# rows. A test compares the results.
_PIECES_OF_USERS = """
INSERT INTO org_usergram (org_id, gram, key, user_id)
WITH RECURSIVE place(i) AS (
  SELECT 1 UNION ALL SELECT i + 1 FROM place
   WHERE i < (SELECT max(length(name_key)) FROM org_user WHERE org_id = %(org)s)
)
SELECT org_id, substr(name_key, i, {size}), name_key, id
  FROM org_user CROSS JOIN place
 WHERE org_id = %(org)s AND is_active AND i + {size} - 1 <= length(name_key)
 ORDER BY 2, 3, 4
ON CONFLICT DO NOTHING
"""
_PREFIXS_OF_USERS = """
INSERT INTO org_usergram (org_id, gram, key, user_id)
WITH RECURSIVE place(i) AS (
  SELECT 1 UNION ALL SELECT i + 1 FROM place
   WHERE i < (SELECT max(length({key})) FROM org_user WHERE org_id = %(org)s)
)
SELECT org_id, '\n' || substr({key}, 1, i), name_key, id
  FROM org_user CROSS JOIN place
 WHERE org_id = %(org)s AND is_active AND i <= length({key})
 ORDER BY 2, 3, 4
ON CONFLICT DO NOTHING
"""
_PIECES_OF_APPS = """
INSERT INTO org_appgram (org_id, gram, key, app_id)
WITH RECURSIVE place(i) AS (
  SELECT 1 UNION ALL SELECT i + 1 FROM place
   WHERE i < (SELECT max(length(search_key)) FROM org_clientapp WHERE org_id = %(org)s)
)
SELECT org_id, CASE
         WHEN allows_token_exchange AND policy_allows_token_exchange
         THEN substr(kind, 1, 1) ELSE upper(substr(kind, 1, 1))
       END || substr(search_key, i, {size}), search_key, id
  FROM org_clientapp CROSS JOIN place
 WHERE org_id = %(org)s AND i + {size} - 1 <= length(search_key)
 ORDER BY 2, 3, 4
ON CONFLICT DO NOTHING
"""

"""The search index of large orgs: every name in its pieces, each piece in name order.

A gram is a piece of one to three letters. For each there is one row per user (or app)
whose key contains it, and the primary key keeps the rows of a gram in the order of the
keys: `WHERE org = … AND gram = 'ion' ORDER BY key LIMIT 200` is the beginning of one
range. The beginnings of whole and of last names, of every length, are grams too.

Orgs of up to WALKABLE users (or apps) have none: walking their names takes less time
than such an org's own 10,000 rows are worth. docs/decisions/search.md
"""

from collections.abc import Callable, Iterable
from math import prod

from django.db import connection
from django.db.models import QuerySet, Value
from django.db.models.functions import StrIndex

from tokenx.org.models import AppGram, ClientApp, Org, User, UserGram

WALKABLE = 60_000
SIZE = 3
# Marks the grams that are beginnings of names; no key contains it.
BEGINNING = "\n"
# How many of a hundred letters of names are this one; others are about one each.
SHARE = {
    "e": 12, "a": 11, "i": 8, "n": 8, "r": 7, "o": 7, "s": 6, " ": 6,
    "l": 5, "t": 5, "m": 4, "d": 4, "h": 4, "c": 3, "u": 3,
}  # fmt: skip
# What the grams of an app begin with: its kind, and whether it can be enabled.
SCOPES = ["c", "C", "e", "E"]


def scope_of(kind: str, *, is_exchangeable: bool) -> str:
    return kind[0] if is_exchangeable else kind[0].upper()


def pieces(key: str, sizes: Iterable[int] = range(1, SIZE + 1)) -> set[str]:
    return {
        key[place : place + size] for size in sizes for place in range(len(key) - size + 1)
    }


def beginnings(key: str) -> set[str]:
    return {BEGINNING + key[:length] for length in range(1, len(key) + 1)}


# --- Asking ------------------------------------------------------------------------


def with_gram(rows: QuerySet, org: int, grams: list[str], **also: object) -> QuerySet:
    """The users or apps that have one of the grams, in key order."""
    return rows.filter(grams__org=org, grams__gram__in=grams, **also).order_by(
        "grams__key", "pk"
    )


def containing(rows: QuerySet, org: int, grams: list[str], text: str) -> QuerySet:
    """The users or apps whose key contains the text, in key order.

    `grams` are the text's rarest() gram, in each of the scopes.
    """
    place = StrIndex("grams__key", Value(text))
    return with_gram(rows, org, grams).annotate(place=place).filter(place__gt=0)


def rarest(text: str) -> str:
    """The gram of the text that few will have, by its letters.

    Counting would be exact, and take a query more for each look-up. A bad guess costs
    time, not truth.
    """
    if len(text) <= SIZE:
        return text
    return min(
        sorted(pieces(text, [SIZE])),
        key=lambda gram: prod(SHARE.get(letter, 1) for letter in gram),
    )


# --- Keeping -----------------------------------------------------------------------


def add_user(user: User) -> None:
    """Make an active user findable, in an org that has grams."""
    if user.is_active:
        rows = (
            UserGram(org_id=user.org_id, gram=gram, key=user.name_key, user=user)
            for gram in grams_of_user(user)
        )
        UserGram.objects.bulk_create(rows)


def remove_user(user: User) -> None:
    """Undo add_user(). The user's keys are still those that were added."""
    UserGram.objects.filter(
        org=user.org_id, gram__in=grams_of_user(user), key=user.name_key, user=user
    ).delete()


def grams_of_user(user: User) -> set[str]:
    return pieces(user.name_key) | beginnings(user.name_key) | beginnings(user.last_key)


def add_app(app: ClientApp) -> None:
    """Make an app findable, in an org that has grams."""
    rows = (
        AppGram(org_id=app.org_id, gram=gram, key=app.search_key, app=app)
        for gram in grams_of_app(app)
    )
    AppGram.objects.bulk_create(rows)


def remove_app(app: ClientApp) -> None:
    """Undo add_app(). The app's key and switches are still those that were added."""
    AppGram.objects.filter(
        org=app.org_id, gram__in=grams_of_app(app), key=app.search_key, app=app
    ).delete()


def grams_of_app(app: ClientApp) -> set[str]:
    scope = scope_of(app.kind, is_exchangeable=app.is_exchangeable)
    return {scope + piece for piece in pieces(app.search_key)}


def include_app(org: Org, app: ClientApp) -> None:
    """Make a new app findable: where the org has grams, or now outgrew walking."""
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
    """Give a large org its grams, made by the database; take a small one's away.

    Until all are there the org is walked, so being stopped half-way is no harm; where
    others may change users or apps meanwhile, call it in a transaction. `progress` is
    told how many of how many statements are done; one takes up to a minute in an org of
    a million.
    """
    _set_flags(org, users=False, apps=False)
    for grams in (UserGram, AppGram):
        rows = grams.objects.filter(org=org)
        rows._raw_delete(rows.db)
    has_users = User.objects.filter(org=org).count() > WALKABLE
    has_apps = ClientApp.objects.filter(org=org).count() > WALKABLE
    statements = [
        _BEGINNINGS_OF_USERS.format(key=key)
        for key in ["name_key", "last_key"]
        if has_users
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


# The same grams as above, in SQL that both databases speak: sorting tens of millions of
# rows, and writing them in their order, is their trade. A test compares the two.
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
_BEGINNINGS_OF_USERS = """
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

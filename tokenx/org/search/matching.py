"""Search rules for users and apps.

No text finds everything, by name. `int` finds users whose first, last, or full name starts
with it, and `*ion` finds users whose name contains it. Apps are found by any part of their
label or API name. Case and accents are ignored. (Salesforce Help, Enable Token Exchange
Handlers for Apps)

Small orgs are searched by walking names in order. In large orgs, that takes long if few
names match. They have grams (grams.py): for each substring, the users in name order, of
which only the first 200 are read. docs/decisions/search.md has measurements.
"""

from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import StrIndex

from tokenx.org.models import ApexClass, ClientApp, Org, User, UserGram
from tokenx.org.models.client_app import ClientAppQuerySet
from tokenx.org.models.user import UserQuerySet
from tokenx.web.text import KEY_LENGTH, fold

from . import grams
from .prepared import prepared

USERS_SHOWN = 200
# One character more than the longest class name.
TOO_LONG_FOR_A_CLASS = 41


@dataclass(frozen=True)
class Pattern:
    """Lookup text, ready to be compared with keys."""

    text: str
    is_anywhere: bool

    @classmethod
    def parse(cls, text: str) -> "Pattern":
        text = text.strip()
        return cls(fold(text.lstrip("*")), text.startswith("*"))

    @property
    def is_hopeless(self) -> bool:
        return len(self.text) > KEY_LENGTH


class FoundUser(NamedTuple):
    """A user in a lookup's list."""

    id: int
    first_name: str
    last_name: str
    username: str
    is_integration_user: bool

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


def find_users(org: Org, typed: str) -> tuple[list[FoundUser], bool]:
    """Return the first 200 matching active users, by name, and whether there are more."""
    pattern = Pattern.parse(typed)
    if pattern.is_hopeless:
        rows = []
    elif not pattern.text:
        rows = _first_users(org.pk)
    elif not org.has_user_grams:
        rows = list(_first(User.objects.filter(_matches(pattern), org=org)))
    elif pattern.is_anywhere:
        gram = grams.rarest(pattern.text)
        rows = _users_containing(org.pk, gram, pattern.text)
    else:
        rows = _users_with(org.pk, grams.PREFIX + pattern.text)
    found = [FoundUser(*row) for row in rows[:USERS_SHOWN]]
    return found, len(rows) > USERS_SHOWN


def find_inactive_users(org: Org, typed: str) -> QuerySet[User]:
    """Return matching inactive users, by name; none if the text is empty."""
    pattern = Pattern.parse(typed)
    people = User.objects.filter(org=org, is_active=False).by_name()
    if pattern.is_hopeless or not pattern.text:
        return people.none()
    return people.filter(_matches(pattern))


def find_any_users(org: Org, users: QuerySet, typed: str, *, only_active: bool) -> QuerySet:
    """Filter the org's `users`, active or not, without changing their order.

    Grams contain only active users. To include inactive ones, every name of the org is
    read: about a second in an org of a million, for a list that's rarely opened.
    """
    pattern = Pattern.parse(typed)
    if pattern.is_hopeless:
        return users.none()
    if not pattern.text:
        return users
    if not (only_active and org.has_user_grams):
        return users.filter(_matches(pattern))
    if pattern.is_anywhere:
        gram = grams.rarest(pattern.text)
    else:
        gram = grams.PREFIX + pattern.text
    user_ids = UserGram.objects.filter(org=org.pk, gram=gram).values("user")
    return users.filter(_matches(pattern), pk__in=user_ids)


@prepared
def _first_users(org: int) -> QuerySet:
    return _first(User.objects.filter(org=org))


@prepared
def _users_with(org: int, gram: str) -> QuerySet:
    return _in_order(grams.with_gram(User.objects.filter(org=org), org, [gram]))


@prepared
def _users_containing(org: int, gram: str, text: str) -> QuerySet:
    return _in_order(grams.containing(User.objects.filter(org=org), org, [gram], text))


def _first(people: UserQuerySet) -> QuerySet:
    return _in_order(people.active().by_name())


def _in_order(people: QuerySet) -> QuerySet:
    return people.values_list(*FoundUser._fields)[: USERS_SHOWN + 1]


def _matches(pattern: Pattern) -> Q:
    if pattern.is_anywhere:
        return Q(name_key__contains=pattern.text)
    # A full name starts with the first name.
    return Q(name_key__startswith=pattern.text) | Q(last_key__startswith=pattern.text)


def exchangeable_apps(org: int, kind: str, text: str) -> QuerySet[ClientApp]:
    """Return matching apps of a kind that are ready for token exchange, by label."""
    apps = ClientApp.objects.filter(org=org, kind=kind).exchangeable()
    return _walked(apps, text)


def exchangeable_apps_by_gram(org: int, gram: str, text: str) -> QuerySet[ClientApp]:
    """Return the same apps in an org that has grams, by the gram from app_gram()."""
    return grams.containing(ClientApp.objects.filter(org=org), org, [gram], text)


def app_gram(kind: str, text: str) -> str:
    return grams.scope_of(kind, is_exchangeable=True) + grams.rarest(text)


def find_any_apps(org: Org, typed: str) -> QuerySet[ClientApp]:
    """Return matching apps of both kinds, ready or not, by label."""
    return _matching(ClientApp.objects.filter(org=org), org, typed, grams.SCOPES)


def search_apps(
    apps: ClientAppQuerySet, org: Org, kind: str, typed: str
) -> QuerySet[ClientApp]:
    """Return the org's matching apps of a kind, or of all kinds, ready or not."""
    scopes = [
        grams.scope_of(each, is_exchangeable=ready)
        for each in ([kind] if kind else ClientApp.Kind.values)
        for ready in (True, False)
    ]
    return _matching(apps, org, typed, scopes)


def search_classes(classes: QuerySet[ApexClass], typed: str) -> QuerySet[ApexClass]:
    """Return classes whose name contains the text; a leading `*` is ignored."""
    text = typed.strip().lstrip("*").replace("\0", "")
    # Longer text is in no name, and SQLite limits the length of patterns.
    return classes.filter(name__icontains=text[:TOO_LONG_FOR_A_CLASS])


def _matching(
    apps: ClientAppQuerySet, org: Org, typed: str, scopes: list[str]
) -> QuerySet[ClientApp]:
    pattern = Pattern.parse(typed)
    if pattern.is_hopeless:
        return apps.none()
    if not pattern.text or not org.has_app_grams:
        return _walked(apps, pattern.text)
    gram = grams.rarest(pattern.text)
    return grams.containing(apps, org.pk, [scope + gram for scope in scopes], pattern.text)


def _walked(apps: ClientAppQuerySet, text: str) -> QuerySet[ClientApp]:
    place = StrIndex("search_key", Value(text))
    return apps.annotate(place=place).filter(place__gt=0).by_label()

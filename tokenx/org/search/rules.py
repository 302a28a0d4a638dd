"""Whom a look-up finds: the search rules of Setup, for users and for apps.

Rules (facts/seed-enable-apps.txt): nothing typed gives everything, by name; `int` gives
the users whose first, last or whole name begins so; `*ion` those whose name contains it.
Apps are found by any part of label or API name. Case and accents do not count.

An org of a few thousand people is searched by walking its names in order. In a larger
one that takes long when few match, so it has grams (grams.py), which hold the people of
every piece of a name in name order: the first 200 are read and no more, whether the org
has 10,000 people or a million. docs/decisions/search.md has what was measured.
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
# One character more than the longest name of a class.
TOO_LONG_FOR_A_CLASS = 41


@dataclass(frozen=True)
class Pattern:
    """What somebody typed into a look-up, ready to be compared with keys."""

    text: str
    is_anywhere: bool

    @classmethod
    def typed(cls, typed: str) -> "Pattern":
        typed = typed.strip()
        return cls(fold(typed.lstrip("*")), typed.startswith("*"))

    @property
    def is_hopeless(self) -> bool:
        return len(self.text) > KEY_LENGTH


class FoundUser(NamedTuple):
    """A user as a look-up lists one."""

    id: int
    first_name: str
    last_name: str
    username: str
    is_integration_user: bool

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


def find_users(org: Org, typed: str) -> tuple[list[FoundUser], bool]:
    """The first 200 active users that match, by name, and whether there are more."""
    pattern = Pattern.typed(typed)
    if pattern.is_hopeless:
        rows = []
    elif not pattern.text:
        rows = _everybody(org.pk)
    elif not org.has_user_grams:
        rows = list(_first(User.objects.filter(_matches(pattern), org=org)))
    elif pattern.is_anywhere:
        gram = grams.rarest(pattern.text)
        rows = _people_containing(org.pk, gram, pattern.text)
    else:
        rows = _people_with(org.pk, grams.BEGINNING + pattern.text)
    found = [FoundUser(*row) for row in rows[:USERS_SHOWN]]
    return found, len(rows) > USERS_SHOWN


def find_inactive_users(org: Org, typed: str) -> QuerySet[User]:
    """Users that match and are not active, by name: nobody looks for them unnamed."""
    pattern = Pattern.typed(typed)
    people = User.objects.filter(org=org, is_active=False).by_name()
    if pattern.is_hopeless or not pattern.text:
        return people.none()
    return people.filter(_matches(pattern))


def find_any_users(org: Org, users: QuerySet, typed: str, *, only_active: bool) -> QuerySet:
    """Those of the org's `users` that match, active or not, in whatever order they are.

    Grams know active users only. Where inactive ones are asked for too, every name of the
    org is read: about a second in an org of a million, for a list that is opened rarely.
    """
    pattern = Pattern.typed(typed)
    if pattern.is_hopeless:
        return users.none()
    if not pattern.text:
        return users
    if not (only_active and org.has_user_grams):
        return users.filter(_matches(pattern))
    if pattern.is_anywhere:
        gram = grams.rarest(pattern.text)
    else:
        gram = grams.BEGINNING + pattern.text
    have_it = UserGram.objects.filter(org=org.pk, gram=gram).values("user")
    return users.filter(_matches(pattern), pk__in=have_it)


@prepared
def _everybody(org: int) -> QuerySet:
    return _first(User.objects.filter(org=org))


@prepared
def _people_with(org: int, gram: str) -> QuerySet:
    return _in_order(grams.with_gram(User.objects.filter(org=org), org, [gram]))


@prepared
def _people_containing(org: int, gram: str, text: str) -> QuerySet:
    return _in_order(grams.containing(User.objects.filter(org=org), org, [gram], text))


def _first(people: UserQuerySet) -> QuerySet:
    return _in_order(people.active().by_name())


def _in_order(people: QuerySet) -> QuerySet:
    return people.values_list(*FoundUser._fields)[: USERS_SHOWN + 1]


def _matches(pattern: Pattern) -> Q:
    if pattern.is_anywhere:
        return Q(name_key__contains=pattern.text)
    # Whoever's first name begins so has a whole name that begins so.
    return Q(name_key__startswith=pattern.text) | Q(last_key__startswith=pattern.text)


def exchangeable_apps(org: int, kind: str, text: str) -> QuerySet[ClientApp]:
    """The apps of a kind that are set up for token exchange and match, by label."""
    apps = ClientApp.objects.filter(org=org, kind=kind).exchangeable()
    return _walked(apps, text)


def exchangeable_apps_by_gram(org: int, gram: str, text: str) -> QuerySet[ClientApp]:
    """The same in an org that has grams, by the one that app_gram() gives."""
    return grams.containing(ClientApp.objects.filter(org=org), org, [gram], text)


def app_gram(kind: str, text: str) -> str:
    return grams.scope_of(kind, is_exchangeable=True) + grams.rarest(text)


def find_any_apps(org: Org, typed: str) -> QuerySet[ClientApp]:
    """The apps that match, of either kind and however they are set up, by label."""
    return _matching(ClientApp.objects.filter(org=org), org, typed, grams.SCOPES)


def search_apps(
    apps: ClientAppQuerySet, org: Org, kind: str, typed: str
) -> QuerySet[ClientApp]:
    """Those of the org's apps of a kind that match, however they are set up."""
    scopes = [grams.scope_of(kind, is_exchangeable=it) for it in (True, False)]
    return _matching(apps, org, typed, scopes)


def search_classes(classes: QuerySet[ApexClass], typed: str) -> QuerySet[ApexClass]:
    """Those whose name contains what was typed. A look-up's `*` changes nothing."""
    text = typed.strip().lstrip("*").replace("\0", "")
    # What is longer than a name is in none; SQLite takes no pattern of any length.
    return classes.filter(name__icontains=text[:TOO_LONG_FOR_A_CLASS])


def _matching(
    apps: ClientAppQuerySet, org: Org, typed: str, scopes: list[str]
) -> QuerySet[ClientApp]:
    pattern = Pattern.typed(typed)
    if pattern.is_hopeless:
        return apps.none()
    if not pattern.text or not org.has_app_grams:
        return _walked(apps, pattern.text)
    gram = grams.rarest(pattern.text)
    return grams.containing(apps, org.pk, [scope + gram for scope in scopes], pattern.text)


def _walked(apps: ClientAppQuerySet, text: str) -> QuerySet[ClientApp]:
    place = StrIndex("search_key", Value(text))
    return apps.annotate(place=place).filter(place__gt=0).by_label()

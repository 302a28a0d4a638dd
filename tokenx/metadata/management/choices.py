"""Which org a command is about, and who it is done by."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError

from tokenx.org.models import Org, Profile, User
from tokenx.org.permissions import READ_ONLY, can_change_setup
from tokenx.org.record_ids import ORG, pk_of, record_id

# How many orgs are listed to somebody who has to choose.
_LISTED = 20


def choose_org(named: str | None) -> Org:
    """The org of this name or id; without one, the only one that can be meant.

    Raises ValidationError, with a list of the orgs, where that is none or several.
    """
    orgs = Org.objects.order_by("id")
    if named is None:
        return _only(_those_meant(), "There are several orgs: say which with --org.")
    found = list(orgs.filter(name__iexact=named)[: _LISTED + 1])
    if found:
        return _only(found, f"Several orgs are named {named}: give the id of one.")
    pk = int(named) if named.isdecimal() else pk_of(ORG, named)
    if pk and pk < 2**63 and (org := orgs.filter(pk=pk).first()):
        return org
    raise ValidationError([f"There is no org {named}.", *_listed(orgs)])


def _those_meant() -> list[Org]:
    """All orgs; of several, the one that somebody signs in to, if there is one such."""
    orgs = list(Org.objects.order_by("id")[: _LISTED + 1])
    if len(orgs) > 1:
        signed_in = User.objects.active().filter(
            profile=Profile.SYSTEM_ADMINISTRATOR, can_sign_in=True
        )
        pks = list(signed_in.order_by("org").values_list("org", flat=True).distinct()[:2])
        if len(pks) == 1:
            return [Org.objects.get(pk=pks[0])]
    return orgs


def _only(orgs: list[Org], otherwise: str) -> Org:
    if not orgs:
        raise ValidationError("There is no org yet. `manage.py demo` makes one.")
    if len(orgs) > 1:
        raise ValidationError([otherwise, *_listed(orgs)])
    return orgs[0]


def _listed(orgs: Iterable[Org]) -> list[str]:
    lines = [f"  {org.pk}  {record_id(ORG, org.pk)}  {org.name}" for org in orgs]
    return lines if len(lines) <= _LISTED else [*lines[:_LISTED], "  …"]


def choose_user(org: Org, username: str | None) -> User:
    """Who does it: the user of this name, or the org's first active administrator.

    Raises ValidationError where there is none, or they may not change Setup.
    """
    users = User.objects.filter(org=org)
    if username is None:
        first = users.active().filter(profile=Profile.SYSTEM_ADMINISTRATOR).order_by("id")
        if found := first.first():
            return found
        raise ValidationError(f"{org} has no active system administrator.")
    user = users.usernamed(username).first()
    if user is None:
        raise ValidationError(f"{org} has no user {username}.")
    if not user.is_active:
        raise ValidationError(f"The user {username} is not active.")
    if not can_change_setup(user):
        raise ValidationError(READ_ONLY)
    return user

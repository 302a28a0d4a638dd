"""The org that a command works on, and the user who runs it."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError

from tokenx.org.models import BuiltInProfile, Org, User
from tokenx.org.permissions import READ_ONLY, can_change_setup
from tokenx.org.record_ids import ORG, pk_of, record_id

# How many orgs a message lists.
_LISTED = 20


def choose_org(name_or_id: str | None) -> Org:
    """Return the org with this name or ID, or the only org if none is given.

    Raises ValidationError, with a list of the orgs, if no org or several orgs match.
    """
    orgs = Org.objects.order_by("id")
    if name_or_id is None:
        return _only(_likely_orgs(), "Several orgs exist. Select one with --org:")
    matches = list(orgs.filter(name__iexact=name_or_id)[: _LISTED + 1])
    if matches:
        message = f"Several orgs are named {name_or_id}. Select one by its ID with --org:"
        return _only(matches, message)
    pk = int(name_or_id) if name_or_id.isdecimal() else pk_of(ORG, name_or_id)
    if pk and pk < 2**63 and (org := orgs.filter(pk=pk).first()):
        return org
    raise ValidationError(
        [f"Org {name_or_id} doesn't exist. Existing orgs:", *_lines(orgs)]
    )


def _likely_orgs() -> list[Org]:
    """Return all orgs, or only the one whose administrator can log in."""
    orgs = list(Org.objects.order_by("id")[: _LISTED + 1])
    if len(orgs) > 1:
        administrators = (
            User.objects.active()
            .with_profile(BuiltInProfile.SYSTEM_ADMINISTRATOR)
            .filter(can_sign_in=True)
        )
        pks = administrators.order_by("org").values_list("org", flat=True).distinct()[:2]
        if len(pks) == 1:
            return [Org.objects.get(pk=pks[0])]
    return orgs


def _only(orgs: list[Org], message: str) -> Org:
    if not orgs:
        raise ValidationError("No orgs exist yet. Create one with `manage.py demo`.")
    if len(orgs) > 1:
        raise ValidationError([message, *_lines(orgs)])
    return orgs[0]


def _lines(orgs: Iterable[Org]) -> list[str]:
    lines = [f"  {org.pk}  {record_id(ORG, org.pk)}  {org.name}" for org in orgs]
    return lines if len(lines) <= _LISTED else [*lines[:_LISTED], "  …"]


def choose_user(org: Org, username: str | None) -> User:
    """Return the user with this name, or the org's first active administrator.

    Raises ValidationError if there's no such user or the user can't change Setup.
    """
    users = User.objects.filter(org=org)
    if username is None:
        administrators = users.active().with_profile(BuiltInProfile.SYSTEM_ADMINISTRATOR)
        if administrator := administrators.order_by("id").first():
            return administrator
        raise ValidationError(f"{org} has no active system administrator.")
    user = users.usernamed(username).first()
    if user is None:
        raise ValidationError(f"{org} has no user named {username}.")
    if not user.is_active:
        raise ValidationError(f"User {username} is inactive.")
    if not can_change_setup(user):
        raise ValidationError(READ_ONLY)
    return user

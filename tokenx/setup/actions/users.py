"""What can be done to the users of an org. How they sign in is not set here.

Changes to the users of one org wait for each other: that makes "is the username taken?",
"does an administrator remain?" and "has the org grams?" safe to ask.
"""

import hashlib
import json
import unicodedata
from copy import copy
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction

from tokenx.org import audit
from tokenx.org.models import Org, Profile, User
from tokenx.org.models.user import normalize_username
from tokenx.org.search import grams

SECTION = "Manage Users"
KEYS = ["name_key", "last_key"]


class Details(TypedDict):
    """What can be edited about a user."""

    first_name: str
    last_name: str
    email: str
    username: str
    profile: str
    is_integration_user: bool


EDITABLE = tuple(Details.__annotations__)


@transaction.atomic
def create_user(*, by: User, **details: Unpack[Details]) -> User:
    """Add an active user to the org.

    Raises ValidationError, by field, where the username is taken, or a name is none.
    """
    org = _lock(by)
    made = User(org=org, **details)
    _check(made)
    made.save()
    if org.has_user_grams:
        grams.add_user(made)
    elif User.objects.filter(org=org).count() > grams.WALKABLE:
        grams.rebuild(org)
    _record(by, "createduser", f"Created new User {_named(made)}")
    return made


@transaction.atomic
def edit_user(*, user: User, by: User, **details: Unpack[Details]) -> User:
    """Change what can be edited. Handlers go on running as the user.

    Raises ValidationError as create_user() does, and where the org would lose its last
    administrator, or somebody else changed the user since it was read.
    """
    org = _lock(user)
    before = _read(user)
    if version_of(before) != version_of(user):
        raise ValidationError(changed_meanwhile(before), code="stale")
    edited = copy(before)
    for field, value in details.items():
        setattr(edited, field, value)
    _check(edited)
    changes = [
        f"{_label(field)} from {_shown(before, field)} to {_shown(edited, field)}"
        for field in EDITABLE
        if getattr(before, field) != getattr(edited, field)
    ]
    if not changes:
        return edited
    if edited.profile != before.profile:
        _keep_an_administrator(before, "profile")
    renamed = any(getattr(before, key) != getattr(edited, key) for key in KEYS)
    if renamed and org.has_user_grams:
        grams.remove_user(before)
        grams.add_user(edited)
    edited.save(update_fields=[*EDITABLE, *KEYS])
    _record(by, "changeduser", f"For user {before.username}, changed {', '.join(changes)}")
    return edited


@transaction.atomic
def deactivate_user(*, user: User, by: User) -> None:
    """End the user's access. Handlers that run as the user do not work until changed.

    Raises ValidationError for oneself, and for the last administrator.
    """
    org = _lock(user)
    if user == by:
        raise ValidationError("You cannot deactivate yourself. Ask another administrator.")
    current = _read(user)
    if not current.is_active:
        return  # Somebody else deactivated the user just now: what was wanted is so.
    _keep_an_administrator(current)
    if org.has_user_grams:
        grams.remove_user(current)
    _set_active(current, False)
    _record(by, "deactivateduser", f"Deactivated User {_named(current)}")


@transaction.atomic
def activate_user(*, user: User, by: User) -> None:
    """Give the user access again, as it was."""
    org = _lock(user)
    current = _read(user)
    if current.is_active:
        return
    _set_active(current, True)
    if org.has_user_grams:
        grams.add_user(current)
    _record(by, "activateduser", f"Activated User {_named(current)}")


def version_of(user: User) -> str:
    """A name for what can be edited as it is now; users have no time of change."""
    values = json.dumps([getattr(user, field) for field in EDITABLE])
    return hashlib.sha256(values.encode()).hexdigest()[:32]


def changed_meanwhile(user: User) -> str:
    """What somebody is told who edits a user that is not as it was any more."""
    values = ", ".join(f"{_label(field)} {_shown(user, field)}" for field in EDITABLE)
    return (
        f"Somebody changed this user meanwhile. It has now: {values}. "
        f"Save again to replace that with what you see here."
    )


def _lock(user: User) -> Org:
    """Nobody else changes users of the org until this transaction ends.

    Rows that only point to the org are made meanwhile: hence no key. SQLite needs no row
    lock: its transactions here begin as the only writer.
    """
    return Org.objects.select_for_update(no_key=True).get(pk=user.org_id)


def _read(user: User) -> User:
    """The user as it is now, under the lock."""
    found: User = User.objects.of(user).get(pk=user.pk)
    return found


def _check(user: User) -> None:
    """Raise ValidationError, by field, where the user cannot be as it is."""
    user.username = normalize_username(user.username)
    user.set_keys()
    user.full_clean(exclude=KEYS, validate_constraints=False)
    errors = {}
    for field in ["first_name", "last_name"]:
        if any(
            unicodedata.category(character) == "Cc" for character in getattr(user, field)
        ):
            errors[field] = "A name cannot hold line breaks or control characters."
    if not user.last_key:
        errors.setdefault("last_name", "Enter a name that can be read.")
    others = User.objects.usernamed(user.username).exclude(pk=user.pk)
    if namesake := others.filter(org=user.org_id).first():
        errors["username"] = f"{namesake.name} of this org has this username."
    elif user.can_sign_in and others.filter(can_sign_in=True).exists():
        errors["username"] = "Somebody already signs in under this username."
    if errors:
        raise ValidationError(errors)


def _keep_an_administrator(user: User, field: str = "") -> None:
    """Raise ValidationError where nobody else could undo what is done to the user.

    Of administrators who sign in one remains who does.
    """
    if not (user.is_active and user.profile == Profile.SYSTEM_ADMINISTRATOR):
        return
    others = User.objects.of(user).active().filter(profile=user.profile)
    if user.can_sign_in:
        others = others.filter(can_sign_in=True)
    if not others.exclude(pk=user.pk).exists():
        sentence = (
            f"{user.name} is the last active administrator of this org. "
            f"Make somebody else an administrator first."
        )
        raise ValidationError({field: sentence} if field else sentence)


def _set_active(user: User, is_active: bool) -> None:
    user.is_active = is_active
    user.save(update_fields=["is_active"])


def _label(field: str) -> str:
    return str(User._meta.get_field(field).verbose_name)  # type: ignore[union-attr]


def _shown(user: User, field: str) -> str:
    if field == "profile":
        return str(user.get_profile_display())
    value = getattr(user, field)
    return str(value).lower() if isinstance(value, bool) else value or "(blank)"


def _named(user: User) -> str:
    return f"{user.name} ({user.username})"


def _record(by: User, action: str, display: str) -> None:
    audit.record(by=by, action=action, section=SECTION, display=display)

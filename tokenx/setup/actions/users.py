"""Actions on an org's users, except for their sign-in.

Changes to one org's users run one after another. This makes it safe to check whether a
username is taken, an administrator remains, and the org has a search index.
"""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from copy import copy
from typing import Any, NotRequired, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from tokenx.org import audit
from tokenx.org.languages import DEFAULT_ENCODING, DEFAULT_LANGUAGE
from tokenx.org.models import BuiltInProfile, Org, Profile, User
from tokenx.org.models.user import (
    DUPLICATE_NICKNAME,
    DUPLICATE_USERNAME,
    FEDERATION_ID_IN_USE,
    normalize_username,
)
from tokenx.org.search import grams

SECTION = "Manage Users"
KEYS = ["name_key", "last_key"]


class Defaults(TypedDict):
    """The required fields that have a default."""

    time_zone: str
    locale: str
    language: str
    email_encoding: str


class UserDetails(TypedDict):
    """The fields of a user that can be edited."""

    first_name: str
    last_name: str
    email: str
    username: str
    profile: Profile
    is_integration_user: bool
    time_zone: NotRequired[str]
    locale: NotRequired[str]
    alias: NotRequired[str]
    nickname: NotRequired[str]
    language: NotRequired[str]
    email_encoding: NotRequired[str]
    federation_id: NotRequired[str]


# The text fields by their names in Salesforce.
TEXT_FIELDS = {
    "Username": "username",
    "FirstName": "first_name",
    "LastName": "last_name",
    "Email": "email",
    "Alias": "alias",
    "CommunityNickname": "nickname",
    "TimeZoneSidKey": "time_zone",
    "LocaleSidKey": "locale",
    "LanguageLocaleKey": "language",
    "EmailEncodingKey": "email_encoding",
    "FederationIdentifier": "federation_id",
}
# The fields that a new user must have, by their names in Salesforce and in its order
# (docs/salesforce/product.md, User creation).
REQUIRED = {
    "Username": "username",
    "LastName": "last_name",
    "Email": "email",
    "Alias": "alias",
    "TimeZoneSidKey": "time_zone",
    "LocaleSidKey": "locale",
    "EmailEncodingKey": "email_encoding",
    "ProfileId": "profile",
    "LanguageLocaleKey": "language",
}
# What a user has who's created without a choice.
DEFAULTS: Defaults = {
    "time_zone": "",
    "locale": "",
    "language": DEFAULT_LANGUAGE,
    "email_encoding": DEFAULT_ENCODING,
}
# Blank means the browser's time zone and the default locale.
MAY_BE_BLANK = {"time_zone", "locale"}
LINE_FIELDS = {
    "first_name": "Names",
    "last_name": "Names",
    "alias": "Aliases",
    "nickname": "Nicknames",
    "federation_id": "Federation IDs",
}
EDITABLE = tuple(UserDetails.__annotations__)


@transaction.atomic
def create_user(*, by: User, **details: Unpack[UserDetails]) -> User:
    """Create an active user. Pages, API calls, and Apex all create users with this action.

    Raise ValidationError, by field, if a required field is missing, the username, the
    nickname, or the Federation ID is in use, the profile is unknown, or a value is invalid.
    """
    _check_required(details)
    org = _lock_users(by)
    user = User(org=org, **details)
    _validate_user(user)
    user.save()
    if org.has_user_grams:
        grams.add_user(user)
    elif User.objects.filter(org=org).count() > grams.WALKABLE:
        grams.rebuild(org)
    _record(by, "createduser", f"Created new User {_name_and_username(user)}")
    return user


@transaction.atomic
def edit_user(*, user: User, by: User, **details: Unpack[UserDetails]) -> User:
    """Change a user. Handlers keep running as the user.

    Raise ValidationError as create_user() does, and also if the org would lose its last
    administrator or if someone else changed the user since it was read.
    """
    org = _lock_users(user)
    before = _reload(user)
    if version_of(before) != version_of(user):
        raise ValidationError(stale_user_message(before), code="stale")
    edited = copy(before)
    for field, value in details.items():
        setattr(edited, field, value)
    _validate_user(edited)
    changes = [
        f"{_label(field)} from {_display(before, field)} to {_display(edited, field)}"
        for field in EDITABLE
        if _value(before, field) != _value(edited, field)
    ]
    if not changes:
        return edited
    if edited.profile_id != before.profile_id:
        _keep_an_administrator(before, "profile")
    renamed = any(getattr(before, key) != getattr(edited, key) for key in KEYS)
    if renamed and org.has_user_grams:
        grams.remove_user(before)
        grams.add_user(edited)
    edited.modified_at = timezone.now()
    edited.save(update_fields=[*EDITABLE, *KEYS, "modified_at"])
    _record(by, "changeduser", f"For user {before.username}, changed {', '.join(changes)}")
    return edited


def change_time_zone(*, user: User, time_zone: str) -> User:
    """Change the time zone of the user's own pages, which everyone can."""
    details: Any = {field: getattr(user, field) for field in EDITABLE}
    return edit_user(user=user, by=user, **{**details, "time_zone": time_zone})


@transaction.atomic
def deactivate_user(*, user: User, by: User) -> None:
    """Deactivate a user. Handlers that run as the user stop working.

    Raise ValidationError for your own account and for the last administrator.
    """
    org = _lock_users(user)
    if user == by:
        raise ValidationError("You can't deactivate yourself. Ask another administrator.")
    current = _reload(user)
    if not current.is_active:
        return  # Already deactivated concurrently; nothing to do.
    _keep_an_administrator(current)
    if org.has_user_grams:
        grams.remove_user(current)
    _set_active(current, False)
    _record(by, "deactivateduser", f"Deactivated User {_name_and_username(current)}")


@transaction.atomic
def activate_user(*, user: User, by: User) -> None:
    """Activate a user, with the same access as before."""
    org = _lock_users(user)
    current = _reload(user)
    if current.is_active:
        return
    _set_active(current, True)
    if org.has_user_grams:
        grams.add_user(current)
    _record(by, "activateduser", f"Activated User {_name_and_username(current)}")


def version_of(user: User) -> str:
    """Return a fingerprint of the editable values."""
    values = json.dumps([_value(user, field) for field in EDITABLE])
    return hashlib.sha256(values.encode()).hexdigest()[:32]


def stale_user_message(user: User) -> str:
    """Return the message for someone who edits a user that has changed."""
    values = ", ".join(f"{_label(field)} {_display(user, field)}" for field in EDITABLE)
    return (
        f"Someone else changed this user while you were editing it. The values are now: "
        f"{values}. Save again to replace them with yours."
    )


def _lock_users(user: User) -> Org:
    """Lock the org's users until this transaction ends.

    `no_key` lets other transactions insert rows that refer to the org. SQLite needs no
    row lock, because its transactions here start as the only writer.
    """
    return Org.objects.select_for_update(no_key=True).get(pk=user.org_id)


def _reload(user: User) -> User:
    """Return the user's current state, under the lock."""
    users = User.objects.of(user).select_related("profile")
    current: User = users.get(pk=user.pk)
    return current


def _validate_user(user: User) -> None:
    """Raise ValidationError, by field, if the user is invalid."""
    user.username = normalize_username(user.username)
    user.set_keys()
    user.full_clean(exclude=[*KEYS, "profile"], validate_constraints=False)
    errors: dict[str, str | ValidationError] = {}
    for field, plural in LINE_FIELDS.items():
        if any(unicodedata.category(each) == "Cc" for each in getattr(user, field)):
            errors[field] = f"{plural} can't contain line breaks or control characters."
    if not user.last_key:
        errors.setdefault("last_name", "Enter a name with visible characters.")
    if _is_username_taken(user):
        message = ValidationError(DUPLICATE_USERNAME, code="DUPLICATE_USERNAME")
        errors["username"] = message
    # PostgreSQL refuses a NUL even in a condition.
    if "nickname" not in errors:
        others = User.objects.of(user).exclude(pk=user.pk)
        if user.nickname and others.nicknamed(user.nickname).exists():
            message = ValidationError(DUPLICATE_NICKNAME, code="DUPLICATE_COMM_NICKNAME")
            errors["nickname"] = message
        user.set_nickname()
    if "federation_id" not in errors and _is_federation_id_taken(user):
        message = ValidationError(FEDERATION_ID_IN_USE, code="DUPLICATE_VALUE")
        errors["federation_id"] = message
    if not Profile.objects.filter(org=user.org_id, pk=user.profile_id).exists():
        code = "INVALID_CROSS_REFERENCE_KEY"
        errors["profile"] = ValidationError("Select a profile of this org.", code=code)
    if errors:
        raise ValidationError(errors)


def _is_username_taken(user: User) -> bool:
    others = User.objects.usernamed(user.username).exclude(pk=user.pk)
    if others.filter(org=user.org_id).exists():
        return True
    return user.can_sign_in and others.filter(can_sign_in=True).exists()


def _is_federation_id_taken(user: User) -> bool:
    others = User.objects.of(user).exclude(pk=user.pk).exclude(federation_id="")
    return others.filter(federation_id=user.federation_id).exists()


def _check_required(details: Mapping[str, Any]) -> None:
    """Raise ValidationError with the names of the missing fields, as Salesforce does."""
    missing = [
        name
        for name, field in REQUIRED.items()
        if details.get(field) is None or not (details[field] or field in MAY_BE_BLANK)
    ]
    if missing:
        raise ValidationError(
            f"Required fields are missing: [{', '.join(missing)}]",
            code="REQUIRED_FIELD_MISSING",
            params={"fields": missing},
        )


def _keep_an_administrator(user: User, field: str = "") -> None:
    """Raise ValidationError if the user is the org's last administrator.

    If the user can sign in, another administrator who can sign in must remain.
    """
    if not (user.is_active and user.profile.kind == BuiltInProfile.SYSTEM_ADMINISTRATOR):
        return
    others = User.objects.of(user).active().filter(profile=user.profile_id)
    if user.can_sign_in:
        others = others.filter(can_sign_in=True)
    if not others.exclude(pk=user.pk).exists():
        message = (
            f"{user.name} is this org's last active administrator. "
            f"Make another user an administrator first."
        )
        raise ValidationError({field: message} if field else message)


def _set_active(user: User, is_active: bool) -> None:
    user.is_active = is_active
    user.modified_at = timezone.now()
    user.save(update_fields=["is_active", "modified_at"])


def _label(field: str) -> str:
    return str(User._meta.get_field(field).verbose_name)  # type: ignore[union-attr]


def _value(user: User, field: str) -> Any:
    """Return a value that can be compared and stored as JSON."""
    return user.profile_id if field == "profile" else getattr(user, field)


def _display(user: User, field: str) -> str:
    if field == "profile":
        return str(user.profile.name)
    value = getattr(user, field)
    return str(value).lower() if isinstance(value, bool) else value or "(blank)"


def _name_and_username(user: User) -> str:
    return f"{user.name} ({user.username})"


def _record(by: User, action: str, display: str) -> None:
    audit.record(by=by, action=action, section=SECTION, display=display)

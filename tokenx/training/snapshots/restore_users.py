"""Replace an org's users with those of a snapshot, and keep those who can sign in."""

from collections.abc import Collection
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models
from django.utils import timezone

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import (
    BuiltInProfile,
    Org,
    PermissionSetAssignment,
    Profile,
    User,
)
from tokenx.org.models.gram import Gram
from tokenx.org.nicknames import Nicknames
from tokenx.training.models import PracticeOrg

from .document import USER_FIELDS, SnapshotDocument

_BATCH = 500
_WRITTEN = (*USER_FIELDS, "profile", "name_key", "last_key")
# Tables that are replaced as a whole, so their rows need no special treatment.
_REPLACED = (Gram, TokenExchangeHandler, Enablement, PermissionSetAssignment)


class RestoredUsers(NamedTuple):
    """The users by their usernames in the document, and whether any user changed."""

    by_username: dict[str, User]
    changed: bool


def replace_users(*, org: Org, document: SnapshotDocument, by: User) -> RestoredUsers:
    """Replace the org's users with those of the document.

    A user with the same username keeps the row, and with it sessions, password, and
    tokens. No one gets a password here. `by` stays an active administrator. If neither
    the document's owner nor `by` is known to the other side, `by` replaces the owner.
    """
    rows = User.objects.filter(org=org).select_related("profile")
    old_users = {user.username: user for user in rows}
    profiles = Profile.objects.by_key(org)
    owners = {by.pk, *PracticeOrg.objects.filter(org=org).values_list("owner", flat=True)}
    kept = {u.username for u in old_users.values() if u.can_sign_in or u.pk in owners}
    usernames = {entry.username for entry in document.users}
    users: dict[str, User] = {}
    restored: list[tuple[User, list[Any]]] = []
    for entry in document.users:
        is_owner = entry.username == document.owner
        if is_owner and by.username not in usernames and entry.username not in kept:
            users[entry.username] = old_users[by.username]
            continue
        user = old_users.get(entry.username) or User(org=org)
        restored.append((user, _values_of(user)))
        for field in USER_FIELDS:
            setattr(user, field, getattr(entry, field))
        user.profile = profiles[entry.profile]
        if user.pk == by.pk:
            user.profile = profiles[BuiltInProfile.SYSTEM_ADMINISTRATOR]
            user.is_active = True
        user.set_keys()
        users[entry.username] = user
    kept |= {user.username for user in users.values()}
    deleted = [user.pk for username, user in old_users.items() if username not in kept]
    if deleted:
        _delete_with_references(User, org, deleted)
    in_document = {user.username for user, _ in restored}
    others = [old_users[name] for name in old_users.keys() & kept - in_document]
    renamed = Nicknames().settle([user for user, _ in restored], others)
    new = [user for user, _ in restored if user.pk is None]
    changed = [user for user, was in restored if user.pk and _values_of(user) != was]
    _free_federation_ids(org, users.values(), changed)
    _update(org, [user.pk for user in (*changed, *renamed)], nickname="")
    now = timezone.now()
    for user in changed:
        user.modified_at = now
    User.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[*_WRITTEN, "modified_at"],
    )
    User.objects.bulk_create(new)
    for user in renamed:
        _update(org, [user.pk], nickname=user.nickname)
    return RestoredUsers(users, bool(new or changed or deleted))


def _free_federation_ids(
    org: Org, users: Collection[User], changed: Collection[User]
) -> None:
    """Take Federation IDs from the users who had them, so that others can get them.

    A user who stays although the document doesn't have them gives theirs up.
    """
    wanted = {user.federation_id for user in users if user.federation_id}
    staying = {user.pk for user in users} - {user.pk for user in changed}
    holders = User.objects.filter(org=org).exclude(federation_id="")
    taken = [
        pk
        for pk, federation_id in holders.values_list("pk", "federation_id")
        if pk not in staying and federation_id in wanted
    ]
    _update(org, taken, federation_id="")


def _update(org: Org, pks: list[int], **values: str) -> None:
    for start in range(0, len(pks), _BATCH):
        batch = pks[start : start + _BATCH]
        User.objects.filter(org=org, pk__in=batch).update(**values)


def _values_of(user: User) -> list[Any]:
    return [user.profile_id, *(getattr(user, field) for field in USER_FIELDS)]


def _delete_with_references(model: type[models.Model], org: Org, pks: list[int]) -> None:
    """Delete rows and the rows that must refer to them, such as their audit entries."""
    for other in apps.get_models():
        if issubclass(other, _REPLACED):
            continue
        for field in other._meta.fields:
            if field.related_model is not model:
                continue
            rows: models.QuerySet = other._default_manager.filter(
                **{"org": org, f"{field.name}__in": pks}
            )
            if field.null:
                rows.update(**{field.name: None})
            elif references := list(rows.values_list("pk", flat=True)):
                _delete_with_references(other, org, references)
    deleted: models.QuerySet = model._default_manager.filter(org=org, pk__in=pks)
    deleted._raw_delete(deleted.db)

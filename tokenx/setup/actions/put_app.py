"""Create or update an app from its metadata files."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction

from tokenx.org.client_secrets import hash_secret
from tokenx.org.consumer_keys import new_consumer_key
from tokenx.org.models import (
    ClientApp,
    Org,
    PermissionSet,
    PermittedUsers,
    Profile,
    User,
)

from .app_access import set_access
from .apps import add_app, change_app

# Values of a new app whose files leave them out. Setup has other initial values.
FILE_DEFAULTS = {
    "requires_secret": False,
    "permitted_users": PermittedUsers.SELF_AUTHORIZED,
}


class PutApp(NamedTuple):
    """The app, and whether it was created or changed."""

    app: ClientApp
    created: bool
    changed: bool


@transaction.atomic
def put_app(
    *,
    app: ClientApp | None,
    kind: str,
    api_name: str,
    values: Mapping[str, Any],
    file_details: Mapping[str, Any],
    consumer_key: str | None = None,
    secret: str | None = None,
    profiles: Collection[Profile] | None = None,
    permission_sets: Collection[PermissionSet] | None = None,
    by: User,
) -> PutApp:
    """Update the app, or create it if `app` is None.

    `file_details` are the other contents of its files, by metadata type. Only unknown
    elements count as a change; the rest records how the file was written. A new app has
    a secret only if one is given, because a generated one would never be shown. Files that
    say nothing about profiles or permission sets leave them unchanged.

    Raise ValidationError as create_app() does.
    """
    org = Org.objects.locked(by.org_id)
    if consumer_key:
        _refuse_taken_key(consumer_key, app)
    if app is None:
        created = ClientApp(
            org=org, kind=kind, api_name=api_name, **{**FILE_DEFAULTS, **values}
        )
        created.file_details = dict(file_details)
        created.consumer_key = consumer_key or new_consumer_key()
        created.secret_hash = hash_secret(secret) if secret else ""
        add_app(org=org, app=created, by=by)
        set_access(app=created, profiles=profiles, permission_sets=permission_sets, by=by)
        return PutApp(created, created=True, changed=True)

    new_values = dict(values)
    merged_details = {**app.file_details, **file_details}
    if unknown_elements_in(merged_details) != unknown_elements_in(app.file_details):
        new_values["file_details"] = merged_details
    if consumer_key:
        new_values["consumer_key"] = consumer_key
    if secret and not app.has_secret(secret):
        new_values["secret_hash"] = hash_secret(secret)
    changed = change_app(
        app=app,
        by=by,
        values=new_values,
        profiles=profiles,
        permission_sets=permission_sets,
    )
    if changed.file_details != merged_details:
        changed.file_details = merged_details
        changed.save(update_fields=["file_details"])
    return PutApp(changed, created=False, changed=changed.modified_at != app.modified_at)


def _refuse_taken_key(consumer_key: str, app: ClientApp | None) -> None:
    """Refuse a key used in any org: token requests identify an app by only its key."""
    holder = ClientApp.objects.filter(consumer_key=consumer_key).first()
    if holder and holder != app:
        raise ValidationError(
            {"consumer_key": "Another app already has this consumer key."}
        )


def unknown_elements_in(file_details: Mapping[str, Any]) -> dict[str, Any]:
    """Return the unknown elements of the files, by type. They count as a change."""
    return {
        name: details["unknown"]
        for name, details in file_details.items()
        if details.get("unknown")
    }

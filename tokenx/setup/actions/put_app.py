"""Make an app what a file says it is: a new one, or one that is there."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction

from tokenx.org.models import ClientApp, Org, PermittedUsers, User

from .apps import add_app, change_app, new_consumer_key

# What an app is that nothing is said of; Setup begins with other values.
UNSAID = {"requires_secret": False, "permitted_users": PermittedUsers.SELF_AUTHORIZED}


class PutApp(NamedTuple):
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
    notes: Mapping[str, Any],
    consumer_key: str | None = None,
    secret: str | None = None,
    by: User,
) -> PutApp:
    """Change the app, or make it where it is None.

    `notes` are what its files say besides, by type. Only the elements in them that are
    `kept` make a change; the rest is how a file was written. A new app has no secret
    unless one is given: nobody would be shown it.

    Raises ValidationError as create_app() does.
    """
    org = Org.objects.locked(by.org_id)
    if consumer_key:
        _refuse_taken_key(consumer_key, app)
    if app is None:
        made = ClientApp(org=org, kind=kind, api_name=api_name, **{**UNSAID, **values})
        made.kept = dict(notes)
        made.consumer_key = consumer_key or new_consumer_key()
        made.secret_hash = make_password(secret) if secret else ""
        add_app(org=org, app=made, by=by)
        return PutApp(made, created=True, changed=True)

    wanted, kept = dict(values), {**app.kept, **notes}
    if kept_elements(kept) != kept_elements(app.kept):
        wanted["kept"] = kept
    if consumer_key:
        wanted["consumer_key"] = consumer_key
    if secret and not app.has_secret(secret):
        wanted["secret_hash"] = make_password(secret)
    changed = change_app(app=app, by=by, values=wanted)
    if changed.kept != kept:
        changed.kept = kept
        changed.save(update_fields=["kept"])
    return PutApp(changed, created=False, changed=changed.modified_at != app.modified_at)


def _refuse_taken_key(consumer_key: str, app: ClientApp | None) -> None:
    """In whatever org: a token request names the app by nothing but its key."""
    holder = ClientApp.objects.filter(consumer_key=consumer_key).first()
    if holder and holder != app:
        raise ValidationError({"consumer_key": "Another app has this consumer key."})


def kept_elements(notes: Mapping[str, Any]) -> dict[str, Any]:
    """What notes hold besides how files were written: only that makes a change."""
    return {name: note["kept"] for name, note in notes.items() if note.get("kept")}

"""Snapshots: named states of an org to restore, download, and share."""

import hashlib
import io
import secrets
from typing import IO

from django.core.exceptions import ValidationError
from django.db import transaction

from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org import audit
from tokenx.org.models import ApexClass, ClientApp, Org, User
from tokenx.training.models import Snapshot
from tokenx.training.names import clean_name_field
from tokenx.web.local_formats import format_number

from .archive import read_snapshot, write_snapshot
from .capture import document_of
from .document import MAX_ROWS, MAX_USERS
from .restore import lock, restore
from .rows import SnapshotRows

MAX_SNAPSHOTS = 20
SECTION = "Training"


@transaction.atomic
def save_snapshot(*, org: Org, name: str, by: User) -> Snapshot:
    """Save the org's current state.

    Raise ValidationError if the name is invalid or the org is too large.
    """
    if User.objects.filter(org=org).count() > MAX_USERS or any(
        model._default_manager.filter(org=org).count() > MAX_ROWS
        for model in (ApexClass, ClientApp, TokenExchangeHandler)
    ):
        raise ValidationError(
            "This org is too large for a snapshot. "
            f"The limits are {format_number(MAX_USERS)} users and "
            f"{format_number(MAX_ROWS)} apps."
        )
    name, org = clean_name_field(name), lock(org)
    data = write_snapshot(org, document_of(org, owner=by))
    snapshot = _create(org, name, data, by)
    _record(by, "savedSnapshot", f"Saved the org as the snapshot {name}")
    return snapshot


@transaction.atomic
def upload_snapshot(*, org: Org, name: str, stream: IO[bytes], by: User) -> Snapshot:
    """Add a snapshot from a downloaded file, without changing the org.

    Raise ValidationError with all problems of the file.
    """
    name = clean_name_field(name)
    SnapshotRows(org, read_snapshot(stream)).read()
    stream.seek(0)
    snapshot = _create(Org.objects.locked(org.pk), name, stream.read(), by)
    _record(by, "uploadedSnapshot", f"Uploaded the snapshot {name}")
    return snapshot


@transaction.atomic
def restore_snapshot(*, snapshot: Snapshot, by: User) -> None:
    """Restore the snapshot's org. Raise ValidationError if that isn't possible."""
    apply_snapshot(data=bytes(snapshot.data), by=by)
    display = f"Restored the org from the snapshot {snapshot.name}"
    _record(by, "restoredSnapshot", display)


def apply_snapshot(*, data: bytes, by: User) -> None:
    """Restore a user's org from a snapshot's file."""
    restore(org=by.org, snapshot=read_snapshot(io.BytesIO(data)), by=by)


@transaction.atomic
def delete_snapshot(*, snapshot: Snapshot, by: User) -> None:
    deleted, _ = Snapshot.objects.filter(org=by.org_id, pk=snapshot.pk).delete()
    if deleted:
        _record(by, "deletedSnapshot", f"Deleted the snapshot {snapshot.name}")


# --- Links ----------------------------------------------------------------------------


@transaction.atomic
def make_link(*, snapshot: Snapshot, by: User) -> str:
    """Return the token of a new link to the snapshot. The previous link stops working.

    Tokens start with the org ID, so they can be looked up by org. Only the hash is stored,
    so the token can be shown only once.
    """
    token = f"{snapshot.org_id}.{secrets.token_urlsafe(32)}"
    _set_link(snapshot, _hash(token))
    _record(by, "madeSnapshotLink", f"Created a link to the snapshot {snapshot.name}")
    return token


@transaction.atomic
def revoke_link(*, snapshot: Snapshot, by: User) -> None:
    """Revoke the snapshot's link. Orgs that it already opened aren't deleted."""
    if snapshot.link_hash:
        _set_link(snapshot, "")
        display = f"Revoked the link to the snapshot {snapshot.name}"
        _record(by, "revokedSnapshotLink", display)


def snapshot_of_link(token: str) -> Snapshot | None:
    """Return the snapshot for a link's token, or None for a revoked or invalid token."""
    org, _, rest = token.partition(".")
    if not (org.isascii() and org.isdigit() and len(org) < 19 and rest):
        return None
    snapshots = Snapshot.objects.filter(org=int(org), link_hash=_hash(token))
    return snapshots.select_related("org").first()


def _set_link(snapshot: Snapshot, link_hash: str) -> None:
    snapshot.link_hash = link_hash
    snapshot.save(update_fields=["link_hash"])


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _create(org: Org, name: str, data: bytes, by: User) -> Snapshot:
    """Create a snapshot. The org is locked, so concurrent requests can't pass the limit."""
    if Snapshot.objects.filter(org=org).count() >= MAX_SNAPSHOTS:
        raise ValidationError(
            f"This org already has {MAX_SNAPSHOTS} snapshots, the limit. Delete one first."
        )
    snapshot = Snapshot(org=org, name=name, data=data, size=len(data), created_by=by)
    snapshot.clean_fields(exclude=["org", "created_by"])
    if Snapshot.objects.filter(org=org, name=name).exists():
        raise ValidationError({"name": "This name is taken. Enter a different name."})
    snapshot.save()
    return snapshot


def _record(by: User, action: str, display: str) -> None:
    audit.record(by=by, action=action, section=SECTION, display=display)

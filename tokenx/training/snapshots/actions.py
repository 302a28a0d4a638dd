"""Snapshots: a state of the org under a name, to go back to, carry away and show."""

import hashlib
import io
import secrets
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.db import transaction

from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org import audit
from tokenx.org.models import ApexClass, ClientApp, Org, User
from tokenx.training.models import Snapshot
from tokenx.training.names import clean_name_field

from .archive import read_snapshot, write_snapshot
from .capture import document_of
from .document import MOST, MOST_USERS
from .restore import lock, restore
from .rows import Rows

MAX_SNAPSHOTS = 20
SECTION = "Training"


@transaction.atomic
def save_snapshot(*, org: Org, name: str, by: User) -> Snapshot:
    """Keep the org as it is now. Raises ValidationError, by field, or for too many."""
    if User.objects.filter(org=org).count() > MOST_USERS or any(
        model._default_manager.filter(org=org).count() > MOST
        for model in (ApexClass, ClientApp, TokenExchangeHandler)
    ):
        words = f"{MOST_USERS:,} users and {MOST:,} apps"
        raise ValidationError(f"A snapshot has at most {words}: this org is too large.")
    name, org = clean_name_field(name), lock(org)
    data = write_snapshot(org, document_of(org, owner=by))
    snapshot = _keep(org, name, data, by)
    _record(by, "savedSnapshot", f"Saved the org as the snapshot {name}")
    return snapshot


@transaction.atomic
def upload_snapshot(*, org: Org, name: str, stream: BinaryIO, by: User) -> Snapshot:
    """Keep a file that was downloaded elsewhere; the org stays as it is.

    Raises ValidationError with all that is wrong with the file.
    """
    name = clean_name_field(name)
    Rows(org, read_snapshot(stream)).read()
    stream.seek(0)
    snapshot = _keep(Org.objects.locked(org.pk), name, stream.read(), by)
    _record(by, "uploadedSnapshot", f"Uploaded the snapshot {name}")
    return snapshot


@transaction.atomic
def restore_snapshot(*, snapshot: Snapshot, by: User) -> None:
    """Put its org back into the state. Raises ValidationError where that cannot be."""
    apply_snapshot(data=bytes(snapshot.data), by=by)
    words = f"Restored the org from the snapshot {snapshot.name}"
    _record(by, "restoredSnapshot", words)


def apply_snapshot(*, data: bytes, by: User) -> None:
    """Put somebody's org into the state that a file says."""
    restore(org=by.org, read=read_snapshot(io.BytesIO(data)), by=by)


@transaction.atomic
def delete_snapshot(*, snapshot: Snapshot, by: User) -> None:
    gone, _ = Snapshot.objects.filter(org=by.org_id, pk=snapshot.pk).delete()
    if gone:
        _record(by, "deletedSnapshot", f"Deleted the snapshot {snapshot.name}")


# --- Links ----------------------------------------------------------------------------


@transaction.atomic
def make_link(*, snapshot: Snapshot, by: User) -> str:
    """What a new link to the snapshot carries; an older one no longer works.

    It begins with the org, so that it is found by org, as all else is. Only its hash is
    kept: it is shown once.
    """
    token = f"{snapshot.org_id}.{secrets.token_urlsafe(32)}"
    _set_link(snapshot, _hash(token))
    _record(by, "madeSnapshotLink", f"Made a link to the snapshot {snapshot.name}")
    return token


@transaction.atomic
def revoke_link(*, snapshot: Snapshot, by: User) -> None:
    """Nobody opens it by its link any more. Orgs that were opened stay."""
    if snapshot.link_hash:
        _set_link(snapshot, "")
        words = f"Revoked the link to the snapshot {snapshot.name}"
        _record(by, "revokedSnapshotLink", words)


def snapshot_of_link(token: str) -> Snapshot | None:
    """What a link's token opens; nothing, if it was revoked or is none of ours."""
    org, _, rest = token.partition(".")
    if not (org.isascii() and org.isdigit() and len(org) < 19 and rest):
        return None
    found = Snapshot.objects.filter(org=int(org), link_hash=_hash(token))
    return found.select_related("org").first()


def _set_link(snapshot: Snapshot, link_hash: str) -> None:
    snapshot.link_hash = link_hash
    snapshot.save(update_fields=["link_hash"])


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _keep(org: Org, name: str, data: bytes, by: User) -> Snapshot:
    """In a locked org, so that nobody else counts meanwhile."""
    if Snapshot.objects.filter(org=org).count() >= MAX_SNAPSHOTS:
        words = f"An org keeps at most {MAX_SNAPSHOTS} snapshots. Delete one first."
        raise ValidationError(words)
    snapshot = Snapshot(org=org, name=name, data=data, size=len(data), created_by=by)
    snapshot.clean_fields(exclude=["org", "created_by"])
    if Snapshot.objects.filter(org=org, name=name).exists():
        raise ValidationError({"name": "A snapshot of this org has this name."})
    snapshot.save()
    return snapshot


def _record(by: User, action: str, display: str) -> None:
    audit.record(by=by, action=action, section=SECTION, display=display)

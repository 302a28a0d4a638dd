"""Actions on components that are kept whole. They have no editor in Setup."""

from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from tokenx.org import audit
from tokenx.org.models import Org, StoredComponent, StoredType, User
from tokenx.org.models.stored_component import without_secrets
from tokenx.web.local_formats import format_number

MAX_STORED_COMPONENTS = 500


class _AuditWords(NamedTuple):
    """The words of an audit entry: docs/salesforce/product.md, Stored components."""

    actions: tuple[str, str, str]
    section: str
    noun: str


_AUDIT = {
    StoredType.CUSTOM_LABELS: _AuditWords(
        ("customLabelsInsert", "customLabelsChange", "customLabelsDelete"),
        "Custom Labels",
        "custom label file",
    ),
    StoredType.CUSTOM_METADATA: _AuditWords(
        ("customMetadataInsert", "customMetadataChange", "customMetadataDelete"),
        "Custom Metadata Types",
        "custom metadata record",
    ),
    StoredType.NAMED_CREDENTIAL: _AuditWords(
        ("namedCredentialInsert", "namedCredentialFieldChange", "namedCredentialDelete"),
        "Named Credentials",
        "named credential",
    ),
}


@transaction.atomic
def create_stored_component(
    *, type_name: str, name: str, file: str, by: User
) -> StoredComponent:
    """Store a file without its secrets.

    Raise ValidationError if it's invalid or the org has too many.
    """
    Org.objects.locked(by.org_id)
    file = without_secrets(file)
    row = StoredComponent(org_id=by.org_id, type=type_name, name=name, file=file)
    row.full_clean()
    rows = StoredComponent.objects.filter(org=by.org_id, type=type_name)
    if rows.count() >= MAX_STORED_COMPONENTS:
        plural = StoredType(type_name).label.lower()
        raise ValidationError(
            f"This org already has {format_number(MAX_STORED_COMPONENTS)} {plural}, the "
            "limit. Delete one first."
        )
    row.save()
    _record(by, row, 0, "Created a new")
    return row


@transaction.atomic
def edit_stored_component(*, row: StoredComponent, file: str, by: User) -> StoredComponent:
    """Replace a stored file. Raise ValidationError as create_stored_component() does."""
    Org.objects.locked(row.org_id)
    current = StoredComponent.objects.filter(org=row.org_id, pk=row.pk).first()
    if current is None:
        raise ValidationError(f"{row.name} was already deleted.")
    file = without_secrets(file)
    if current.file == file:
        return current
    current.file, current.modified_at = file, timezone.now()
    current.full_clean()
    current.save()
    _record(by, current, 1, "Changed")
    return current


@transaction.atomic
def delete_stored_component(*, row: StoredComponent, by: User) -> None:
    deleted, _ = StoredComponent.objects.filter(org=row.org_id, pk=row.pk).delete()
    if deleted:
        _record(by, row, 2, "Deleted")


def _record(by: User, row: StoredComponent, action: int, verb: str) -> None:
    words = _AUDIT[StoredType(row.type)]
    display = f"{verb} {words.noun}: {row.name}"
    audit.record(
        by=by, action=words.actions[action], section=words.section, display=display
    )

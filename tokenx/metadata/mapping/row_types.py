"""The metadata types whose components are each one row of one table (row_type.py)."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from tokenx.metadata.format.definitions import CertificateDefinition, RemoteSiteDefinition
from tokenx.metadata.format.object_definitions import (
    CustomFieldDefinition,
    CustomLabelsDefinition,
    CustomMetadataDefinition,
    NamedCredentialDefinition,
    PermissionSetDefinition,
)
from tokenx.metadata.format.reader import read
from tokenx.metadata.format.writer import write
from tokenx.org import record_ids
from tokenx.org.models import (
    Certificate,
    PermissionSet,
    RemoteSite,
    StoredComponent,
    StoredType,
    User,
    UserField,
)
from tokenx.org.x509 import KEY_SIZES
from tokenx.setup.actions import (
    certificates,
    permission_sets,
    remote_sites,
    stored_components,
    user_fields,
)

from .round_trip import details_of, restore_definition
from .row_type import Pieces, RowType


class RemoteSites(RowType):
    definition = RemoteSiteDefinition
    model = RemoteSite
    prefix = record_ids.REMOTE_SITE
    noun = "remote sites"
    limit = remote_sites.MAX_REMOTE_SITES

    _fields = ("url", "is_active", "description", "disables_protocol_security")

    def definition_of(self, row: RemoteSite) -> RemoteSiteDefinition:
        values: Any = {field: getattr(row, field) for field in self._fields}
        return RemoteSiteDefinition(**values | {"description": row.description or None})

    def values_of(self, definition: RemoteSiteDefinition) -> dict[str, Any]:
        values = {field: getattr(definition, field) for field in self._fields}
        return values | {"description": definition.description or ""}

    def create(self, *, name: str, by: User, **values: Any) -> RemoteSite:
        return remote_sites.create_remote_site(name=name, by=by, **values)

    def edit(self, row: RemoteSite, *, name: str, by: User, **values: Any) -> RemoteSite:
        return remote_sites.edit_remote_site(site=row, name=name, by=by, **values)

    def delete(self, row: RemoteSite, by: User) -> None:
        remote_sites.delete_remote_site(site=row, by=by)


class Certificates(RowType):
    """Certificates: a file has the certificate or chain, and never a private key.

    An empty file stands for a certificate to generate, or for the one that exists.
    """

    definition = CertificateDefinition
    model = Certificate
    prefix = record_ids.CERTIFICATE
    noun = "certificates"
    limit = certificates.MAX_CERTIFICATES

    def definition_of(self, row: Certificate) -> CertificateDefinition:
        return CertificateDefinition(
            is_ca_signed=row.is_ca_signed,
            is_encrypted=False,
            expiration_date=f"{row.expires_at:%Y-%m-%dT%H:%M:%S}.000Z",
            key_size=str(row.key_size),
            label=row.label,
            is_key_exportable=row.is_key_exportable,
            body=row.pem,
        )

    def definition_like(
        self, row: Certificate, wanted: CertificateDefinition
    ) -> CertificateDefinition:
        """Return the definition with the values that the file derives from its content."""
        exportable: bool | None = row.is_key_exportable
        if wanted.is_key_exportable is None and exportable:
            exportable = None
        return replace(
            wanted,
            label=row.label,
            is_key_exportable=exportable,
            body=row.pem if wanted.body else "",
        )

    def contents_of(self, row: Certificate) -> list[Pieces]:
        return [[row.pem], *super().contents_of(row)]

    def values_of(self, definition: CertificateDefinition) -> dict[str, Any]:
        return {
            "label": definition.label,
            "is_key_exportable": definition.is_key_exportable is not False,
            "pem": definition.body.encode() or None,
            "key_size": _key_size_of(definition),
        }

    def create(self, *, name: str, by: User, **values: Any) -> Certificate:
        pem, key_size = values.pop("pem"), values.pop("key_size")
        if pem:
            return certificates.upload_certificate(name=name, pem=pem, by=by, **values)
        return certificates.create_certificate(
            name=name, key_size=key_size, by=by, **values
        )

    def edit(self, row: Certificate, *, name: str, by: User, **values: Any) -> Certificate:
        del values["key_size"]
        return certificates.edit_certificate(certificate=row, name=name, by=by, **values)

    def delete(self, row: Certificate, by: User) -> None:
        certificates.delete_certificate(certificate=row, by=by)

    def has_key(self, row: Certificate) -> bool:
        return row.has_private_key

    def build(self, org: Any, name: str, definition: CertificateDefinition) -> Certificate:
        exportable = definition.is_key_exportable is not False
        row = Certificate(org=org, name=name, label=definition.label)
        row.is_key_exportable = exportable
        row.set_pem(definition.body.encode())
        return row

    def give_keys(
        self, rows: Iterable[Certificate], old_rows: Mapping[str, Certificate]
    ) -> None:
        """Reuse the key of a certificate that the org still has, or generate a new one."""
        for row in rows:
            old = old_rows.get(row.name.lower())
            if old and old.pem == row.pem and old.has_private_key:
                row.sealed_key, row.has_new_key = old.sealed_key, old.has_new_key
            else:
                certificates.renew_key(row, row.key_size)
                row.has_new_key = True


class UserFields(RowType):
    """Custom text fields on User, whose full names start with the object."""

    definition = CustomFieldDefinition
    model = UserField
    prefix = record_ids.CUSTOM_FIELD
    noun = "custom fields on User"
    limit = user_fields.MAX_USER_FIELDS

    def definition_of(self, row: UserField) -> CustomFieldDefinition:
        values = {
            "full_name": row.api_name,
            "description": row.description,
            "label": row.label,
            "length": str(row.length),
            "field_type": "Text",
        }
        details = row.file_details or None
        found: CustomFieldDefinition = restore_definition(self.definition, details, values)
        return found

    def definition_like(
        self, row: UserField, wanted: CustomFieldDefinition
    ) -> CustomFieldDefinition:
        current = self.definition_of(row)
        if wanted.description == "" and current.description is None:
            current = replace(current, description="")
        return replace(current, full_name=wanted.full_name)

    def values_of(self, definition: CustomFieldDefinition) -> dict[str, Any]:
        length = (definition.length or "").strip()
        return {
            "label": definition.label or "",
            "length": int(length) if length.isdecimal() and len(length) < 9 else 0,
            "description": definition.description or "",
            "file_details": details_of(definition),
        }

    def create(self, *, name: str, by: User, **values: Any) -> UserField:
        return user_fields.create_user_field(name=name, by=by, **values)

    def edit(self, row: UserField, *, name: str, by: User, **values: Any) -> UserField:
        if name != row.name:
            raise ValidationError("You can't change the name of a custom field.")
        # A file that only leaves out optional elements is no change.
        known = row.file_details.get("unknown", [])
        if values["file_details"]["unknown"] == known:
            del values["file_details"]
        return user_fields.edit_user_field(field=row, by=by, **values)

    def delete(self, row: UserField, by: User) -> None:
        user_fields.delete_user_field(field=row, by=by)


class StoredComponents(RowType):
    """A type whose files are kept whole."""

    model = StoredComponent
    limit = stored_components.MAX_STORED_COMPONENTS

    def __init__(self, definition: Any, prefix: str) -> None:
        # One table has several types.
        self.definition, self.prefix = definition, prefix  # type: ignore[misc]
        self.noun = StoredType(definition.type_name).label.lower()  # type: ignore[misc]

    def rows(self) -> QuerySet[Any]:
        return super().rows().filter(type=self.definition.type_name)

    def definition_of(self, row: StoredComponent) -> Any:
        found = read(self.definition, io.BytesIO(row.file.encode())).definition
        return replace(found, body=row.file)

    def contents_of(self, row: StoredComponent) -> list[Pieces]:
        return [[row.file]]

    def values_of(self, definition: Any) -> dict[str, Any]:
        return {"file": definition.body or "".join(write(definition))}

    def create(self, *, name: str, by: User, **values: Any) -> StoredComponent:
        return stored_components.create_stored_component(
            type_name=self.definition.type_name, name=name, by=by, **values
        )

    def edit(
        self, row: StoredComponent, *, name: str, by: User, **values: Any
    ) -> StoredComponent:
        if name != row.name:
            raise ValidationError("You can't change the name of this component.")
        return stored_components.edit_stored_component(row=row, by=by, **values)

    def delete(self, row: StoredComponent, by: User) -> None:
        stored_components.delete_stored_component(row=row, by=by)

    def build(self, org: Any, name: str, definition: Any) -> StoredComponent:
        row: StoredComponent = super().build(org, name, definition)
        row.type = self.definition.type_name
        row.set_details()
        return row


class PermissionSets(RowType):
    """Permission sets, whose files are kept whole."""

    definition = PermissionSetDefinition
    model = PermissionSet
    prefix = record_ids.PERMISSION_SET
    noun = "permission sets"
    limit = permission_sets.MAX_PERMISSION_SETS

    def definition_of(self, row: PermissionSet) -> PermissionSetDefinition:
        text = self._text_of(row)
        found = read(self.definition, io.BytesIO(text.encode())).definition
        return replace(found, body=text)

    def _text_of(self, row: PermissionSet) -> str:
        """Return the row's file, or the one to write for a row without a file."""
        if row.file:
            return row.file
        description = row.description or None
        return "".join(write(self.definition(label=row.label, description=description)))

    def contents_of(self, row: PermissionSet) -> list[Pieces]:
        return [[self._text_of(row)]]

    def values_of(self, definition: PermissionSetDefinition) -> dict[str, Any]:
        return {
            "label": definition.label,
            "description": definition.description or "",
            "file": definition.body or "".join(write(definition)),
        }

    def create(self, *, name: str, by: User, **values: Any) -> PermissionSet:
        return permission_sets.create_permission_set(name=name, by=by, **values)

    def edit(
        self, row: PermissionSet, *, name: str, by: User, **values: Any
    ) -> PermissionSet:
        if values["file"] == self._text_of(row):
            values["file"] = row.file
        return permission_sets.edit_permission_set(
            permission_set=row, name=name, by=by, **values
        )

    def delete(self, row: PermissionSet, by: User) -> None:
        permission_sets.delete_permission_set(permission_set=row, by=by)

    def has_file(self, row: PermissionSet) -> bool:
        return bool(row.file)

    def forget_file(self, row: PermissionSet) -> None:
        row.file = ""


def _key_size_of(definition: CertificateDefinition) -> int:
    """Return the key size to generate. The action refuses any other text."""
    text = (definition.key_size or "").strip()
    if not text:
        return certificates.DEFAULT_KEY_SIZE
    return next((size for size in KEY_SIZES if str(size) == text), 0)


ROW_TYPES: dict[str, RowType] = {
    row_type.definition.type_name: row_type
    for row_type in (
        UserFields(),
        RemoteSites(),
        Certificates(),
        PermissionSets(),
        StoredComponents(CustomLabelsDefinition, record_ids.CUSTOM_LABELS),
        StoredComponents(CustomMetadataDefinition, record_ids.CUSTOM_METADATA),
        StoredComponents(NamedCredentialDefinition, record_ids.NAMED_CREDENTIAL),
    )
}

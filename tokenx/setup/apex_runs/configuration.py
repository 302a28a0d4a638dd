"""Reads what administrators set up: labels, custom metadata, and certificates."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import QuerySet, Sum
from django.db.models.functions import Length, Lower

from tokenx.apex.runtime.errors import NotRunnableError
from tokenx.apex.runtime.ports import CertificateOfOrg
from tokenx.apex.values import Id, Record
from tokenx.org import record_ids
from tokenx.org.models import Certificate, StoredComponent, StoredType
from tokenx.org.sealing import SealError, unseal
from tokenx.org.search.prepared import prepared
from tokenx.soql.custom_metadata import SUFFIX, metadata_objects
from tokenx.soql.schema import MemoryRow, SObject

from .moments import as_datetime
from .stored_files import read_endpoint, read_labels

# Characters of files that a run reads: reading them takes time that isn't counted.
MAX_READ = 1_000_000
_APEX_TYPES = {
    "id": "Id",
    "boolean": "Boolean",
    "double": "Decimal",
    "date": "Date",
    "datetime": "Datetime",
}


@prepared
def _certificates(org: int, name: str) -> QuerySet:
    rows = Certificate.objects.filter(org=org).alias(key=Lower("name")).filter(key=name)
    return rows.values_list("name", "pem", "sealed_key")


class OrgConfiguration:
    """The labels, custom metadata, and certificates of an org. Files are read once."""

    def __init__(self, org: int) -> None:
        self._org, self._remaining = org, MAX_READ
        self._records: dict[str, Sequence[Record]] = {}
        self._types: dict[str, SObject | None] = {}

    def label(self, name: str) -> str | None:
        """Return the text of a custom label, by its name without case, or None."""
        return self._labels.get(name.lower())

    @cached_property
    def _labels(self) -> Mapping[str, str]:
        files = self._files(StoredType.CUSTOM_LABELS)
        return {
            name: text for _, _, file in files for name, text in read_labels(file).items()
        }

    def custom_metadata(self, type_name: str) -> Sequence[Record] | None:
        """Return all records of a custom metadata type; None if it has none."""
        sobject = self.metadata_object(type_name)
        if sobject is None or sobject.records is None:
            return None
        if sobject.name not in self._records:
            self._records[sobject.name] = [
                _record(sobject, each) for each in sobject.records(self._org)
            ]
        return self._records[sobject.name]

    def metadata_object(self, type_name: str) -> SObject | None:
        """Return a custom metadata type, whose records are read once, or None."""
        key = type_name.lower().removesuffix(SUFFIX) + SUFFIX
        if key not in self._types:
            found = metadata_objects(self._org, key).get(key)
            self._types[key] = self._read(found, key) if found else None
        return self._types[key]

    def _read(self, sobject: SObject, key: str) -> SObject:
        assert sobject.records  # noqa: S101 (it's a custom metadata type)
        rows = StoredComponent.objects.filter(
            org=self._org,
            type=StoredType.CUSTOM_METADATA,
            name__istartswith=key.removesuffix(SUFFIX),
        )
        self._count(rows.aggregate(size=Sum(Length("file")))["size"] or 0)
        records = sobject.records(self._org)
        return replace(sobject, records=lambda org: records)

    def fields_of_metadata(self, type_name: str) -> Mapping[str, str] | None:
        """Return the Apex types of a custom metadata type's fields, by lower-case name."""
        found = self.metadata_object(type_name)
        if found is None:
            return None
        return {
            each.name.lower(): _APEX_TYPES.get(each.type, "String") for each in found.fields
        }

    def names_of_metadata(self, type_name: str) -> Mapping[str, str] | None:
        """Return the names of a custom metadata type's fields, by lower-case name."""
        found = self.metadata_object(type_name)
        return {each.name.lower(): each.name for each in found.fields} if found else None

    def certificate(self, name: str) -> CertificateOfOrg | None:
        """Return a certificate by its unique name without case, or None."""
        rows = _certificates(self._org, name.lower())
        if not rows:
            return None
        [(own_name, pem, sealed_key)] = rows
        key = None
        if sealed_key:
            with suppress(SealError):
                key = unseal(sealed_key)
        return CertificateOfOrg(own_name, pem.encode(), key)

    def endpoint(self, name: str) -> str | None:
        """Return the URL of a named credential, by its name without case, or None."""
        rows = StoredComponent.objects.filter(
            org=self._org, type=StoredType.NAMED_CREDENTIAL, name__iexact=name
        )
        files = [self._counted(file) for file in rows.values_list("file", flat=True)]
        return read_endpoint(files[0]) if files else None

    def _files(self, kind: StoredType, prefix: str = "") -> list[tuple[int, str, str]]:
        """Return the ID, name, and text of files, by name. Raise NotRunnableError."""
        rows = StoredComponent.objects.filter(
            org=self._org, type=kind, name__istartswith=prefix
        )
        size = rows.aggregate(size=Sum(Length("file")))["size"] or 0
        self._count(size)
        return list(rows.order_by("name").values_list("pk", "name", "file"))

    def _counted(self, file: str) -> str:
        self._count(len(file))
        return file

    def _count(self, size: int) -> None:
        self._remaining -= size
        if self._remaining < 0:
            raise NotRunnableError(
                "this much metadata",
                f"A run reads at most {MAX_READ:,} characters of labels, custom metadata, "
                "and named credentials.",
            )


def _record(sobject: SObject, row: MemoryRow) -> Record:
    fields: dict[str, Any] = {each.name.lower(): None for each in sobject.fields}
    fields |= row.values
    fields["id"] = Id(record_ids.record_id(sobject.prefix, row.pk))
    for name, value in fields.items():
        if isinstance(value, datetime):
            fields[name] = as_datetime(value)
    return Record(sobject.name, fields, is_queried=True)

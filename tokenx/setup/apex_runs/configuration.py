"""Reads what administrators set up: labels, custom metadata, and certificates."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property

from django.db.models import QuerySet, Sum
from django.db.models.functions import Length, Lower

from tokenx.apex.runtime.errors import NotRunnableError
from tokenx.apex.runtime.ports import CertificateOfOrg
from tokenx.apex.values import Id, Record
from tokenx.org import record_ids
from tokenx.org.models import Certificate, StoredComponent, StoredType
from tokenx.org.sealing import SealError, unseal
from tokenx.org.search.prepared import prepared

from .stored_files import StoredRecord, read_endpoint, read_labels, read_record

SUFFIX = "__mdt"
# Characters of files that a run reads: reading them takes time that isn't counted.
MAX_READ = 1_000_000
# The fields that each custom metadata type has, and their types.
STANDARD_FIELDS = {
    "Id": "Id",
    "DeveloperName": "String",
    "MasterLabel": "String",
    "Label": "String",
    "Language": "String",
    "NamespacePrefix": "String",
    "QualifiedApiName": "String",
}


@prepared
def _certificates(org: int, name: str) -> QuerySet:
    rows = Certificate.objects.filter(org=org).alias(key=Lower("name")).filter(key=name)
    return rows.values_list("name", "pem", "sealed_key")


class OrgConfiguration:
    """The labels, custom metadata, and certificates of an org. Files are read once."""

    def __init__(self, org: int) -> None:
        self._org, self._remaining = org, MAX_READ
        self._records: dict[str, Sequence[Record] | None] = {}
        self._types: dict[str, dict[str, str]] = {}
        self._names: dict[str, dict[str, str]] = {}

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
        key = type_name.lower().removesuffix(SUFFIX)
        if key not in self._records:
            self._records[key] = self._read_records(key)
        return self._records[key]

    def fields_of_metadata(self, type_name: str) -> Mapping[str, str] | None:
        """Return the Apex types of a custom metadata type's fields, by lower-case name."""
        key = type_name.lower().removesuffix(SUFFIX)
        return None if self.custom_metadata(key) is None else self._types[key]

    def names_of_metadata(self, type_name: str) -> Mapping[str, str] | None:
        """Return the names of a custom metadata type's fields, by lower-case name."""
        key = type_name.lower().removesuffix(SUFFIX)
        return None if self.custom_metadata(key) is None else self._names[key]

    def _read_records(self, key: str) -> Sequence[Record] | None:
        files = self._files(StoredType.CUSTOM_METADATA, f"{key}.")
        if not files:
            return None
        types: dict[str, str] = dict(STANDARD_FIELDS)
        found = []
        for pk, name, file in files:
            stored = read_record(file)
            for each, one in stored.fields.items():
                types[each] = one.type or types.get(each, "")
            found.append(_record(pk, name, stored))
        self._types[key] = {
            name.lower(): type_ or "String" for name, type_ in types.items()
        }
        self._names[key] = {name.lower(): name for name in types}
        for record in found:
            # A record's file can leave out fields without a value.
            record.fields = dict.fromkeys(self._names[key]) | record.fields
        return found

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


def _record(pk: int, name: str, stored: StoredRecord) -> Record:
    type_name, _, developer_name = name.partition(".")
    fields = {
        "id": Id(record_ids.record_id(record_ids.CUSTOM_METADATA, pk)),
        "developername": developer_name,
        "masterlabel": stored.label,
        "label": stored.label,
        "language": "en_US",
        "namespaceprefix": None,
        "qualifiedapiname": developer_name,
    }
    fields |= {each.lower(): one.value for each, one in stored.fields.items()}
    return Record(f"{type_name}{SUFFIX}", fields, is_queried=True)

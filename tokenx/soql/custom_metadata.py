"""An org's custom metadata types, whose records are in files and not in rows.

When a file is stored, its values are read once (`org/custom_metadata.py`). APIs and Apex
read the same records, and memory_query.py compares them.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from tokenx.org import record_ids
from tokenx.org.custom_metadata import BOOLEAN, DATE, DATETIME, DOUBLE, STRING
from tokenx.org.models import Org, StoredComponent, StoredType

from .schema import Field, MemoryRow, SObject
from .tree import SoqlError

SUFFIX = "__mdt"
# Characters of the values that a query reads. Records have a few hundred.
MAX_SIZE = 10_000_000
_CHUNK = 20
_NAMED = re.compile(rf"\b([a-z][a-z0-9_]{{0,79}}?){SUFFIX}\b", re.IGNORECASE)
_STANDARD = (
    Field("Id", "id", "Record ID", "id", record_ids.CUSTOM_METADATA),
    Field("DeveloperName", "string", "Name", "developername"),
    Field("MasterLabel", "string", "Label", "masterlabel"),
    Field("Label", "string", "Label", "label"),
    Field("Language", "string", "Language", "language"),
    Field("QualifiedApiName", "string", "Qualified API Name", "qualifiedapiname"),
    Field("NamespacePrefix", "string", "Namespace Prefix", None),
    Field("SystemModstamp", "datetime", "System Modstamp", "systemmodstamp"),
)
_STANDARD_NAMES = {field.name.lower() for field in _STANDARD}


def metadata_objects(org: Org | int, query: str | None = None) -> dict[str, SObject]:
    """Return the custom metadata types by name in lowercase.

    With a query, return only those that it names. A type without records is unknown.
    """
    names = None if query is None else {name.lower() for name in _NAMED.findall(query)}
    if names is not None and not names:
        return {}
    rows = _rows(org, names).values_list("name", "details__fields")
    types: dict[str, str] = {}
    fields: dict[str, list[dict[str, list[str]]]] = defaultdict(list)
    for full_name, own in rows.order_by("name"):
        name, dot, _ = full_name.partition(".")
        name = re.sub(f"{SUFFIX}$", "", name, flags=re.IGNORECASE)
        if dot and name:
            types.setdefault(name.lower(), name)
            fields[name.lower()].append(own or {})
    return {f"{key}{SUFFIX}": _sobject(name, fields[key]) for key, name in types.items()}


def _rows(org: Org | int, names: set[str] | None) -> Any:
    rows = StoredComponent.objects.filter(org=org, type=StoredType.CUSTOM_METADATA)
    if names is None:
        return rows
    starts = [Q(name__istartswith=f"{name}.") for name in names]
    starts += [Q(name__istartswith=f"{name}{SUFFIX}.") for name in names]
    return rows.filter(Q(*starts, _connector=Q.OR))


def _sobject(name: str, fields: list[dict[str, list[str]]]) -> SObject:
    """Return the type with the fields of all its records."""
    spelled: dict[str, str] = {}
    kinds: dict[str, set[str]] = defaultdict(set)
    for own in fields:
        for key, (field, kind) in own.items():
            spelled.setdefault(key, field)
            kinds[key] |= {kind} - {""}
    custom = tuple(
        Field(spelled[key], _kind_of(kinds[key]), spelled[key], key)
        for key in sorted(spelled)
        if key not in _STANDARD_NAMES
    )
    reader = _Reader(name, custom)
    return SObject(
        f"{name}{SUFFIX}",
        (*_STANDARD, *custom),
        prefix=record_ids.CUSTOM_METADATA,
        records=reader.records,
    )


def _kind_of(kinds: set[str]) -> str:
    """Return the type of a field; one whose records disagree about it is text."""
    return next(iter(kinds)) if len(kinds) == 1 else STRING


@dataclass(frozen=True)
class _Reader:
    """Reads the records of a type, with values of its fields' types."""

    name: str
    fields: tuple[Field, ...]

    def records(self, org: Org | int) -> Sequence[MemoryRow]:
        rows = _rows(org, {self.name.lower()})
        columns = rows.values_list("pk", "name", "details", "modified_at")
        found, size = [], 0
        for row in columns.order_by("name").iterator(chunk_size=_CHUNK):
            size += sum(map(len, row[2].get("values", {}).values()))
            if size > MAX_SIZE:
                sentence = f"Records of {self.name}{SUFFIX} are too large to be queried."
                raise SoqlError("QUERY_TIMEOUT", sentence)
            found.append(self._record(*row))
        return found

    def _record(
        self, pk: int, full_name: str, details: dict[str, Any], modified_at: datetime
    ) -> MemoryRow:
        name, label = full_name.partition(".")[2], details.get("label") or None
        values: dict[str, Any] = {
            "id": pk,
            "developername": name,
            "masterlabel": label,
            "label": label,
            "language": "en_US",
            "qualifiedapiname": name,
            "namespaceprefix": None,
            "systemmodstamp": modified_at,
        }
        texts = details.get("values", {})
        for field in self.fields:
            key = field.name.lower()
            values[key] = _value(texts.get(key), field.type)
        return MemoryRow(pk, values)


def _value(text: str | None, kind: str) -> Any:
    """Return a value of a type; a check box without a value is unchecked."""
    if kind == BOOLEAN:
        return text == "true"
    if not text:
        return None
    if kind == DOUBLE:
        return Decimal(text)
    if kind == DATE:
        return date.fromisoformat(text)
    if kind == DATETIME:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return text

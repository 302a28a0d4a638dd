"""An org's custom metadata types, which have its records' fields."""

import re
from collections import defaultdict
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    F,
    FloatField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce, Length, StrIndex, Substr
from django.db.models.lookups import Exact

from tokenx.org import record_ids
from tokenx.org.custom_metadata import BOOLEAN, DOUBLE, STRING
from tokenx.org.models import Org, StoredComponent, StoredType

from .schema import Field, SObject

SUFFIX = "__mdt"
_NAMED = re.compile(rf"\b([a-z][a-z0-9_]{{0,79}}?){SUFFIX}\b", re.IGNORECASE)


def metadata_objects(org: Org, query: str | None = None) -> dict[str, SObject]:
    """Return the custom metadata types by name in lowercase.

    With a query, return only those that it names. A type without records is unknown.
    """
    rows = StoredComponent.objects.filter(org=org, type=StoredType.CUSTOM_METADATA)
    if query is not None:
        names = {name.lower() for name in _NAMED.findall(query)}
        if not names:
            return {}
        starts = [Q(name__istartswith=f"{name}.") for name in names]
        starts += [Q(name__istartswith=f"{name}{SUFFIX}.") for name in names]
        rows = rows.filter(Q(*starts, _connector=Q.OR))
    types: dict[str, str] = {}
    fields: dict[str, list[dict[str, list[str]]]] = defaultdict(list)
    for full_name, own in rows.order_by("name").values_list("name", "details__fields"):
        name, dot, _ = full_name.partition(".")
        name = re.sub(f"{SUFFIX}$", "", name, flags=re.IGNORECASE)
        if dot and name:
            types.setdefault(name.lower(), name)
            fields[name.lower()].append(own or {})
    return {f"{key}{SUFFIX}": _sobject(name, fields[key]) for key, name in types.items()}


def _sobject(name: str, fields: list[dict[str, list[str]]]) -> SObject:
    """Return the type with the fields of all its records."""
    spelled: dict[str, str] = {}
    kinds: dict[str, set[str]] = defaultdict(set)
    for own in fields:
        for key, (field, kind) in own.items():
            spelled.setdefault(key, field)
            kinds[key] |= {kind} - {""}
    start = f"{name}."
    standard = (
        Field("Id", "id", "Record ID", "pk", record_ids.CUSTOM_METADATA),
        Field("DeveloperName", "string", "Name", _developer_name),
        Field("MasterLabel", "string", "Label", _label),
        Field("Label", "string", "Label", _label),
        Field("QualifiedApiName", "string", "Qualified API Name", _developer_name),
        Field("NamespacePrefix", "string", "Namespace Prefix", None),
        Field("SystemModstamp", "datetime", "System Modstamp", "modified_at"),
    )
    own_names = {field.name.lower() for field in standard}
    custom = tuple(
        _field(key, spelled[key], kinds[key])
        for key in sorted(spelled)
        if key not in own_names
    )

    def rows_of(org: Org) -> QuerySet[StoredComponent]:
        rows = StoredComponent.objects.filter(org=org, type=StoredType.CUSTOM_METADATA)
        with_suffix = Q(name__istartswith=f"{name}{SUFFIX}.")
        return rows.filter(Q(name__istartswith=start) | with_suffix)

    return SObject(
        f"{name}{SUFFIX}", (*standard, *custom), rows_of, record_ids.CUSTOM_METADATA
    )


def _field(key: str, name: str, kinds: set[str]) -> Field:
    """Return a field; one whose records disagree about its type is text."""
    [kind] = kinds if len(kinds) == 1 else {STRING}

    def text(path: str) -> Any:
        values = KeyTransform("values", F(f"{path}details"))
        found = Cast(KeyTextTransform(key, values), CharField())
        return Coalesce(found, Value(""), output_field=CharField())

    def flag(path: str) -> Any:
        is_true = When(Exact(text(path), Value("true")), then=Value(True))
        return Case(is_true, default=Value(False), output_field=BooleanField())

    def number(path: str) -> Any:
        is_blank = When(Exact(text(path), Value("")), then=Value(None))
        as_number = Cast(text(path), FloatField())
        return Case(is_blank, default=as_number, output_field=FloatField())

    return Field(name, kind, name, {BOOLEAN: flag, DOUBLE: number}.get(kind, text))


def _label(path: str) -> Any:
    label = Cast(KeyTextTransform("label", F(f"{path}details")), CharField())
    return Coalesce(label, Value(""), output_field=CharField())


def _developer_name(path: str) -> Any:
    """Return the part of Issuer.Okta after the dot."""
    name = F(f"{path}name")
    return Substr(name, StrIndex(name, Value(".")) + 1, Length(name))

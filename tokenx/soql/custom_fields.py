"""An org's objects, with its custom fields on User and its custom metadata types."""

import re
from dataclasses import replace
from typing import Any

from django.db.models import CharField, F, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from tokenx.org.models import Org, UserField

from .custom_metadata import metadata_objects
from .schema import Field, SObject
from .sobjects import SOBJECTS, USER

_NAMES_CUSTOM_FIELDS = re.compile(r"__c|fields\s*\(\s*(all|custom)", re.IGNORECASE)


def sobjects_of(org: Org) -> dict[str, SObject]:
    """Return the objects that can be queried, by name in lowercase."""
    return _with_user_fields(org) | metadata_objects(org)


def sobjects_for(org: Org, query: str) -> dict[str, SObject]:
    """Return the objects for a query, without loading fields that it can't name."""
    known = _with_user_fields(org) if names_custom_fields(query) else SOBJECTS
    return known | metadata_objects(org, query)


def _with_user_fields(org: Org) -> dict[str, SObject]:
    rows = UserField.objects.filter(org=org).order_by("name")
    fields = tuple(map(_field, rows))
    if not fields:
        return SOBJECTS
    replaced: dict[str, SObject] = {}
    return {name: _with_fields(each, fields, replaced) for name, each in SOBJECTS.items()}


def names_custom_fields(query: str) -> bool:
    """Tell whether a query might read a custom field of a standard object."""
    return _NAMES_CUSTOM_FIELDS.search(query) is not None


def _field(row: UserField) -> Field:
    def value(path: str) -> Any:
        text = KeyTextTransform(row.api_name, F(f"{path}custom_values"))
        as_text = Cast(text, CharField())
        return Coalesce(as_text, Value(""), output_field=CharField())

    return Field(row.api_name, "string", row.label, value)


def _with_fields(
    sobject: SObject, fields: tuple[Field, ...], replaced: dict[str, SObject]
) -> SObject:
    """Return an object in which User, also by relationship, has the fields."""
    if sobject.name not in replaced:
        own = (*sobject.fields, *fields) if sobject is USER else sobject.fields
        relationships = tuple(
            replace(each, to=_with_fields(each.to, fields, replaced))
            for each in sobject.relationships
        )
        replaced[sobject.name] = replace(sobject, fields=own, relationships=relationships)
    return replaced[sobject.name]

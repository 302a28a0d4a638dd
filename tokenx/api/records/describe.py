"""Descriptions of the objects that can be queried, and of their fields."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from tokenx.org.models import Org
from tokenx.soql.custom_fields import sobjects_of
from tokenx.soql.custom_metadata import SUFFIX
from tokenx.soql.schema import Field, SObject
from tokenx.soql.sobjects import SOBJECTS

from .values import CHANGEABLE, CHANGEABLE_LATER, DELETABLE, WRITABLE

_SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "datetime": "xsd:dateTime",
    "int": "xsd:int",
    "double": "xsd:double",
}


def describe_objects(org: Org, version: str) -> dict[str, Any]:
    return {
        "encoding": "UTF-8",
        "maxBatchSize": 200,
        "sobjects": [_summary(each, version) for each in sobjects_of(org).values()],
    }


def describe_object(
    sobject: SObject, version: str, *, is_short: bool = False
) -> dict[str, Any]:
    """Describe an object, its fields, and the fields that refer to it."""
    summary = _summary(sobject, version)
    if is_short:
        return {"objectDescribe": summary, "recentItems": []}
    return summary | {
        "childRelationships": list(_child_relationships(sobject)),
        "fields": [_field(sobject, each) for each in sobject.fields],
        "recordTypeInfos": [],
    }


def _summary(sobject: SObject, version: str) -> dict[str, Any]:
    url = reverse("api:records", args=[version, sobject.name])
    is_changeable = sobject.name.lower() in CHANGEABLE
    return {
        "name": sobject.name,
        "label": sobject.name,
        "labelPlural": sobject.name,
        "keyPrefix": sobject.prefix,
        "queryable": True,
        "retrieveable": True,
        "createable": is_changeable,
        "updateable": is_changeable,
        "deletable": sobject.name.lower() in DELETABLE,
        "undeletable": False,
        "searchable": False,
        "triggerable": False,
        "custom": sobject.name.endswith(SUFFIX),
        "customSetting": False,
        "urls": {
            "sobject": url,
            "describe": reverse("api:describe", args=[version, sobject.name]),
            "rowTemplate": f"{url}/{{ID}}",
        },
    }


def _child_relationships(sobject: SObject) -> Iterator[dict[str, Any]]:
    """Describe fields of other objects that refer to this one, without subqueries."""
    for other in SOBJECTS.values():
        for relationship in other.relationships:
            if relationship.to.name == sobject.name:
                yield {
                    "childSObject": other.name,
                    "field": f"{relationship.name}Id",
                    "relationshipName": None,
                    "cascadeDelete": False,
                    "restrictedDelete": False,
                    "deprecatedAndHidden": False,
                }


def _field(sobject: SObject, field: Field) -> dict[str, Any]:
    object_name = sobject.name.lower()
    relationship = sobject.relationship(field.name.removesuffix("Id"))
    return {
        "name": field.name,
        "label": field.label,
        "type": field.type,
        "soapType": _SOAP_TYPES.get(field.type, "xsd:string"),
        "createable": field.name in WRITABLE.get(object_name, ()),
        "updateable": field.name in CHANGEABLE_LATER.get(object_name, ()),
        "filterable": not field.is_long,
        "sortable": not field.is_long,
        "referenceTo": [relationship.to.name] if relationship else [],
        "relationshipName": relationship.name if relationship else None,
        "picklistValues": [
            {"active": True, "defaultValue": False, "label": label, "value": value}
            for value, label in field.choices
        ],
        "custom": field.name.endswith("__c"),
    }

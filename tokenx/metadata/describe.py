"""The objects that can be queried, described: what they are called, and their fields."""

from typing import Any

from .schema import Field, SObject
from .sobjects import SOBJECTS


def describe_objects(version: str) -> dict[str, Any]:
    return {
        "encoding": "UTF-8",
        "maxBatchSize": 200,
        "sobjects": [_shortly(each, version) for each in SOBJECTS.values()],
    }


def describe_object(
    sobject: SObject, version: str, *, is_short: bool = False
) -> dict[str, Any]:
    """An object and its fields."""
    described = _shortly(sobject, version)
    if is_short:
        return {"objectDescribe": described, "recentItems": []}
    return described | {"fields": [_field(each) for each in sobject.fields]}


def _shortly(sobject: SObject, version: str) -> dict[str, Any]:
    url = f"/services/data/v{version}/sobjects/{sobject.name}"
    is_changeable = sobject.name.startswith("OauthTokenExch")
    return {
        "name": sobject.name,
        "label": sobject.name,
        "keyPrefix": sobject.prefix,
        "queryable": True,
        "retrieveable": True,
        "createable": is_changeable,
        "updateable": is_changeable,
        "deletable": is_changeable,
        "custom": False,
        "urls": {
            "sobject": url,
            "describe": f"{url}/describe",
            "rowTemplate": f"{url}/{{ID}}",
        },
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.label,
        "type": field.type,
        "filterable": not field.is_long,
        "sortable": not field.is_long,
        "custom": False,
    }

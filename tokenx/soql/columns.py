"""Column metadata of a query: the response to `&columns=true`.

`sf data query` requests it after each result with rows, to print a table.
"""

from typing import Any

from tokenx.org.models import Org

from .custom_fields import sobjects_for
from .log_objects import LOG_OBJECTS
from .parser import parse
from .schema import Field, SObject, SoqlColumn, find_column, find_object
from .select import selected
from .tree import Aggregate, Query

_APEX_TYPES = {
    "id": "Id",
    "reference": "Id",
    "boolean": "Boolean",
    "datetime": "Datetime",
    "int": "Integer",
    "double": "Double",
}
Described = dict[str, Any]


def columns(org: Org, text: str, *, is_tooling: bool = False) -> Described:
    """Return the columns of the query's result. Raise SoqlError if the query is invalid."""
    query = parse(text)
    known = sobjects_for(org, text)
    sobject = find_object(query, {**known, **LOG_OBJECTS} if is_tooling else known)
    found: list[Described] = []
    for column, _ in selected(query, sobject):
        _place_of(found, column).append(_field(column.field))
    return {
        "columnMetadata": found + _counts(query, sobject),
        "entityName": sobject.name,
        "groupBy": bool(query.group),
        "idSelected": any(each["columnName"] == "Id" for each in found),
        "keyPrefix": sobject.prefix,
    }


def _place_of(found: list[Described], column: SoqlColumn) -> list[Described]:
    """Return the list that the column belongs to, below its relationships."""
    for relationship in column.relationships:
        outer = next(
            (each for each in found if each["columnName"] == relationship.name), None
        )
        if outer is None:
            outer = _described(relationship.name, relationship.to.name, "")
            found.append(outer)
        found = outer["joinColumns"]
    return found


def _field(field: Field) -> Described:
    apex_type = _APEX_TYPES.get(field.type, "String")
    described = _described(field.name, field.name, apex_type)
    return described | {"numberType": field.is_number}


def _counts(query: Query, sobject: SObject) -> list[Described]:
    """Return the aggregates of fields; COUNT() alone has no rows and no column."""
    found: list[Described] = []
    if not query.is_aggregate:
        return found
    for name, each in zip(query.result_names, query.select, strict=True):
        if isinstance(each, Aggregate) and each.path:
            field = find_column(query, sobject, each.path).field
            is_count = each.function.startswith("COUNT")
            apex_type = "Integer" if is_count else _APEX_TYPES.get(field.type, "String")
            shown = f"{each.function.lower()}({field.name})"
            is_number = is_count or field.is_number
            found.append(
                _described(name, shown, apex_type)
                | {"aggregate": True, "numberType": is_number}
            )
    return found


def _described(name: str, display_name: str, apex_type: str) -> Described:
    return {
        "aggregate": False,
        "apexType": apex_type or None,
        "booleanType": apex_type == "Boolean",
        "columnName": name,
        "custom": False,
        "displayName": display_name,
        "foreignKeyName": None,
        "insertable": False,
        "joinColumns": [],
        "numberType": False,
        "textType": apex_type == "String",
        "updatable": False,
    }

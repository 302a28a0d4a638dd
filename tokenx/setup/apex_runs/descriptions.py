"""Objects and fields as Schema describes them."""

from tokenx.apex.runtime.ports import FieldDescription, ObjectDescription
from tokenx.setup.actions.users import TEXT_FIELDS
from tokenx.soql.schema import Field, SObject

from .absent_objects import AbsentObject

# The objects whose records code can change, and the fields of those that it has.
_CHANGEABLE = {"User": {*TEXT_FIELDS, "ProfileId", "IsActive"}}


def describe(sobject: SObject) -> ObjectDescription:
    """Describe an object with rows."""
    changeable = _CHANGEABLE.get(sobject.name, set())
    return ObjectDescription(
        name=sobject.name,
        prefix=sobject.prefix,
        is_changeable=bool(changeable),
        is_deletable=False,
        fields={
            each.name.lower(): _field(sobject, each, changeable) for each in sobject.fields
        },
    )


def _field(sobject: SObject, field: Field, changeable: set[str]) -> FieldDescription:
    is_custom = bool(changeable) and field.name.endswith("__c")
    to = None
    if field.type == "reference":
        to = sobject.relationship(field.name.removesuffix("Id"))
    return FieldDescription(
        name=field.name,
        label=field.label,
        type=field.type,
        is_changeable=is_custom or field.name in changeable,
        refers_to=to.to.name if to else "",
        relationship=to.name if to else "",
        choices=field.choices,
    )


def describe_absent(object_: AbsentObject) -> ObjectDescription:
    """Describe an object without records."""
    types = {"id": "reference", "decimal": "double"}
    fields = {}
    for key, type_ in object_.fields.items():
        if type_[0].isupper() and type_.lower() in _SIMPLE:
            name = object_.fields.names[key]
            kind = "id" if key == "id" else types.get(type_.lower(), type_.lower())
            fields[key] = FieldDescription(name, name, kind, is_changeable=key != "id")
    return ObjectDescription(object_.name, object_.prefix, True, True, fields)


_SIMPLE = {"string", "id", "boolean", "datetime", "date", "double", "decimal", "integer"}

"""Schema: the objects and fields that an org has, as tokens and descriptions.

A run has one token of each object and field, so that equal tokens are the same value.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from ..runtime.api import Run
from ..runtime.errors import NotRunnableError, thrown
from ..runtime.ports import FieldDescription, ObjectDescription
from ..types import STRING, ApexType
from ..values import ApexList, ApexMap, EnumConstant, Id, PlatformObject, Record, Value
from .checks import given
from .registry import getter, method, static_method

_OBJECT_TYPE = ApexType("Schema.SObjectType")
_FIELD_TYPE = ApexType("Schema.SObjectField")
_DESCRIBED_OBJECT = "Schema.DescribeSObjectResult"
_DESCRIBED_FIELD = "Schema.DescribeFieldResult"
_PICKLIST_ENTRY = "Schema.PicklistEntry"
_DISPLAY_TYPES = {"int": "INTEGER"}


@dataclass(slots=True, eq=False, kw_only=True)
class ObjectToken(PlatformObject):
    """A Schema.SObjectType, such as User.SObjectType."""

    name: str

    def text(self) -> str:
        """Return the object's name."""
        return self.name


@dataclass(slots=True, eq=False, kw_only=True)
class FieldToken(PlatformObject):
    """A Schema.SObjectField, such as User.Email."""

    object_name: str
    name: str

    def text(self) -> str:
        """Return the field's name."""
        return self.name


@dataclass(slots=True, eq=False, kw_only=True)
class DescribedObject(PlatformObject):
    """The description of an object."""

    described: ObjectDescription


@dataclass(slots=True, eq=False, kw_only=True)
class DescribedField(PlatformObject):
    """The description of a field."""

    object: ObjectDescription
    described: FieldDescription


@dataclass(slots=True, eq=False, kw_only=True)
class Choice(PlatformObject):
    """A value of a picklist."""

    value: str
    label: str


T = TypeVar("T")


def _once(run: Run, key: str, make: Callable[[], T]) -> T:
    """Return what the run made for a key before, or make it."""
    if key not in run.memo:
        run.allocate(64)
        run.memo[key] = make()
    found: T = run.memo[key]
    return found


def _described(run: Run, name: str) -> ObjectDescription:
    def describe() -> ObjectDescription:
        found = run.ports.records.describe(name)
        if found is None:
            raise NotRunnableError(f"{name}.SObjectType")
        run.budget.charge(len(found.fields) // 10)
        return found

    return _once(run, f"described {name.lower()}", describe)


def object_token(run: Run, name: str) -> ObjectToken:
    """Return the token of an object. Raise NotRunnableError if tokenx doesn't have it."""
    canonical = _described(run, name).name
    return _once(
        run,
        f"object {canonical.lower()}",
        lambda: ObjectToken(type=_OBJECT_TYPE, name=canonical),
    )


def field_token(run: Run, object_name: str, name: str) -> FieldToken:
    """Return the token of a field. Raise NotRunnableError if the object doesn't have it."""
    described = _described(run, object_name)
    field = described.fields.get(name.lower())
    if field is None:
        raise NotRunnableError(f"{described.name}.{name}")
    return _once(
        run,
        f"field {described.name}.{field.name}".lower(),
        lambda: FieldToken(type=_FIELD_TYPE, object_name=described.name, name=field.name),
    )


def describe_object(run: Run, name: str) -> DescribedObject:
    """Return the description of an object, such as Schema.SObjectType.User."""
    described = _described(run, name)
    run.allocate(64)
    return DescribedObject(type=ApexType(_DESCRIBED_OBJECT), described=described)


# --- Tokens ------------------------------------------------------------------------------


@static_method("Schema", "getGlobalDescribe")
def get_global_describe(run: Run) -> ApexMap:
    """Return the objects that the org has, by lower-case name."""
    names = run.ports.records.object_names()
    run.allocate(64 * len(names))
    run.budget.charge(len(names))
    items = {
        run.key_of(name.lower()): (name.lower(), object_token(run, name)) for name in names
    }
    return ApexMap(STRING, _OBJECT_TYPE, items)


@static_method("Schema", "describeSObjects")
def describe_objects(run: Run, names: ApexList | None, options: Value = None) -> ApexList:
    """Return descriptions of objects by their names."""
    found = [describe_object(run, str(given(each))) for each in given(names).items]
    return ApexList(ApexType(_DESCRIBED_OBJECT), list(found))


@method("SObject", "getSObjectType")
def type_of_record(run: Run, receiver: Record) -> ObjectToken:
    """Return the token of a record's object."""
    return object_token(run, receiver.object_name)


@method("Id", "getSObjectType")
def type_of_id(run: Run, receiver: str) -> ObjectToken:
    """Return the token of the object that an ID belongs to."""
    record_id: Id = run.coerce(receiver, ApexType("Id"))
    name = run.ports.records.object_name_of(record_id[:3])
    if name is None:
        raise NotRunnableError(f"an ID that starts with {record_id[:3]}")
    return object_token(run, name)


@method("List", "getSObjectType")
def type_of_list(run: Run, receiver: ApexList) -> ObjectToken | None:
    """Return the token of the object that a list is for; null for other lists."""
    is_object = run.ports.records.describe(receiver.element.name) is not None
    return object_token(run, receiver.element.name) if is_object else None


@method("Schema.SObjectType", "getDescribe")
def describe_token(
    run: Run, receiver: ObjectToken, options: Value = None
) -> DescribedObject:
    """Return the description of the object."""
    return describe_object(run, receiver.name)


@method("Schema.SObjectType", "newSObject")
def new_record(
    run: Run, receiver: ObjectToken, record_id: Id | None = None, *defaults: Value
) -> Record:
    """Return a new record of the object."""
    if defaults:
        raise NotRunnableError(
            "Schema.SObjectType.newSObject", "There are no record types."
        )
    run.allocate(32)
    return Record(receiver.name, {} if record_id is None else {"id": record_id})


@method("Schema.SObjectField", "getDescribe")
def describe_field(run: Run, receiver: FieldToken, options: Value = None) -> DescribedField:
    """Return the description of the field."""
    described = _described(run, receiver.object_name)
    run.allocate(64)
    return DescribedField(
        type=ApexType(_DESCRIBED_FIELD),
        object=described,
        described=described.fields[receiver.name.lower()],
    )


# --- Descriptions of objects -------------------------------------------------------------


def _of_object(
    *names: str,
) -> Callable[[Callable[[ObjectDescription], Value]], None]:
    """Register the method and the property that return a part of a description."""

    def register(read: Callable[[ObjectDescription], Value]) -> None:
        def get(run: Run, receiver: DescribedObject) -> Value:
            return read(receiver.described)

        for name in names:
            method(_DESCRIBED_OBJECT, name)(get)
            getter(_DESCRIBED_OBJECT, _property_of(name))(get)

    return register


def _property_of(name: str) -> str:
    """Return the property for a method: name for getName, and custom for isCustom."""
    return name[3:] if name.startswith("get") else name[2:]


_of_object("getName", "getLocalName", "getLabel")(lambda described: described.name)
_of_object("getLabelPlural")(lambda described: f"{described.name}s")
_of_object("getKeyPrefix")(lambda described: described.prefix or None)
_of_object("isCustom")(lambda described: described.name.endswith("__mdt"))
_of_object("isAccessible", "isQueryable")(lambda _: True)
_of_object("isCreateable", "isUpdateable")(lambda described: described.is_changeable)
_of_object("isDeletable", "isUndeletable")(lambda described: described.is_deletable)
_of_object("isCustomSetting", "isDeprecatedAndHidden", "isFeedEnabled", "isMergeable")(
    lambda _: False
)


@method(_DESCRIBED_OBJECT, "getSObjectType")
@getter(_DESCRIBED_OBJECT, "sObjectType")
def token_of_described(run: Run, receiver: DescribedObject) -> ObjectToken:
    """Return the token of the object."""
    return object_token(run, receiver.described.name)


@dataclass(slots=True, eq=False, kw_only=True)
class Fields(PlatformObject):
    """The fields of an object: Schema.SObjectType.User.fields."""

    described: ObjectDescription


@method(_DESCRIBED_OBJECT, "getFields")
@getter(_DESCRIBED_OBJECT, "fields")
def get_fields(run: Run, receiver: DescribedObject) -> Fields:
    """Return the fields of the object."""
    return Fields(type=ApexType("Schema.SObjectTypeFields"), described=receiver.described)


@method("Schema.SObjectTypeFields", "getMap")
def get_map(run: Run, receiver: Fields) -> ApexMap:
    """Return the tokens of the fields, by lower-case name."""
    described = receiver.described
    run.allocate(64 * len(described.fields))
    run.budget.charge(len(described.fields))
    items = {
        run.key_of(key): (key, field_token(run, described.name, key))
        for key in described.fields
    }
    return ApexMap(STRING, _FIELD_TYPE, items)


# --- Descriptions of fields --------------------------------------------------------------


def _of_field(*names: str) -> Callable[[Callable[[DescribedField], Value]], None]:
    def register(read: Callable[[DescribedField], Value]) -> None:
        def get(run: Run, receiver: DescribedField) -> Value:
            return read(receiver)

        for name in names:
            method(_DESCRIBED_FIELD, name)(get)
            getter(_DESCRIBED_FIELD, _property_of(name))(get)

    return register


_of_field("getName", "getLocalName")(lambda field: field.described.name)
_of_field("getLabel")(lambda field: field.described.label)
_of_field("isCustom")(lambda field: field.described.name.endswith("__c"))
_of_field("isAccessible")(lambda _: True)
_of_field("isCreateable", "isUpdateable")(lambda field: field.described.is_changeable)
_of_field("getRelationshipName")(lambda field: field.described.relationship or None)


@method(_DESCRIBED_FIELD, "getType")
@getter(_DESCRIBED_FIELD, "type")
def get_type(run: Run, receiver: DescribedField) -> EnumConstant | None:
    """Return the field's Schema.DisplayType."""
    kind = receiver.described.type
    name = _DISPLAY_TYPES.get(kind, kind.upper())
    return run.enum_value(ApexType("Schema.DisplayType"), name)


@method(_DESCRIBED_FIELD, "getSObjectField")
@getter(_DESCRIBED_FIELD, "sObjectField")
def token_of_field(run: Run, receiver: DescribedField) -> FieldToken:
    """Return the token of the field."""
    return field_token(run, receiver.object.name, receiver.described.name)


@method(_DESCRIBED_FIELD, "getSObjectType")
@getter(_DESCRIBED_FIELD, "sObjectType")
def object_of_field(run: Run, receiver: DescribedField) -> ObjectToken:
    """Return the token of the field's object."""
    return object_token(run, receiver.object.name)


@method(_DESCRIBED_FIELD, "getReferenceTo")
@getter(_DESCRIBED_FIELD, "referenceTo")
def get_reference_to(run: Run, receiver: DescribedField) -> ApexList:
    """Return the tokens of the objects that the field refers to."""
    to = receiver.described.refers_to
    found: list[Any] = [object_token(run, to)] if to else []
    return ApexList(_OBJECT_TYPE, found)


@method(_DESCRIBED_FIELD, "getPicklistValues")
@getter(_DESCRIBED_FIELD, "picklistValues")
def get_picklist_values(run: Run, receiver: DescribedField) -> ApexList:
    """Return the values of a picklist; another field has none."""
    choices = receiver.described.choices
    run.allocate(64 * len(choices))
    run.budget.charge(len(choices) // 10)
    type_ = ApexType(_PICKLIST_ENTRY)
    return ApexList(
        type_, [Choice(type=type_, value=value, label=label) for value, label in choices]
    )


@method(_PICKLIST_ENTRY, "getValue")
@getter(_PICKLIST_ENTRY, "value")
def get_value(run: Run, receiver: Choice) -> str:
    """Return the value."""
    return receiver.value


@method(_PICKLIST_ENTRY, "getLabel")
@getter(_PICKLIST_ENTRY, "label")
def get_label(run: Run, receiver: Choice) -> str:
    """Return the label."""
    return receiver.label


@method(_PICKLIST_ENTRY, "isActive")
@getter(_PICKLIST_ENTRY, "active")
def is_active(run: Run, receiver: Choice) -> bool:
    """Say that the value can be used."""
    return True


@method(_PICKLIST_ENTRY, "isDefaultValue")
@getter(_PICKLIST_ENTRY, "defaultValue")
def is_default_value(run: Run, receiver: Choice) -> bool:
    """Say that the value isn't the default."""
    return False


def key_of_field(record: Record, token: FieldToken) -> str:
    """Return the key of a record's field, whose token must be that of its object."""
    if token.object_name.lower() != record.object_name.lower():
        words = (
            f"{token.object_name}.{token.name} does not belong to SObject type "
            f"{record.object_name}"
        )
        raise thrown("SObjectException", words)
    return token.name.lower()

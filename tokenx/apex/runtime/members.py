"""Reads and writes fields, properties, and constants."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from ..library import registry, schema
from ..platform import canonical_name, platform_type
from ..types import STRING, ApexType, parse_type
from ..values import (
    ApexMap,
    EnumConstant,
    Instance,
    PlatformObject,
    QueryRows,
    Record,
    Value,
)
from ..values.coerce import only_row
from . import creation, invoking
from .classes import OrgVariable
from .errors import NotRunnableError, null_pointer, thrown
from .machine import Pending, go_on
from .platform_calls import name_of

if TYPE_CHECKING:
    from .run import ApexRun


# --- Variables of the org's classes ------------------------------------------------------


def read_variable(run: "ApexRun", variable: OrgVariable, this: Instance | None) -> Pending:
    """Return the value of a field or property; a getter runs."""
    if variable.is_static:
        owner = variable.owner
        if not owner.is_started:
            started = creation.initialize_statics(run, owner)
            return go_on(started, _read_static, run, variable)
        return _read_static(None, run, variable)
    if this is None:
        raise null_pointer()
    if variable.is_property:
        variable = _overriding(variable, this)
        if variable.getter and not _is_inside(run, variable.getter, this):
            return invoking.invoke(run, variable.getter, this, [])
    return this.fields.get(variable.slot)


def _read_static(_: Value, run: "ApexRun", variable: OrgVariable) -> Pending:
    if variable.getter and not _is_inside(run, variable.getter, None):
        return invoking.invoke(run, variable.getter, None, [])
    return variable.owner.statics.get(variable.key)


def write_variable(
    run: "ApexRun", variable: OrgVariable, this: Instance | None, value: Value
) -> Pending:
    """Store a value of the variable's type; a setter runs. Return the value."""
    if variable.is_static and not variable.owner.is_started:
        started = creation.initialize_statics(run, variable.owner)
        return go_on(started, _store_after, run, variable, this, value)
    return _store_after(None, run, variable, this, value)


def _store_after(
    _: Value, run: "ApexRun", variable: OrgVariable, this: Instance | None, value: Value
) -> Pending:
    value = run.coerce(value, run.type_of_variable(variable))
    if this is None and not variable.is_static:
        raise null_pointer()
    if variable.is_property:
        if this is not None and not variable.is_static:
            variable = _overriding(variable, this)
        receiver = None if variable.is_static else this
        if variable.setter and not _is_inside(run, variable.setter, receiver):
            set_ = invoking.invoke(run, variable.setter, receiver, [value])
            return go_on(set_, _second, value)
    if variable.is_static or this is None:
        variable.owner.statics[variable.key] = value
    else:
        this.fields[variable.slot] = value
    run.note_assigned(variable.name, run.type_of_variable(variable), value)
    return value


def initialize(
    run: "ApexRun", variable: OrgVariable, this: Instance | None, value: Value
) -> Pending:
    """Store a variable's initial value; for a property with code, its setter runs."""
    return _store_after(None, run, variable, this, value)


def _second(_: Value, value: Value) -> Value:
    return value


def _overriding(variable: OrgVariable, this: Instance) -> OrgVariable:
    """Return the property of the instance's own class, which can override another one."""
    loaded: Any = this.loaded
    found: OrgVariable | None = loaded.find_variable(variable.key)
    return found or variable


def _is_inside(run: "ApexRun", accessor: object, this: Instance | None) -> bool:
    """Say whether an accessor's own code is running, where the name means the value."""
    if not run.frames:
        return False
    frame = run.frames[-1]
    method = frame.method
    if frame.this is not this:
        return False
    if method is accessor:
        return True
    # The getter and the setter of one property.
    return method.owner is getattr(accessor, "owner", None) and (
        method.name == getattr(accessor, "name", None) and method.name.startswith("__sfdc_")
    )


# --- Members of values -------------------------------------------------------------------


def read(run: "ApexRun", receiver: Value, name: str) -> Pending:
    """Return a field or property of a value; null is an exception."""
    kind = type(receiver)
    if kind is Record:
        return read_field(run, receiver, name)
    if receiver is None:
        raise null_pointer()
    if kind is Instance:
        variable = receiver.loaded.find_variable(name.lower())
        if variable is not None:
            return read_variable(run, variable, receiver)
        return _read_property(run, receiver.base, name)
    if kind is QueryRows:
        return read_field(run, only_row(receiver), name)
    return _read_property(run, receiver, name)


def _read_property(run: "ApexRun", receiver: Value, name: str) -> Value:
    if receiver is None:
        raise NotRunnableError(name)
    owner = name_of(receiver)
    function = registry.find_getter(owner, name)
    if function is None:
        raise NotRunnableError(f"{owner}.{name}")
    return function(run, receiver)


def write(run: "ApexRun", receiver: Value, name: str, value: Value) -> Pending:
    """Write a field or property of a value; return the value as it's stored."""
    kind = type(receiver)
    if receiver is None:
        raise null_pointer()
    if kind is Record:
        return write_field(run, receiver, name, value)
    if kind is Instance:
        variable = receiver.loaded.find_variable(name.lower())
        if variable is not None:
            return write_variable(run, variable, receiver, value)
        receiver = receiver.base
    if kind is QueryRows:
        return write_field(run, only_row(receiver), name, value)
    if not isinstance(receiver, PlatformObject):
        raise NotRunnableError(name)
    return _write_property(run, receiver, name, value)


def _write_property(
    run: "ApexRun", receiver: PlatformObject, name: str, value: Value
) -> Value:
    owner = receiver.type.name
    function = registry.find_setter(owner, name)
    if function is None:
        raise NotRunnableError(f"{owner}.{name}")
    declared = platform_type(owner)
    declared_property = declared.properties.get(name.lower()) if declared else None
    if declared_property:
        value = run.coerce(value, declared_property.type)
    function(run, receiver, value)
    return value


# --- Fields of records -------------------------------------------------------------------


def read_field(run: "ApexRun", record: Record, name: str) -> Value:
    """Return a record's field or parent; one that wasn't queried is an exception."""
    key = name.lower()
    fields = record.fields
    if key in fields:
        return fields[key]
    known = run.ports.records.fields_of(record.object_name)
    if known is not None and key not in known and key != "id":
        raise NotRunnableError(f"{record.object_name}.{name}")
    if record.is_queried and key != "id":
        names = run.ports.records.field_names(record.object_name) or {}
        raise thrown(
            "SObjectException",
            "SObject row was retrieved via SOQL without querying the requested field: "
            f"{record.object_name}.{names.get(key, name)}",
        )
    return None


def write_field(run: "ApexRun", record: Record, name: str, value: Value) -> Value:
    """Set a record's field; its value gets the field's type."""
    key = name.lower()
    type_ = field_type(run, record.object_name, key)
    if type_ is None:
        raise NotRunnableError(f"{record.object_name}.{name}")
    value = run.coerce(value, type_)
    if key not in record.fields:
        run.allocate(16)
    record.fields[key] = value
    return value


def field_type(run: "ApexRun", object_name: str, key: str) -> ApexType | None:
    """Return the type of an object's field or parent by lower-case name, or None."""
    if key == "id":
        return ApexType("Id")
    known = run.ports.records.fields_of(object_name)
    text = known.get(key) if known else None
    return parse_type(text) if text else None


def call_on_object(
    run: "ApexRun", type_: ApexType, name: str, arguments: list[Value]
) -> Value:
    """Call a static method of an object's type: that of a custom metadata type."""
    records = run.ports.configuration.custom_metadata(type_.name)
    key = name.lower()
    if records is None or key not in ("getall", "getinstance"):
        raise NotRunnableError(f"{type_.name}.{name}")
    if key == "getinstance":
        if not arguments or arguments[0] is None:
            return None
        wanted = str(arguments[0]).lower()
        return next((each for each in records if wanted in _names_of(each)), None)
    run.allocate(16 + 16 * len(records))
    found = ApexMap(STRING, type_)
    for each in records:
        name = str(each.fields.get("developername"))
        found.items[run.key_of(name)] = name, each
    return found


def _names_of(record: Record) -> tuple[str, ...]:
    """Return what getInstance takes: the name, the qualified name, or the ID."""
    values = map(record.fields.get, ("developername", "qualifiedapiname", "id"))
    return tuple(str(each).lower() for each in values if each)


def instance_fields(
    run: "ApexRun", type_: ApexType
) -> Mapping[str, tuple[str, ApexType]] | None:
    """Return the instance fields and properties of a class of the org."""
    loaded = run.types.class_of(type_)
    if loaded is None:
        return None
    return {
        key: (variable.name, run.type_of_variable(variable))
        for each in reversed(list(loaded.lineage()))
        for key, variable in each.variables.items()
        if not variable.is_static
    }


def transient_fields(run: "ApexRun", type_: ApexType) -> Collection[str]:
    """Return the transient fields of a class of the org, by lower-case name."""
    loaded = run.types.class_of(type_)
    return {
        key
        for each in (loaded.lineage() if loaded else ())
        for key, variable in each.variables.items()
        if variable.is_transient
    }


# --- Constants of types ------------------------------------------------------------------


def enum_values(run: "ApexRun", type_: ApexType) -> list[EnumConstant]:
    """Return all values of an enum."""
    loaded = run.types.class_of(type_)
    if loaded:
        return list(loaded.enum_values.values())
    declared = platform_type(type_.name)
    if declared is None:
        return []
    return [
        EnumConstant(declared.type, name, ordinal)
        for ordinal, name in enumerate(declared.values)
    ]


def enum_value(run: "ApexRun", type_: ApexType, name: str) -> EnumConstant | None:
    """Return the value of an enum by its name without case, or None."""
    key = name.lower()
    loaded = run.types.class_of(type_)
    if loaded:
        return loaded.enum_values.get(key)
    return next(
        (each for each in enum_values(run, type_) if each.name.lower() == key), None
    )


def label(run: "ApexRun", name: str) -> str:
    """Return the text of a custom label."""
    text = run.ports.configuration.label(name)
    if text is None:
        raise NotRunnableError(f"Label.{name}", "The org has no such custom label.")
    return text


def token_of(run: "ApexRun", type_: ApexType, name: str) -> Value:
    """Return the token of an object or a field: User.SObjectType or User.Email."""
    if name.lower() == "sobjecttype":
        return schema.object_token(run, type_.name)
    return schema.field_token(run, type_.name, name)


def platform_constant(run: "ApexRun", type_: ApexType, name: str) -> Value:
    """Return a value of a platform enum, or a static property."""
    constant = enum_value(run, type_, name)
    if constant is not None:
        return constant
    if type_.name == "Schema.SObjectType" and run.types.find_object(name):
        return schema.describe_object(run, name)
    function = registry.find_getter(type_.name, name)
    if function is None:
        raise NotRunnableError(f"{canonical_name(type_.name) or type_.name}.{name}")
    return function(run, None)

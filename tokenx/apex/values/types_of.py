"""Types of values, and which values are instances of which types."""

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

from ..platform import platform_type
from ..types import (
    BOOLEAN,
    DATE,
    DATETIME,
    DECIMAL,
    DOUBLE,
    INTEGER,
    LONG,
    OBJECT,
    STRING,
    TIME,
    UNKNOWN,
    ApexType,
    list_of,
)
from .identifiers import parse_id
from .kinds import (
    ApexList,
    ApexMap,
    ApexSet,
    EnumConstant,
    Id,
    Instance,
    Long,
    PlatformObject,
    QueryRows,
    Record,
    TypeValue,
    Value,
)

if TYPE_CHECKING:
    from ..runtime.api import Run

ID = ApexType("Id")
BLOB = ApexType("Blob")
TYPE = ApexType("Type")
_OF_CLASS: dict[type, ApexType] = {
    bool: BOOLEAN,
    int: INTEGER,
    Long: LONG,
    float: DOUBLE,
    Decimal: DECIMAL,
    str: STRING,
    Id: ID,
    bytes: BLOB,
    date: DATE,
    datetime: DATETIME,
    time: TIME,
    TypeValue: TYPE,
}
# The types of which a value of a simple type also is an instance.
WIDER = {
    "integer": frozenset({"long", "double", "decimal"}),
    "long": frozenset({"double", "decimal"}),
    "double": frozenset({"decimal"}),
    "decimal": frozenset({"double"}),
    "id": frozenset({"string"}),
    "date": frozenset({"datetime"}),
}
SIMPLE = frozenset(each.key for each in _OF_CLASS.values())
COLLECTIONS = frozenset({"list", "set", "map"})


def type_of(value: Value) -> ApexType:
    """Return the type of a value that isn't null."""
    found = _OF_CLASS.get(type(value))
    if found is not None:
        return found
    match value:
        case Instance() | PlatformObject() | EnumConstant():
            return value.type
        case Record():
            return ApexType(value.object_name)
        case ApexList():
            return list_of(value.element)
        case ApexSet():
            return ApexType("Set", (value.element,))
        case ApexMap():
            return ApexType("Map", (value.key, value.value))
        case QueryRows():
            return list_of(ApexType(value.object_name))
    return UNKNOWN


def object_key(type_: ApexType) -> str:
    """Return the key of an object's name; Schema.User is User."""
    return type_.key.removeprefix("schema.")


def is_object_type(run: "Run", type_: ApexType) -> bool:
    """Say whether a type is SObject or that of an object such as User."""
    key = object_key(type_)
    if type_.arguments or key in SIMPLE or key in COLLECTIONS or key == "object":
        return False
    if key == "sobject" or key.endswith(("__c", "__mdt", "__e", "__r")):
        return True
    if platform_type(type_.name) is not None or "." in key:
        return False
    return run.ports.records.fields_of(key) is not None


def is_instance(run: "Run", value: Value, type_: ApexType) -> bool:
    """Say whether `value instanceof type_`; false for null."""
    if value is None:
        return False
    key = type_.key
    if key == "object" or type_ == UNKNOWN:
        return True
    actual = _OF_CLASS.get(type(value))
    if actual is not None:
        if key == "id" and type(value) is str:
            return parse_id(value) is not None
        return actual.key == key or key in WIDER.get(actual.key, ())
    if isinstance(value, Record):
        return object_key(type_) in ("sobject", value.object_name.lower())
    return is_subtype(run, type_of(value), type_)


def is_subtype(run: "Run", one: ApexType, other: ApexType) -> bool:
    """Say whether each value of a type can be one of another type, at run time.

    Lists and the values of maps are covariant; elements of sets and keys are not.
    """
    mine, theirs = one.key, other.key
    if theirs == "object" or UNKNOWN in (one, other) or one.is_same(other):
        return True
    if mine in COLLECTIONS:
        return _is_sub_collection(run, one, other)
    if mine in SIMPLE:
        return theirs in WIDER.get(mine, ())
    if not one.arguments and object_key(one) == object_key(other):
        return True
    if theirs == "sobject":
        return is_object_type(run, one)
    if run.extends(one, other):
        return True
    return any(each.key == theirs for each in _platform_supertypes(one))


def _is_sub_collection(run: "Run", one: ApexType, other: ApexType) -> bool:
    if other.key == "iterable" and one.key in ("list", "set"):
        return _is_sub_element(run, one.arguments, other.arguments, -1)
    if one.key != other.key:
        return False
    if one.key == "set":
        return _are_same(one.arguments, other.arguments)
    if one.key == "map" and not _are_same(one.arguments[:1], other.arguments[:1]):
        return False
    return _is_sub_element(run, one.arguments, other.arguments, -1)


def _are_same(one: tuple[ApexType, ...], other: tuple[ApexType, ...]) -> bool:
    pairs = zip(one, other, strict=False)
    return all(UNKNOWN in pair or pair[0].is_same(pair[1]) for pair in pairs)


def _is_sub_element(
    run: "Run", one: tuple[ApexType, ...], other: tuple[ApexType, ...], index: int
) -> bool:
    if not one or not other:
        return True
    mine, theirs = one[index], other[index]
    if mine.key == "sobject" and is_object_type(run, theirs):
        return True
    return is_subtype(run, mine, theirs)


def _platform_supertypes(type_: ApexType) -> Iterator[ApexType]:
    """Yield the platform type of a name and what it extends or implements."""
    declared = platform_type(type_.name)
    while declared is not None:
        yield declared.type
        yield from declared.interfaces
        above = declared.superclass
        declared = platform_type(above.name) if above else None


def platform_extends(type_: ApexType, other: ApexType) -> bool:
    """Say whether a platform type is, extends, or implements another one."""
    return any(each.key == other.key for each in _platform_supertypes(type_))


def default_element(type_: ApexType, index: int = 0) -> ApexType:
    """Return a type's argument, or Object."""
    return type_.arguments[index] if len(type_.arguments) > index else OBJECT

"""Converts values for variables, parameters, and casts."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

from ..runtime.errors import ThrownError, thrown
from ..types import OBJECT, UNKNOWN, ApexType
from .identifiers import to_id
from .kinds import (
    ApexList,
    ApexMap,
    ApexSet,
    Id,
    Instance,
    Long,
    PlatformObject,
    QueryRows,
    Record,
    TypeValue,
    Value,
)
from .numbers import (
    MAX_INTEGER,
    MAX_LONG,
    MIN_INTEGER,
    MIN_LONG,
    to_decimal,
    to_double,
    truncate_double,
    wrap_integer,
    wrap_long,
)
from .types_of import (
    COLLECTIONS,
    SIMPLE,
    default_element,
    is_object_type,
    is_subtype,
    object_key,
    type_of,
)

if TYPE_CHECKING:
    from ..runtime.api import Run

# The Python classes whose values need no conversion, by the key of the type.
_FITTING: dict[str, type] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "id": Id,
    "decimal": Decimal,
    "double": float,
    "long": Long,
    "blob": bytes,
}


def has_type(value: Value, type_: ApexType) -> bool:
    """Say whether a value certainly has a type; it's fast, and can miss some values."""
    arguments = type_.arguments
    if isinstance(value, Instance | PlatformObject):
        own = value.type
        return own.name == type_.name and own.arguments == arguments
    if isinstance(value, ApexList):
        return arguments == (value.element,) and type_.key == "list"
    if isinstance(value, ApexMap):
        return arguments == (value.key, value.value) and type_.key == "map"
    return False


def coerce(run: "Run", value: Value, type_: ApexType) -> Value:
    """Convert a value for a variable of a type, as an assignment or a cast does.

    A cast between numbers that can lose digits is `narrow`.
    """
    if value is None:
        return None
    key = type_.key
    if type(value) is _FITTING.get(key):
        return value
    if type(value) is QueryRows:
        return _from_query(run, value, type_)
    if key == "object" or type_ == UNKNOWN:
        return value
    convert = _CONVERSIONS.get(key)
    if convert is not None:
        converted = convert(value)
        if converted is None:
            raise invalid_conversion(value, type_)
        return converted
    if not _fits(run, value, type_):
        raise invalid_conversion(value, type_)
    return value


def _from_query(run: "Run", rows: QueryRows, type_: ApexType) -> Value:
    """Return a query's result as a list or as its only row."""
    if type_.key in COLLECTIONS or type_.key in ("object", "iterable") or type_ == UNKNOWN:
        element = ApexType(rows.object_name)
        if type_.key == "list" and default_element(type_) != OBJECT:
            element = type_.arguments[0]
        run.allocate(8 * len(rows.records))
        return coerce(run, ApexList(element, list(rows.records)), type_)
    if type_.key in SIMPLE:
        raise invalid_conversion(ApexList(ApexType(rows.object_name)), type_)
    return coerce(run, only_row(rows), type_)


def only_row(rows: QueryRows) -> Record:
    """Return the only row of a query; raise a QueryException for none or several."""
    if not rows.records:
        raise thrown("QueryException", "List has no rows for assignment to SObject")
    if len(rows.records) > 1:
        raise thrown("QueryException", "List has more than 1 row for assignment to SObject")
    return rows.records[0]


def _fits(run: "Run", value: Value, type_: ApexType) -> bool:
    if isinstance(value, Record):
        key = object_key(type_)
        if key in ("sobject", value.object_name.lower()):
            return True
        return key not in COLLECTIONS and not _is_known(run, type_)
    actual = type_of(value)
    if is_subtype(run, actual, type_):
        return True
    if isinstance(value, (ApexList, ApexSet)) and type_.key == "iterable":
        return True
    # The checker has accepted the code; a type that isn't known here can be anything.
    if isinstance(value, (Instance, PlatformObject)):
        return not _is_known(run, type_)
    return False


def _is_known(run: "Run", type_: ApexType) -> bool:
    if type_.key in COLLECTIONS or is_object_type(run, type_):
        return True
    return run.find_type(str(type_)) is not None


def invalid_conversion(value: Value, type_: ApexType) -> ThrownError:
    """Return the exception for a value that can't have a type."""
    source, target = _shown(type_of(value)), _shown(type_)
    if isinstance(value, Record):
        source, target = f"SOBJECT:{source}", f"SOBJECT:{target}"
        if type_.key in SIMPLE or type_.key in COLLECTIONS:
            target = _shown(type_)
    message = f"Invalid conversion from runtime type {source} to {target}"
    return thrown("TypeException", message)


def _shown(type_: ApexType) -> str:
    """Write a type as this exception does; Object inside of a collection is ANY."""
    if not type_.arguments:
        return type_.name
    arguments = ("ANY" if each == OBJECT else _shown(each) for each in type_.arguments)
    return f"{type_.name}<{','.join(arguments)}>"


# --- Conversions of simple types; None if the value can't be converted -----------------


def _to_string(value: Value) -> Value:
    return str(value) if isinstance(value, str) else None


def _to_id(value: Value) -> Value:
    return to_id(value) if isinstance(value, str) else None


def _to_long(value: Value) -> Value:
    return Long(value) if type(value) is int else None


def _to_double(value: Value) -> Value:
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return to_double(value)
    return None


def _to_decimal(value: Value) -> Value:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return to_decimal(value)
    return None


def _to_datetime(value: Value) -> Value:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return None


def _to_date(value: Value) -> Value:
    return value if type(value) is date else None


def _to_nothing(value: Value) -> Value:
    """Refuse a value: those of the type need no conversion."""
    del value


def _same(class_: type) -> Callable[[Value], Value]:
    return lambda value: value if isinstance(value, class_) else None


_CONVERSIONS: dict[str, Callable[[Value], Value]] = {
    "string": _to_string,
    "id": _to_id,
    "integer": _to_nothing,
    "boolean": _to_nothing,
    "blob": _to_nothing,
    "long": _to_long,
    "double": _to_double,
    "decimal": _to_decimal,
    "datetime": _to_datetime,
    "date": _to_date,
    "time": _same(time),
    "type": _same(TypeValue),
}


# --- Casts between numbers ---------------------------------------------------------------


def narrow(run: "Run", value: Value, type_: ApexType) -> Value:
    """Convert a number by a cast whose operand has a numeric type: (Integer) 3.7 is 3.

    The interpreter calls it if the operand's declared type is a number; a cast from Object
    is `coerce`.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return coerce(run, value, type_)
    if type_.key == "integer":
        if isinstance(value, float):
            return truncate_double(value, MIN_INTEGER, MAX_INTEGER)
        return wrap_integer(int(value))
    if type_.key == "long":
        if isinstance(value, float):
            return Long(truncate_double(value, MIN_LONG, MAX_LONG))
        return wrap_long(int(value))
    return coerce(run, value, type_)

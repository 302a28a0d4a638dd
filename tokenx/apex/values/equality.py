"""Equality, order, and what identifies a value in a Set or as a key of a Map."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..runtime.errors import LimitExceededError, null_pointer, thrown
from .identifiers import to_id
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
from .nesting import Step, walk
from .numbers import double_text, is_number, to_decimal, wrap_integer
from .utf16 import fold, order_key, work_on

if TYPE_CHECKING:
    from ..runtime.api import Run

# A key is made of nested tuples, which Python hashes and compares recursively.
_MAX_KEY_DEPTH = 50


def is_exactly(one: Value, other: Value) -> bool:
    """Say whether `one === other`: the same object, or equal simple values."""
    if one is other:
        return True
    if is_number(one) and is_number(other):
        return number_order(one, other) == 0
    if isinstance(one, (bool, str, bytes, date, time, EnumConstant, TypeValue)):
        return type(one) is type(other) and one == other
    return False


def is_equal(run: "Run", one: Value, other: Value) -> bool:
    """Say whether `one == other`. Strings ignore case; collections compare contents."""
    if one is other:
        return True
    if one is None or other is None:
        return False
    simple = _simple_equality(run, one, other)
    return walk(_equality(run, one, other)) if simple is None else simple


def _simple_equality(run: "Run", one: Value, other: Value) -> bool | None:
    """Compare values of which at least one holds no others; else return None."""
    if isinstance(one, str) or isinstance(other, str):
        both = isinstance(one, str) and isinstance(other, str)
        return both and _are_equal_texts(run, one, other)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, (int, float, Decimal)):
        return isinstance(other, (int, float, Decimal)) and number_order(one, other) == 0
    if isinstance(one, date):
        return isinstance(other, date) and _moment(one, other) == _moment(other, one)
    if isinstance(one, bytes):
        run.budget.charge_for(len(one))
        return one == other
    if isinstance(one, (time, EnumConstant, TypeValue)):
        return type(one) is type(other) and one == other
    if isinstance(other, (int, float, Decimal, date, time, bytes, EnumConstant, TypeValue)):
        return False
    return None


def _are_equal_texts(run: "Run", one: str, other: str) -> bool:
    if isinstance(one, Id) or isinstance(other, Id):
        return as_id(one) == as_id(other)
    if len(one) != len(other):
        return False
    run.budget.charge_for(2 * work_on(one))
    return one == other or fold(one) == fold(other)


def as_id(text: str) -> Id:
    """Return a text as an ID, as a comparison with an ID does."""
    return text if isinstance(text, Id) else to_id(text)


def _moment(value: date, other: date) -> date:
    """Return a date as a time at midnight in UTC, if the other value is a time."""
    if isinstance(other, datetime) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value


def number_order(one: Value, other: Value) -> int:
    """Return -1, 0, or 1: how two numbers of any types compare. NaN is last."""
    if isinstance(one, float) or isinstance(other, float):
        if isinstance(one, float) and isinstance(other, float):
            return _float_order(one, other)
        special = [each for each in (one, other) if _is_special(each)]
        if special:
            return _float_order(_special(one), _special(other))
        one, other = to_decimal(one), to_decimal(other)
    return int(one > other) - int(one < other)


def _is_special(value: Value) -> bool:
    return isinstance(value, float) and value - value != 0


def _special(value: Value) -> float:
    return value if _is_special(value) else 0.0


def _float_order(one: float, other: float) -> int:
    if one != one or other != other:
        return int(one != one) - int(other != other)
    return int(one > other) - int(one < other)


def _equal_step(run: "Run", one: Value, other: Value) -> Step[bool]:
    """Compare two values; the result is that of a step."""
    if one is other:
        return True
    if one is None or other is None:
        return False
    simple = _simple_equality(run, one, other)
    if simple is not None:
        return simple
    result: bool = yield _equality(run, one, other)
    return result


def _equality(run: "Run", one: Value, other: Value) -> Step[bool]:
    run.budget.charge(3)
    one, other = _as_list(one), _as_list(other)
    if isinstance(one, Instance):
        return run.has_method(one.type, "equals", 1) and (
            run.call(one, "equals", [other]) is True
        )
    if type(one) is not type(other):
        return False
    pairs = _parts(run, one, other)
    if pairs is None:
        return False
    for mine, theirs in pairs:
        run.budget.charge()
        if not (yield _equal_step(run, mine, theirs)):
            return False
    return True


def _parts(run: "Run", one: Value, other: Value) -> list[tuple[Value, Value]] | None:
    """Return the inner values to compare; None if the two values aren't equal."""
    match one:
        case ApexList():
            if len(one.items) == len(other.items):
                return list(zip(one.items, other.items, strict=True))
        case ApexSet():
            run.budget.charge_for(len(one.items), 10)
            return [] if one.items.keys() == other.items.keys() else None
        case ApexMap():
            if one.items.keys() == other.items.keys():
                pairs = list(one.items.items())
                return [(value, other.items[key][1]) for key, (_, value) in pairs]
        case Record():
            is_same = one.object_name.lower() == other.object_name.lower()
            if is_same and one.fields.keys() == other.fields.keys():
                return [(each, other.fields[name]) for name, each in one.fields.items()]
        case _:
            return [] if one == other else None
    return None


def _as_list(value: Value) -> Value:
    return ApexList(items=list(value.records)) if isinstance(value, QueryRows) else value


# --- Order ---------------------------------------------------------------------------


def compare(run: "Run", one: Value, other: Value) -> int:
    """Compare as List.sort does: a negative number, 0, or more; null is first."""
    if one is None or other is None:
        return int(one is not None) - int(other is not None)
    if isinstance(one, Instance) and run.has_method(one.type, "compareTo", 1):
        return compared(run.call(one, "compareTo", [other]))
    if is_number(one) and is_number(other):
        return number_order(one, other)
    for kind, order in _ORDERS:
        if isinstance(one, kind) and isinstance(other, kind):
            return order(run, one, other)
    message = "One or more of the items in this list is not Comparable."
    raise thrown("ListException", message)


def compared(result: Value) -> int:
    """Return the result of the code's compareTo or compare."""
    if result is None:
        raise null_pointer()
    return int(result)


def _sort_texts(run: "Run", one: str, other: str) -> int:
    run.budget.charge_for(min(work_on(one), work_on(other)))
    return _order(order_key(one), order_key(other))


def _order(one: Value, other: Value) -> int:
    return int(one > other) - int(one < other)


def _record_order(run: "Run", one: Record, other: Record) -> int:
    """Compare records by object, name, and then all fields in alphabetical order."""
    order = _order(one.object_name.lower(), other.object_name.lower())
    if order:
        return order
    names = sorted({*one.fields, *other.fields} - {"name", "id"})
    for name in ("name", *names, "id"):
        run.budget.charge()
        mine, theirs = one.fields.get(name), other.fields.get(name)
        if isinstance(mine, (Record, QueryRows, ApexList)):
            continue
        if mine is None or theirs is None or type(mine) is type(theirs):
            order = compare(run, mine, theirs)
        if order:
            return order
    return 0


_ORDERS: tuple[tuple[type, Callable[["Run", Any, Any], int]], ...] = (
    (str, _sort_texts),
    (bool, lambda run, one, other: int(one) - int(other)),
    (date, lambda run, one, other: _order(_moment(one, other), _moment(other, one))),
    (time, lambda run, one, other: _order(one, other)),
    (EnumConstant, lambda run, one, other: one.ordinal - other.ordinal),
    (Record, _record_order),
)


def text_order(run: "Run", one: str, other: str) -> int:
    """Compare texts as `<` does: without case."""
    run.budget.charge_for(2 * (work_on(one) + work_on(other)))
    return _order(order_key(fold(one)), order_key(fold(other)))


def operator_order(run: "Run", one: Value, other: Value) -> int | None:
    """Return the order for <, <=, >, and >=; None if a null makes each of them false.

    A text is more than null.
    """
    if isinstance(one, str) or isinstance(other, str):
        if one is None or other is None:
            return int(one is not None) - int(other is not None)
        if isinstance(one, str) and isinstance(other, str):
            if isinstance(one, Id) or isinstance(other, Id):
                return _order(str(as_id(one)), str(as_id(other)))
            return text_order(run, one, other)
    if one is None or other is None:
        return None
    return compare(run, one, other)


# --- Keys ----------------------------------------------------------------------------


class _InstanceKey:
    """An instance whose class has its own equals and hashCode."""

    __slots__ = ("_hash", "_run", "instance")

    def __init__(self, run: "Run", instance: Instance) -> None:
        self._run = run
        self.instance = instance
        result = run.call(instance, "hashCode")
        self._hash = 0 if result is None else int(result)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _InstanceKey):
            return False
        if self.instance is other.instance:
            return True
        return self._run.call(self.instance, "equals", [other.instance]) is True


def key_of(run: "Run", value: Value) -> object:
    """Return what identifies a value in a Set or as a key of a Map; it's hashable.

    Texts are identified with their case, unlike with ==.
    """
    kind = type(value)
    if kind is str:
        run.budget.charge_for(len(value))
        return value
    if kind is int or value is None:
        return value
    return walk(_key(run, value, 0))


def _key(run: "Run", value: Value, depth: int) -> Step[object]:
    run.budget.charge()
    if depth > _MAX_KEY_DEPTH:
        raise LimitExceededError("Maximum stack depth reached: 1001")
    if type(value) in _SIMPLE_KEYS:
        if isinstance(value, (str, bytes)):
            run.budget.charge_for(len(value))
        return _SIMPLE_KEYS[type(value)](value)
    if isinstance(value, Instance):
        has_key = run.has_method(value.type, "equals", 1)
        has_key = has_key and run.has_method(value.type, "hashCode", 0)
        return _InstanceKey(run, value) if has_key else value
    if not isinstance(value, (Record, ApexList, QueryRows, ApexSet, ApexMap)):
        return value
    run.budget.charge(3)
    name, pairs = _held(value)
    keys = []
    for key, each in pairs:
        inner = yield _key(run, each, depth + 1)
        run.allocate(16)
        keys.append((key, inner))
    return name, tuple(keys) if name == "list" else frozenset(keys)


def _held(value: Value) -> tuple[str, list[tuple[object, Value]]]:
    """Return the kind of a value that holds others, and those with what identifies them."""
    match value:
        case Record():
            return f"record {value.object_name.lower()}", list(value.fields.items())
        case ApexSet():
            return "set", [(key, None) for key in value.items]
        case ApexMap():
            pairs = list(value.items.items())
            return "map", [(key, each) for key, (_, each) in pairs]
    items = value.items if isinstance(value, ApexList) else value.records
    return "list", [(None, each) for each in items]


_SIMPLE_KEYS: dict[type, Callable[[Any], object]] = {
    type(None): lambda value: None,
    str: str,
    Id: str,
    bool: lambda value: ("bool", value),
    int: int,
    Long: lambda value: ("long", int(value)),
    float: lambda value: ("double", double_text(value)),
    Decimal: lambda value: ("decimal", str(value)),
    bytes: bytes,
    date: lambda value: value,
    datetime: lambda value: value,
    time: lambda value: value,
    EnumConstant: lambda value: ("enum", value.type.key, value.ordinal),
    TypeValue: lambda value: ("type", str(value.type).lower()),
}


def hash_of(key: object) -> int:
    """Return a key's hash as an Integer; it's the same in each process."""
    match key:
        case int():
            return wrap_integer(key)
        case str():
            return text_hash(key)
        case bytes():
            return text_hash(key.decode("latin-1"))
        case tuple():
            total = 1
            for each in key:
                total = wrap_integer(31 * total + hash_of(each))
            return total
        case frozenset():
            return wrap_integer(sum(map(hash_of, key)))
        case _InstanceKey():
            return wrap_integer(hash(key))
        case date() | time():
            return text_hash(key.isoformat())
    return text_hash(key.type.name) if isinstance(key, (Instance, PlatformObject)) else 0


def text_hash(text: str) -> int:
    """Return Java's hash of a text, as String.hashCode() does."""
    total = 0
    for unit in order_key(text):
        total = (31 * total + ord(unit)) & 0xFFFFFFFF
    return wrap_integer(total)

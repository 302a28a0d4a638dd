"""Tells which types can be assigned, cast, or compared; in doubt, they can."""

from ..types import (
    DECIMAL,
    DOUBLE,
    INTEGER,
    LONG,
    NULL,
    UNKNOWN,
    VOID,
    ApexType,
)
from .model import is_known
from .world import World

# The type of an inline query: a list of records or one record, as its target needs.
QUERY = "[query]"
NUMBERS = (INTEGER, LONG, DOUBLE, DECIMAL)
_NUMBER_KEYS = tuple(each.key for each in NUMBERS)
PRIMITIVES = {
    *_NUMBER_KEYS, "string", "boolean", "id", "blob", "date", "datetime", "time",
}  # fmt: skip
COLLECTIONS = {"list", "set", "map"}
_WIDENED = {
    "integer": {"long", "double", "decimal"},
    "long": {"double", "decimal"},
    "double": {"decimal"},
    "decimal": {"double"},
    "string": {"id"},
    "id": {"string"},
    "date": {"datetime"},
}


def is_number(type_: ApexType) -> bool:
    """Say whether a type is numeric."""
    return type_.key in _NUMBER_KEYS


def is_simple(type_: ApexType) -> bool:
    """Say whether a type is a primitive or a collection, which nothing extends."""
    return type_.key in PRIMITIVES or type_.key in COLLECTIONS


def is_sobject(world: World, type_: ApexType) -> bool:
    """Say whether a type is certainly SObject or an object's type."""
    if type_.key == "sobject":
        return True
    shape = None if is_simple(type_) else world.shape(type_)
    return shape is not None and shape.kind == "sobject"


def row_of(query: ApexType) -> ApexType:
    """Return the type of a query's records."""
    return query.arguments[0]


def as_list(type_: ApexType) -> ApexType:
    """Return a list in place of a query."""
    return ApexType("List", type_.arguments) if type_.name == QUERY else type_


def is_assignable(world: World, source: ApexType, target: ApexType) -> bool:
    """Say whether a value can be assigned without a cast; true unless it's certain."""
    if UNKNOWN in (source, target) or source.is_same(target):
        return True
    if VOID in (source, target):
        return False
    if source == NULL or target.key == "object":
        return True
    if source.name == QUERY:
        return _takes_query(world, row_of(source), target)
    if source.key in PRIMITIVES:
        return target.key in _WIDENED.get(source.key, ())
    if source.key in COLLECTIONS or target.key in COLLECTIONS:
        return _takes_collection(world, source, target)
    if target.key in PRIMITIVES:
        return not _is_closed(world, source)
    if source.key == "object":
        return False
    return world.extends(source, target.name) is not False


def _takes_query(world: World, row: ApexType, target: ApexType) -> bool:
    if target.key in ("list", "iterable") or target.name == QUERY:
        return _are_related(world, row, _element(target))
    return not is_simple(target) and is_assignable(world, row, target)


def _is_closed(world: World, type_: ApexType) -> bool:
    """Say whether a type's supertypes are all known."""
    return world.extends(type_, "[none]") is False


def _element(type_: ApexType) -> ApexType:
    return type_.arguments[0] if type_.arguments else UNKNOWN


def _takes_collection(world: World, source: ApexType, target: ApexType) -> bool:
    """Compare collections: sets and the keys of maps have the same type."""
    if source.key in COLLECTIONS and target.key == source.key:
        *keys, element = zip(source.arguments, target.arguments, strict=False)
        if target.key == "set":
            keys.append(element)
        return all(_may_be_same(*pair) for pair in keys) and _takes_element(world, *element)
    if source.key in ("list", "set") and target.key == "iterable":
        return _are_related(world, _element(source), _element(target))
    if source.key in COLLECTIONS:
        return not is_simple(target) and world.shape(target) is None
    return not _is_closed(world, source)


def _takes_element(world: World, source: ApexType, target: ApexType) -> bool:
    """Compare elements; a list of SObject can be assigned to one of records."""
    if source.key == "sobject" and is_sobject(world, target):
        return True
    return is_assignable(world, source, target)


def _may_be_same(one: ApexType, other: ApexType) -> bool:
    if UNKNOWN in (one, other) or one.is_same(other):
        return True
    return one.key == other.key and all(map(_may_be_same, one.arguments, other.arguments))


def _are_related(world: World, one: ApexType, other: ApexType) -> bool:
    if is_number(one) and is_number(other):
        return True
    return is_assignable(world, one, other) or is_assignable(world, other, one)


def is_castable(world: World, source: ApexType, target: ApexType) -> bool:
    """Say whether a cast can succeed; true unless it's certain that it can't."""
    source, target = as_list(source), as_list(target)
    if VOID in (source, target):
        return False
    if _are_related(world, source, target):
        return True
    if source.key == target.key and source.arguments:
        pairs = zip(source.arguments, target.arguments, strict=False)
        return all(is_castable(world, mine, theirs) for mine, theirs in pairs)
    if is_simple(source) or is_simple(target):
        return not (is_simple(source) and is_simple(target)) and not (
            _is_closed(world, target) if is_simple(source) else _is_closed(world, source)
        )
    return any(_is_open(world, each) for each in (source, target))


def is_always(world: World, source: ApexType, target: ApexType) -> bool:
    """Say whether each value of a type certainly is an instance of another one."""
    if {source.key, target.key} == {"string", "id"} or not is_known(source):
        return False
    if source.key in COLLECTIONS and source.key == target.key:
        pairs = zip(source.arguments, target.arguments, strict=False)
        return all(is_always(world, mine, theirs) for mine, theirs in pairs)
    is_related = is_simple(source) or world.extends(source, target.name) is True
    return source.name != QUERY and (
        target.key == "object" or (is_related and is_assignable(world, source, target))
    )


def _is_open(world: World, type_: ApexType) -> bool:
    """Say whether a value of a type can have a type that isn't related to it."""
    shape = world.shape(type_)
    return shape is None or shape.kind == "interface" or not _is_closed(world, type_)


def common_type(world: World, one: ApexType, other: ApexType) -> ApexType | None:
    """Return the type of a ternary's result; None if the types certainly don't match."""
    if NULL in (one, other):
        return other if one == NULL else one
    for source, target in ((one, other), (other, one)):
        if is_assignable(world, source, target):
            return UNKNOWN if UNKNOWN in (one, other) else target
    are_known = all(_is_closed(world, each) or is_simple(each) for each in (one, other))
    return None if are_known and QUERY not in (one.name, other.name) else UNKNOWN

"""Checks literals, casts, collections, and indexes, and returns their types."""

from ..tree import (
    Cast,
    ClassLiteral,
    Expression,
    Index,
    InstanceOf,
    Literal,
    NewArray,
    NewCollection,
    Position,
)
from ..types import BOOLEAN, INTEGER, NULL, UNKNOWN, ApexType, list_of
from .context import Context, handles
from .model import is_known, shown
from .places import start_of
from .relations import QUERY, as_list, is_always, is_assignable, is_castable, row_of

_LITERALS = {
    kind.lower(): ApexType(kind)
    for kind in ("String", "Integer", "Long", "Double", "Decimal", "Boolean")
} | {"null": NULL}


@handles(Literal)
def _type_of_literal(context: Context, node: Literal) -> ApexType:
    return _LITERALS.get(node.kind.lower(), UNKNOWN)


@handles(ClassLiteral)
def _type_of_class(context: Context, node: ClassLiteral) -> ApexType:
    context.resolve(node.type)
    return ApexType("Type")


@handles(Cast)
def _type_of_cast(context: Context, node: Cast) -> ApexType:
    target = context.resolve(node.type)
    value = context.type_of(node.value)
    if UNKNOWN not in (target, value) and not is_castable(context.world, value, target):
        context.error(
            node.at,
            f"Incompatible types since an instance of {shown(as_list(value))} "
            f"is never an instance of {shown(target)}",
        )
    return target


@handles(InstanceOf)
def _type_of_instance_of(context: Context, node: InstanceOf) -> ApexType:
    value = context.type_of(node.value)
    target = context.resolve(node.type)
    if UNKNOWN in (target, value) or NULL in (target, value):
        return BOOLEAN
    if not is_castable(context.world, value, target):
        _report_constant(context, node, value, target, ("false", "never"))
    elif is_known(target) and is_always(context.world, value, target):
        _report_constant(context, node, value, target, ("true", "always"))
    return BOOLEAN


def _report_constant(
    context: Context,
    node: InstanceOf,
    value: ApexType,
    target: ApexType,
    words: tuple[str, str],
) -> None:
    context.error(
        start_of(node),
        f"Operation instanceof is always {words[0]} since an instance of "
        f"{shown(as_list(value))} is {words[1]} an instance of {shown(target)}",
    )


@handles(Index)
def _type_of_index(context: Context, node: Index) -> ApexType:
    collection = context.type_of(node.object)
    index = context.type_of(node.index)
    if collection.name == QUERY:
        return row_of(collection)
    if collection.key == "list":
        _check_index(context, start_of(node.object), index)
        return collection.arguments[0] if collection.arguments else UNKNOWN
    if collection not in (UNKNOWN, NULL):
        message = f"Expression must be a list type: {shown(collection)}"
        context.error(start_of(node.object), message)
    return UNKNOWN


def _check_index(context: Context, at: Position, type_: ApexType) -> None:
    if type_ not in (UNKNOWN, INTEGER, NULL):
        context.error(at, f"List index must be of type Integer: {shown(type_)}")


@handles(NewArray)
def _type_of_new_array(context: Context, node: NewArray) -> ApexType:
    element = context.resolve(node.type)
    size = context.type_of(node.size)
    _check_index(context, start_of(node.size), size)
    return list_of(element)


@handles(NewCollection)
def _type_of_new_collection(context: Context, node: NewCollection) -> ApexType:
    type_ = context.resolve(node.type)
    if not type_.arguments:
        type_ = UNKNOWN
    for each in node.values:
        _check_value(context, type_, node, each)
    for key, value in node.pairs:
        _check_pair(context, type_, key, value)
    return type_


def _check_value(
    context: Context, type_: ApexType, node: NewCollection, value: Expression
) -> None:
    given = context.type_of(value)
    if type_.key not in ("list", "set"):
        return
    if not is_assignable(context.world, given, type_.arguments[0]):
        context.error(
            node.at,
            "Initial expression is of incorrect type, expected: "
            f"{shown(type_.arguments[0])} but was: {shown(as_list(given))}",
        )


def _check_pair(
    context: Context, type_: ApexType, key: Expression, value: Expression
) -> None:
    given = context.type_of(key), context.type_of(value)
    if type_.key != "map" or len(type_.arguments) != 2:
        return
    for node, mine, wanted, part in zip(
        (key, value), given, type_.arguments, ("key", "value"), strict=True
    ):
        if not is_assignable(context.world, mine, wanted):
            context.error(
                start_of(node),
                f"Invalid {part} type {shown(as_list(mine))} for {shown(wanted)}",
            )

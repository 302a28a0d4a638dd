"""Checks operators, and returns the types of their results."""

from collections.abc import Callable

from ..tree import (
    Binary,
    Expression,
    FieldAccess,
    Position,
    Postfix,
    Ternary,
    Unary,
    chain_of,
)
from ..types import (
    BOOLEAN,
    INTEGER,
    LONG,
    NULL,
    OBJECT,
    UNKNOWN,
    ApexType,
)
from .arithmetic import NEEDS_NUMBERS, arithmetic
from .assignments import check_target
from .context import Context, handles
from .model import shown
from .places import start_of
from .relations import (
    COLLECTIONS,
    PRIMITIVES,
    as_list,
    common_type,
    is_castable,
    is_number,
)

_EQUALITY = {"==", "!=", "<>", "===", "!=="}
_INEQUALITY = {"<", ">", "<=", ">="}


@handles(Binary)
def _type_of_binary(context: Context, node: Binary) -> ApexType:
    """Check a chain such as a + b + c from the left, without recursion."""
    at, (first, operators) = start_of(node), chain_of(node)
    left = context.type_of(first)
    for each in operators:
        right = context.type_of(each.right)
        if each.operator in ("&&", "||"):
            left = _logical(context, each, left, right)
        else:
            left = _combined(context, at, each.operator, left, right)
    return left


def _combined(
    context: Context, at: Position, operator: str, left: ApexType, right: ApexType
) -> ApexType:
    if operator in _EQUALITY:
        return _equality(context, at, operator, left, right)
    if operator in _INEQUALITY:
        return _inequality(context, at, left, right)
    if operator == "??":
        return _coalesced(context, at, left, right)
    return arithmetic(context, at, operator, left, right)


def _logical(context: Context, node: Binary, left: ApexType, right: ApexType) -> ApexType:
    for operand, type_ in ((node.left, left), (node.right, right)):
        if type_ not in (UNKNOWN, BOOLEAN, NULL):
            at = start_of(operand)
            context.error(at, "Logical operator can only be applied to Boolean")
    return BOOLEAN


def _equality(
    context: Context, at: Position, operator: str, left: ApexType, right: ApexType
) -> ApexType:
    is_exact = len(operator) == 3 and left.key in PRIMITIVES
    if not is_castable(context.world, left, right):
        _refuse_comparison(context, at, left, right)
    elif is_exact and left.is_same(right):
        context.error(
            at, f"Exact equality operator only allowed for reference types: {shown(left)}"
        )
    return BOOLEAN


def _refuse_comparison(
    context: Context, at: Position, left: ApexType, right: ApexType
) -> None:
    types = f"{shown(as_list(left))}, {shown(as_list(right))}"
    context.error(at, f"Comparison arguments must be compatible types: {types}")


def _inequality(
    context: Context, at: Position, left: ApexType, right: ApexType
) -> ApexType:
    if UNKNOWN in (left, right):
        return BOOLEAN
    if not is_castable(context.world, left, right) or NULL in (left, right):
        _refuse_comparison(context, at, left, right)
    elif refused := [each for each in (left, right) if not _has_order(context, each)]:
        context.error(
            at, f"Inequality operator not allowed for this type: {shown(refused[0])}"
        )
    return BOOLEAN


def _has_order(context: Context, type_: ApexType) -> bool:
    if type_ in (BOOLEAN, OBJECT) or type_.key == "blob" or type_.key in COLLECTIONS:
        return False
    shape = context.world.shape(type_)
    return type_.key in PRIMITIVES or shape is None or shape.kind not in ("enum", "class")


def _coalesced(context: Context, at: Position, left: ApexType, right: ApexType) -> ApexType:
    common = common_type(context.world, left, right)
    if common is None:
        message = (
            f"Incompatible types in null coalescing operator: {shown(left)}, {shown(right)}"
        )
        context.error(at, message)
    return common or UNKNOWN


# --- Unary operators ---------------------------------------------------------------------


@handles(Unary)
def _type_of_unary(context: Context, node: Unary) -> ApexType:
    type_ = context.type_of(node.operand)
    check, message = _UNARY[node.operator]
    if type_ not in (UNKNOWN, NULL) and not check(type_):
        context.error(node.at, message.format(type_))
        return UNKNOWN
    if node.operator in ("++", "--"):
        check_target(context, node.operand)
    return type_


def _is_whole(type_: ApexType) -> bool:
    return type_ in (INTEGER, LONG)


def _is_boolean(type_: ApexType) -> bool:
    return type_ == BOOLEAN


_UNARY: dict[str, tuple[Callable[[ApexType], bool], str]] = {
    "!": (_is_boolean, "! operator can only be applied to boolean expressions"),
    "~": (_is_whole, "Invalid type for bitwise negate: {}"),
    "-": (is_number, "Unary negation must use a numeric argument"),
    # Apex takes 'a' + + 'b' as 'a' + 'b'.
    "+": (bool, NEEDS_NUMBERS),
    "++": (
        is_number,
        "Unary prefix increment can only be applied to numeric expressions: {}",
    ),
    "--": (
        is_number,
        "Unary prefix decrement can only be applied to numeric expressions: {}",
    ),
}


@handles(Postfix)
def _type_of_postfix(context: Context, node: Postfix) -> ApexType:
    type_ = context.type_of(node.operand)
    if type_ not in (UNKNOWN, NULL) and not is_number(type_):
        context.error(
            node.at,
            "Unary postfix increment/decrement can only be applied to numeric "
            f"expressions: {shown(type_)}",
        )
    check_target(context, node.operand)
    return type_


@handles(Ternary)
def _type_of_ternary(context: Context, node: Ternary) -> ApexType:
    check_condition(context, node.condition)
    then, otherwise = context.type_of(node.then), context.type_of(node.otherwise)
    common = common_type(context.world, then, otherwise)
    if common is None:
        types = f"{shown(as_list(otherwise))}, {shown(as_list(then))}"
        at = start_of(node.condition)
        context.error(at, f"Incompatible types in ternary operator: {types}")
    return common or UNKNOWN


def check_condition(context: Context, node: Expression) -> None:
    """Report a condition that isn't Boolean."""
    type_ = context.type_of(node)
    if type_ not in (UNKNOWN, BOOLEAN, NULL):
        message = f"Condition expression must be of type Boolean: {shown(type_)}"
        at = node.at if isinstance(node, FieldAccess) else start_of(node)
        context.error(at, message)

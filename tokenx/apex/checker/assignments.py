"""Checks assignments: their targets, and the types of their values."""

from ..tree import Assignment, Expression, FieldAccess, Index, Name, Position
from ..types import ApexType
from .arithmetic import arithmetic
from .context import Context, handles
from .members import check_writable
from .model import shown
from .places import start_of
from .relations import as_list, is_assignable


@handles(Assignment)
def _type_of_assignment(context: Context, node: Assignment) -> ApexType:
    target = context.type_of(node.target)
    value = context.type_of(node.value)
    check_target(context, node.target)
    if not isinstance(node.target, Name | FieldAccess | Index):
        return target
    if node.operator == "=":
        check_assignable(context, start_of(node.target), value, target)
    else:
        _check_compound(context, node, target, value)
    return target


def _check_compound(
    context: Context, node: Assignment, target: ApexType, value: ApexType
) -> None:
    at = start_of(node.target)
    result = arithmetic(context, at, node.operator[:-1], target, value)
    check_assignable(context, at, result, target)


def check_assignable(
    context: Context, at: Position, value: ApexType, target: ApexType
) -> None:
    """Report a value that a variable of a type can't have."""
    if not is_assignable(context.world, value, target):
        message = f"Illegal assignment from {shown(as_list(value))} to {shown(target)}"
        context.error(at, message)


def check_target(context: Context, node: Expression) -> None:
    """Report an expression to which nothing can be assigned."""
    if not isinstance(node, Name | FieldAccess | Index):
        context.error(start_of(node), "Expression cannot be assigned")
    else:
        check_writable(context, node)

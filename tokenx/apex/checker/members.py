"""Checks assignments to the members of types."""

from ..tree import Expression, FieldAccess, Name, Position
from ..types import UNKNOWN, ApexType
from .context import Context
from .model import Variable, shown
from .names import find_variable, is_visible, subject_of

_INITIALIZING = ("constructor", "initializer")


def check_writable(context: Context, node: Expression) -> None:
    """Report an assignment to a final field or to a property without a setter."""
    variable = _variable_of(context, node)
    if variable is None:
        return
    if variable.is_final and not _can_initialize(context, variable.owner):
        context.error(
            node.at,
            "Final members can only be assigned in their declaration, init blocks, "
            f"or constructors: {variable.name}",
        )
    _check_setter(context, variable, node.at)


def _variable_of(context: Context, node: Expression) -> Variable | None:
    if isinstance(node, Name):
        is_local = context.local(node.name) is not None
        return None if is_local else find_variable(context, node.name)
    if not isinstance(node, FieldAccess):
        return None
    owner = _owner(context, node)
    return context.world.variable(owner, node.name)[0] if owner != UNKNOWN else None


def _owner(context: Context, node: FieldAccess) -> ApexType:
    return subject_of(context, node.object).type


def _can_initialize(context: Context, owner: ApexType) -> bool:
    return context.kind in _INITIALIZING and context.scope.type.is_same(owner)


def _check_setter(context: Context, variable: Variable, at: Position) -> None:
    is_seen = is_visible(
        context, variable.owner, variable.write_access, variable.is_test_visible
    )
    if not is_seen or not variable.is_writable:
        context.error(
            at, f"Variable is not visible: {shown(variable.owner)}.{variable.name}"
        )

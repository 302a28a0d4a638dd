"""Checks how a constructor calls another one."""

from ..tree import (
    Block,
    Call,
    ClassDeclaration,
    ConstructorDeclaration,
    ExpressionStatement,
    Position,
    Statement,
)
from .constructors import constructors_of
from .context import Context
from .model import shown

_FIRST = "must be the first statement in a constructor method"


def check_constructor_body(
    context: Context, node: ConstructorDeclaration, body: Block
) -> None:
    """Report a misplaced this() or super(), and a missing one."""
    for statement in body.statements[1:]:
        call = _delegation(statement)
        if call:
            context.error(call.at, f"Call to '{call.name.lower()}()' {_FIRST}")
    if not (body.statements and _delegation(body.statements[0])):
        _check_default_constructor(context, node.at)


def check_implicit_constructor(context: Context, node: ClassDeclaration) -> None:
    """Report a class without constructors whose superclass needs arguments."""
    if not any(isinstance(each, ConstructorDeclaration) for each in node.members):
        _check_default_constructor(context, node.at)


def _check_default_constructor(context: Context, at: Position) -> None:
    """Report a superclass without a constructor that takes no arguments."""
    shape = context.world.shape(context.scope.type)
    above = shape.superclass if shape else None
    if above is None or context.world.scope_of(above) is None:
        return
    constructors = constructors_of(context, above)
    if constructors and all(each.parameters for each in constructors):
        context.error(at, f"No default constructor available in super type: {shown(above)}")


def _delegation(statement: Statement) -> Call | None:
    if not isinstance(statement, ExpressionStatement):
        return None
    call = statement.expression
    is_call = isinstance(call, Call) and call.object is None
    if is_call and isinstance(call, Call) and call.name.lower() in ("this", "super"):
        return call
    return None

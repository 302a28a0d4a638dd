"""Tells where the compiler sees an expression."""

from ..tree import (
    Assignment,
    Binary,
    Expression,
    FieldAccess,
    Index,
    InstanceOf,
    Name,
    Position,
    Ternary,
)


def start_of(node: Expression) -> Position:
    """Return where the compiler sees an expression: at its first operand or last name."""
    while True:
        match node:
            case Binary():
                node = node.left
            case Assignment():
                node = node.target
            case Ternary():
                node = node.condition
            case InstanceOf():
                node = node.value
            case Index():
                node = node.object
            case FieldAccess(object=Name() | FieldAccess()):
                node = node.object
            case _:
                return node.at

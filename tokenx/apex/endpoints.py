"""The constant addresses that a class calls, found in its tree."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, NamedTuple

from .tree import (
    Binary,
    Call,
    CompilationUnit,
    Declarator,
    Expression,
    FieldAccess,
    Literal,
    Name,
    chain_of,
)

# The methods that take an address, and which of their arguments it is.
_ADDRESS_ARGUMENTS = {"setendpoint": 0, "validatejwtwithkeysendpoint": 1}


class ConstantEndpoint(NamedTuple):
    """An address, or its constant beginning, and the line of the call."""

    url: str
    line: int


def constant_endpoints(unit: CompilationUnit) -> list[ConstantEndpoint]:
    """Return the addresses of calls whose text is a constant of the class.

    An address can be a literal, a variable that's declared with one, or a sum that begins
    with either; what follows isn't known. Addresses that come from elsewhere, such as a
    parameter or custom metadata, are left out.
    """
    nodes = list(_walk(unit))
    constants = {
        node.name.lower(): node.value
        for node in nodes
        if isinstance(node, Declarator) and node.value is not None
    }
    found = []
    for node in nodes:
        if not isinstance(node, Call):
            continue
        at = _ADDRESS_ARGUMENTS.get(node.name.lower())
        if at is None or at >= len(node.arguments):
            continue
        if url := _text_of(node.arguments[at], constants):
            found.append(ConstantEndpoint(url, node.at.line))
    return found


def _text_of(
    expression: Expression | None, constants: Mapping[str, Expression], depth: int = 0
) -> str:
    """Return the constant text with which an expression begins, or an empty string."""
    if depth > 10:
        return ""
    match expression:
        case Literal(kind="String", text=text):
            return text
        case Name(name=name) | FieldAccess(name=name):
            return _text_of(constants.get(name.lower()), constants, depth + 1)
        case Binary(operator="+"):
            text = ""
            first, operators = chain_of(expression)
            for part in [first, *(each.right for each in operators)]:
                addition = _text_of(part, constants, depth + 1)
                if not addition:
                    break
                text += addition
            return text
    return ""


def _walk(root: Any) -> Iterator[Any]:
    """Yield a tree's nodes in the order of the code, without recursion."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            waiting.extend(reversed(node))
        elif is_dataclass(node):
            yield node
            waiting.extend(getattr(node, each.name) for each in reversed(fields(node)))

"""Tells which statements end the path that runs through them, as the compiler sees it.

The compiler doesn't look at conditions: no loop ends a path, and neither does finally.
"""

from ..tree import Block, If, Return, RunAs, Statement, Switch, Throw, Try


def always_ends(node: Statement | None) -> bool:
    """Say whether a statement always returns or throws."""
    while isinstance(node, If):
        if not always_ends(node.then):
            return False
        node = node.otherwise
    match node:
        case Return() | Throw():
            return True
        case Block():
            return any(map(always_ends, node.statements))
        case Try():
            blocks = [node.body, *(each.body for each in node.catches)]
            return all(map(always_ends, blocks))
        case Switch():
            return _always_ends_switch(node)
        case RunAs():
            return always_ends(node.body)
    return False


def _always_ends_switch(node: Switch) -> bool:
    has_else = any(not each.values and each.type is None for each in node.branches)
    return has_else and all(always_ends(each.body) for each in node.branches)

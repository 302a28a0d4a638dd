"""The depth of a tree, measured without recursion.

Code that walks a tree recurses, and Python's stack isn't deep. The parser refuses trees
that are deeper than DEEPEST_TREE. Two kinds of chains don't count, because code walks them
in a loop: the left sides of binary operators, and the else-ifs of an if.
"""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from ..tree import Binary, CompilationUnit, If, Node
from .cursor import TooDeepError

# The deepest of 1,500 public classes has a depth of 25. A walk with five functions for each
# node needs half of Python's stack.
DEEPEST_TREE = 100


def check_depth(unit: CompilationUnit) -> None:
    """Raise TooDeepError at a node that's too deep."""
    waiting: list[tuple[Any, int]] = [(unit, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > DEEPEST_TREE:
            raise TooDeepError(node.at)
        for child, is_chain in _children(node):
            waiting.append((child, depth if is_chain else depth + 1))


def _children(node: Node) -> Iterator[tuple[Any, bool]]:
    for name in _names(type(node)):
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value, _is_chain(node, name, value)
        elif isinstance(value, tuple):
            for each in value:
                if isinstance(each, tuple):
                    yield from ((inner, False) for inner in each)
                elif isinstance(each, Node):
                    yield each, False


def _is_chain(node: Node, name: str, child: Node) -> bool:
    if isinstance(node, Binary):
        return name == "left" and isinstance(child, Binary)
    return isinstance(node, If) and name == "otherwise" and isinstance(child, If)


_NAMES: dict[str, tuple[str, ...]] = {}


def _names(kind: type[Node]) -> tuple[str, ...]:
    names = _NAMES.get(kind.__name__)
    if names is None:
        names = tuple(field.name for field in fields(kind) if field.name != "at")
        _NAMES[kind.__name__] = names
    return names

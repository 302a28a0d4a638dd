"""Components in calls: a <metadata> element to a definition.

A component says in a call what its file says. It is therefore written down as one, and
read by xml.py: the rules, and the words for what is wrong, are those of files.
"""

import io
from collections.abc import Iterator
from typing import TypeVar

from tokenx.metadata.format.definitions import NAMESPACE
from tokenx.metadata.format.errors import MetadataError, Problem
from tokenx.metadata.format.parser_messages import misplaced
from tokenx.metadata.format.reader import read
from tokenx.metadata.format.writer import escape

from .node import Node

T = TypeVar("T")

_FULL_NAME = "fullName"


def read_component(node: Node, definition: type[T]) -> tuple[str, T]:
    """The full name of a component, and what is said of it.

    Raises MetadataError with all that is wrong, each at its place in the request.
    """
    type_name: str = definition.type_name  # type: ignore[attr-defined]
    problems = list(_troubles_of_name(node, type_name))
    places: list[Node] = []
    fields = [each for each in node.children if each.name != _FULL_NAME]
    copy = Node(type_name, node.line, node.column, children=fields)
    attribute = f' xmlns="{NAMESPACE}"'
    file = "".join(_lines(copy, places, attribute)).encode()
    try:
        found = read(definition, io.BytesIO(file)).definition
    except MetadataError as error:
        problems += [_moved(problem, places) for problem in error.problems]
    if problems:
        raise MetadataError(problems)
    return node.text_of(_FULL_NAME), found


def _troubles_of_name(node: Node, type_name: str) -> Iterator[Problem]:
    """What is wrong with the full name: a file has none, it is in the file's name."""
    if not node.text_of(_FULL_NAME).strip():
        at = node.child(_FULL_NAME) or node
        yield Problem(at.line, at.column, f"Required field is missing: {_FULL_NAME}")
    for other in node.children_named(_FULL_NAME)[1:]:
        name = f"{NAMESPACE} {_FULL_NAME}"
        words = misplaced(name, type_name, "is duplicated at")
        yield Problem(other.line, other.column, words)


def _lines(node: Node, places: list[Node], attribute: str = "") -> Iterator[str]:
    """An element, and each one in it, on a line of its own; `places` has one for a line.

    What is nil is left out: zeep sends all fields, and says so of those without a value.
    """
    places.append(node)
    yield f"<{node.name}{attribute}>"
    yield escape(node.text).replace("\n", "&#10;")
    for child in node.children:
        if not child.is_nil:
            yield "\n"
            yield from _lines(child, places)
    yield f"</{node.name}>"


def _moved(problem: Problem, places: list[Node]) -> Problem:
    """A problem at the element of the request that the line of the file stands for."""
    at = places[problem.line - 1]
    return Problem(at.line, at.column, problem.text)

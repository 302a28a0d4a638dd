"""Components in calls: a <metadata> element to a definition.

A component in a call has the same elements as its file. So it's written as a file and read
by metadata/format/reader.py, with the rules and the messages for files.
"""

import io
from collections.abc import Iterator
from typing import TypeVar

from tokenx.metadata.format.definitions import NAMESPACE
from tokenx.metadata.format.errors import MetadataError, Problem
from tokenx.metadata.format.parser_messages import misplaced
from tokenx.metadata.format.reader import read
from tokenx.metadata.format.writer import escape

from .reader import SoapNode

T = TypeVar("T")

_FULL_NAME = "fullName"


def read_component(node: SoapNode, definition: type[T]) -> tuple[str, T]:
    """Return a component's full name and definition.

    Raise a MetadataError with all problems, each at its position in the request.
    """
    type_name: str = definition.type_name  # type: ignore[attr-defined]  # each definition has it
    problems = list(_full_name_problems(node, type_name))
    elements: list[SoapNode] = []
    fields = [each for each in node.children if each.name != _FULL_NAME]
    copy = SoapNode(type_name, node.line, node.column, children=fields)
    attribute = f' xmlns="{NAMESPACE}"'
    file = "".join(_file_lines(copy, elements, attribute)).encode()
    try:
        content = read(definition, io.BytesIO(file)).definition
    except MetadataError as error:
        problems += [_move_to_request(problem, elements) for problem in error.problems]
    if problems:
        raise MetadataError(problems)
    return node.text_of(_FULL_NAME), content


def _full_name_problems(node: SoapNode, type_name: str) -> Iterator[Problem]:
    """Check the full name, which a file doesn't contain because it's the file's name."""
    if not node.text_of(_FULL_NAME).strip():
        element = node.child(_FULL_NAME) or node
        message = f"Required field is missing: {_FULL_NAME}"
        yield Problem(element.line, element.column, message)
    for other in node.children_named(_FULL_NAME)[1:]:
        name = f"{NAMESPACE} {_FULL_NAME}"
        message = misplaced(name, type_name, "is duplicated at")
        yield Problem(other.line, other.column, message)


def _file_lines(
    node: SoapNode, elements: list[SoapNode], attribute: str = ""
) -> Iterator[str]:
    """Write each element on a line of its own, and append it to `elements`.

    Leave nil elements out: zeep sends all fields, and marks those without a value as nil.
    """
    elements.append(node)
    yield f"<{node.name}{attribute}>"
    yield escape(node.text).replace("\n", "&#10;")
    for child in node.children:
        if not child.is_nil:
            yield "\n"
            yield from _file_lines(child, elements)
    yield f"</{node.name}>"


def _move_to_request(problem: Problem, elements: list[SoapNode]) -> Problem:
    """Return the problem at the request's element instead of the file's line."""
    element = elements[problem.line - 1]
    return Problem(element.line, element.column, problem.text)

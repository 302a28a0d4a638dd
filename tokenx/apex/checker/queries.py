"""Checks inline queries: their objects, fields, and binds."""

import re

from ..ports import Bind, QueryError, QueryShape
from ..problems import Problem
from ..tree import Expression, FieldAccess, Name, Position, Query, Search
from ..types import INTEGER, SOBJECT, UNKNOWN, ApexType, list_of
from .context import Context, handles
from .relations import QUERY

_DOTTED = re.compile(r"[A-Za-z]\w*(?:\s*\.\s*[A-Za-z]\w*)*")
_UNKNOWN_ROWS = ApexType(QUERY, (UNKNOWN,))


@handles(Query)
def _type_of_query(context: Context, node: Query) -> ApexType:
    try:
        shape = context.world.ports.parse_query(node.text)
    except QueryError as error:
        context.error(_position(node, error.offset), error.message)
        return UNKNOWN
    if shape.unknown:
        at = _position(node, shape.unknown_offset)
        context.report.unknown(at, f"{shape.unknown} in a query")
    for bind in shape.binds:
        _check_bind(context, node, bind)
    return _result(context, node, shape)


@handles(Search)
def _type_of_search(context: Context, node: Search) -> ApexType:
    context.report.unknown(node.at, "FIND")
    return list_of(list_of(SOBJECT))


def _result(context: Context, node: Query, shape: QueryShape) -> ApexType:
    if shape.is_count:
        return INTEGER
    if shape.is_aggregate:
        return ApexType(QUERY, (ApexType("AggregateResult"),))
    if not shape.objects:
        return _UNKNOWN_ROWS
    name = shape.objects[0]
    fields = context.world.ports.fields_of(name)
    if fields is None:
        context.report.unknown(node.at, name)
        return _UNKNOWN_ROWS
    for path in shape.fields:
        _check_path(context, node, name, path)
    if name.lower() in context.world.ports.without_records:
        context.report.note(
            node.at, f"tokenx has no {name} records: this query returns no rows."
        )
    return ApexType(QUERY, (ApexType(name),))


def _check_path(context: Context, node: Query, name: str, path: str) -> None:
    """Note a field that tokenx doesn't know; a path leads to other objects."""
    for part in path.split("."):
        if not part.isidentifier():
            return
        fields = context.world.ports.fields_of(name)
        if fields is None:
            return
        if part.lower() not in fields:
            context.report.unknown(_place(node, path), f"{name}.{part}")
            return
        name = fields[part.lower()]


def _place(node: Query, path: str) -> Position:
    """Return where the query names a field."""
    pattern = r"\s*\.\s*".join(map(re.escape, path.split(".")))
    found = re.search(rf"(?<![\w.]){pattern}(?!\w)", node.text, re.IGNORECASE)
    return _position(node, found.start() if found else 0)


def _position(node: Query, offset: int) -> Position:
    """Return the position of an index in a query's text, which follows the bracket."""
    before = node.text[:offset]
    line = before.count("\n")
    if line == 0:
        return Position(node.at.line, node.at.column + 1 + offset)
    return Position(node.at.line + line, len(before) - before.rfind("\n"))


def _check_bind(context: Context, node: Query, bind: Bind) -> None:
    blank = len(bind.text) - len(bind.text.lstrip())
    at = _position(node, bind.offset + blank)
    expression = _read_bind(context, bind.text.strip(), at)
    if isinstance(expression, Problem):
        context.error(expression.at, expression.message)
    elif expression is not None:
        context.type_of(expression)


def _read_bind(context: Context, text: str, at: Position) -> Expression | Problem | None:
    """Return the tree of a bind; most binds are names, which need no parser."""
    if not _DOTTED.fullmatch(text) or text.lower() in ("this", "null", "true", "false"):
        return context.parse_expression(text, at)
    found: Expression | None = None
    for match in re.finditer(r"\w+", text):
        place = Position(at.line, at.column + match.start())
        if found is None:
            first = match[0].lower()
            if first in ("this", "super"):
                return context.parse_expression(text, at)
            found = Name(place, match[0])
        else:
            found = FieldAccess(place, found, match[0])
    return found

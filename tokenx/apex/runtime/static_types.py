"""The declared types of expressions, as far as they decide what runs."""

from typing import TYPE_CHECKING, Any

from ..platform import Signature, platform_type
from ..tree import (
    Assignment,
    Binary,
    Call,
    Cast,
    Expression,
    FieldAccess,
    Index,
    InstanceOf,
    Literal,
    Name,
    New,
    NewCollection,
    Postfix,
    Ternary,
    This,
    Unary,
    chain_of,
)
from ..types import (
    BOOLEAN,
    DATE,
    DATETIME,
    DECIMAL,
    DOUBLE,
    INTEGER,
    LONG,
    OBJECT,
    STRING,
    TIME,
    ApexType,
    substitute,
)
from .names import subject_of

if TYPE_CHECKING:
    from .frames import Frame

_GENERIC = {"list": ("T",), "set": ("T",), "map": ("K", "V")}
_TESTS = {"&&", "||", "==", "!=", "<>", "===", "!==", "<", "<=", ">", ">="}
_NUMBERS = (DECIMAL, DOUBLE, LONG, INTEGER)  # the widest one first


def static_type(frame: "Frame", node: Expression) -> ApexType | None:
    """Return the declared type of an expression; None if it isn't known."""
    find: Any = _FINDERS.get(type(node))
    return find(frame, node) if find else None


def _of_literal(frame: "Frame", node: Literal) -> ApexType | None:
    return None if node.kind == "null" else ApexType(node.kind)


def _of_name(frame: "Frame", node: Name) -> ApexType | None:
    key = node.name.lower()
    if key in frame.locals:
        return frame.type_of_local(key)
    variable = frame.loaded.find_name(key)
    return frame.run.type_of_variable(variable) if variable else None


def _of_type(frame: "Frame", node: Cast | New | NewCollection) -> ApexType | None:
    return frame.run.types.resolve(node.type, frame.loaded)


def _of_this(frame: "Frame", node: This) -> ApexType | None:
    return frame.loaded.type


def _of_field(frame: "Frame", node: FieldAccess) -> ApexType | None:
    if subject_of(frame, node.object) is not None:
        return None
    before = static_type(frame, node.object)
    return _member_type(frame, before, node.name) if before else None


def _member_type(frame: "Frame", type_: ApexType, name: str) -> ApexType | None:
    run, key = frame.run, name.lower()
    loaded = run.types.class_of(type_)
    if loaded:
        variable = loaded.find_variable(key)
        return run.type_of_variable(variable) if variable else None
    declared = platform_type(type_.name)
    if declared:
        found = declared.properties.get(key)
        return found.type if found else None
    fields = run.ports.records.fields_of(type_.name)
    text = fields.get(key) if fields else None
    return run.find_type(text) if text else None


def _of_index(frame: "Frame", node: Index) -> ApexType | None:
    before = static_type(frame, node.object)
    return before.arguments[0] if before and before.arguments else None


def _of_call(frame: "Frame", node: Call) -> ApexType | None:
    """Return what a call that has run returned, by its declaration."""
    found = frame.run.notes.get(id(node))
    if isinstance(found, ApexType):
        return found
    if node.object is None:
        return None
    subject = subject_of(frame, node.object)
    before = subject.type if subject else static_type(frame, node.object)
    declared = platform_type(before.name) if before else None
    if before is None or declared is None:
        return None
    methods = [
        each
        for each in declared.methods.get(node.name.lower(), ())
        if len(each.parameters) == len(node.arguments)
        and each.is_static == (subject is not None)
    ]
    result = _result_of(frame, methods, node)
    if result is None:
        return None
    names = _GENERIC.get(before.key)
    if names and before.arguments:
        result = substitute(result, dict(zip(names, before.arguments, strict=False)))
    return None if result.name == "?" else result


def _result_of(frame: "Frame", methods: list[Signature], node: Call) -> ApexType | None:
    """Return what the overload for a call's arguments returns; None if it isn't known."""
    results = {each.returns for each in methods}
    if len(results) == 1:
        return results.pop()
    given = [static_type(frame, each) for each in node.arguments]
    found: dict[int, ApexType] = {}
    for each in methods:
        widened = [*map(_widened, given, each.parameters)]
        if all(count is not None for count in widened):
            found[sum(count or 0 for count in widened)] = each.returns
    return found[min(found)] if found else None


def _widened(given: ApexType | None, wanted: ApexType) -> int | None:
    """Return by how many numeric types a parameter is wider; None if it doesn't fit."""
    if given == wanted:
        return 0
    if given in _NUMBERS and wanted in _NUMBERS:
        count = _NUMBERS.index(given) - _NUMBERS.index(wanted)
        return count if count > 0 else None
    return None


def _of_binary(frame: "Frame", node: Binary) -> ApexType | None:
    first, operators = chain_of(node)
    type_ = static_type(frame, first)
    for each in operators:
        type_ = _combined(each.operator, type_, static_type(frame, each.right))
    return type_


def _combined(
    operator: str, left: ApexType | None, right: ApexType | None
) -> ApexType | None:
    if operator in _TESTS:
        return BOOLEAN
    if operator == "??":
        return left or right
    if operator == "+" and STRING in (left, right):
        return STRING
    if left is None or right is None:
        return None
    if left == right or left in (DATE, DATETIME, TIME):
        return left
    return _widest({left, right})


def _widest(types: set[ApexType]) -> ApexType | None:
    """Return the type of a number that can be of any of these types; None for others."""
    if not types or not types <= set(_NUMBERS):
        return None
    return next(each for each in _NUMBERS if each in types)


def _of_unary(frame: "Frame", node: Unary | Postfix) -> ApexType | None:
    return BOOLEAN if node.operator == "!" else static_type(frame, node.operand)


def _of_ternary(frame: "Frame", node: Ternary) -> ApexType | None:
    """Return the type that both results have; null can have any."""
    sides = [each for each in (node.then, node.otherwise) if not _is_null(each)]
    types = {static_type(frame, each) for each in sides}
    if len(types) == 1:
        return types.pop()
    if OBJECT in types:
        return OBJECT
    return None if None in types else _widest({each for each in types if each})


def _is_null(node: Expression) -> bool:
    return isinstance(node, Literal) and node.kind == "null"


def _of_assignment(frame: "Frame", node: Assignment) -> ApexType | None:
    return static_type(frame, node.target)


def _of_test(frame: "Frame", node: InstanceOf) -> ApexType | None:
    return BOOLEAN


def is_object_like(frame: "Frame", type_: ApexType | None) -> bool:
    """Say whether a type is that of an object's records."""
    return (
        type_ is not None
        and not type_.arguments
        and type_ != OBJECT
        and frame.run.types.find_object(type_.name) is not None
    )


_FINDERS = {
    Literal: _of_literal,
    Name: _of_name,
    Cast: _of_type,
    New: _of_type,
    NewCollection: _of_type,
    This: _of_this,
    FieldAccess: _of_field,
    Index: _of_index,
    Call: _of_call,
    Binary: _of_binary,
    Unary: _of_unary,
    Postfix: _of_unary,
    Ternary: _of_ternary,
    Assignment: _of_assignment,
    InstanceOf: _of_test,
}

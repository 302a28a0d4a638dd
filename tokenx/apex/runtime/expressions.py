"""Evaluates literals, names, operators, and conversions."""

import operator as python
from collections.abc import Callable
from decimal import Decimal
from types import GeneratorType
from typing import Any

from ..tree import (
    Binary,
    Cast,
    ClassLiteral,
    FieldAccess,
    Index,
    InstanceOf,
    Literal,
    Name,
    NamedArgument,
    Postfix,
    Search,
    Super,
    Ternary,
    This,
    Unary,
    chain_of,
)
from ..types import STRING, ApexType
from ..values import ApexList, Long, QueryRows, Record, TypeValue, Value
from ..values.coerce import narrow
from . import members
from .errors import NotRunnableError, null_pointer, thrown
from .evaluation import EVALUATORS, evaluate, evaluates
from .frames import Frame
from .machine import Pending, Steps, go_on, then
from .names import Subject, subject_of
from .operators import binary, concatenate, unary
from .static_types import is_object_like, static_type

_MISSING = object()
_NUMBERS = frozenset({"integer", "long", "double", "decimal"})
_LOW, _HIGH = -(2**31), 2**31 - 1


# --- Literals and names ------------------------------------------------------------------


@evaluates(Literal)
def _literal(frame: Frame, node: Literal) -> Value:
    kind = node.kind
    if kind == "String":
        return node.text
    if kind == "Integer":
        return _integer(node.text)
    return _LITERALS[kind](node.text)


def _integer(text: str) -> int:
    value = int(text)
    if value > _HIGH:
        value -= 2**32  # Only -2147483648 is valid.
    return value


_LITERALS: dict[str, Callable[[str], Value]] = {
    "Long": lambda text: Long(int(text)),
    "Double": float,
    "Decimal": Decimal,
    "Boolean": lambda text: text == "true",
    "null": lambda text: None,
}


@evaluates(Name)
def _name(frame: Frame, node: Name) -> Pending:
    frame.budget.steps += 1
    key = node.name.lower()
    value = frame.locals.get(key, _MISSING)
    if value is not _MISSING:
        return value
    variable = frame.loaded.find_name(key)
    if variable is None:
        raise NotRunnableError(node.name)
    return members.read_variable(frame.run, variable, frame.this)


@evaluates(This)
def _this(frame: Frame, node: This) -> Value:
    frame.budget.steps += 1
    return frame.this


@evaluates(Super)
def _super(frame: Frame, node: Super) -> Value:
    raise NotRunnableError("super")


@evaluates(Search)
def _search(frame: Frame, node: Search) -> Value:
    raise NotRunnableError("FIND")


@evaluates(NamedArgument)
def _named(frame: Frame, node: NamedArgument) -> Pending:
    return evaluate(frame, node.value)


@evaluates(ClassLiteral)
def _class_literal(frame: Frame, node: ClassLiteral) -> TypeValue:
    return TypeValue(frame.run.types.resolve(node.type, frame.loaded))


# --- Members -----------------------------------------------------------------------------


@evaluates(FieldAccess)
def _field(frame: Frame, node: FieldAccess) -> Pending:
    frame.budget.steps += 1
    subject = subject_of(frame, node.object)
    if subject is not None:
        return read_static(frame, node, subject)
    before = node.object
    if type(before) is Super or type(before) is This:
        variable = frame.loaded.find_variable(node.name.lower())
        if variable is not None:
            return members.read_variable(frame.run, variable, frame.this)
        return _member_of(frame.this, frame, node)
    value = EVALUATORS[type(before)](frame, before)
    if type(value) is GeneratorType:
        return then(value, _member_of, frame, node)
    return _member_of(value, frame, node)


def _member_of(value: Value, frame: Frame, node: FieldAccess) -> Pending:
    if value is None:
        if frame.skips(node) or is_null_parent(frame, node):
            return None
        frame.at = node.at
        raise null_pointer()
    if type(value) is Record:
        return members.read_field(frame.run, value, node.name)
    return members.read(frame.run, value, node.name)


def is_null_parent(frame: Frame, node: FieldAccess) -> bool:
    """Say whether user.Profile is null in user.Profile.Name, which is null then."""
    before = node.object
    if not isinstance(before, FieldAccess):
        return False
    return is_object_like(frame, static_type(frame, before.object))


def read_static(frame: Frame, node: FieldAccess, subject: Subject) -> Pending:
    """Return a constant or static variable of a class or type."""
    run = frame.run
    constant = run.constants.get(id(node))
    if constant is not None:
        return constant[1]
    key = node.name.lower()
    loaded = subject.loaded
    if loaded:
        variable = loaded.find_variable(key)
        if variable and variable.is_static:
            return members.read_variable(run, variable, None)
        if variable and frame.this is not None:
            return members.read_variable(run, variable, frame.this)
        value: Value = loaded.enum_values.get(key)
        if value is None:
            raise NotRunnableError(f"{subject.name}.{node.name}")
    elif subject.kind == "label":
        value = members.label(run, node.name)
    elif subject.kind == "platform":
        value = members.platform_constant(run, subject.type, node.name)
        if not run.types.is_enum(subject.type):
            return value
    else:
        raise NotRunnableError(f"{subject.name}.{node.name}")
    run.constants[id(node)] = node, value
    return value


@evaluates(Index)
def _index(frame: Frame, node: Index) -> Pending:
    frame.budget.steps += 1
    value = evaluate(frame, node.object)
    return go_on(value, _with_list, frame, node)


def _with_list(value: Value, frame: Frame, node: Index) -> Pending:
    if value is None and frame.skips(node):
        return None
    return go_on(evaluate(frame, node.index), _element, value, frame)


def _element(index: Value, value: Value, frame: Frame) -> Value:
    items = items_of(value)
    check_index(items, index)
    return items[index]


def items_of(value: Value) -> list[Value]:
    """Return the elements of a list or the rows of a query."""
    if isinstance(value, ApexList):
        return value.items
    if isinstance(value, QueryRows):
        return value.records
    if value is None:
        raise null_pointer()
    raise NotRunnableError("[]")


def check_index(items: list[Value], index: Value) -> None:
    """Raise an exception if a list doesn't have an index."""
    if index is None:
        raise null_pointer()
    if not 0 <= index < len(items):
        raise thrown("ListException", f"List index out of bounds: {index}")


# --- Operators ---------------------------------------------------------------------------


@evaluates(Binary)
def _binary(frame: Frame, node: Binary) -> Pending:
    frame.budget.steps += 1
    first = node.left
    if type(first) is Binary:
        return _chain(frame, node)
    left = EVALUATORS[type(first)](frame, first)
    if type(left) is GeneratorType:
        return then(left, _right, frame, node)
    return _right(left, frame, node)


def _chain(frame: Frame, node: Binary) -> Pending:
    first, operators = chain_of(node)
    frame.budget.charge(len(operators) - 1)
    value = evaluate(frame, first)
    if type(value) is GeneratorType:
        return _rest_of_chain(value, frame, operators, 0)
    for index, each in enumerate(operators):
        value = _right(value, frame, each)
        if type(value) is GeneratorType:
            return _rest_of_chain(value, frame, operators, index + 1)
    return value


def _rest_of_chain(
    pending: Steps, frame: Frame, operators: list[Binary], index: int
) -> Steps:
    value = yield pending
    for each in operators[index:]:
        value = _right(value, frame, each)
        if type(value) is GeneratorType:
            value = yield value
    return value


def _right(left: Value, frame: Frame, node: Binary) -> Pending:
    operator = node.operator
    if operator in _SHORT:
        result = _SHORT[operator](left)
        if result is not _MISSING:
            return result
    right = EVALUATORS[type(node.right)](frame, node.right)
    if type(right) is GeneratorType:
        return then(right, operate, left, frame, node)
    return operate(right, left, frame, node)


def _and(left: Value) -> Value:
    return _MISSING if is_true(left) else False


def _or(left: Value) -> Value:
    return True if is_true(left) else _MISSING


def _or_else(left: Value) -> Value:
    is_empty = left is None or (type(left) is QueryRows and not left.records)
    return _MISSING if is_empty else left


_SHORT: dict[str, Callable[[Value], Value]] = {"&&": _and, "||": _or, "??": _or_else}


def is_true(value: Value) -> bool:
    """Return a condition's value; null is an exception."""
    if value is True:
        return True
    if value is False:
        return False
    if value is None:
        raise null_pointer()
    raise thrown("TypeException", "Invalid conversion from runtime type to Boolean")


def operate(right: Value, left: Value, frame: Frame, node: Any) -> Value:
    """Return the result of a binary operator; both sides were evaluated."""
    operator = node.operator
    if type(left) is int and type(right) is int:
        compare = _COMPARED.get(operator)
        if compare is not None:
            return compare(left, right)
        calculate = _CALCULATED.get(operator)
        if calculate is not None:
            result = calculate(left, right)
            if _LOW <= result <= _HIGH:
                return result
    elif operator in _SHORT:
        return is_true(right) if operator != "??" else right
    elif operator == "+" and left is None and right is None:
        return _add_nulls(frame, node)
    return binary(frame.run, operator, left, right)


_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "<": python.lt,
    "<=": python.le,
    ">": python.gt,
    ">=": python.ge,
    "==": python.eq,
    "!=": python.ne,
}
_CALCULATED: dict[str, Callable[[Any, Any], int]] = {
    "+": python.add,
    "-": python.sub,
    "*": python.mul,
}


def _add_nulls(frame: Frame, node: Any) -> Value:
    """Add two nulls: text if one of them is declared as a String."""
    sides = (node.left, node.right) if isinstance(node, Binary) else (node.target,)
    if any(static_type(frame, each) == STRING for each in sides):
        return concatenate(frame.run, None, None)
    raise null_pointer()


@evaluates(Unary)
def _unary(frame: Frame, node: Unary) -> Pending:
    frame.budget.steps += 1
    if node.operator in ("++", "--"):
        return EVALUATORS[Postfix](frame, node)
    operand = node.operand
    if isinstance(operand, Literal) and node.operator == "-" and operand.kind == "Long":
        return Long(_wrapped_long(-int(operand.text)))
    return go_on(evaluate(frame, operand), _apply_unary, frame, node)


def _wrapped_long(value: int) -> int:
    return (value + 2**63) % 2**64 - 2**63


def _apply_unary(value: Value, frame: Frame, node: Unary) -> Value:
    if node.operator == "!":
        return not is_true(value)
    return unary(frame.run, node.operator, value)


@evaluates(Ternary)
def _ternary(frame: Frame, node: Ternary) -> Pending:
    frame.budget.steps += 1
    condition = evaluate(frame, node.condition)
    if type(condition) is GeneratorType:
        return then(condition, _branch, frame, node)
    return _branch(condition, frame, node)


def _branch(condition: Value, frame: Frame, node: Ternary) -> Pending:
    return evaluate(frame, node.then if is_true(condition) else node.otherwise)


# --- Types -------------------------------------------------------------------------------


@evaluates(Cast)
def _cast(frame: Frame, node: Cast) -> Pending:
    frame.budget.steps += 1
    return go_on(evaluate(frame, node.value), _converted, frame, node)


def _converted(value: Value, frame: Frame, node: Cast) -> Value:
    if value is None:
        return None
    run = frame.run
    type_ = run.types.resolve(node.type, frame.loaded)
    frame.at = node.at
    if type_.key in _NUMBERS and _is_number(static_type(frame, node.value)):
        return narrow(run, value, type_)
    return run.coerce(value, type_)


def _is_number(type_: ApexType | None) -> bool:
    return type_ is not None and type_.key in _NUMBERS


@evaluates(InstanceOf)
def _instance_of(frame: Frame, node: InstanceOf) -> Pending:
    frame.budget.steps += 1
    return go_on(evaluate(frame, node.value), _is_instance, frame, node)


def _is_instance(value: Value, frame: Frame, node: InstanceOf) -> bool:
    run = frame.run
    return run.is_instance(value, run.types.resolve(node.type, frame.loaded))

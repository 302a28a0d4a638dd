"""Evaluates operators."""

import operator as python
from collections.abc import Callable
from types import GeneratorType
from typing import Any

from ..tree import (
    Binary,
    Literal,
    Postfix,
    Ternary,
    Unary,
    chain_of,
)
from ..types import STRING
from ..values import Long, QueryRows, Value
from .errors import null_pointer, thrown
from .evaluation import EVALUATORS, evaluate, evaluates
from .frames import Frame
from .machine import Pending, Steps, go_on, then
from .operators import binary, concatenate, unary
from .static_types import static_type

_MISSING = object()
_NUMBERS = frozenset({"integer", "long", "double", "decimal"})
_LOW, _HIGH = -(2**31), 2**31 - 1


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

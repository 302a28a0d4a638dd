"""The operators of expressions on values."""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

from ..values import Long, QueryRows, Value
from ..values.equality import is_equal, is_exactly, operator_order
from ..values.moments import add_day_fraction, add_days, time_after
from ..values.numbers import (
    decimal_operation,
    divide_by_zero,
    divide_whole,
    is_number,
    negate,
    to_decimal,
    to_double,
    wrap_integer,
    wrap_long,
)
from ..values.text import to_text
from .errors import null_pointer, thrown

if TYPE_CHECKING:
    from .api import Run

_ORDERED: dict[str, Callable[[int], bool]] = {
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
}


def binary(run: "Run", operator: str, left: Value, right: Value) -> Value:
    """Return the result of an operator with two operands.

    `+` of two values of which neither is a String at run time is arithmetic. If the code
    declares either as String, so that both can be null, call `concatenate`.
    """
    if operator == "+" and (isinstance(left, str) or isinstance(right, str)):
        return concatenate(run, left, right)
    if operator in _COMPARISONS:
        return _COMPARISONS[operator](run, left, right)
    if operator in ("<", "<=", ">", ">="):
        order = operator_order(run, left, right)
        return order is not None and _ORDERED[operator](order)
    if left is None or right is None:
        raise null_pointer()
    if operator in ("&", "|", "^"):
        return _bitwise(operator, left, right)
    if operator in ("<<", ">>", ">>>"):
        return _shifted(operator, left, right)
    return _calculated(operator, left, right)


def _calculated(operator: str, left: Value, right: Value) -> Value:
    if is_number(left) and is_number(right):
        return _arithmetic(operator, left, right)
    if isinstance(left, (date, time)) and operator in "+-" and is_number(right):
        return _moved(left, right if operator == "+" else -right)
    raise _not_numbers()


_COMPARISONS: dict[str, Callable[["Run", Value, Value], Value]] = {
    "==": is_equal,
    "!=": lambda run, left, right: not is_equal(run, left, right),
    "<>": lambda run, left, right: not is_equal(run, left, right),
    "===": lambda run, left, right: is_exactly(left, right),
    "!==": lambda run, left, right: not is_exactly(left, right),
    "??": lambda run, left, right: coalesce(left, right),
    "&&": lambda run, left, right: _boolean(left) and _boolean(right),
    "||": lambda run, left, right: _boolean(left) or _boolean(right),
}


def coalesce(left: Value, right: Value) -> Value:
    """Return the left value; if it's null or a query without rows, the right one."""
    is_empty = isinstance(left, QueryRows) and not left.records
    return right if left is None or is_empty else left


def concatenate(run: "Run", left: Value, right: Value) -> str:
    """Return two values as one text."""
    one = left if isinstance(left, str) else to_text(run, left)
    other = right if isinstance(right, str) else to_text(run, right)
    size = len(one) + len(other)
    run.allocate(size)
    run.budget.charge_for(size)
    return one + other


def _boolean(value: Value) -> bool:
    if value is None:
        raise null_pointer()
    if not isinstance(value, bool):
        raise thrown("TypeException", "Logical operator can only be applied to Boolean")
    return value


def _not_numbers() -> Exception:
    return thrown("TypeException", "Arithmetic expressions must use numeric arguments")


def _arithmetic(operator: str, left: Value, right: Value) -> Value:
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        return decimal_operation(operator, to_decimal(left), to_decimal(right))
    if isinstance(left, float) or isinstance(right, float):
        return _of_doubles(operator, to_double(left), to_double(right))
    match operator:
        case "+":
            result = int(left) + int(right)
        case "-":
            result = int(left) - int(right)
        case "*":
            result = int(left) * int(right)
        case "/":
            result = divide_whole(int(left), int(right))
        case _:
            raise _not_numbers()
    return _whole(result, left, right)


def _whole(result: int, left: Value, right: Value) -> int:
    """Return a result as the type of the operands: a Long if one is a Long."""
    if isinstance(left, Long) or isinstance(right, Long):
        return wrap_long(result)
    return wrap_integer(result)


def _of_doubles(operator: str, left: float, right: float) -> float:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    if not right:
        raise divide_by_zero()
    return left / right


def _bitwise(operator: str, left: Value, right: Value) -> Value:
    are_whole = isinstance(left, int) and isinstance(right, int)
    if not are_whole or isinstance(left, bool) != isinstance(right, bool):
        raise _not_numbers()
    match operator:
        case "&":
            result = left & right
        case "|":
            result = left | right
        case _:
            result = left ^ right
    return bool(result) if isinstance(left, bool) else _whole(result, left, right)


def _shifted(operator: str, left: Value, right: Value) -> Value:
    if not (isinstance(left, int) and isinstance(right, int)):
        raise _not_numbers()
    is_long = isinstance(left, Long) or isinstance(right, Long)
    bits = 64 if is_long else 32
    count = right & (bits - 1)
    match operator:
        case "<<":
            result = int(left) << count
        case ">>":
            result = int(left) >> count
        case _:
            result = (int(left) & (1 << bits) - 1) >> count
    return _whole(result, left, right)


def _moved(left: date | time, right: Value) -> Value:
    """Add days to a date or time, or milliseconds to a Time."""
    if isinstance(left, time):
        return time_after(left, int(right))
    if isinstance(left, datetime):
        return add_day_fraction(left, right)
    return add_days(left, int(right))


def unary(run: "Run", operator: str, value: Value) -> Value:
    """Return the result of an operator with one operand; ++ and -- add and subtract 1."""
    del run
    if operator == "+" and isinstance(value, str):
        return value
    if value is None:
        raise null_pointer()
    if operator == "!":
        return not _boolean(value)
    if not is_number(value):
        raise _not_numbers()
    match operator:
        case "+":
            return value
        case "-":
            return _negative(value)
        case "++":
            return _arithmetic("+", value, 1)
        case "--":
            return _arithmetic("-", value, 1)
        case "~" if isinstance(value, int):
            return _whole(~int(value), value, value)
    raise _not_numbers()


def _negative(value: Value) -> Value:
    if isinstance(value, Decimal):
        return negate(value)
    if isinstance(value, float):
        return -value
    return _whole(-int(value), value, value)

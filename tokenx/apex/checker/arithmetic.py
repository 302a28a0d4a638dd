"""Returns the types of arithmetic operations, and reports invalid operands."""

from ..tree import Position
from ..types import (
    BOOLEAN,
    DATE,
    DATETIME,
    DECIMAL,
    DOUBLE,
    INTEGER,
    LONG,
    NULL,
    STRING,
    TIME,
    UNKNOWN,
    VOID,
    ApexType,
)
from .context import Context
from .relations import is_number

NEEDS_NUMBERS = "Arithmetic expressions must use numeric arguments"
_SHIFTS = {"<<", ">>", ">>>"}
_BITWISE = {"&", "|", "^"}
# What can be added to a date or time, and how a message says that.
_MOMENTS = {
    DATE: ((INTEGER, LONG), "Date expressions must use Integer or Long"),
    TIME: ((INTEGER, LONG), "Time expressions must use Integer or Long"),
    DATETIME: (
        (INTEGER, LONG, DOUBLE, DECIMAL),
        "Date/time expressions must use Integer or Double or Decimal",
    ),
}


def arithmetic(
    context: Context, at: Position, operator: str, left: ApexType, right: ApexType
) -> ApexType:
    """Return the type of an arithmetic operation; report operands of another type."""
    if UNKNOWN in (left, right):
        # A text and any other value make a text.
        return STRING if operator == "+" and STRING in (left, right) else UNKNOWN
    if VOID in (left, right):
        context.error(at, "Arithmetic expressions are not allowed on void types")
        return UNKNOWN
    if operator in _SHIFTS or operator in _BITWISE:
        return _bitwise(context, at, operator, left, right)
    if STRING in (left, right) and operator == "+":
        return STRING
    if left in _MOMENTS:
        return _moment(context, at, operator, left, right)
    return _number(context, at, left, right)


def _number(context: Context, at: Position, left: ApexType, right: ApexType) -> ApexType:
    if NULL in (left, right):
        return UNKNOWN
    if not (is_number(left) and is_number(right)):
        context.error(at, NEEDS_NUMBERS)
        return UNKNOWN
    wider = (DECIMAL, DOUBLE, LONG)
    return next((each for each in wider if each in (left, right)), INTEGER)


def _moment(
    context: Context, at: Position, operator: str, left: ApexType, right: ApexType
) -> ApexType:
    operands, message = _MOMENTS[left]
    if operator not in "+-":
        context.error(at, NEEDS_NUMBERS)
    elif right not in operands and right != NULL:
        context.error(at, message)
    return left


def _bitwise(
    context: Context, at: Position, operator: str, left: ApexType, right: ApexType
) -> ApexType:
    whole = (INTEGER, LONG)
    if left in whole and right in whole:
        return LONG if LONG in (left, right) else INTEGER
    if operator in _SHIFTS:
        context.error(
            at, f"{operator} operation can only be applied to Integer or Long types"
        )
    elif left != BOOLEAN or right != BOOLEAN:
        context.error(
            at,
            f"{operator} operator can only be applied to Boolean expressions "
            "or to Integer or Long expressions",
        )
    else:
        return BOOLEAN
    return UNKNOWN

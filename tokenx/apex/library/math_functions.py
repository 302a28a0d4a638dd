"""Math."""

import math
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from ..runtime.api import Run
from ..runtime.errors import thrown
from ..values import Long, Value
from ..values.equality import number_order
from ..values.numbers import (
    divide_by_zero,
    plain_zero,
    round_whole,
    to_decimal,
    to_double,
    wrap_integer,
    wrap_long,
)
from .checks import require
from .numbers import F, rounded_double, to_long
from .registry import getter, static_method


def _math(*names: str) -> Callable[[F], F]:
    """Register a function of Math whose arguments can't be null."""

    def register(function: F) -> F:
        def checked(run: Run, *arguments: Value) -> Value:
            del run
            require(*arguments)
            return function(*arguments)

        static_method("Math", *names)(checked)
        return function

    return register


def _like(value: Value, result: float) -> Value:
    """Return a Double as the type of a number: a Decimal for a Decimal."""
    if not isinstance(value, Decimal):
        return result
    if not math.isfinite(result):
        raise thrown("MathException", "The result is not a number")
    return to_decimal(result)


def _function(name: str, calculate: Callable[..., float]) -> None:
    """Register a function of real numbers: NaN where it has no value."""

    def calculated(*values: Value) -> Value:
        try:
            result = calculate(*map(to_double, values))
        except ValueError:
            result = math.nan
        except OverflowError:
            result = math.inf
        return _like(values[0], result)

    _math(name)(calculated)


def _log(value: float) -> float:
    return math.log(value) if value else -math.inf


def _log10(value: float) -> float:
    return math.log10(value) if value else -math.inf


def _sinh(value: float) -> float:
    return math.copysign(math.inf, value) if abs(value) > 711 else math.sinh(value)


for _name, _calculate in (
    ("acos", math.acos),
    ("asin", math.asin),
    ("atan", math.atan),
    ("atan2", math.atan2),
    ("cbrt", math.cbrt),
    ("cos", math.cos),
    ("cosh", math.cosh),
    ("exp", math.exp),
    ("log", _log),
    ("log10", _log10),
    ("sin", math.sin),
    ("sinh", _sinh),
    ("sqrt", math.sqrt),
    ("tan", math.tan),
    ("tanh", math.tanh),
):
    _function(_name, _calculate)


@_math("abs")
def absolute(value: Value) -> Value:
    """Return a number without its sign."""
    if isinstance(value, Long):
        return wrap_long(abs(int(value)))
    if isinstance(value, int):
        return wrap_integer(abs(value))
    return value.copy_abs() if isinstance(value, Decimal) else abs(value)


def _whole_part(value: Value, rounding: str, of_double: Callable[[float], float]) -> Value:
    if isinstance(value, Decimal):
        return plain_zero(Decimal(round_whole(value, rounding)))
    number = to_double(value)
    return float(of_double(number)) if math.isfinite(number) else number


@_math("ceil")
def ceiling(value: Value) -> Value:
    """Return the smallest whole number that isn't less."""
    return _whole_part(value, ROUND_CEILING, math.ceil)


@_math("floor")
def floor(value: Value) -> Value:
    """Return the largest whole number that isn't more."""
    return _whole_part(value, ROUND_FLOOR, math.floor)


@_math("rint")
def round_to_even(value: Value) -> Value:
    """Return the nearest whole number; halves are rounded to the even neighbor."""
    return _whole_part(value, ROUND_HALF_EVEN, round)


@_math("round")
def round_to_integer(value: Value) -> int:
    """Return the nearest Integer."""
    return wrap_integer(int(_nearest(value)))


@_math("roundToLong")
def round_to_long(value: Value) -> Long:
    """Return the nearest Long."""
    return _nearest(value)


def _nearest(value: Value) -> Long:
    if isinstance(value, float):
        is_finite = math.isfinite(value)
        return to_long(float(rounded_double(value)) if is_finite else value)
    return wrap_long(round_whole(to_decimal(value)))


@_math("signum")
def signum(value: Value) -> Value:
    """Return -1, 0, or 1."""
    sign = number_order(value, 0) if value == value else 0
    return Decimal(sign) if isinstance(value, Decimal) else float(sign)


def _chosen(one: Value, other: Value, *, is_other: bool) -> Value:
    """Return one of two numbers as the wider type of both."""
    chosen = other if is_other else one
    if isinstance(one, Decimal) or isinstance(other, Decimal):
        return to_decimal(chosen)
    if isinstance(one, float) or isinstance(other, float):
        return to_double(chosen)
    return Long(chosen) if isinstance(one, Long) or isinstance(other, Long) else chosen


@_math("max")
def larger(one: Value, other: Value) -> Value:
    """Return the larger number."""
    return _chosen(one, other, is_other=number_order(one, other) < 0)


@_math("min")
def smaller(one: Value, other: Value) -> Value:
    """Return the smaller number."""
    return _chosen(one, other, is_other=number_order(one, other) > 0)


@_math("mod")
def modulo(one: Value, other: Value) -> Value:
    """Return the remainder, with the sign of the dividend."""
    if other == 0:
        raise divide_by_zero()
    rest = abs(int(one)) % abs(int(other))
    rest = -rest if one < 0 else rest
    return Long(rest) if isinstance(one, Long) or isinstance(other, Long) else rest


@_math("pow")
def double_power(base: Value, exponent: Value) -> float:
    """Return a number to the power of another one."""
    base, exponent = to_double(base), to_double(exponent)
    is_negative = base < 0 and exponent % 2 == 1
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if is_negative else math.inf
    except ValueError:
        return math.inf if base == 0 else math.nan


@static_method("Math", "random")
def random(run: Run) -> float:
    """Return a number from 0 up to, but not including, 1."""
    return (int.from_bytes(run.ports.clock.random_bytes(7)) >> 3) / 2**53


@getter("Math", "PI")
def pi(run: Run, receiver: Value) -> float:
    """Return pi."""
    del run, receiver
    return math.pi


@getter("Math", "E")
def euler(run: Run, receiver: Value) -> float:
    """Return Euler's number."""
    del run, receiver
    return math.e

"""Integer, Long, Double, Decimal, Boolean, Id, and Blob."""

import math
import re
from collections.abc import Callable
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from typing import Any, TypeVar

from ..runtime.api import Run
from ..runtime.errors import ThrownError, thrown
from ..values import EnumConstant, Id, Long, Value
from ..values.identifiers import to_id
from ..values.numbers import (
    MAX_DIGITS,
    MAX_INTEGER,
    MAX_LONG,
    MIN_INTEGER,
    MIN_LONG,
    decimal_power,
    decimal_quotient,
    is_number,
    parse_decimal,
    plain_text,
    scale_of,
    set_scale,
    to_decimal,
    to_double,
    truncate_double,
    wrap_integer,
    wrap_long,
)
from ..values.text import to_text
from ..values.utf16 import to_utf8
from .allocation import reserve_text
from .checks import given, require
from .registry import method, static_method

F = TypeVar("F", bound=Callable[..., Any])
_ROUNDING = {
    "CEILING": ROUND_CEILING,
    "DOWN": ROUND_DOWN,
    "FLOOR": ROUND_FLOOR,
    "HALF_DOWN": ROUND_HALF_DOWN,
    "HALF_EVEN": ROUND_HALF_EVEN,
    "HALF_UP": ROUND_HALF_UP,
    "UP": ROUND_UP,
}
_WHOLE = re.compile(r"[+-]?[0-9]{1,20}")
_DOUBLE = re.compile(
    r"[+-]?(?:NaN|Infinity|"
    r"(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][+-]?[0-9]{1,9})?[dDfF]?)"
)
_MAX_TEXT = 2_000
# A text of Double.format has at most so many digits after the point.
_FORMATTED_DIGITS = 3


def _invalid(type_name: str, text: str) -> ThrownError:
    return thrown("TypeException", f"Invalid {type_name}: {text[:_MAX_TEXT]}")


# --- Conversions from text --------------------------------------------------------------


def _parse_whole(text: str, type_name: str, low: int, high: int) -> int:
    number = int(text) if _WHOLE.fullmatch(text) else None
    if number is None or not low <= number <= high:
        raise _invalid(type_name, text)
    return number


@static_method("Integer", "valueOf")
def integer_value_of(run: Run, value: Value) -> int:
    """Return the Integer that a text or number has."""
    require(value)
    if isinstance(value, str):
        run.budget.charge_for(len(value))
        return _parse_whole(value, "integer", MIN_INTEGER, MAX_INTEGER)
    if not is_number(value):
        raise _invalid("integer", to_text(run, value))
    return _to_integer(value)


def _to_integer(value: Value) -> int:
    if isinstance(value, float):
        return truncate_double(value, MIN_INTEGER, MAX_INTEGER)
    return wrap_integer(int(value))


def to_long(value: Value) -> Long:
    if isinstance(value, float):
        return Long(truncate_double(value, MIN_LONG, MAX_LONG))
    return wrap_long(int(value))


@static_method("Long", "valueOf")
def long_value_of(run: Run, value: Value) -> Long:
    """Return the Long that a text has."""
    require(value)
    if not isinstance(value, str):
        return to_long(value)
    run.budget.charge_for(len(value))
    return Long(_parse_whole(value, "long", MIN_LONG, MAX_LONG))


@static_method("Double", "valueOf")
def double_value_of(run: Run, value: Value) -> float:
    """Return the Double that a text or number has."""
    require(value)
    if is_number(value):
        return to_double(value)
    text = value.strip() if isinstance(value, str) else to_text(run, value)
    run.budget.charge_for(len(text))
    if len(text) > _MAX_TEXT or not _DOUBLE.fullmatch(text):
        raise _invalid("double", text)
    return float(text if text.endswith("y") else text.rstrip("dDfF"))


@static_method("Decimal", "valueOf")
def decimal_value_of(run: Run, value: Value) -> Decimal:
    """Return the Decimal that a text or number has."""
    require(value)
    if is_number(value):
        return to_decimal(value)
    run.budget.charge_for(len(value))
    found = parse_decimal(value)
    if found is None:
        raise _invalid("decimal", value)
    return found


@static_method("Boolean", "valueOf")
def boolean_value_of(run: Run, value: Value) -> bool:
    """Return true for the text `true` in any case, and a Boolean itself."""
    del run
    require(value)
    if isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise thrown("TypeException", "Invalid boolean")
    return value.lower() == "true" if len(value) == 4 else False


# --- Instances --------------------------------------------------------------------------


def format_whole(run: Run, value: int) -> str:
    """Format a whole number for the user's locale."""
    return run.ports.user.formats.format_number(int(value))


method("Integer", "format")(format_whole)
method("Long", "format")(format_whole)


@method("Double", "format")
@method("Decimal", "format")
def format_number(run: Run, value: float | Decimal) -> str:
    """Format a number for the user's locale, with at most three digits after the point."""
    if isinstance(value, float) and not math.isfinite(value):
        return to_text(run, value)
    number = to_decimal(value)
    if number.adjusted() < MAX_DIGITS and scale_of(number) > _FORMATTED_DIGITS:
        number = set_scale(number, _FORMATTED_DIGITS)
    whole, _, rest = plain_text(number.copy_abs()).partition(".")
    formats = run.ports.user.formats
    rest = rest.rstrip("0")
    text = formats.format_number(int(whole)) + (rest and formats.decimal_mark + rest)
    is_negative = number < 0
    return f"-{text}" if is_negative else text


@method("Long", "intValue")
@method("Double", "intValue")
@method("Decimal", "intValue")
def int_value(run: Run, value: Value) -> int:
    """Return the whole part as an Integer."""
    del run
    return _to_integer(value)


@method("Long", "longValue")
@method("Integer", "longValue")
@method("Double", "longValue")
@method("Decimal", "longValue")
def long_value(run: Run, value: Value) -> Long:
    """Return the whole part as a Long."""
    del run
    return to_long(value)


@method("Decimal", "doubleValue")
def double_value(run: Run, value: Decimal) -> float:
    """Return the nearest Double."""
    del run
    return to_double(value)


def rounded_double(value: float) -> float:
    return math.floor(value + 0.5) if abs(value) < 2**53 else value


@method("Double", "round")
def round_double(run: Run, value: float) -> Long:
    """Return the nearest Long; halves are rounded up."""
    del run
    is_finite = math.isfinite(value)
    return to_long(float(rounded_double(value)) if is_finite else value)


def _rounded(value: Decimal, scale: int, mode: str) -> Decimal:
    """Round to a scale by the name of a rounding mode."""
    if mode in _ROUNDING:
        return set_scale(value, scale, _ROUNDING[mode])
    result = set_scale(value, scale, ROUND_DOWN)
    if result != value:
        raise thrown("MathException", "Rounding necessary")
    return result


@method("Decimal", "round")
def round_decimal(run: Run, value: Decimal, mode: EnumConstant | None = None) -> Long:
    """Return the nearest Long; halves are rounded to the even neighbor by default."""
    del run
    return wrap_long(int(_rounded(value, 0, mode.name if mode else "HALF_EVEN")))


@method("Decimal", "setScale", 1)
def set_scale_of(run: Run, value: Decimal, scale: int | None) -> Decimal:
    """Return the number with so many digits after the point."""
    return set_scale_by(run, value, scale, None)


@method("Decimal", "setScale", 2)
def set_scale_by(
    run: Run, value: Decimal, scale: int | None, mode: EnumConstant | None
) -> Decimal:
    """Return the number with so many digits after the point, by a rounding mode."""
    scale = given(scale)
    run.budget.charge_for(MAX_DIGITS)
    return _rounded(value, scale, mode.name if mode else "HALF_EVEN")


@method("Decimal", "divide", 2)
def divide(run: Run, value: Decimal, divisor: Decimal | None, scale: int | None) -> Decimal:
    """Divide, and round to so many digits after the point."""
    return divide_by(run, value, divisor, scale, None)


@method("Decimal", "divide", 3)
def divide_by(
    run: Run,
    value: Decimal,
    divisor: Decimal | None,
    scale: int | None,
    mode: EnumConstant | None,
) -> Decimal:
    """Divide, and round by a mode."""
    divisor, scale = given(divisor), given(scale)
    run.budget.charge(5)
    quotient = decimal_quotient(value, divisor)
    return _rounded(quotient, scale, mode.name if mode else "HALF_EVEN")


@method("Decimal", "abs")
def absolute_decimal(run: Run, value: Decimal) -> Decimal:
    """Return the number without its sign."""
    del run
    return value.copy_abs()


@method("Decimal", "pow")
def power(run: Run, value: Decimal, exponent: int | None) -> Decimal:
    """Return the number to the power of a whole number from 0 to 32,767."""
    exponent = given(exponent)
    if not 0 <= exponent <= 32_767:
        raise thrown("MathException", "The exponent must be from 0 to 32,767")
    run.budget.charge(50)
    return decimal_power(value, exponent)


@method("Decimal", "precision")
def precision(run: Run, value: Decimal) -> int:
    """Return the number of digits."""
    del run
    return len(value.as_tuple().digits)


@method("Decimal", "scale")
def scale(run: Run, value: Decimal) -> int:
    """Return the number of digits after the point."""
    del run
    return scale_of(value)


@method("Decimal", "stripTrailingZeros")
def strip_trailing_zeros(run: Run, value: Decimal) -> Decimal:
    """Return the number without zeros at its end."""
    del run
    if not value:
        return Decimal(0)
    sign, digits, _ = value.as_tuple()
    count = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    return Decimal((sign, digits[: len(digits) - count], count - scale_of(value)))


@method("Decimal", "toPlainString")
def to_plain_string(run: Run, value: Decimal) -> str:
    """Return the number's text without an exponent."""
    reserve_text(run, len(value.as_tuple().digits) + abs(scale_of(value)))
    return plain_text(value)


# --- Id and Blob ------------------------------------------------------------------------


@method("Id", "to15")
def to15(run: Run, value: Id) -> str:
    """Return the first 15 characters."""
    del run
    return str(value[:15])


@static_method("Id", "valueOf")
def id_value_of(run: Run, text: str | None, restores: bool | None = False) -> Id:
    """Return the ID that a text has; its case is restored if the last three tell it."""
    del run, restores
    text = given(text)
    return to_id(text)


@static_method("Blob", "valueOf")
def blob_value_of(run: Run, text: str | None) -> bytes:
    """Return a text as UTF-8."""
    text = given(text)
    reserve_text(run, len(text) if text.isascii() else 3 * len(text))
    return to_utf8(text)


@method("Blob", "size")
def size(run: Run, value: bytes) -> int:
    """Return the number of bytes."""
    del run
    return len(value)


@method("Blob", "toString")
def blob_to_string(run: Run, value: bytes) -> str:
    """Return the text that is UTF-8 in a Blob."""
    reserve_text(run, len(value))
    try:
        return value.decode()
    except UnicodeDecodeError:
        message = "BLOB is not a valid UTF-8 string"
        raise thrown("StringException", message) from None

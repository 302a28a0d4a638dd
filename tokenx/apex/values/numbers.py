"""Arithmetic of Integer, Long, Double, and Decimal, and their text."""

import math
from decimal import (
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)

from ..runtime.errors import ThrownError, thrown
from .kinds import Long

MIN_INTEGER, MAX_INTEGER = -(2**31), 2**31 - 1
MIN_LONG, MAX_LONG = -(2**63), 2**63 - 1
# Salesforce documents no limit of a Decimal's size. Here, it has this many digits, and its
# exponent is limited too, so that no operation takes long.
MAX_DIGITS = 1_000
MAX_EXPONENT = 2_000
_QUOTIENT_DIGITS = 33

_TRAPS = [DivisionByZero, Overflow, InvalidOperation]
_EXACT = Context(
    prec=MAX_DIGITS,
    rounding=ROUND_HALF_EVEN,
    Emin=-MAX_EXPONENT,
    Emax=MAX_EXPONENT,
    traps=_TRAPS,
)
_QUOTIENT = Context(
    prec=_QUOTIENT_DIGITS,
    rounding=ROUND_HALF_UP,
    Emin=-MAX_EXPONENT,
    Emax=MAX_EXPONENT,
    traps=_TRAPS,
)


def wrap_integer(value: int) -> int:
    """Return the Integer that has the lowest 32 bits of a number."""
    if MIN_INTEGER <= value <= MAX_INTEGER:
        return int(value)
    return ((value + 2**31) & 0xFFFFFFFF) - 2**31


def wrap_long(value: int) -> Long:
    """Return the Long that has the lowest 64 bits of a number."""
    if MIN_LONG <= value <= MAX_LONG:
        return Long(value)
    return Long(((value + 2**63) & 0xFFFFFFFFFFFFFFFF) - 2**63)


def is_number(value: object) -> bool:
    """Say whether a value is an Integer, Long, Double, or Decimal."""
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def to_decimal(value: int | float | Decimal) -> Decimal:
    """Return a number as a Decimal; a Double by its shortest text, as Java does."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int):
        return Decimal(int(value))
    if not math.isfinite(value):
        raise thrown("MathException", "Invalid number: the Double is not finite")
    return Decimal(double_text(value))


def to_double(value: int | float | Decimal) -> float:
    """Return a number as a Double."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def truncate_double(value: float, low: int, high: int) -> int:
    """Return the whole part of a Double within limits, as Java's casts do."""
    if math.isnan(value):
        return 0
    if math.isinf(value):
        return high if value > 0 else low
    return min(max(int(value), low), high)


def divide_whole(left: int, right: int) -> int:
    """Divide and truncate toward zero."""
    if right == 0:
        raise divide_by_zero()
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def divide_by_zero() -> ThrownError:
    """Return the exception for a division by zero."""
    return thrown("MathException", "Divide by 0")


def decimal_operation(operator: str, left: Decimal, right: Decimal) -> Decimal:
    """Add, subtract, multiply, or divide two Decimals.

    A sum has the larger scale of the two, and a product has the sum of both scales. A
    quotient that doesn't end is rounded to 33 digits.
    """
    try:
        match operator:
            case "+":
                return _EXACT.add(left, right)
            case "-":
                return _EXACT.subtract(left, right)
            case "*":
                return _EXACT.multiply(left, right)
        if not right:
            raise divide_by_zero()
        return plain_zero(_QUOTIENT.divide(left, right))
    except (Overflow, InvalidOperation):
        raise too_large() from None


def decimal_quotient(left: Decimal, right: Decimal) -> Decimal:
    """Return a quotient with as many digits as a Decimal has here."""
    if not right:
        raise divide_by_zero()
    try:
        return _EXACT.divide(left, right)
    except (Overflow, InvalidOperation):
        raise too_large() from None


def decimal_power(value: Decimal, exponent: int) -> Decimal:
    """Return a Decimal to the power of a whole number that isn't negative."""
    if exponent == 0:
        return Decimal(1)
    try:
        return plain_zero(_EXACT.power(value, exponent))
    except (Overflow, InvalidOperation):
        raise too_large() from None


def too_large() -> ThrownError:
    """Return the exception for a Decimal beyond the limits here."""
    return thrown("MathException", "The Decimal is too large")


def plain_zero(value: Decimal) -> Decimal:
    """Return zero without a sign: Java's BigDecimal has no negative zero."""
    return value or value.copy_abs()


def negate(value: Decimal) -> Decimal:
    """Return a Decimal with the other sign and the same digits."""
    return plain_zero(value.copy_negate())


def scale_of(value: Decimal) -> int:
    """Return the number of digits after the point; negative for 1E+3."""
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def set_scale(value: Decimal, scale: int, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """Return a Decimal with so many digits after the point."""
    if abs(scale) > MAX_DIGITS:
        raise thrown("MathException", f"Invalid scale: {scale}")
    try:
        with localcontext(_EXACT):
            return plain_zero(value.quantize(Decimal(1).scaleb(-scale), rounding=rounding))
    except (Overflow, InvalidOperation):
        raise too_large() from None


def round_whole(value: Decimal, rounding: str = ROUND_HALF_EVEN) -> int:
    """Return a Decimal rounded to a whole number of any size."""
    return int(value.to_integral_value(rounding=rounding))


def parse_decimal(text: str) -> Decimal | None:
    """Read a Decimal as Java does, within the limits here, or return None."""
    if len(text) > 2 * MAX_DIGITS or not text.isascii() or "_" in text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    if not value.is_finite() or text != text.strip():
        return None
    is_small = len(value.as_tuple().digits) <= MAX_DIGITS
    is_small = is_small and abs(scale_of(value)) <= MAX_EXPONENT
    return plain_zero(value) if is_small else None


def decimal_text(value: Decimal) -> str:
    """Return the text of a Decimal as Java's BigDecimal writes it: 1.50 or 1E+3."""
    return str(value)


def plain_text(value: Decimal) -> str:
    """Return the text of a Decimal without an exponent."""
    return format(value, "f")


def double_text(value: float) -> str:
    """Return the text of a Double as Java writes it: 1.0, 1.0E10, or NaN."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    text = repr(value)
    if not value or 1e-3 <= abs(value) < 1e7:
        return text
    digits = Decimal(text).normalize()
    first, _, rest = str(digits.scaleb(-digits.adjusted())).partition(".")
    return f"{first}.{rest or '0'}E{digits.adjusted()}"

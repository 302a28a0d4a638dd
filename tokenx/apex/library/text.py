"""String's static methods: docs/decisions/running-apex.md, "Text"."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import wraps
from typing import Any, TypeVar

from ..runtime.api import Run
from ..runtime.errors import NotRunnableError, ThrownError, thrown
from ..types import STRING
from ..values import ApexList, Value
from ..values.building import Parts
from ..values.text import date_text, datetime_text, to_text
from ..values.utf16 import join_units, split_units, work_on
from .allocation import reserve_items, reserve_text
from .checks import given, require
from .collections import iterate
from .registry import method, static_method
from .time_zones import in_user_zone

F = TypeVar("F", bound=Callable[..., Any])
# Python finds parts of so many characters in linear time, and others in shorter texts not.
_SLOW_PARTS, _SEARCHED_FAST = 100, 30_000
# Characters that one step handles if Python looks at each.
EACH_PER_STEP = 50
# Characters of white space that one step strips.
STRIPPED_PER_STEP = 200
# Java's Character.isWhitespace: without the spaces that don't break lines.
WHITESPACE = frozenset(
    "\t\n\x0b\f\r\x1c\x1d\x1e\x1f \u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008"
    "\u2009\u200a\u2028\u2029\u205f\u3000"
)
_WHITESPACE_TEXT = "".join(WHITESPACE)


def text_method(*names: str | int) -> Callable[[F], F]:
    """Register a method of String whose arguments can't be null.

    The function gets texts as UTF-16 units, and its result is joined again. It counts the
    work on all texts and reserves memory for a result that isn't longer than them; a
    function whose result can be longer reserves it first with `reserve_text`.
    """

    def register(function: F) -> F:
        @wraps(function)
        def checked(run: Run, text: str, *arguments: Value) -> Value:
            require(*arguments)
            run.budget.charge_for(work_on_texts(text, arguments))
            units = [_as_units(each) for each in (text, *arguments)]
            result = function(run, *units)
            if isinstance(result, str):
                run.allocate(len(result))
                return join_units(result)
            return result

        method("String", *names)(checked)
        return function

    return register


def _as_units(value: Value) -> Value:
    return split_units(str(value)) if isinstance(value, str) else value


def work_on_texts(text: str, arguments: Iterable[Value]) -> int:
    """Return the work of finding one text in another, in the worst case."""
    work = work_on(text)
    for each in arguments:
        if isinstance(each, str):
            work += work_on(each)
            if len(text) < _SEARCHED_FAST:
                work += len(text) * min(len(each), _SLOW_PARTS) // 4
    return work


def text_list(run: Run, parts: Sequence[str]) -> ApexList:
    """Return a list of texts; its memory is reserved here."""
    reserve_items(run, len(parts))
    run.allocate(sum(map(len, parts)))
    return ApexList(STRING, [join_units(part) for part in parts])


def out_of_bounds(what: str, index: int) -> ThrownError:
    """Return the exception for an index that a text doesn't have."""
    return thrown("StringException", f"{what} out of bounds: {index}")


# --- Static methods ---------------------------------------------------------------------


@static_method("String", "isBlank")
def is_blank(run: Run, text: str | None) -> bool:
    """Say whether a text is null or has only white space."""
    run.budget.charge_for(len(text or ""), STRIPPED_PER_STEP)
    return text is None or not text.lstrip(_WHITESPACE_TEXT)


@static_method("String", "isNotBlank")
def is_not_blank(run: Run, text: str | None) -> bool:
    """Say whether a text has a character that isn't white space."""
    return not is_blank(run, text)


@static_method("String", "isEmpty")
def is_empty(run: Run, text: str | None) -> bool:
    """Say whether a text is null or empty."""
    del run
    return not text


@static_method("String", "isNotEmpty")
def is_not_empty(run: Run, text: str | None) -> bool:
    """Say whether a text has a character."""
    del run
    return bool(text)


@static_method("String", "escapeSingleQuotes")
def escape_single_quotes(run: Run, text: str | None) -> str | None:
    """Put a backslash before each single quote."""
    if text is None:
        return None
    run.budget.charge_for(len(text))
    reserve_text(run, len(text) + text.count("'"))
    return text.replace("'", "\\'")


@static_method("String", "valueOf")
def value_of(run: Run, value: Value) -> str | None:
    """Return a value as text: a Date without a time, a Datetime in the user's zone."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return datetime_text(in_user_zone(run, value))
    if isinstance(value, date):
        return date_text(value)
    return to_text(run, value)


@static_method("String", "valueOfGmt")
def value_of_gmt(run: Run, value: datetime | None) -> str:
    """Return a Datetime in UTC as text."""
    del run
    value = given(value)
    return datetime_text(value)


@static_method("String", "fromCharArray")
def from_char_array(run: Run, units: ApexList | None) -> str:
    """Return the text of UTF-16 units or code points."""
    units = given(units)
    reserve_text(run, 2 * len(units.items))
    run.budget.charge_for(len(units.items), EACH_PER_STEP // 3)
    require(*units.items)
    if not all(0 <= each <= 0x10FFFF for each in units.items):
        raise thrown("StringException", "Invalid character")
    return join_units("".join(map(chr, units.items)))


@static_method("String", "getCommonPrefix")
def get_common_prefix(run: Run, texts: ApexList | None) -> str:
    """Return the start that all texts have in common."""
    texts = given(texts)
    if not texts.items or None in texts.items:
        return ""
    low, high = min(texts.items), max(texts.items)
    run.budget.charge_for(sum(map(len, texts.items)))
    run.budget.charge_for(len(texts.items), 10)
    size = common_size(low, high)
    run.allocate(size)
    return str(low[:size])


@static_method("String", "join")
def join(run: Run, items: Value, separator: str | None) -> str:
    """Join the items of a list, set, or other Iterable."""
    require(items, separator)
    parts = Parts[str](run)
    for index, each in enumerate(iterate(run, items)):
        run.budget.charge()
        if index and separator:
            parts.add(separator)
        if each is not None:
            parts.add(_joined_text(run, each))
    return "".join(parts.items)


def _joined_text(run: Run, value: Value) -> str:
    return value if isinstance(value, str) else value_of(run, value) or ""


@static_method("String", "format")
def format_text(run: Run, pattern: str | None, arguments: ApexList | None) -> str:
    """Replace {0} by the first argument, as Java's MessageFormat does."""
    pattern, arguments = given(pattern), given(arguments)
    run.budget.charge_for(len(pattern), 10)
    parts = Parts[str](run)
    for part, is_placeholder in _message_parts(pattern):
        parts.add(_placed(run, part, arguments) if is_placeholder else part)
    return "".join(parts.items)


def _message_parts(pattern: str) -> Iterable[tuple[str, bool]]:
    """Yield the literal parts and the insides of braces; quotes protect both."""
    literal: list[str] = []
    at, is_quoted = 0, False
    while at < len(pattern):
        character = pattern[at]
        at += 1
        if character == "'":
            if pattern[at : at + 1] == "'":
                literal.append("'")
                at += 1
            else:
                is_quoted = not is_quoted
        elif character == "{" and not is_quoted:
            end = pattern.find("}", at)
            if end < 0:
                message = "Unmatched braces in the pattern."
                raise thrown("StringException", message)
            yield "".join(literal), False
            literal = []
            yield pattern[at:end], True
            at = end + 1
        else:
            literal.append(character)
    yield "".join(literal), False


def _placed(run: Run, inside: str, arguments: ApexList) -> str:
    number, comma, _ = inside.partition(",")
    digits = number.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise thrown("StringException", f"can't parse argument number: {inside}")
    if comma:
        raise NotRunnableError(
            "String.format", f"The placeholder {{{inside}}} has a format type."
        )
    index = int(digits)
    if index >= len(arguments.items):
        return f"{{{digits}}}"
    value = arguments.items[index]
    return "null" if value is None else _joined_text(run, value)


def common_size(one: str, other: str) -> int:
    """Return the number of characters that two texts have in common at their start."""
    size = min(len(one), len(other))
    if one[:size] == other[:size]:
        return size
    low, high = 0, size
    while high - low > 1:
        middle = (low + high) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle
    return low

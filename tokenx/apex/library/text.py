"""String: docs/decisions/running-apex.md, "Text"."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import wraps
from typing import Any, TypeVar

from ..runtime.api import Run
from ..runtime.errors import NotRunnableError, ThrownError, thrown
from ..types import INTEGER, STRING
from ..values import ApexList, Value
from ..values.building import Parts
from ..values.equality import text_hash
from ..values.text import date_text, datetime_text, to_text
from ..values.utf16 import fold, is_plain, join_units, split_units, work_on
from . import escapes
from .arguments import require, reserve_items, reserve_text
from .collections import iterate
from .registry import method, static_method
from .time_zones import in_user_zone

F = TypeVar("F", bound=Callable[..., Any])
# Python finds parts of so many characters in linear time, and others in shorter texts not.
_SLOW_PARTS, _SEARCHED_FAST = 100, 30_000
# Characters that one step handles if Python looks at each.
EACH_PER_STEP = 50
# Characters beyond ASCII that one step escapes.
_ESCAPED_PER_STEP = 2
# Cells of the Levenshtein table that one step fills.
_CELLS_PER_STEP = 10
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
            run.budget.charge_for(_work(text, arguments))
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


def _work(text: str, arguments: Iterable[Value]) -> int:
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
    run.budget.charge_for(len(text or ""))
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
    require(value)
    assert value is not None  # noqa: S101
    return datetime_text(value)


@static_method("String", "fromCharArray")
def from_char_array(run: Run, units: ApexList | None) -> str:
    """Return the text of UTF-16 units or code points."""
    require(units)
    assert units is not None  # noqa: S101
    reserve_text(run, 2 * len(units.items))
    require(*units.items)
    if not all(0 <= each <= 0x10FFFF for each in units.items):
        raise thrown("StringException", "Invalid character")
    return join_units("".join(map(chr, units.items)))


@static_method("String", "getCommonPrefix")
def get_common_prefix(run: Run, texts: ApexList | None) -> str:
    """Return the start that all texts have in common."""
    require(texts)
    assert texts is not None  # noqa: S101
    if not texts.items or None in texts.items:
        return ""
    low, high = min(texts.items), max(texts.items)
    run.budget.charge_for(sum(map(len, texts.items)))
    run.budget.charge_for(len(texts.items), 10)
    size = _common_size(low, high)
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
    require(pattern, arguments)
    assert pattern is not None  # noqa: S101
    assert arguments is not None  # noqa: S101
    run.budget.charge_for(len(pattern), 100)
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


# --- Length, characters, and parts ------------------------------------------------------


@text_method("length")
def length(run: Run, text: str) -> int:
    """Return the number of UTF-16 units."""
    del run
    return len(text)


def _checked_index(text: str, index: int) -> int:
    if not 0 <= index < len(text):
        raise thrown("StringException", f"String index out of range: {index}")
    return index


@text_method("charAt")
def char_at(run: Run, text: str, index: int) -> int:
    """Return the unit at an index."""
    del run
    return ord(text[_checked_index(text, index)])


@text_method("codePointAt")
def code_point_at(run: Run, text: str, index: int) -> int:
    """Return the code point that starts at an index."""
    del run
    _checked_index(text, index)
    return ord(join_units(text[index : index + 2])[0])


@text_method("codePointBefore")
def code_point_before(run: Run, text: str, index: int) -> int:
    """Return the code point that ends before an index."""
    del run
    _checked_index(text, index - 1)
    return ord(join_units(text[max(index - 2, 0) : index])[-1])


@text_method("codePointCount")
def code_point_count(run: Run, text: str, start: int, end: int) -> int:
    """Return the number of code points between two indexes."""
    del run
    if not 0 <= start <= end <= len(text):
        raise thrown("StringException", f"String index out of range: {end}")
    return len(join_units(text[start:end]))


@text_method("offsetByCodePoints")
def offset_by_code_points(run: Run, text: str, index: int, offset: int) -> int:
    """Return the index so many code points away."""
    del run
    is_valid = 0 <= index <= len(text)
    before, after = join_units(text[:index]), join_units(text[index:])
    if not is_valid or not -len(before) <= offset <= len(after):
        raise thrown("StringException", f"String index out of range: {index + offset}")
    if offset >= 0:
        return index + len(split_units(after[:offset]))
    return len(split_units(before[:offset]))


@text_method("getChars")
def get_chars(run: Run, text: str) -> ApexList:
    """Return the units as a list."""
    reserve_items(run, len(text))
    return ApexList(INTEGER, list(map(ord, text)))


@text_method("substring", 1)
def substring_from(run: Run, text: str, start: int) -> str:
    """Return the text from an index on."""
    del run
    if not 0 <= start <= len(text):
        raise out_of_bounds("Starting position", start)
    return text[start:]


@text_method("substring", 2)
def substring(run: Run, text: str, start: int, end: int) -> str:
    """Return the text between two indexes."""
    del run
    if not 0 <= start <= len(text):
        raise out_of_bounds("Starting position", start)
    if not start <= end <= len(text):
        raise out_of_bounds("Ending position", end)
    return text[start:end]


@text_method("left")
def left(run: Run, text: str, size: int) -> str:
    """Return the first units."""
    del run
    return text[: max(size, 0)]


@text_method("right")
def right(run: Run, text: str, size: int) -> str:
    """Return the last units."""
    del run
    return text[max(len(text) - size, 0) :] if size > 0 else ""


@text_method("mid")
def mid(run: Run, text: str, start: int, size: int) -> str:
    """Return so many units from an index on."""
    del run
    start = max(start, 0)
    return text[start : start + max(size, 0)]


@text_method("substringAfter")
def substring_after(run: Run, text: str, separator: str) -> str:
    """Return the text after the first separator; empty without one."""
    del run
    return text.partition(separator)[2] if separator else text


@text_method("substringAfterLast")
def substring_after_last(run: Run, text: str, separator: str) -> str:
    """Return the text after the last separator; empty without one."""
    del run
    return text.rpartition(separator)[2] if separator and separator in text else ""


@text_method("substringBefore")
def substring_before(run: Run, text: str, separator: str) -> str:
    """Return the text before the first separator, or all of it."""
    del run
    return text.partition(separator)[0] if separator else ""


@text_method("substringBeforeLast")
def substring_before_last(run: Run, text: str, separator: str) -> str:
    """Return the text before the last separator, or all of it."""
    del run
    return text.rpartition(separator)[0] if separator and separator in text else text


@text_method("substringBetween", 1)
def substring_between_same(run: Run, text: str, tag: str) -> str | None:
    """Return the text between two equal tags, or null."""
    return substring_between(run, text, tag, tag)


@text_method("substringBetween", 2)
def substring_between(run: Run, text: str, start: str, end: str) -> str | None:
    """Return the text between two tags, or null."""
    del run
    at = text.find(start)
    to = text.find(end, at + len(start)) if at >= 0 else -1
    return text[at + len(start) : to] if to >= 0 else None


# --- Searching --------------------------------------------------------------------------


@text_method("contains")
def contains(run: Run, text: str, part: str) -> bool:
    """Say whether a text has a part."""
    del run
    return part in text


@text_method("containsIgnoreCase")
def contains_ignore_case(run: Run, text: str, part: str) -> bool:
    """Say whether a text has a part, without regard to case."""
    del run
    return fold(part) in fold(text)


@text_method("containsAny")
def contains_any(run: Run, text: str, characters: str) -> bool:
    """Say whether a text has one of the characters."""
    run.budget.charge_for(len(text), EACH_PER_STEP)
    return not set(characters).isdisjoint(text)


@text_method("containsNone")
def contains_none(run: Run, text: str, characters: str) -> bool:
    """Say whether a text has none of the characters."""
    run.budget.charge_for(len(text), EACH_PER_STEP)
    return set(characters).isdisjoint(text)


@text_method("containsOnly")
def contains_only(run: Run, text: str, characters: str) -> bool:
    """Say whether a text has only these characters."""
    run.budget.charge_for(len(text), EACH_PER_STEP)
    return set(characters).issuperset(text)


@text_method("containsWhitespace")
def contains_whitespace(run: Run, text: str) -> bool:
    """Say whether a text has white space."""
    run.budget.charge_for(len(text), EACH_PER_STEP)
    return not WHITESPACE.isdisjoint(text)


@text_method("countMatches")
def count_matches(run: Run, text: str, part: str) -> int:
    """Return how often a text has a part, without overlaps."""
    del run
    return text.count(part) if part else 0


@text_method("startsWith")
def starts_with(run: Run, text: str, part: str) -> bool:
    """Say whether a text starts with a part."""
    del run
    return text.startswith(part)


@text_method("startsWithIgnoreCase")
def starts_with_ignore_case(run: Run, text: str, part: str) -> bool:
    """Say whether a text starts with a part, without regard to case."""
    del run
    return fold(text[: len(part)]) == fold(part)


@text_method("endsWith")
def ends_with(run: Run, text: str, part: str) -> bool:
    """Say whether a text ends with a part."""
    del run
    return text.endswith(part)


@text_method("endsWithIgnoreCase")
def ends_with_ignore_case(run: Run, text: str, part: str) -> bool:
    """Say whether a text ends with a part, without regard to case."""
    del run
    is_short = len(part) <= len(text)
    return is_short and fold(text[len(text) - len(part) :]) == fold(part)


@text_method("indexOf", 1)
def index_of(run: Run, text: str, part: str) -> int:
    """Return the first index of a part, or -1."""
    del run
    return text.find(part)


@text_method("indexOf", 2)
def index_of_from(run: Run, text: str, part: str, start: int) -> int:
    """Return the first index of a part from an index on, or -1."""
    del run
    return text.find(part, min(max(start, 0), len(text)))


@text_method("indexOfIgnoreCase", 1)
def index_of_ignore_case(run: Run, text: str, part: str) -> int:
    """Return the first index of a part without regard to case, or -1."""
    del run
    return fold(text).find(fold(part))


@text_method("indexOfIgnoreCase", 2)
def index_of_ignore_case_from(run: Run, text: str, part: str, start: int) -> int:
    """Return the first index of a part from an index on, without regard to case."""
    del run
    return fold(text).find(fold(part), min(max(start, 0), len(text)))


def _last_index(text: str, part: str, start: int) -> int:
    return text.rfind(part, 0, start + len(part)) if start >= 0 else -1


@text_method("lastIndexOf", 1)
def last_index_of(run: Run, text: str, part: str) -> int:
    """Return the last index of a part, or -1."""
    del run
    return text.rfind(part)


@text_method("lastIndexOf", 2)
def last_index_of_until(run: Run, text: str, part: str, start: int) -> int:
    """Return the last index of a part up to an index, or -1."""
    del run
    return _last_index(text, part, start)


@text_method("lastIndexOfIgnoreCase", 1)
def last_index_of_ignore_case(run: Run, text: str, part: str) -> int:
    """Return the last index of a part without regard to case, or -1."""
    del run
    return fold(text).rfind(fold(part))


@text_method("lastIndexOfIgnoreCase", 2)
def last_index_of_ignore_case_until(run: Run, text: str, part: str, start: int) -> int:
    """Return the last index of a part up to an index, without regard to case."""
    del run
    return _last_index(fold(text), fold(part), start)


def _unit(code: int) -> str:
    return split_units(chr(code)) if 0 <= code <= 0x10FFFF else ""


@text_method("indexOfChar", 1)
def index_of_char(run: Run, text: str, code: int) -> int:
    """Return the first index of a code point, or -1."""
    return index_of_char_from(run, text, code, 0)


@text_method("indexOfChar", 2)
def index_of_char_from(run: Run, text: str, code: int, start: int) -> int:
    """Return the first index of a code point from an index on, or -1."""
    del run
    unit = _unit(code)
    return text.find(unit, max(start, 0)) if unit else -1


@text_method("lastIndexOfChar", 1)
def last_index_of_char(run: Run, text: str, code: int) -> int:
    """Return the last index of a code point, or -1."""
    return last_index_of_char_until(run, text, code, len(text))


@text_method("lastIndexOfChar", 2)
def last_index_of_char_until(run: Run, text: str, code: int, start: int) -> int:
    """Return the last index of a code point up to an index, or -1."""
    del run
    unit = _unit(code)
    return _last_index(text, unit, start) if unit else -1


@text_method("indexOfAny")
def index_of_any(run: Run, text: str, characters: str) -> int:
    """Return the first index of one of the characters, or -1."""
    run.budget.charge_for(len(text), EACH_PER_STEP)
    wanted = set(characters)
    return next((at for at, unit in enumerate(text) if unit in wanted), -1)


@text_method("indexOfAnyBut")
def index_of_any_but(run: Run, text: str, characters: str) -> int:
    """Return the first index of another character than these, or -1."""
    run.budget.charge_for(len(text), EACH_PER_STEP)
    skipped = set(characters)
    if not skipped:
        return -1
    return next((at for at, unit in enumerate(text) if unit not in skipped), -1)


def _common_size(one: str, other: str) -> int:
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


@text_method("indexOfDifference")
def index_of_difference(run: Run, text: str, other: str) -> int:
    """Return the index at which two texts begin to differ; -1 if they're equal."""
    del run
    return -1 if text == other else _common_size(text, other)


@text_method("difference")
def difference(run: Run, text: str, other: str) -> str:
    """Return the rest of another text from where it differs."""
    del run
    return "" if text == other else other[_common_size(text, other) :]


@text_method("getLevenshteinDistance", 1)
def levenshtein_distance(run: Run, text: str, other: str) -> int:
    """Return how many characters must change, be added, or be removed."""
    if len(text) < len(other):
        text, other = other, text
    reserve_items(run, len(other))
    row = list(range(len(other) + 1))
    for number, unit in enumerate(text, 1):
        run.budget.charge(1 + len(other) // _CELLS_PER_STEP)
        above, row[0] = row[0], number
        for at, candidate in enumerate(other, 1):
            change = above + (unit != candidate)
            above = row[at]
            row[at] = min(change, above + 1, row[at - 1] + 1)
    return row[-1]


@text_method("getLevenshteinDistance", 2)
def levenshtein_distance_within(run: Run, text: str, other: str, threshold: int) -> int:
    """Return the distance of two texts, or -1 if it's more than a threshold."""
    if threshold < 0:
        raise thrown("StringException", "Threshold must not be negative")
    if abs(len(text) - len(other)) > threshold:
        return -1
    distance = levenshtein_distance(run, text, other)
    return distance if distance <= threshold else -1


# --- Comparing --------------------------------------------------------------------------


@method("String", "equals")
def equals(run: Run, text: str, other: Value) -> bool:
    """Say whether two texts are equal, with their case."""
    run.budget.charge_for(len(text))
    return isinstance(other, str) and str(text) == str(other)


@method("String", "equalsIgnoreCase")
def equals_ignore_case(run: Run, text: str, other: str | None) -> bool:
    """Say whether two texts are equal without regard to case."""
    run.budget.charge_for(2 * work_on(text))
    return other is not None and len(text) == len(other) and fold(text) == fold(other)


@text_method("compareTo")
def compare_to(run: Run, text: str, other: str) -> int:
    """Return the difference of the first units that differ, or of the lengths."""
    del run
    size = _common_size(text, other)
    if size < min(len(text), len(other)):
        return ord(text[size]) - ord(other[size])
    return len(text) - len(other)


@method("String", "hashCode")
def hash_code(run: Run, text: str) -> int:
    """Return Java's hash."""
    run.budget.charge_for(len(text), EACH_PER_STEP)
    return text_hash(text)


@method("String", "toString")
def to_string(run: Run, text: str) -> str:
    """Return the text itself."""
    del run
    return text


# --- Kinds of characters ----------------------------------------------------------------


def _kind(
    name: str, test: Callable[[str], bool], *, of_empty: bool, extra: str = ""
) -> None:
    """Register a method that says whether a text has only characters of a kind."""

    def are_all(run: Run, text: str) -> bool:
        run.budget.charge_for(len(text), EACH_PER_STEP)
        joined = join_units(text)
        return all(test(each) or each in extra for each in joined) if text else of_empty

    text_method(name)(are_all)


_kind("isAllLowerCase", str.islower, of_empty=False)
_kind("isAllUpperCase", str.isupper, of_empty=False)
_kind("isAlpha", str.isalpha, of_empty=False)
_kind("isAlphaSpace", str.isalpha, of_empty=True, extra=" ")
_kind("isAlphanumeric", lambda each: each.isalpha() or each.isdecimal(), of_empty=False)
_kind(
    "isAlphanumericSpace",
    lambda each: each.isalpha() or each.isdecimal(),
    of_empty=True,
    extra=" ",
)
_kind("isNumeric", str.isdecimal, of_empty=False)
_kind("isNumericSpace", str.isdecimal, of_empty=True, extra=" ")
_kind("isWhitespace", WHITESPACE.__contains__, of_empty=True)
_kind("isAsciiPrintable", lambda each: " " <= each <= "~", of_empty=True)


# --- Changing ---------------------------------------------------------------------------


@text_method("trim")
def trim(run: Run, text: str) -> str:
    """Remove white space and control characters at both ends."""
    del run
    return text.strip("".join(map(chr, range(33))))


@text_method("normalizeSpace")
def normalize_space(run: Run, text: str) -> str:
    """Replace each run of white space by one space, and remove it at both ends."""
    run.budget.charge_for(len(text), EACH_PER_STEP)
    table = {ord(each): " " for each in (*WHITESPACE, "\u00a0")}
    return " ".join(part for part in text.translate(table).split(" ") if part)


@text_method("deleteWhitespace")
def delete_whitespace(run: Run, text: str) -> str:
    """Remove all white space."""
    run.budget.charge_for(len(text), EACH_PER_STEP)
    return text.translate(dict.fromkeys(map(ord, WHITESPACE)))


@text_method("toLowerCase", 1)
def to_lower_case_in(run: Run, text: str, locale: str) -> str:
    """Return the text in lower case by a locale's rules."""
    run.allocate(_cased_size(text))
    if _is_turkic(locale):
        text = text.replace("I", "ı").replace("İ", "i")
    return join_units(text).lower()


@text_method("toLowerCase", 0)
def to_lower_case(run: Run, text: str) -> str:
    """Return the text in lower case."""
    return to_lower_case_in(run, text, "")


@text_method("toUpperCase", 1)
def to_upper_case_in(run: Run, text: str, locale: str) -> str:
    """Return the text in upper case by a locale's rules."""
    run.allocate(_cased_size(text))
    if _is_turkic(locale):
        text = text.replace("i", "İ").replace("ı", "I")
    return join_units(text).upper()


@text_method("toUpperCase", 0)
def to_upper_case(run: Run, text: str) -> str:
    """Return the text in upper case."""
    return to_upper_case_in(run, text, "")


def _cased_size(text: str) -> int:
    """Return what the other case can take: ß becomes SS, and ΐ has three characters."""
    return 0 if text.isascii() else 2 * len(text)


def _is_turkic(locale: str) -> bool:
    return locale.lower().replace("-", "_").partition("_")[0] in ("tr", "az")


@text_method("swapCase")
def swap_case(run: Run, text: str) -> str:
    """Return the text with the other case."""
    run.budget.charge_for(len(text), EACH_PER_STEP)
    return "".join(map(_swapped, join_units(text)))


def _swapped(character: str) -> str:
    swapped = character.swapcase()
    return swapped if len(swapped) == 1 else character


@text_method("capitalize")
def capitalize(run: Run, text: str) -> str:
    """Return the text with its first character in upper case."""
    del run
    first = text[:1].title()
    return (first if len(first) == 1 else text[:1]) + text[1:]


@text_method("uncapitalize")
def uncapitalize(run: Run, text: str) -> str:
    """Return the text with its first character in lower case."""
    del run
    first = text[:1].lower()
    return (first if len(first) == 1 else text[:1]) + text[1:]


@text_method("reverse")
def reverse(run: Run, text: str) -> str:
    """Return the characters in reverse order."""
    del run
    return split_units(join_units(text)[::-1])


@text_method("remove")
def remove(run: Run, text: str, part: str) -> str:
    """Remove each occurrence of a part."""
    del run
    return text.replace(part, "") if part else text


@text_method("removeStart")
def remove_start(run: Run, text: str, part: str) -> str:
    """Remove a part at the start."""
    del run
    return text.removeprefix(part)


@text_method("removeStartIgnoreCase")
def remove_start_ignore_case(run: Run, text: str, part: str) -> str:
    """Remove a part at the start, without regard to case."""
    return text[len(part) :] if starts_with_ignore_case(run, text, part) else text


@text_method("removeEnd")
def remove_end(run: Run, text: str, part: str) -> str:
    """Remove a part at the end."""
    del run
    return text.removesuffix(part)


@text_method("removeEndIgnoreCase")
def remove_end_ignore_case(run: Run, text: str, part: str) -> str:
    """Remove a part at the end, without regard to case."""
    ends = ends_with_ignore_case(run, text, part)
    return text[: len(text) - len(part)] if ends else text


@method("String", "replace")
def replace(run: Run, text: str, target: str | None, replacement: str | None) -> str:
    """Replace each occurrence of a part."""
    require(target, replacement)
    assert target is not None  # noqa: S101
    assert replacement is not None  # noqa: S101
    run.budget.charge_for(_work(text, (target,)))
    if not is_plain(text) or not is_plain(target):
        text, target = split_units(text), split_units(target)
    growth = len(replacement) - len(target)
    reserve_text(run, len(text) + text.count(target) * max(growth, 0))
    return join_units(text.replace(target, replacement))


@text_method("overlay")
def overlay(run: Run, text: str, part: str, start: int, end: int) -> str:
    """Replace what's between two indexes."""
    start, end = sorted(min(max(index, 0), len(text)) for index in (start, end))
    reserve_text(run, len(text) + len(part))
    return text[:start] + part + text[end:]


@text_method("repeat", 1)
def repeat(run: Run, text: str, count: int) -> str:
    """Return the text so many times."""
    count = max(count, 0)
    reserve_text(run, len(text) * count)
    return text * count


@text_method("repeat", 2)
def repeat_with(run: Run, text: str, separator: str, count: int) -> str:
    """Return the text so many times, with a separator."""
    count = max(count, 0)
    reserve_text(run, (len(text) + len(separator)) * count)
    return (text + separator) * (count - 1) + text if count else ""


def _padding(pad: str, size: int) -> str:
    pad = pad or " "
    return (pad * (size // len(pad) + 1))[:size]


@text_method("leftPad", 1)
def left_pad(run: Run, text: str, size: int) -> str:
    """Add spaces before a text up to a length."""
    return left_pad_with(run, text, size, " ")


@text_method("leftPad", 2)
def left_pad_with(run: Run, text: str, size: int, pad: str) -> str:
    """Add a text before a text up to a length."""
    reserve_text(run, max(size, 0))
    return _padding(pad, max(size - len(text), 0)) + text


@text_method("rightPad", 1)
def right_pad(run: Run, text: str, size: int) -> str:
    """Add spaces after a text up to a length."""
    return right_pad_with(run, text, size, " ")


@text_method("rightPad", 2)
def right_pad_with(run: Run, text: str, size: int, pad: str) -> str:
    """Add a text after a text up to a length."""
    reserve_text(run, max(size, 0))
    return text + _padding(pad, max(size - len(text), 0))


@text_method("center", 1)
def center(run: Run, text: str, size: int) -> str:
    """Add spaces around a text up to a length."""
    return center_with(run, text, size, " ")


@text_method("center", 2)
def center_with(run: Run, text: str, size: int, pad: str) -> str:
    """Add a text around a text up to a length."""
    missing = max(size - len(text), 0)
    start = left_pad_with(run, text, len(text) + missing // 2, pad)
    return right_pad_with(run, start, len(text) + missing, pad)


@text_method("abbreviate", 1)
def abbreviate(run: Run, text: str, width: int) -> str:
    """Return the text in at most so many characters, with an ellipsis if it's longer."""
    return abbreviate_from(run, text, width, 0)


@text_method("abbreviate", 2)
def abbreviate_from(run: Run, text: str, width: int, offset: int) -> str:
    """Return the text around an index in at most so many characters."""
    del run
    if width < 4:
        raise thrown("StringException", "Minimum abbreviation width is 4")
    if len(text) <= width:
        return text
    offset = min(offset, len(text) - (width - 3))
    if offset <= 4:
        return f"{text[: width - 3]}..."
    if width < 7:
        raise thrown("StringException", "Minimum abbreviation width with offset is 7")
    if offset + width - 3 < len(text):
        return f"...{text[offset : offset + width - 6]}..."
    return f"...{text[len(text) - (width - 3) :]}"


@text_method("stripHtmlTags")
def strip_html_tags(run: Run, text: str) -> str:
    """Remove what's between < and >."""
    run.budget.charge_for(len(text), EACH_PER_STEP)
    parts: list[str] = []
    at = 0
    while (start := text.find("<", at)) >= 0 and (end := text.find(">", start)) >= 0:
        parts.append(text[at:start])
        at = end + 1
    return "".join([*parts, text[at:]])


# --- Splitting by kinds of characters ---------------------------------------------------


def _type_of(character: str) -> str:
    return "upper" if character.isupper() else "lower" if character.islower() else (
        "digit" if character.isdecimal() else "space" if character.isspace() else
        "letter" if character.isalpha() else "other"
    )  # fmt: skip


@text_method("splitByCharacterType")
def split_by_character_type(run: Run, text: str) -> ApexList:
    """Return the runs of characters of the same kind."""
    return text_list(run, _runs(run, text, is_camel_case=False))


@text_method("splitByCharacterTypeCamelCase")
def split_by_camel_case(run: Run, text: str) -> ApexList:
    """Return the runs of characters of the same kind; ASFRules is ASF and Rules."""
    return text_list(run, _runs(run, text, is_camel_case=True))


def _runs(run: Run, text: str, *, is_camel_case: bool) -> list[str]:
    run.budget.charge_for(len(text), EACH_PER_STEP)
    run.allocate(8 * len(text))
    joined = join_units(text)
    starts, previous = [0], ""
    for at, character in enumerate(joined):
        kind = _type_of(character)
        if previous and kind != previous:
            is_word = is_camel_case and (previous, kind) == ("upper", "lower")
            # The last capital letter belongs to the word that it starts.
            start = at - 1 if is_word else at
            if start > starts[-1]:
                starts.append(start)
        previous = kind
    ends = [*starts[1:], len(joined)]
    return [joined[start:end] for start, end in zip(starts, ends, strict=True) if joined]


# --- Escaping ---------------------------------------------------------------------------


def _escaping(name: str, change: Callable[[str], str], growth: int) -> None:
    """Register a method that escapes or unescapes; a character grows to at most so many."""

    def escaped(run: Run, text: str) -> str:
        per_step = EACH_PER_STEP if text.isascii() else _ESCAPED_PER_STEP
        run.budget.charge_for(len(text), per_step)
        run.allocate(escapes.size_bound(text, growth))
        return change(join_units(text))

    text_method(name)(escaped)


for _name, _change, _growth in escapes.METHODS:
    _escaping(_name, _change, _growth)

"""String's methods that search, compare, and tell kinds of characters."""

from collections.abc import Callable

from ..runtime.api import Run
from ..runtime.errors import thrown
from ..values import Value
from ..values.equality import text_hash
from ..values.utf16 import fold, join_units, split_units, work_on
from .allocation import reserve_items
from .registry import method
from .text import EACH_PER_STEP, WHITESPACE, common_size, text_method

# Cells of the Levenshtein table that one step fills.
_CELLS_PER_STEP = 10


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


@text_method("indexOfDifference")
def index_of_difference(run: Run, text: str, other: str) -> int:
    """Return the index at which two texts begin to differ; -1 if they're equal."""
    del run
    return -1 if text == other else common_size(text, other)


@text_method("difference")
def difference(run: Run, text: str, other: str) -> str:
    """Return the rest of another text from where it differs."""
    del run
    return "" if text == other else other[common_size(text, other) :]


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
    size = common_size(text, other)
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

"""String's methods that change, split, and escape text."""

from collections.abc import Callable

from ..runtime.api import Run
from ..runtime.errors import thrown
from ..values import ApexList
from ..values.utf16 import is_plain, join_units, split_units
from . import escapes
from .allocation import reserve_text
from .checks import given
from .registry import method
from .text import (
    EACH_PER_STEP,
    STRIPPED_PER_STEP,
    WHITESPACE,
    text_list,
    text_method,
    work_on_texts,
)
from .text_search import ends_with_ignore_case, starts_with_ignore_case

# Characters beyond ASCII that one step escapes.
_ESCAPED_PER_STEP = 2
# Characters that are swapped at a time; each is a text of its own.
_SWAPPED_AT_ONCE = 10_000


# --- Changing ---------------------------------------------------------------------------


@text_method("trim")
def trim(run: Run, text: str) -> str:
    """Remove white space and control characters at both ends."""
    run.budget.charge_for(len(text), STRIPPED_PER_STEP)
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
    if text.isascii():
        return text.swapcase()
    text = join_units(text)
    parts = (
        text[at : at + _SWAPPED_AT_ONCE] for at in range(0, len(text), _SWAPPED_AT_ONCE)
    )
    return "".join("".join(map(_swapped, part)) for part in parts)


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
    target, replacement = given(target), given(replacement)
    run.budget.charge_for(work_on_texts(text, (target,)))
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

"""String's methods for its length, its characters, and its parts."""

from ..runtime.api import Run
from ..runtime.errors import thrown
from ..types import INTEGER
from ..values import ApexList
from ..values.utf16 import join_units, split_units
from .allocation import reserve_items
from .text import out_of_bounds, text_method


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

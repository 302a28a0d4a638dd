"""Text in UTF-16 units, as Apex counts it; Python counts characters.

Texts without characters beyond U+FFFF take the fast path: both counts are the same.
"""

import re
import sys
from array import array

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_HIGH = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_UTF_16 = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"
# Folding a character can be this much slower outside of ASCII.
_WORK_OF_UNICODE = 30


def is_plain(text: str) -> bool:
    """Say whether each character of a text is one unit."""
    return text.isascii() or _ASTRAL.search(text) is None


def length(text: str) -> int:
    """Return the number of units."""
    if text.isascii():
        return len(text)
    return len(text) + len(_ASTRAL.findall(text))


def split_units(text: str) -> str:
    """Return the text with each surrogate pair as two characters."""
    if is_plain(text):
        return text
    return "".join(map(chr, array("H", text.encode(_UTF_16, "surrogatepass"))))


def join_units(text: str) -> str:
    """Return the text with each surrogate pair as one character."""
    if text.isascii() or _HIGH.search(text) is None:
        return text
    return text.encode(_UTF_16, "surrogatepass").decode(_UTF_16, "surrogatepass")


def cut(text: str, start: int, end: int | None = None) -> str:
    """Return the units from start to end, both within the text."""
    if is_plain(text):
        return text[start:end]
    return join_units(split_units(text)[start:end])


def unit_index(text: str, index: int) -> int:
    """Return the index in units of an index in characters, such as of text.find()."""
    if index <= 0 or text.isascii():
        return index
    return length(text[:index])


def character_index(text: str, index: int) -> int:
    """Return the index in characters of an index in units, within the text.

    The second half of a surrogate pair counts as the character after it.
    """
    if is_plain(text):
        return index
    return len(join_units(split_units(text)[:index]))


def to_utf8(text: str) -> bytes:
    """Encode a text; a lone surrogate becomes a question mark, as in Java."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return join_units(text).encode(errors="replace")


def order_key(text: str) -> str:
    """Return a text by which Python orders as Java does: by units."""
    return split_units(text)


def fold(text: str) -> str:
    """Return a text by which texts that differ only in case are equal.

    As in Java, each character is folded alone, so the length stays the same.
    """
    if text.isascii():
        return text.lower()
    upper = text.upper()
    if len(upper) == len(text):
        lower = upper.lower()
        if len(lower) == len(text):
            # Only in whole texts, the lower case of a last sigma differs.
            return lower.replace("ς", "σ")
    return "".join(map(_folded, text))


def _folded(character: str) -> str:
    upper = character.upper()
    if len(upper) != 1:
        upper = character
    lower = upper.lower()
    return lower if len(lower) == 1 else upper


def work_on(text: str) -> int:
    """Return the work of an operation on a text, in characters of ASCII."""
    return len(text) if text.isascii() else _WORK_OF_UNICODE * len(text)

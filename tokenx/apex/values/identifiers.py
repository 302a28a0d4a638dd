"""Record IDs of 15 and 18 characters."""

import re

from ..runtime.errors import thrown
from .kinds import Id

_SHORT = re.compile(r"[0-9A-Za-z]{15}")
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def parse_id(text: str) -> Id | None:
    """Return the ID that a text of 15 or 18 characters has, or None."""
    if len(text) == 15 and _SHORT.fullmatch(text):
        return Id(text + _suffix(text))
    if len(text) != 18 or not _SHORT.fullmatch(text[:15]):
        return None
    if text[15:] == _suffix(text[:15]):
        return Id(text)
    return _with_restored_case(text)


def to_id(text: str) -> Id:
    """Return the ID that a text has; raise a StringException if it isn't an ID."""
    found = parse_id(text)
    if found is None:
        raise thrown("StringException", f"Invalid id: {text}")
    return found


def _suffix(short: str) -> str:
    """Return three characters that say which of the 15 are upper case."""
    return "".join(
        _CHECK[
            sum(
                1 << offset
                for offset, character in enumerate(short[start : start + 5])
                if "A" <= character <= "Z"
            )
        ]
        for start in (0, 5, 10)
    )


def _with_restored_case(text: str) -> Id | None:
    """Restore the case of an ID of 18 characters by its last three, as Salesforce does."""
    bits = [_CHECK.find(character) for character in text[15:].upper()]
    if min(bits) < 0:
        return None
    restored = "".join(
        character.upper() if bits[at // 5] >> at % 5 & 1 else character.lower()
        for at, character in enumerate(text[:15])
    )
    suffix = _suffix(restored)
    return Id(restored + suffix) if suffix == text[15:].upper() else None

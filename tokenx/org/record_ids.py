"""Record ids as Salesforce writes them: what kind of thing, which one, and a checksum.

An id is three letters for the kind, twelve for the number, and three that hold which of
the fifteen are capitals, for systems that lose the case of letters.
"""

import string

# The kinds whose letters are known are Salesforce's own. For the last three none are
# known, and theirs begin with `tx` so that nobody takes them for the real ones.
ORG = "00D"
USER = "005"
APEX_CLASS = "01p"
CONNECTED_APP = "0H4"
AUDIT_ENTRY = "0Ym"
DEPLOYMENT = "0Af"
RETRIEVAL = "09S"
HANDLER = "txH"
ENABLEMENT = "txA"
EXTERNAL_APP = "txE"

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)}
_CHECKS = string.ascii_uppercase + "012345"
_SHORT, _LONG, _PART = 15, 18, 5
# What a key of the database can be.
_LAST_KEY = 2**63 - 1


def record_id(prefix: str, pk: int) -> str:
    """The id, in its long form, of the row with this key."""
    digits = ""
    while pk:
        pk, value = divmod(pk, len(_DIGITS))
        digits = _DIGITS[value] + digits
    short = prefix + digits.rjust(_SHORT - len(prefix), "0")
    return short + _checksum(short)


def pk_of(prefix: str, text: str) -> int | None:
    """The key of the row that an id names; None where it is no id of this kind."""
    short = text[:_SHORT]
    if len(text) not in {_SHORT, _LONG} or not text.startswith(prefix):
        return None
    if not set(short) <= _VALUES.keys() or text[_SHORT:] not in {"", _checksum(short)}:
        return None
    pk = 0
    for digit in short[len(prefix) :]:
        pk = pk * len(_DIGITS) + _VALUES[digit]
    return pk if pk <= _LAST_KEY else None


def _checksum(short: str) -> str:
    """One letter for each five of the id: a bit for each that is a capital."""
    parts = (short[place : place + _PART] for place in range(0, _SHORT, _PART))
    return "".join(
        _CHECKS[sum(1 << bit for bit, letter in enumerate(part) if letter.isupper())]
        for part in parts
    )

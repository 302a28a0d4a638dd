"""Record IDs in Salesforce's format: key prefix, number, and checksum.

An ID has three characters for the object, twelve for the number, and three that encode
which of these fifteen are uppercase, for systems that aren't case-sensitive.
"""

import string

# Known key prefixes are Salesforce's. Those of the last three objects aren't known; ours
# start with `tx`, so no one takes them for real ones.
ORG = "00D"
USER = "005"
PROFILE = "00e"
PERMISSION_SET = "0PS"
PERMISSION_SET_ASSIGNMENT = "0Pa"
SETUP_ENTITY_ACCESS = "0J0"
APEX_CLASS = "01p"
CONNECTED_APP = "0H4"
AUDIT_ENTRY = "0Ym"
REMOTE_SITE = "0rp"
CERTIFICATE = "0P1"
CUSTOM_FIELD = "00N"
APEX_LOG = "07L"
TRACE_FLAG = "7tf"
DEBUG_LEVEL = "7dl"
LOGIN = "0Ya"
CUSTOM_LABELS = "101"
NAMED_CREDENTIAL = "0XA"
CUSTOM_METADATA = "txM"
DEPLOYMENT = "0Af"
RETRIEVAL = "09S"
HANDLER = "txH"
ENABLEMENT = "txA"
EXTERNAL_APP = "txE"

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)}
_CHECKS = string.ascii_uppercase + "012345"
_SHORT, _LONG, _PART = 15, 18, 5
# The largest key in the database.
_LAST_KEY = 2**63 - 1


def record_id(prefix: str, pk: int) -> str:
    """Return the 18-character ID of the row with this key."""
    digits = ""
    while pk:
        pk, value = divmod(pk, len(_DIGITS))
        digits = _DIGITS[value] + digits
    short = prefix + digits.rjust(_SHORT - len(prefix), "0")
    return short + _checksum(short)


def pk_of(prefix: str, text: str) -> int | None:
    """Return the key of the row with this ID, or None if the ID isn't valid for it."""
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
    """Encode five characters in one: a bit for each that's uppercase."""
    parts = (short[start : start + _PART] for start in range(0, _SHORT, _PART))
    return "".join(
        _CHECKS[sum(1 << bit for bit, character in enumerate(part) if character.isupper())]
        for part in parts
    )

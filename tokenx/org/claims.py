"""A token's claims as text: a JSON object, or one `name=value` per line.

In a line, a value that's JSON has its type: `exp=1764540000` is a number, and
`aud=["one", "two"]` a list. Any other value is text.
"""

import json
import re
from typing import Any

from django.core.exceptions import ValidationError

MAX_CLAIMS_LENGTH = 8_000
MAX_CLAIMS = 100
MAX_NAME_LENGTH = 200
# Shown first, in this order; the others follow by name.
_FIRST = ("iss", "sub", "aud")
# In JSON: not after a backslash that's escaped itself.
_NULL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_EXAMPLE = "Enter one claim per line, such as aud=salesforce."


def read_claims(text: str) -> dict[str, Any]:
    """Return the claims. Raise ValidationError that says where the problem is."""
    if len(text) > MAX_CLAIMS_LENGTH:
        raise ValidationError(f"Claims can have at most {MAX_CLAIMS_LENGTH:,} characters.")
    is_json = text.lstrip().startswith("{")
    claims = _read_json(text) if is_json else _read_lines(text)
    check_claims(claims)
    return claims


def check_claims(claims: dict[str, Any]) -> None:
    """Raise ValidationError if a token can't have the claims."""
    if len(claims) > MAX_CLAIMS:
        raise ValidationError(f"A token can have at most {MAX_CLAIMS} claims.")
    for name in claims:
        if not name or len(name) > MAX_NAME_LENGTH:
            raise ValidationError(
                f"A claim's name has 1 to {MAX_NAME_LENGTH} characters. {_EXAMPLE}"
            )
    try:
        text = json.dumps(claims, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        message = "Claims can contain only JSON values."
        raise ValidationError(message) from error
    if _NULL.search(text):
        raise ValidationError("Claims can't contain the null character.")
    if len(text) > MAX_CLAIMS_LENGTH:
        raise ValidationError(f"Claims can have at most {MAX_CLAIMS_LENGTH:,} characters.")


def write_claims(claims: dict[str, Any]) -> str:
    """Return the claims as lines that read_claims() reads."""
    if any(_needs_json(name) for name in claims):
        return json.dumps(claims, ensure_ascii=False, indent=2, sort_keys=True)
    names = [name for name in _FIRST if name in claims]
    names += sorted(claims.keys() - {*names})
    return "\n".join(f"{name}={value_text(claims[name])}" for name in names)


def value_text(value: Any) -> str:
    """Return a claim's value as a line has it."""
    if isinstance(value, str) and value == _read_value(value) and value.isprintable():
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _needs_json(name: str) -> bool:
    return name != name.strip() or "=" in name or not name.isprintable() or name[0] == "{"


def _read_json(text: str) -> dict[str, Any]:
    try:
        claims = json.loads(text, object_pairs_hook=_unrepeated)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise ValidationError(f"The claims aren't valid JSON at {place}.") from error
    except (ValueError, RecursionError) as error:
        raise ValidationError("The claims aren't valid JSON.") from error
    if not isinstance(claims, dict):
        raise ValidationError(f"The claims aren't a JSON object. {_EXAMPLE}")
    return claims


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    claims = dict(pairs)
    if len(claims) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValidationError(f"The claim {repeated} is repeated.")
    return claims


def _read_lines(text: str) -> dict[str, Any]:
    claims: dict[str, Any] = {}
    # Only line breaks end a line; a value can contain any other character.
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if not line.strip():
            continue
        name, separator, value = (part.strip() for part in line.partition("="))
        if not separator or not name:
            raise ValidationError(f"Line {number} isn't a claim. {_EXAMPLE}")
        if name in claims:
            raise ValidationError(f"Line {number} repeats the claim {name}.")
        claims[name] = _read_value(value)
    return claims


def _read_value(text: str) -> Any:
    """Return a value with its type if it's JSON, and otherwise as text."""
    stripped = text.strip()
    try:
        return json.loads(stripped, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return stripped


def _refuse_constant(name: str) -> None:
    raise ValueError(name)

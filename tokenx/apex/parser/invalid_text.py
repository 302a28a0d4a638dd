"""Text that isn't a token, and literals with invalid values, in the compiler's words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from string import whitespace

_INVALID_NAME = re.compile(r"[^\x00-\x7f][\w$]*|[^\x00-\x7f]")
_QUOTED = re.compile(r'"[^"\n]*"?')
# What's after the text of a string whose closing quote is missing.
_CLOSERS = f"{whitespace};)}}]"
_ESCAPE = re.compile(
    r"\\(?:[btnfr\"'\\]|u[0-9a-fA-F]{4}|(?P<invalid>u.{0,4}|.?))", re.DOTALL
)
_NAMES = (
    "Apex identifiers must start with an ASCII letter (a-z or A-Z) followed by any number "
    "of ASCII letters (a-z or A-Z), digits (0 - 9), '$', '_'."
)
_LONGEST_SHOWN = 200
_LAST = {"Illegal integer": 2**31 - 1, "Illegal long": 2**63 - 1}


@dataclass(frozen=True, slots=True)
class InvalidText:
    """Text that isn't a token, and the type of the token to read in its place."""

    message: str
    end: int
    kind: str = "INVALID"


def shortened(text: str, longest: int = _LONGEST_SHOWN) -> str:
    """Return a text for a message."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def invalid_text(body: str, offset: int) -> InvalidText:
    """Explain why no token starts at an offset."""
    sign = body[offset]
    if sign == "'":
        return _unclosed_string(body, offset)
    if body.startswith("/*", offset):
        message = "Missing closing mark */ on multi-line comment."
        return InvalidText(message, len(body))
    if sign in '"\\':
        return _unrecognized(body, offset)
    if sign > "\x7f":
        return _invalid_name(body, offset)
    if sign < " " or sign == "\x7f":
        code = f"hex 0x{ord(sign):04X} (decimal {ord(sign)})"
        message = f"Found control character {code} that isn't valid in Apex."
        return InvalidText(message, offset + 1, "")
    message = f"Found punctuation symbol or operator '{sign}' that isn't valid in Apex."
    return InvalidText(message, offset + 1, "OPERATOR" if sign == "%" else "INVALID")


def _unclosed_string(body: str, offset: int) -> InvalidText:
    line_end = body.find("\n", offset)
    line_end = len(body) if line_end < 0 else line_end
    message = "Missing closing quote character ' on string."
    if body.find("'", line_end) >= 0:
        message = "Illegal string literal: Line breaks are not allowed in string literals"
    text = body[offset:line_end].rstrip(_CLOSERS)
    return InvalidText(message, offset + len(text), "LITERAL")


def _unrecognized(body: str, offset: int) -> InvalidText:
    sign, quoted = body[offset], _QUOTED.match(body, offset)
    message = f"Unrecognized symbol '{sign}', which is not a valid Apex identifier."
    if quoted:
        return InvalidText(message, quoted.end(), "LITERAL")
    return InvalidText(message, offset + 1, "")


def _invalid_name(body: str, offset: int) -> InvalidText:
    found = _INVALID_NAME.match(body, offset)
    name = found.group() if found else body[offset]
    message = f"Invalid identifier '{shortened(name)}'. {_NAMES}"
    return InvalidText(message, offset + len(name), "NAME")


def literal_errors(text: str) -> Iterator[str]:
    """Yield what's invalid in a string or number."""
    if text[0] == "'":
        escapes = _ESCAPE.finditer(text, 1, len(text) - 1)
        invalid = next((each[0] for each in escapes if each["invalid"] is not None), "")
        if invalid:
            kind = "unicode sequence." if invalid[1:2] == "u" else "character sequence"
            value = shortened(text[1:-1])
            reason = f"Illegal {kind} {invalid}' in string literal."
            yield f"Illegal string literal: Invalid string literal '{value}'. {reason}"
    elif len(text) > 9 and "." not in text:
        message = "Illegal long" if text[-1] in "lL" else "Illegal integer"
        digits = text.rstrip("lL")
        # More than 4,300 digits can't be converted.
        if len(digits.lstrip("0")) > 20 or int(digits[-25:]) > _LAST[message]:
            yield message

"""Reads JSON token by token, without recursion, and with the errors of Salesforce.

The texts of errors are those of Jackson, as public reports of JSONException have them. A
document is at most 1,000 levels deep.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]  # public, but not in the stubs
from typing import NamedTuple

from ..runtime.api import Run
from ..runtime.errors import ThrownError, thrown
from ..values import Long, Value

MAX_DEPTH = 1_000
# A number with more digits or a greater exponent isn't one that Apex can use.
_MAX_DIGITS = 1_000
_MAX_EXPONENT = 400

_SPACE = re.compile(r"[ \t\r\n]*+")
_STRING = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*+)(\.[0-9]++)?([eE][+-]?[0-9]++)?")
_WORD = re.compile(r"\w{0,40}")
_WORDS = {
    "true": ("VALUE_TRUE", True),
    "false": ("VALUE_FALSE", False),
    "null": ("VALUE_NULL", None),
}
_A_VALUE = (
    "expected a valid value (number, String, array, object, 'true', 'false' or 'null')"
)
_KINDS = {"{": "OBJECT", "[": "ARRAY"}


class JsonToken(NamedTuple):
    """A token: the name of its JSONToken, its value, and where it starts.

    The value of a number is its text.
    """

    kind: str
    value: str | bool | None
    start: int
    end: int


class Expected:
    """The names of what the reader can expect next."""

    VALUE = "value"
    VALUE_OR_END = "value or end"
    KEY = "key"
    KEY_OR_END = "key or end"
    COMMA_OR_END = "comma or end"


def fail(message: str) -> ThrownError:
    """Return a JSONException."""
    return thrown("JSONException", message)


def location(text: str, index: int) -> str:
    """Return a place as most errors write it."""
    line, column = _line_and_column(text, index)
    return f"[line:{line}, column:{column}]"


def input_location(text: str, index: int) -> str:
    """Return a place as errors of the first value and of JSONParser write it."""
    line, column = _line_and_column(text, index)
    return f"input location [{line},{column}]"


def _line_and_column(text: str, index: int) -> tuple[int, int]:
    start = text.rfind("\n", 0, index) + 1
    return text.count("\n", 0, index) + 1, index - start + 1


def shown_character(character: str) -> str:
    """Return a character with its code, as errors write it."""
    code = ord(character)
    if code < 32:
        return f"(CTRL-CHAR, code {code})"
    hexadecimal = f" / 0x{code:x}" if code > 127 else ""
    return f"'{character}' (code {code}{hexadecimal})"


def read_tokens(run: Run, text: str) -> Iterator[JsonToken]:
    """Yield the tokens of a document. Each costs one step when it's read."""
    run.budget.charge_for(len(text))
    reader = _TokenReader(run, text)
    while token := reader.next():
        yield token


class _TokenReader:
    """The state of reading: the position, the open brackets, and what can come next."""

    def __init__(self, run: Run, text: str) -> None:
        self.run = run
        self.text = text
        self.at = 0
        self.open: list[tuple[str, int]] = []
        self.expected = Expected.VALUE
        self.is_begun = False

    def next(self) -> JsonToken | None:
        self.run.budget.charge()
        self.skip_space()
        if self.expected == Expected.COMMA_OR_END:
            if not self.open:
                self.check_end()
                return None
            if closed := self.close():
                return closed
            self.skip_comma()
        elif self.expected in (Expected.VALUE_OR_END, Expected.KEY_OR_END) and (
            closed := self.close()
        ):
            return closed
        if self.expected in (Expected.KEY, Expected.KEY_OR_END):
            return self.key()
        return self.value()

    def skip_space(self) -> None:
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def check_end(self) -> None:
        if self.at < len(self.text):
            raise self.unexpected("expected the end of the document")

    def close(self) -> JsonToken | None:
        """Return the end of the innermost array or object if it's here."""
        character = self.text[self.at : self.at + 1]
        bracket, start = self.open[-1]
        if not character:
            place = location(self.text, start - 1)
            words = f"expected close marker for {_KINDS[bracket]} (from {place})"
            raise self.ended(f": {words}")
        if character not in "}]":
            return None
        if (character == "}") != (bracket == "{"):
            if self.expected in (Expected.VALUE_OR_END, Expected.KEY_OR_END):
                return None
            closing = "}" if bracket == "{" else "]"
            place = location(self.text, start - 1)
            words = f"Unexpected close marker '{character}': expected '{closing}'"
            where = f"at {location(self.text, self.at)}"
            raise fail(f"{words} (for {_KINDS[bracket]} starting at {place}) {where}")
        self.open.pop()
        return self.token(
            f"END_{_KINDS[bracket]}", None, self.at + 1, Expected.COMMA_OR_END
        )

    def skip_comma(self) -> None:
        kind = _KINDS[self.open[-1][0]]
        if self.text[self.at] != ",":
            expected = f"was expecting comma to separate {kind} entries"
            raise self.unexpected(expected)
        self.at += 1
        self.expected = Expected.KEY if kind == "OBJECT" else Expected.VALUE
        self.skip_space()

    def key(self) -> JsonToken:
        if self.text[self.at : self.at + 1] != '"':
            expected = "was expecting double-quote to start field name"
            raise self.unexpected(expected)
        name, end = self.string()
        start, self.at = self.at, end
        self.skip_space()
        if self.text[self.at : self.at + 1] != ":":
            expected = "was expecting a colon to separate field name and value"
            raise self.unexpected(expected)
        self.at += 1
        self.expected = Expected.VALUE
        return JsonToken("FIELD_NAME", name, start, end)

    def value(self) -> JsonToken | None:
        character = self.text[self.at : self.at + 1]
        if not character:
            if not self.is_begun:
                return None
            raise self.ended()
        self.is_begun = True
        if character == '"':
            text, end = self.string()
            return self.token("VALUE_STRING", text, end, Expected.COMMA_OR_END)
        if character in "{[":
            if len(self.open) >= MAX_DEPTH:
                raise fail(f"The document is nested more than {MAX_DEPTH:,} levels deep")
            self.open.append((character, self.at))
            then = Expected.KEY_OR_END if character == "{" else Expected.VALUE_OR_END
            return self.token(f"START_{_KINDS[character]}", None, self.at + 1, then)
        if character.isascii() and (character.isdigit() or character == "-"):
            return self.number()
        return self.word()

    def word(self) -> JsonToken:
        match = _WORD.match(self.text, self.at)
        word = match[0] if match else ""
        if word in _WORDS:
            kind, value = _WORDS[word]
            return self.token(kind, value, self.at + len(word), Expected.COMMA_OR_END)
        if word[:1] in ("t", "f", "n"):
            words = f"Unrecognized token '{word}': was expecting 'null', 'true', or 'false'"
            raise fail(f"{words} at {location(self.text, self.at + len(word))}")
        raise self.no_value()

    def number(self) -> JsonToken:
        match = _NUMBER.match(self.text, self.at)
        if match is None:
            expected = "expected digit (0-9) to follow minus sign, for valid numeric value"
            self.at += 1
            raise self.unexpected(expected)
        after = self.text[match.end() : match.end() + 1]
        if after.isascii() and after.isdigit():
            words = "Invalid numeric value: Leading zeroes not allowed"
            raise fail(f"{words} at {location(self.text, match.end())}")
        self.run.allocate(len(match[0]))
        kind = "VALUE_NUMBER_FLOAT" if match[1] or match[2] else "VALUE_NUMBER_INT"
        return self.token(kind, match[0], match.end(), Expected.COMMA_OR_END)

    def string(self) -> tuple[str, int]:
        """Return the string that starts here, and its end."""
        match = _STRING.match(self.text, self.at + 1)
        if match is None:
            self.at = len(self.text)
            raise self.ended(": was expecting closing quote for a string value")
        self.run.allocate(match.end() - self.at)
        try:
            return scanstring(self.text, self.at + 1, True)
        except JSONDecodeError as error:
            raise self.invalid_string(error) from error

    def invalid_string(self, error: JSONDecodeError) -> ThrownError:
        index = min(error.pos, len(self.text) - 1)
        if error.msg.startswith("Invalid control"):
            code = ord(self.text[index])
            words = f"Illegal unquoted character ((CTRL-CHAR, code {code}))"
            rest = "has to be escaped using backslash to be included in string value"
            return fail(f"{words}: {rest} at {location(self.text, index)}")
        index = self.text.find("\\", index)
        character = self.text[index + 1 : index + 2]
        code = ord(character) if character else 0
        words = f"Unrecognized character escape '{character}' (code {code})"
        return fail(f"{words} at {location(self.text, index + 1)}")

    def ended(self, detail: str = "") -> ThrownError:
        """Return the error for a text that ends too early."""
        if not detail and self.open:
            detail = f" within/between {_KINDS[self.open[-1][0]]} entries"
        place = location(self.text, len(self.text))
        return fail(f"Unexpected end-of-input{detail} at {place}")

    def unexpected(self, expected: str) -> ThrownError:
        """Return the error for the character here, or for the end of the text."""
        if self.at >= len(self.text):
            return self.ended()
        shown = shown_character(self.text[self.at])
        place = location(self.text, self.at)
        return fail(f"Unexpected character ({shown}): {expected} at {place}")

    def no_value(self) -> ThrownError:
        """Return the error for a character that doesn't begin a value."""
        shown = shown_character(self.text[self.at])
        if not self.open:
            # The position is that after the character.
            place = input_location(self.text, self.at + 1)
            return fail(f"Unexpected character ({shown}): {_A_VALUE} at {place}")
        expected = "expected a value" if self.text[self.at] in "}]" else _A_VALUE
        return self.unexpected(expected)

    def token(self, kind: str, value: str | bool | None, end: int, then: str) -> JsonToken:
        token = JsonToken(kind, value, self.at, end)
        self.at = end
        self.expected = then
        return token


def number_of(text: str, token: JsonToken) -> Value:
    """Return the number that untyped JSON has: Integer, Long, or Decimal."""
    digits = str(token.value)
    if token.kind == "VALUE_NUMBER_FLOAT":
        return decimal_of(digits)
    number = int(digits) if len(digits) <= 20 else 2**63
    if -(2**31) <= number < 2**31:
        return number
    if -(2**63) <= number < 2**63:
        return Long(number)
    raise too_large(text, token)


def too_large(text: str, token: JsonToken) -> ThrownError:
    """Return the error for a whole number that's out of bounds."""
    place = location(text, token.start)
    return fail(f'For input string: "{str(token.value)[:100]}" at {place}')


def decimal_of(text: str) -> Decimal:
    """Return a number as a Decimal; its size is bounded."""
    mantissa, _, exponent = text.lower().partition("e")
    is_long = len(mantissa) > _MAX_DIGITS or len(exponent.lstrip("+-0")) > 4
    if is_long or abs(int(exponent or 0)) > _MAX_EXPONENT:
        raise fail(f"Numeric value ({text[:40]}) out of range")
    return Decimal(text)

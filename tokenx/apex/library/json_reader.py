"""Reads JSON token by token, without recursion, and with the errors of Salesforce.

The texts of errors are those of Jackson, as public reports of JSONException have them. A
document is at most 1,000 levels deep.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]
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
    """Return a place as the errors write it: after the character at the index."""
    start = text.rfind("\n", 0, index) + 1
    return f"[{text.count(chr(10), 0, index) + 1},{index - start + 2}]"


def _unexpected(text: str, index: int, expected: str) -> ThrownError:
    """Return the error for a character that can't be here, or for the end of the text."""
    place = location(text, index)
    if index >= len(text):
        return fail(f"Unexpected end-of-input: {expected} at input location {place}")
    character = text[index]
    shown = f"'{character}' (code {ord(character)})"
    if ord(character) < 32:
        shown = f"(CTRL-CHAR, code {ord(character)})"
    return fail(f"Unexpected character ({shown}): {expected} at input location {place}")


def read_tokens(run: Run, text: str) -> Iterator[JsonToken]:
    """Yield the tokens of a document. Each costs one step when it's read."""
    run.budget.charge_for(len(text))
    reader = _Reader(run, text)
    while token := reader.next():
        yield token


class _Reader:
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
            raise _unexpected(self.text, self.at, "expected the end of the document")

    def close(self) -> JsonToken | None:
        """Return the end of the innermost array or object if it's here."""
        character = self.text[self.at : self.at + 1]
        bracket, start = self.open[-1]
        if not character:
            place = location(self.text, start - 1)
            expected = f"expected close marker for {_KINDS[bracket]} (from {place})"
            raise _unexpected(self.text, self.at, expected)
        if character not in "}]":
            return None
        if (character == "}") != (bracket == "{"):
            if self.expected in (Expected.VALUE_OR_END, Expected.KEY_OR_END):
                return None
            closing = "}" if bracket == "{" else "]"
            place = location(self.text, start - 1)
            words = f"Unexpected close marker '{character}': expected '{closing}'"
            where = f"at input location {location(self.text, self.at)}"
            raise fail(f"{words} (for {_KINDS[bracket]} starting at {place}) {where}")
        self.open.pop()
        return self.token(
            f"END_{_KINDS[bracket]}", None, self.at + 1, Expected.COMMA_OR_END
        )

    def skip_comma(self) -> None:
        kind = _KINDS[self.open[-1][0]]
        if self.text[self.at] != ",":
            expected = f"was expecting comma to separate {kind} entries"
            raise _unexpected(self.text, self.at, expected)
        self.at += 1
        self.expected = Expected.KEY if kind == "OBJECT" else Expected.VALUE
        self.skip_space()

    def key(self) -> JsonToken:
        if self.text[self.at : self.at + 1] != '"':
            expected = "was expecting double-quote to start field name"
            raise _unexpected(self.text, self.at, expected)
        name, end = self.string()
        start, self.at = self.at, end
        self.skip_space()
        if self.text[self.at : self.at + 1] != ":":
            expected = "was expecting a colon to separate field name and value"
            raise _unexpected(self.text, self.at, expected)
        self.at += 1
        self.expected = Expected.VALUE
        return JsonToken("FIELD_NAME", name, start, end)

    def value(self) -> JsonToken | None:
        character = self.text[self.at : self.at + 1]
        if not character:
            if not self.is_begun:
                return None
            raise _unexpected(self.text, self.at, "expected a value")
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
            where = location(self.text, self.at + len(word) - 1)
            words = f"Unrecognized token '{word}': was expecting 'null', 'true', or 'false'"
            raise fail(f"{words} at input location {where}")
        raise _unexpected(self.text, self.at, _A_VALUE)

    def number(self) -> JsonToken:
        match = _NUMBER.match(self.text, self.at)
        if match is None:
            expected = "expected digit (0-9) to follow minus sign, for valid numeric value"
            raise _unexpected(self.text, self.at + 1, expected)
        after = self.text[match.end() : match.end() + 1]
        if after.isascii() and after.isdigit():
            where = location(self.text, match.end())
            words = "Invalid numeric value: Leading zeroes not allowed"
            raise fail(f"{words} at input location {where}")
        self.run.allocate(len(match[0]))
        kind = "VALUE_NUMBER_FLOAT" if match[1] or match[2] else "VALUE_NUMBER_INT"
        return self.token(kind, match[0], match.end(), Expected.COMMA_OR_END)

    def string(self) -> tuple[str, int]:
        """Return the string that starts here, and its end."""
        match = _STRING.match(self.text, self.at + 1)
        if match is None:
            expected = "was expecting closing quote for a string value"
            raise _unexpected(self.text, len(self.text), expected)
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
            return fail(f"{words}: {rest} at input location {location(self.text, index)}")
        index = self.text.find("\\", index)
        character = self.text[index + 1 : index + 2]
        code = ord(character) if character else 0
        where = location(self.text, index + 1)
        words = f"Unrecognized character escape '{character}' (code {code})"
        return fail(f"{words} at input location {where}")

    def token(self, kind: str, value: str | bool | None, end: int, then: str) -> JsonToken:
        token = JsonToken(kind, value, self.at, end)
        self.at = end
        self.expected = then
        return token


def number_of(text: str) -> Value:
    """Return the number that untyped JSON has: Integer, Long, or Decimal."""
    if text.lstrip("-").isdigit() and len(text) <= 20:
        number = int(text)
        if -(2**31) <= number < 2**31:
            return number
        if -(2**63) <= number < 2**63:
            return Long(number)
    return decimal_of(text)


def decimal_of(text: str) -> Decimal:
    """Return a number as a Decimal; its size is bounded."""
    mantissa, _, exponent = text.lower().partition("e")
    is_long = len(mantissa) > _MAX_DIGITS or len(exponent.lstrip("+-0")) > 4
    if is_long or abs(int(exponent or 0)) > _MAX_EXPONENT:
        raise fail(f"Numeric value ({text[:40]}) out of range")
    return Decimal(text)

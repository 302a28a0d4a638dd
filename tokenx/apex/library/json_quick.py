"""Reads short, valid, untyped JSON with Python's decoder, which is much faster.

A run counts the same steps and bytes as with `json_reader.py`. They're counted when the
document was read, so one is read here only if no limit can be reached on the way. What's
invalid, out of bounds, or deep is left to `json_reader.py`, which has the errors.
"""

from json import JSONDecodeError, JSONDecoder
from typing import Any, NoReturn

from ..runtime.api import Run
from ..runtime.budget import MAX_HEAP, UNITS_PER_STEP
from ..runtime.errors import ThrownError
from ..types import OBJECT, STRING
from ..values import ApexList, ApexMap, Value
from .json_reader import JsonToken, decimal_of, number_of

_LONGEST = 20_000
# Fewer brackets can't be too deep.
_MOST_BRACKETS = 900
# No document needs more memory for each of its characters.
_BYTES_PER_CHARACTER = 40


class _UnusualError(Exception):
    """The document is one for `json_reader.py`."""


def read_quickly(run: Run, text: str) -> ApexMap | ApexList | None:
    """Return the object or array of a document; None if it must be read token by token."""
    size = len(text)
    # A backslash makes a text shorter than its bytes in the document.
    if size > _LONGEST or "\\" in text:
        return None
    budget = run.budget
    if (
        text.count("{") + text.count("[") > _MOST_BRACKETS
        or budget.steps + 2 * size > budget.max_steps
        or run.heap_size + _BYTES_PER_CHARACTER * size > MAX_HEAP
    ):
        return None
    reader = _Reader()
    try:
        value = reader.value(reader.decoder.decode(text))
    except (JSONDecodeError, RecursionError, ThrownError, _UnusualError):
        return None
    if not isinstance(value, ApexMap | ApexList):
        return None
    budget.charge_for(size)
    # One more for the end.
    budget.charge(reader.tokens + 1)
    run.allocate(reader.bytes)
    return value


class _Reader:
    """Makes values, and counts their tokens and bytes. Strings have quotation marks."""

    def __init__(self) -> None:
        self.tokens = self.bytes = 0
        self.decoder = JSONDecoder(
            object_pairs_hook=self.map_of,
            parse_int=self.integer,
            parse_float=self.decimal,
            parse_constant=_refuse,
        )

    def map_of(self, pairs: list[tuple[str, Any]]) -> ApexMap:
        items: dict[Any, tuple[Value, Value]] = {}
        # Its start, its end, and the names.
        tokens, size = 2 + len(pairs), 64 + 16 * len(pairs)
        for key, value in pairs:
            if len(key) >= UNITS_PER_STEP:
                raise _UnusualError
            size += len(key) + 2
            kind = type(value)
            if kind is list:
                value = self.value(value)
            elif kind is not ApexMap:
                tokens += 1
                if kind is str:
                    size += len(value) + 2
            items[key] = key, value
        self.tokens += tokens
        self.bytes += size
        return ApexMap(STRING, OBJECT, items)

    def value(self, value: Any) -> Value:
        """Return a value of the decoder, whose objects are maps already."""
        if type(value) is not list:
            return value
        tokens, size = 2, 64 + 8 * len(value)
        for index, each in enumerate(value):
            if type(each) is list:
                value[index] = self.value(each)
            elif type(each) is not ApexMap:
                tokens += 1
                if type(each) is str:
                    size += len(each) + 2
        self.tokens += tokens
        self.bytes += size
        return ApexList(OBJECT, value)

    def integer(self, digits: str) -> Value:
        self.bytes += len(digits)
        return number_of("", JsonToken("VALUE_NUMBER_INT", digits, 0, 0))

    def decimal(self, digits: str) -> Value:
        self.bytes += len(digits)
        return decimal_of(digits)


def _refuse(name: str) -> NoReturn:
    """Refuse NaN and the infinities, which only Python reads."""
    raise _UnusualError(name)

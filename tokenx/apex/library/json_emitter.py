"""Writes JSON, like Jackson: compact, or with its default pretty printer."""

import base64
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from io import StringIO
from json.encoder import encode_basestring
from math import isfinite

from ..runtime.api import Run
from ..runtime.budget import MAX_HEAP
from ..runtime.errors import LimitExceededError
from ..values import (
    ApexList,
    ApexMap,
    ApexSet,
    EnumConstant,
    Instance,
    Record,
    TypeValue,
    Value,
)
from .field_names import names_of_fields
from .json_moments import text_of_date, text_of_datetime, text_of_time
from .json_reader import MAX_DEPTH, fail

_API_VERSION = "v67.0"


class Emitter:
    """Writes tokens; it knows where commas and indents belong."""

    def __init__(self, run: Run, *, is_pretty: bool) -> None:
        self.run = run
        self.is_pretty = is_pretty
        self._text = StringIO()
        self.size = 0
        # The open brackets, with the number of their entries.
        self.open: list[list] = []
        self.has_name = False
        self.roots = 0

    @property
    def written(self) -> str:
        """Return what was written, for measuring."""
        return self._text.getvalue()

    @property
    def text(self) -> str:
        """Return what was written as a value of the code."""
        self.run.allocate(self.size)
        self.run.budget.charge_for(self.size)
        return self._text.getvalue()

    def _write(self, text: str) -> None:
        self._text.write(text)
        self.size += len(text)

    def _reserve(self, size: int) -> None:
        self.run.budget.charge(1 + size // 1_000)
        if self.size + size > MAX_HEAP:
            raise LimitExceededError(f"Apex heap size too large: {self.size + size}")
        self.run.allocate(size)

    def _indent(self) -> None:
        depth = sum(1 for bracket, _ in self.open if bracket == "{")
        self._reserve(2 * depth)
        self._write("\n" + "  " * depth)

    def _before_value(self, what: str) -> None:
        """Write what separates a value from the one before it."""
        if not self.open:
            if self.roots:
                self._write(" ")
            self.roots += 1
            return
        bracket, count = self.open[-1]
        if bracket == "{":
            if not self.has_name:
                raise fail(f"Can not {what}, expecting field name")
            self.has_name = False
            return
        if count:
            self._write(",")
        if self.is_pretty:
            self._write(" ")
        self.open[-1][1] += 1

    def field_name(self, name: str) -> None:
        """Begin a field."""
        if not self.open or self.open[-1][0] != "{" or self.has_name:
            raise fail("Can not write a field name, expecting a value")
        self._reserve(2 * len(name) + 4)
        if self.open[-1][1]:
            self._write(",")
        self.open[-1][1] += 1
        if self.is_pretty:
            self._indent()
        self._write(encode_basestring(name))
        self._write(" : " if self.is_pretty else ":")
        self.has_name = True

    def start(self, bracket: str) -> None:
        """Begin an array or object."""
        if len(self.open) >= MAX_DEPTH:
            raise fail(f"The value is nested more than {MAX_DEPTH:,} levels deep")
        self._reserve(2)
        kind = "object" if bracket == "{" else "array"
        self._before_value(f"start an {kind}")
        self._write(bracket)
        self.open.append([bracket, 0])

    def end(self, bracket: str) -> None:
        """End an array or object."""
        kind = "OBJECT" if bracket == "{" else "ARRAY"
        if not self.open or self.open[-1][0] != bracket:
            inner = {"{": "OBJECT", "[": "ARRAY"}
            context = inner[self.open[-1][0]] if self.open else "ROOT"
            raise fail(f"Current context not an {kind} but {context}")
        if self.has_name:
            raise fail("Can not write end of object, expecting a value")
        self._reserve(2)
        _, count = self.open.pop()
        if self.is_pretty:
            if count and bracket == "{":
                self._indent()
            else:
                self._write(" ")
        self._write("}" if bracket == "{" else "]")

    def string(self, text: str) -> None:
        """Write a string."""
        # A control character takes six.
        longest = 6 if not text.isprintable() else 2
        self._reserve(longest * len(text) + 2)
        self._before_value("write text value")
        self._write(encode_basestring(text))

    def raw(self, text: str, what: str = "write number") -> None:
        """Write a number, a Boolean, or null."""
        self._reserve(len(text) + 2)
        self._before_value(what)
        self._write(text)

    def scalar(self, value: Value) -> bool:
        """Write a value that isn't an array or object; False if it's neither of these."""
        if value is None:
            self.raw("null", "write null value")
        elif isinstance(value, bool):
            self.raw("true" if value else "false", "write boolean value")
        elif isinstance(value, str):
            self.string(value)
        elif isinstance(value, int | float | Decimal):
            self.raw(self.number(value))
        elif isinstance(value, bytes):
            self._reserve(2 * len(value))
            self.string(base64.b64encode(value).decode("ascii"))
        else:
            return self._other_scalar(value)
        return True

    def _other_scalar(self, value: Value) -> bool:
        if isinstance(value, datetime):
            self.string(text_of_datetime(value))
        elif isinstance(value, date):
            self.string(text_of_date(value))
        elif isinstance(value, time):
            self.string(text_of_time(value))
        elif isinstance(value, EnumConstant):
            self.string(value.name)
        elif isinstance(value, TypeValue):
            self.string(str(value.type))
        else:
            return False
        return True

    def number(self, value: int | float | Decimal) -> str:
        """Return a number as JSON writes it."""
        if isinstance(value, float) and not isfinite(value):
            return f'"{self.run.to_text(value)}"'
        return self.run.to_text(value)


# --- Whole values ----------------------------------------------------------------------


def emit(emitter: Emitter, value: Value, *, without_nulls: bool = False) -> None:
    """Write a value with all that it holds, without recursion."""
    stack: list[Iterator[Value]] = [iter((value,))]
    while stack:
        for each in stack[-1]:
            if not emitter.scalar(each):
                stack.append(_contents(emitter, each, without_nulls=without_nulls))
                break
        else:
            stack.pop()


def _contents(emitter: Emitter, value: Value, *, without_nulls: bool) -> Iterator[Value]:
    """Begin a container, yield its values, and end it."""
    if isinstance(value, ApexList):
        return _array(emitter, iter(value.items))
    if isinstance(value, ApexSet):
        return _array(emitter, iter(value.items.values()))
    if isinstance(value, ApexMap):
        return _object(emitter, _pairs(emitter.run, value), without_nulls=False)
    if isinstance(value, Record):
        return _record(emitter, value)
    if isinstance(value, Instance) and value.base is None:
        fields = _fields(emitter.run, value)
        return _object(emitter, fields, without_nulls=without_nulls)
    name = emitter.run.type_of(value)
    raise fail(f"Apex Type unsupported in JSON: {name}")


def _array(emitter: Emitter, values: Iterator[Value]) -> Iterator[Value]:
    emitter.start("[")
    yield from values
    emitter.end("[")


def _object(
    emitter: Emitter, pairs: Iterator[tuple[str, Value]], *, without_nulls: bool
) -> Iterator[Value]:
    emitter.start("{")
    for name, value in pairs:
        if value is not None or not without_nulls:
            emitter.field_name(name)
            yield value
    emitter.end("{")


def _pairs(run: Run, value: ApexMap) -> Iterator[tuple[str, Value]]:
    for key, each in value.items.values():
        yield key if isinstance(key, str) else run.to_text(key), each


def _fields(run: Run, value: Instance) -> Iterator[tuple[str, Value]]:
    known = run.instance_fields(value.type) or {}
    left_out = run.transient_fields(value.type)
    for key, (name, _) in known.items():
        if key not in left_out:
            yield name, run.get_field(value, name)


def _record(emitter: Emitter, record: Record) -> Iterator[Value]:
    emitter.start("{")
    emitter.field_name("attributes")
    emitter.start("{")
    emitter.field_name("type")
    emitter.string(record.object_name)
    if record.id:
        emitter.field_name("url")
        path = f"/services/data/{_API_VERSION}/sobjects/{record.object_name}"
        emitter.string(f"{path}/{record.id}")
    emitter.end("{")
    names = names_of_fields(emitter.run, record)
    for key, value in record.fields.items():
        emitter.field_name(names[key])
        yield value
    emitter.end("{")

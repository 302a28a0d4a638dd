"""The text of values, as `+` and System.debug write it."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .building import Parts
from .kinds import (
    ApexList,
    ApexMap,
    ApexSet,
    EnumConstant,
    ExceptionObject,
    Id,
    Instance,
    Long,
    PlatformObject,
    QueryRows,
    Record,
    TypeValue,
    Value,
)
from .nesting import Step, walk
from .numbers import decimal_text, double_text

if TYPE_CHECKING:
    from ..runtime.api import Run

_REPEATED = "(already output)"
SCRIPT_THROWN = "Script-thrown exception"


def to_text(run: "Run", value: Value) -> str:
    """Return a value as text; null is "null", and a Datetime is in UTC."""
    if isinstance(value, str):
        return str(value)
    simple = simple_text(value)
    if simple is not None:
        return simple
    writer = _Writer(run)
    walk(writer.step(value))
    return writer.result


def simple_text(value: Value) -> str | None:
    """Return the text of a value that holds no others, or None."""
    write = _SIMPLE.get(type(value))
    return write(value) if write else None


def date_text(value: date) -> str:
    """Return a date as String.valueOf writes it: 2026-11-30."""
    return f"{value.year:04}-{value.month:02}-{value.day:02}"


def datetime_text(value: datetime) -> str:
    """Return a time in its own zone: 2026-11-30 15:04:05."""
    clock = f"{value.hour:02}:{value.minute:02}:{value.second:02}"
    return f"{date_text(value)} {clock}"


def time_text(value: time) -> str:
    """Return a Time: 15:04:05.000Z."""
    milliseconds = value.microsecond // 1_000
    return f"{value.hour:02}:{value.minute:02}:{value.second:02}.{milliseconds:03}Z"


def exception_text(value: ExceptionObject | Instance) -> str:
    """Return an exception's text: System.MathException: Divide by 0."""
    base = value.base if isinstance(value, Instance) else value
    message = base.message if isinstance(base, ExceptionObject) else None
    name = value.type.name
    if not isinstance(value, Instance) and "." not in name:
        name = f"System.{name}"
    return f"{name}: {SCRIPT_THROWN if message is None else message}"


def _whole(value: int) -> str:
    return str(int(value))


_SIMPLE: dict[type, Callable[[Any], str]] = {
    type(None): lambda value: "null",
    str: str,
    Id: str,
    bool: lambda value: "true" if value else "false",
    int: str,
    Long: _whole,
    float: double_text,
    Decimal: decimal_text,
    bytes: lambda value: f"Blob[{len(value)}]",
    datetime: datetime_text,
    date: lambda value: f"{date_text(value)} 00:00:00",
    time: time_text,
    EnumConstant: lambda value: value.name,
    TypeValue: lambda value: str(value.type),
}


class _Writer:
    """Writes nested values; reserves memory and counts steps before each part."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._parts = Parts[str](run)
        self._add = self._parts.add
        self._path: set[int] = set()

    @property
    def result(self) -> str:
        """Return what was written."""
        return "".join(self._parts.items)

    def step(self, value: Value) -> Step[None]:
        """Write a value and those that it holds."""
        simple = simple_text(value)
        if simple is not None:
            self._add(simple)
            return
        if id(value) in self._path:
            self._add(_REPEATED)
            return
        self._path.add(id(value))
        yield self._compound(value)
        self._path.discard(id(value))

    def _compound(self, value: Value) -> Step[None]:
        self._run.budget.charge(3)
        match value:
            case ApexList():
                yield self._items("(", list(value.items), ")")
            case QueryRows():
                yield self._items("(", list(value.records), ")")
            case ApexSet():
                yield self._items("{", list(value.items.values()), "}")
            case ApexMap():
                yield self._pairs("{", list(value.items.values()), "}")
            case Record():
                names = self._run.ports.records.field_names(value.object_name) or {}
                pairs = [
                    (names.get(name, name), each) for name, each in value.fields.items()
                ]
                yield self._pairs(f"{value.object_name}:{{", pairs, "}")
            case Instance():
                yield self._instance(value)
            case ExceptionObject():
                self._add(exception_text(value))
            case PlatformObject():
                self._add(value.text())

    def _items(self, start: str, items: Iterable[Value], end: str) -> Step[None]:
        separator = start
        for each in items:
            self._run.budget.charge()
            self._add(separator)
            separator = ", "
            simple = simple_text(each)
            if simple is None:
                yield self.step(each)
            else:
                self._add(simple)
        self._add(end if separator == ", " else start + end)

    def _pairs(
        self, start: str, pairs: Iterable[tuple[Value, Value]], end: str
    ) -> Step[None]:
        separator = start
        for key, each in pairs:
            self._run.budget.charge()
            self._add(separator)
            separator = ", "
            for part, sign in ((key, ""), (each, "=")):
                self._add(sign)
                simple = simple_text(part)
                if simple is None:
                    yield self.step(part)
                else:
                    self._add(simple)
        self._add(end if separator == ", " else start + end)

    def _instance(self, value: Instance) -> Step[None]:
        run = self._run
        if run.has_method(value.type, "toString", 0):
            text = run.call(value, "toString")
            self._add("null" if text is None else str(text))
            return
        if isinstance(value.base, ExceptionObject):
            self._add(exception_text(value))
            return
        declared = run.instance_fields(value.type) or {}
        pairs = [
            (declared[name][0] if name in declared else name, each)
            for name, each in list(value.fields.items())
        ]
        yield self._pairs(f"{value.type.name.rpartition('.')[2]}:[", pairs, "]")

"""Makes Apex values from JSON: of a type, or untyped. It doesn't recurse."""

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from ..runtime.api import Run
from ..runtime.errors import ThrownError
from ..types import OBJECT, STRING, ApexType, parse_type
from ..values import ApexList, ApexMap, ApexSet, Instance, Long, Record, Value
from .json_moments import date_of, datetime_of, time_of
from .json_quick import read_quickly
from .json_reader import JsonToken, decimal_of, fail, number_of, read_tokens

MAP_OF_OBJECTS = ApexType("Map", (STRING, OBJECT))
LIST_OF_OBJECTS = ApexType("List", (OBJECT,))
_EMPTY = "No content to map to Object due to end of input"
# Where a value is left out, such as that of a field that the class doesn't have.
_SKIPPED = ApexType("skipped")


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading of a document: its run, and whether each name must be known."""

    run: Run
    text: str
    is_strict: bool = False
    is_untyped: bool = False


def read_untyped(run: Run, text: str) -> Value:
    """Return the maps, lists, and simple values of a whole document."""
    found = read_quickly(run, text)
    if found is not None:
        return found
    return read_document(Reading(run, text, is_untyped=True), OBJECT)


def read_document(reading: Reading, type_: ApexType) -> Value:
    """Return the value of a whole document."""
    tokens = read_tokens(reading.run, reading.text)
    first = next(tokens, None)
    if first is None:
        raise fail(_EMPTY)
    value = read_value(reading, first, tokens, type_)
    # What follows the value is an error.
    next(tokens, None)
    return value


def read_value(
    reading: Reading, first: JsonToken, tokens: Iterator[JsonToken], type_: ApexType
) -> Value:
    """Return the value that starts with a token; the last token read is its end."""
    frames: list[_Frame] = []
    token: JsonToken | None = first
    while token is not None:
        if token.kind == "FIELD_NAME":
            frames[-1].start(str(token.value))
        elif token.kind.startswith("START_"):
            wanted = frames[-1].wanted() if frames else type_
            frames.append(_open(reading, token, wanted))
        else:
            if token.kind.startswith("END_"):
                value = frames.pop().made
            else:
                wanted = frames[-1].wanted() if frames else type_
                value = _scalar(reading, token, wanted)
            if not frames:
                return value
            frames[-1].add(value)
        token = next(tokens, None)
    raise fail("Unexpected end-of-input")


class _Frame(Protocol):
    """An array or object that's being read."""

    @property
    def made(self) -> Value:
        """Return what's made of it."""

    def start(self, name: str) -> None:
        """Begin a field."""

    def wanted(self) -> ApexType:
        """Return the type of the next value."""

    def add(self, value: Value) -> None:
        """Add a value, or set the field that was begun."""


@dataclass(slots=True)
class _Skipped:
    """An array or object that's left out."""

    made: None = None

    def start(self, name: str) -> None:
        pass

    def wanted(self) -> ApexType:
        return _SKIPPED

    def add(self, value: Value) -> None:
        pass


@dataclass(slots=True)
class _Items:
    """A list or set."""

    run: Run
    made: ApexList | ApexSet

    def start(self, name: str) -> None:
        pass

    def wanted(self) -> ApexType:
        return self.made.element

    def add(self, value: Value) -> None:
        self.run.allocate(8)
        if isinstance(self.made, ApexList):
            self.made.items.append(value)
        else:
            self.made.items.setdefault(self.run.key_of(value), value)


@dataclass(slots=True)
class _Pairs:
    """A map."""

    run: Run
    made: ApexMap
    key: Value = None

    def start(self, name: str) -> None:
        self.key = _key(self.run, name, self.made.key)

    def wanted(self) -> ApexType:
        return self.made.value

    def add(self, value: Value) -> None:
        self.run.allocate(16)
        self.made.items[self.run.key_of(self.key)] = (self.key, value)


@dataclass(slots=True)
class _Fields:
    """An instance of a class of the org."""

    reading: Reading
    made: Instance
    name: str = ""
    # The type of the field; None if the class doesn't have it.
    type: ApexType | None = None
    seen: set[str] = field(default_factory=set)

    def start(self, name: str) -> None:
        known = self.reading.run.instance_fields(self.made.type) or {}
        self.name, self.type = known.get(name.lower(), (name, None))
        if not self.reading.is_strict:
            return
        if self.type is None:
            raise fail(f"Unknown field: {self.made.type}.{name[:200]}")
        if name.lower() in self.seen:
            raise fail(f"Duplicate field: {self.made.type}.{name[:200]}")
        self.seen.add(name.lower())

    def wanted(self) -> ApexType:
        return self.type or _SKIPPED

    def add(self, value: Value) -> None:
        if self.type is not None:
            self.reading.run.budget.charge()
            self.reading.run.set_field(self.made, self.name, value)


@dataclass(slots=True)
class _Columns:
    """A record."""

    reading: Reading
    made: Record
    types: dict[str, str]
    name: str = ""

    def start(self, name: str) -> None:
        self.name = name.lower()
        is_known = self.name == "attributes" or self.name in self.types
        if self.reading.is_strict and not is_known:
            words = f"No such column '{name[:200]}' on sobject of type"
            raise fail(f"{words} {self.made.object_name}")

    def wanted(self) -> ApexType:
        type_name = self.types.get(self.name)
        return parse_type(type_name) if type_name else _SKIPPED

    def add(self, value: Value) -> None:
        if self.name in self.types:
            self.reading.run.allocate(16)
            self.made.fields[self.name] = value


def _open(reading: Reading, token: JsonToken, wanted: ApexType) -> _Frame:
    """Return the frame of an array or object for what its place can hold."""
    run = reading.run
    is_object = token.kind == "START_OBJECT"
    run.allocate(64)
    if wanted is _SKIPPED:
        return _Skipped()
    if reading.is_untyped:
        wanted = MAP_OF_OBJECTS if is_object else LIST_OF_OBJECTS
    key = wanted.key
    if key in ("list", "set"):
        if is_object:
            raise fail("Malformed JSON: Expected '[' at the beginning of List/Set")
        element = wanted.arguments[0]
        return _Items(run, ApexList(element) if key == "list" else ApexSet(element))
    if key in _SCALARS:
        raise fail(f"Illegal value for primitive: {'{' if is_object else '['}")
    if key == "object":
        raise fail("Apex Type unsupported in JSON: Object")
    if not is_object:
        raise fail("Malformed JSON: Expected '{' at the beginning of object")
    if key == "map":
        return _Pairs(run, ApexMap(wanted.arguments[0], wanted.arguments[1]))
    return _open_object(reading, wanted)


def _open_object(reading: Reading, wanted: ApexType) -> _Frame:
    run = reading.run
    if run.instance_fields(wanted) is not None:
        return _Fields(reading, run.new_bare_instance(wanted))
    columns = run.ports.records.fields_of(wanted.name)
    if columns is None:
        raise fail(f"Apex Type unsupported in JSON: {wanted}")
    return _Columns(reading, Record(wanted.name), dict(columns))


def _key(run: Run, name: str, type_: ApexType) -> Value:
    if type_.key in ("string", "object"):
        return name
    convert = _SCALARS.get(type_.key)
    if convert is None:
        constant = run.enum_value(type_, name)
        if constant is None:
            raise fail(f"Apex Type unsupported in JSON: {type_}")
        return constant
    return convert(run, JsonToken("VALUE_STRING", name, 0, 0))


# --- Values that aren't arrays or objects ----------------------------------------------


def _scalar(reading: Reading, token: JsonToken, wanted: ApexType) -> Value:
    if token.value is None or wanted is _SKIPPED:
        return None
    if reading.is_untyped:
        if token.kind.startswith("VALUE_NUMBER"):
            return number_of(reading.text, token)
        return token.value
    convert = _SCALARS.get(wanted.key)
    if convert is not None:
        return convert(reading.run, token)
    return _other_scalar(reading.run, token, wanted)


def _other_scalar(run: Run, token: JsonToken, wanted: ApexType) -> Value:
    if wanted.key in ("list", "set"):
        raise fail("Malformed JSON: Expected '[' at the beginning of List/Set")
    if wanted.key == "object":
        raise fail("Apex Type unsupported in JSON: Object")
    if wanted.key != "map" and isinstance(token.value, str):
        constant = run.enum_value(wanted, token.value)
        if constant is not None:
            return constant
    raise fail("Malformed JSON: Expected '{' at the beginning of object")


def _illegal(token: JsonToken) -> ThrownError:
    shown = token.value
    if isinstance(shown, bool):
        shown = "true" if shown else "false"
    return fail(f"Illegal value for primitive: {str(shown)[:1_000]}")


def _text(run: Run, token: JsonToken) -> str:
    if isinstance(token.value, bool):
        return "true" if token.value else "false"
    return str(token.value)


def _boolean(run: Run, token: JsonToken) -> bool:
    if isinstance(token.value, bool):
        return token.value
    if token.kind == "VALUE_STRING" and str(token.value).lower() in ("true", "false"):
        return str(token.value).lower() == "true"
    raise _illegal(token)


def decimal_in(token: JsonToken) -> Decimal:
    """Return the number that a number or string has."""
    text = str(token.value)
    is_number = token.kind.startswith("VALUE_NUMBER")
    if not is_number:
        digits = text.strip().lstrip("+-")
        is_number = len(digits) <= 1_000 and digits.isascii() and _is_decimal(digits)
    if not is_number:
        raise _illegal(token)
    return decimal_of(text.strip())


def _is_decimal(digits: str) -> bool:
    whole, _, rest = digits.partition(".")
    return (whole or rest).isdigit() and (whole + rest).isdigit()


def _whole(token: JsonToken, bits: int) -> int:
    number = decimal_in(token)
    limit = 2 ** (bits - 1)
    if number != number.to_integral_value() or not -limit <= number < limit:
        raise _illegal(token)
    return int(number)


def _integer(run: Run, token: JsonToken) -> int:
    return _whole(token, 32)


def _long(run: Run, token: JsonToken) -> Long:
    return Long(_whole(token, 64))


def _decimal(run: Run, token: JsonToken) -> Decimal:
    return decimal_in(token)


def _double(run: Run, token: JsonToken) -> float:
    return float(decimal_in(token))


def _id(run: Run, token: JsonToken) -> Value:
    if token.kind != "VALUE_STRING":
        raise _illegal(token)
    return run.coerce(token.value, ApexType("Id"))


def blob_in(token: JsonToken) -> bytes:
    """Return the Blob that a string has in base64."""
    text = str(token.value)
    if token.kind != "VALUE_STRING" or not text.isascii():
        raise _illegal(token)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _illegal(token) from error


def _blob(run: Run, token: JsonToken) -> bytes:
    return blob_in(token)


def _moment(read: Callable[[str], Value]) -> Callable[[Run, JsonToken], Value]:
    def convert(run: Run, token: JsonToken) -> Value:
        value = read(str(token.value)) if token.kind == "VALUE_STRING" else None
        if value is None:
            raise _illegal(token)
        return value

    return convert


_SCALARS: dict[str, Callable[[Run, JsonToken], Value]] = {
    "string": _text,
    "boolean": _boolean,
    "integer": _integer,
    "long": _long,
    "double": _double,
    "decimal": _decimal,
    "id": _id,
    "blob": _blob,
    "date": _moment(date_of),
    "datetime": _moment(datetime_of),
    "time": _moment(time_of),
}


def convert_scalar(run: Run, token: JsonToken, type_name: str) -> Value:
    """Return a scalar of a basic type, as the getters of JSONParser do."""
    return _SCALARS[type_name.lower()](run, token)

"""JSON: reading and writing values, and JSONGenerator."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from ..runtime.api import Run
from ..types import ApexType
from ..values import PlatformObject, TypeValue, Value
from .checks import null_argument
from .json_building import Reading, read_document, read_untyped
from .json_emitter import Emitter, emit
from .json_reader import fail
from .registry import method, static_method


@static_method("JSON", "deserializeUntyped")
def deserialize_untyped(run: Run, text: str | None) -> Value:
    """Return maps, lists, and simple values. A fraction is a Decimal."""
    if text is None:
        raise null_argument()
    return read_untyped(run, text)


@static_method("JSON", "deserialize")
def deserialize(run: Run, text: str | None, type_: TypeValue | None) -> Value:
    """Return a value of a type; names that the type doesn't have are left out."""
    return _deserialize(run, text, type_, is_strict=False)


@static_method("JSON", "deserializeStrict")
def deserialize_strict(run: Run, text: str | None, type_: TypeValue | None) -> Value:
    """Return a value of a type; names that the type doesn't have are refused."""
    return _deserialize(run, text, type_, is_strict=True)


def _deserialize(
    run: Run, text: str | None, type_: TypeValue | None, *, is_strict: bool
) -> Value:
    if text is None or type_ is None:
        raise null_argument()
    return read_document(Reading(run, text, is_strict=is_strict), type_.type)


@static_method("JSON", "serialize")
def serialize(run: Run, value: Value, without_nulls: bool | None = False) -> str:
    """Write a value. Fields that are null can be left out."""
    return _serialize(run, value, is_pretty=False, without_nulls=bool(without_nulls))


@static_method("JSON", "serializePretty")
def serialize_pretty(run: Run, value: Value, without_nulls: bool | None = False) -> str:
    """Write a value with line breaks and indents."""
    return _serialize(run, value, is_pretty=True, without_nulls=bool(without_nulls))


def _serialize(run: Run, value: Value, *, is_pretty: bool, without_nulls: bool) -> str:
    emitter = Emitter(run, is_pretty=is_pretty)
    emit(emitter, value, without_nulls=without_nulls)
    return emitter.text


# --- JSONGenerator ---------------------------------------------------------------------


@dataclass(slots=True, eq=False, kw_only=True)
class Generator(PlatformObject):
    """A JSONGenerator."""

    emitter: Emitter
    is_closed: bool = False

    def children(self) -> Iterator[Value]:
        """Yield what was written."""
        yield self.emitter.written

    @property
    def writing(self) -> Emitter:
        """Return the emitter, unless the generator is closed."""
        if self.is_closed:
            raise fail("The generator is closed")
        return self.emitter


@static_method("JSON", "createGenerator")
def create_generator(run: Run, is_pretty: bool | None) -> Generator:
    """Make a generator."""
    run.allocate(64)
    emitter = Emitter(run, is_pretty=bool(is_pretty))
    return Generator(type=ApexType("JSONGenerator"), emitter=emitter)


@method("JSONGenerator", "close")
def close(run: Run, receiver: Generator) -> None:
    """End what's open. Nothing can be written after that."""
    if receiver.is_closed:
        return
    emitter = receiver.emitter
    if emitter.has_name:
        emitter.raw("null")
    while emitter.open:
        emitter.end(emitter.open[-1][0])
    receiver.is_closed = True


@method("JSONGenerator", "isClosed")
def is_closed(run: Run, receiver: Generator) -> bool:
    """Say whether the generator is closed."""
    return receiver.is_closed


@method("JSONGenerator", "getAsString")
def get_as_string(run: Run, receiver: Generator) -> str:
    """Return what was written, and close the generator."""
    close(run, receiver)
    return receiver.emitter.text


@method("JSONGenerator", "writeStartObject")
def write_start_object(run: Run, receiver: Generator) -> None:
    """Begin an object."""
    receiver.writing.start("{")


@method("JSONGenerator", "writeEndObject")
def write_end_object(run: Run, receiver: Generator) -> None:
    """End an object."""
    receiver.writing.end("{")


@method("JSONGenerator", "writeStartArray")
def write_start_array(run: Run, receiver: Generator) -> None:
    """Begin an array."""
    receiver.writing.start("[")


@method("JSONGenerator", "writeEndArray")
def write_end_array(run: Run, receiver: Generator) -> None:
    """End an array."""
    receiver.writing.end("[")


@method("JSONGenerator", "writeFieldName")
def write_field_name(run: Run, receiver: Generator, name: str | None) -> None:
    """Begin a field."""
    if name is None:
        raise null_argument()
    receiver.writing.field_name(name)


@method("JSONGenerator", "writeNull")
def write_null(run: Run, receiver: Generator) -> None:
    """Write null."""
    receiver.writing.raw("null", "write null value")


@method("JSONGenerator", "writeNullField")
def write_null_field(run: Run, receiver: Generator, name: str | None) -> None:
    """Write a field whose value is null."""
    write_field_name(run, receiver, name)
    write_null(run, receiver)


Simple = str | bool | int | float | Decimal | bytes | date | datetime | time | None


@method(
    "JSONGenerator",
    "writeBlob",
    "writeBoolean",
    "writeDate",
    "writeDateTime",
    "writeId",
    "writeNumber",
    "writeString",
    "writeTime",
)
def write_simple(run: Run, receiver: Generator, value: Simple) -> None:
    """Write a value that isn't null."""
    if value is None:
        raise null_argument()
    receiver.writing.scalar(value)


@method(
    "JSONGenerator",
    "writeBlobField",
    "writeBooleanField",
    "writeDateField",
    "writeDateTimeField",
    "writeIdField",
    "writeNumberField",
    "writeStringField",
    "writeTimeField",
)
def write_simple_field(
    run: Run, receiver: Generator, name: str | None, value: Simple
) -> None:
    """Write a field whose value isn't null."""
    if value is None:
        raise null_argument()
    write_field_name(run, receiver, name)
    receiver.writing.scalar(value)


@method("JSONGenerator", "writeObject")
def write_object(run: Run, receiver: Generator, value: Value) -> None:
    """Write any value, as JSON.serialize does."""
    emit(receiver.writing, value)


@method("JSONGenerator", "writeObjectField")
def write_object_field(
    run: Run, receiver: Generator, name: str | None, value: Value
) -> None:
    """Write a field with any value."""
    write_field_name(run, receiver, name)
    emit(receiver.writing, value)

"""Interface of a run for the library; `runtime/run.py` implements it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from ..types import ApexType
from ..values import EnumConstant, Instance, QueryRows, Record, Value
from .budget import Budget
from .ports import DmlOutcome, RunPorts
from .trace import Event, Trace


class Run(Protocol):
    """A run of Apex code. Functions of the library are synchronous and get it first.

    `call`, `to_text`, `key_of`, `is_equal`, and `compare` can run code of the org, such as
    its toString, equals, hashCode, and compareTo.
    """

    budget: Budget
    ports: RunPorts
    trace: Trace
    # What the library remembers for the rest of the run, such as a token's keys.
    memo: dict[str, Any]

    @property
    def line(self) -> int:
        """Return the line that's running."""

    @property
    def class_name(self) -> str:
        """Return the top-level class whose code is running."""

    def record(self, make: type[Event], *values: object, text_size: int = 0) -> None:
        """Add an event at the current place: `run.record(Debugged, "DEBUG", text)`."""

    def allocate(self, size: int) -> None:
        """Reserve bytes of heap for a new value BEFORE it's made. Raise LimitExceededError.

        A string takes one byte for each character (two beyond U+FFFF), a Blob its length,
        and an element of a collection 8 bytes. See `runtime/heap.py`.
        """

    @property
    def heap_size(self) -> int:
        """Return the bytes that are reserved, for Limits.getHeapSize()."""

    def call(self, receiver: Value, method: str, arguments: Sequence[Value] = ()) -> Value:
        """Call a method of a value, be it the org's or the platform's."""

    def query(self, text: str, binds: Mapping[str, Value] | None) -> QueryRows | int:
        """Run a query with events and limits. Its binds are local variables, or a map's.

        The keys of the map are lower-case names.
        """

    def change(
        self, operation: str, records: Sequence[Record], *, all_or_none: bool
    ) -> list[DmlOutcome]:
        """Run a DML statement with events and limits; raise a DmlException if all fail."""

    def new_platform(self, type_: ApexType, arguments: Sequence[Value] = ()) -> Value:
        """Make an instance of a platform class with its constructor."""

    def new_instance(self, type_: ApexType, arguments: Sequence[Value] = ()) -> Value:
        """Make an instance of any class by the constructor with these arguments."""

    def new_bare_instance(self, type_: ApexType) -> Instance:
        """Make an instance of a class of the org without calling a constructor.

        Its fields are null or have their initial values, as JSON.deserialize needs it.
        """

    def instance_fields(self, type_: ApexType) -> Mapping[str, tuple[str, ApexType]] | None:
        """Return the instance fields and properties of a class of the org, inherited first.

        By lower-case name: the declared name and type. None if it isn't the org's class.
        """

    def transient_fields(self, type_: ApexType) -> Collection[str]:
        """Return the transient fields of a class of the org, by lower-case name."""

    def get_field(self, receiver: Value, name: str) -> Value:
        """Read a field or property of an instance; a getter runs."""

    def set_field(self, receiver: Value, name: str, value: Value) -> None:
        """Write a field or property of an instance; a setter runs; the type is checked."""

    def find_type(self, name: str) -> ApexType | None:
        """Return the type of a name such as Outer.Inner or Map<String, Object>, or None."""

    def enum_value(self, type_: ApexType, name: str) -> EnumConstant | None:
        """Return the value of an enum by its name without case, or None."""

    def extends(self, type_: ApexType, other: ApexType) -> bool:
        """Say whether a class or interface of the org is, extends, or implements another.

        The other type can be the platform's. False if the first type isn't the org's.
        """

    def has_method(self, type_: ApexType, name: str, count: int) -> bool:
        """Say whether the org declares an instance method of a class, or it inherits one.

        Methods that each object has, such as toString, count only if the org declares them.
        """

    def type_of(self, value: Value) -> ApexType:
        """Return the type of a value that isn't null."""

    def is_instance(self, value: Value, type_: ApexType) -> bool:
        """Say whether `value instanceof type_`; false for null."""

    def coerce(self, value: Value, type_: ApexType) -> Value:
        """Convert a value for a variable of a type, as an assignment does.

        Integer to Long, Double, or Decimal; String to Id and back; a query to a list or a
        row. Raise ThrownError with a TypeException if the value can't have the type.
        """

    def to_text(self, value: Value) -> str:
        """Return a value as String.valueOf and `+` write it; null is "null"."""

    def key_of(self, value: Value) -> object:
        """Return what identifies a value in a Set or as a key of a Map; it's hashable."""

    def is_equal(self, one: Value, other: Value) -> bool:
        """Say whether `one == other`. Strings ignore case; lists compare their elements."""

    def compare(self, one: Value, other: Value) -> int:
        """Compare as List.sort does: a negative number, 0, or more; null is first."""

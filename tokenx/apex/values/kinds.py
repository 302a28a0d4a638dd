"""The classes of values that aren't Python's own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from ..types import OBJECT, ApexType

# A value of Apex; see the table in this package's docstring.
Value: TypeAlias = Any


class Long(int):
    """A Long. Results of Python's operators are plain int: wrap them again."""

    __slots__ = ()


class Id(str):
    """A record ID of 18 characters."""

    __slots__ = ()


@dataclass(slots=True, eq=False)
class ApexList:
    """A list; two variables can hold the same one."""

    element: ApexType = OBJECT
    items: list[Value] = field(default_factory=list)
    # A list that's iterated can't change, and neither can one that the platform returned as
    # read-only.
    iterations: int = 0
    is_read_only: bool = False


@dataclass(slots=True, eq=False)
class ApexSet:
    """A set in the order of insertion: values by their keys (see `Run.key_of`)."""

    element: ApexType = OBJECT
    items: dict[Any, Value] = field(default_factory=dict)
    iterations: int = 0
    is_read_only: bool = False
    # The map whose keySet() it is: nothing can be added, and a removal removes the pair.
    origin: "ApexMap | None" = None


@dataclass(slots=True, eq=False)
class ApexMap:
    """A map in the order of insertion: pairs by the keys' keys (see `Run.key_of`)."""

    key: ApexType = OBJECT
    value: ApexType = OBJECT
    items: dict[Any, tuple[Value, Value]] = field(default_factory=dict)
    iterations: int = 0
    is_read_only: bool = False


@dataclass(slots=True, eq=False)
class Record:
    """A record of an object such as User.

    `fields` has the values by lower-case name: those that the code set, and those that the
    query selected. A parent, such as profile, is a Record too. Reading a field that isn't
    there is null for a new record, and an error for one that comes from a query.
    """

    object_name: str
    fields: dict[str, Value] = field(default_factory=dict)
    is_queried: bool = False

    @property
    def id(self) -> Id | None:
        """Return the record's ID, or None for a new record."""
        return self.fields.get("id")


@dataclass(slots=True, eq=False)
class QueryRows:
    """The result of a query; a count is a plain int and never here."""

    object_name: str
    records: list[Record]


@dataclass(frozen=True, slots=True)
class EnumConstant:
    """A value of an enum of the platform or of the org."""

    type: ApexType
    name: str
    ordinal: int


@dataclass(frozen=True, slots=True)
class TypeValue:
    """A System.Type, such as the value of Foo.class."""

    type: ApexType


@dataclass(slots=True, eq=False, kw_only=True)
class PlatformObject:
    """An instance of a platform class; the library has subclasses with slots.

    `type` is the Apex type, such as HttpRequest or Auth.JWT.
    """

    type: ApexType

    def children(self) -> Iterator[Value]:
        """Yield the values that it holds, from which the heap is measured."""
        yield from ()

    def text(self) -> str:
        """Return the text that System.debug and String.valueOf write."""
        name = self.type.name
        return name if "." in name else f"System.{name}"


@dataclass(slots=True, eq=False, kw_only=True)
class ExceptionObject(PlatformObject):
    """An exception of the platform, or the state of one of the org's."""

    message: str | None = None
    cause: "ExceptionObject | Instance | None" = None
    # Set when it's thrown: one line for each call, innermost first, as
    # Class.Name.method: line 3, column 1
    stack: tuple[str, ...] = ()
    line: int = 0
    # For a DmlException: one for each failed row.
    dml_errors: tuple["DmlError", ...] = ()

    def children(self) -> Iterator[Value]:
        """Yield the message and the cause."""
        yield self.message
        yield self.cause


@dataclass(frozen=True, slots=True)
class DmlError:
    """Why a row wasn't saved, as DmlException and Database.Error show it."""

    row: int
    status_code: str
    message: str
    fields: tuple[str, ...] = ()
    record_id: Id | None = None


class LoadedClass(Protocol):
    """A class of the org that's ready to run; `runtime/classes.py` implements it."""

    @property
    def type(self) -> ApexType:
        """Return the class's type, such as Outer.Inner."""


@dataclass(slots=True, eq=False)
class Instance:
    """An instance of a class of the org.

    `fields` has the values of its fields and automatic properties by lower-case name, of
    its superclasses too. `base` is the state of a platform class that it extends, such as
    Exception.
    """

    loaded: LoadedClass
    fields: dict[str, Value] = field(default_factory=dict)
    base: PlatformObject | None = None

    @property
    def type(self) -> ApexType:
        """Return the class's type."""
        return self.loaded.type

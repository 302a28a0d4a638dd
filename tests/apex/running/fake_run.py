"""A run without code, for tests of values and of the library's functions."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from tokenx.apex.library.registry import find_method
from tokenx.apex.platform import platform_type
from tokenx.apex.runtime.budget import Budget
from tokenx.apex.runtime.errors import LimitExceededError
from tokenx.apex.runtime.ports import AmericanFormats
from tokenx.apex.types import ApexType
from tokenx.apex.values import Instance
from tokenx.apex.values.coerce import coerce
from tokenx.apex.values.equality import compare, is_equal, key_of
from tokenx.apex.values.text import to_text
from tokenx.apex.values.types_of import is_instance, type_of

NOW = datetime(2026, 11, 30, 15, 4, 5, 678_000, tzinfo=UTC)


@dataclass
class FakeClass:
    """A class of the org with methods in Python."""

    name: str
    methods: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    supertypes: tuple[str, ...] = ()
    fields: Mapping[str, tuple[str, ApexType]] = field(default_factory=dict)

    @property
    def type(self) -> ApexType:
        return ApexType(self.name)


class FakeRecords:
    def fields_of(self, object_name: str) -> Mapping[str, str] | None:
        objects = {"user", "account", "profile"}
        return {"id": "Id"} if object_name.lower() in objects else None

    def field_names(self, object_name: str) -> Mapping[str, str] | None:
        return {"id": "Id", "isactive": "IsActive"} if object_name == "User" else None

    def object_name_of(self, prefix: str) -> str | None:
        return {"005": "User"}.get(prefix)


class FakeRun:
    """Implements what the library uses of `Run`; the heap's limit counts all requests."""

    def __init__(self, *classes: FakeClass, max_heap: int = 6_000_000) -> None:
        self.budget = Budget()
        self.classes = {each.name.lower(): each for each in classes}
        self.allocated = 0
        self.max_heap = max_heap
        self.line = 1
        self.class_name = "Sample"
        user = SimpleNamespace(
            time_zone="America/Los_Angeles", locale="en_US", formats=AmericanFormats()
        )
        clock = SimpleNamespace(now=lambda: NOW, random_bytes=lambda count: b"\x07" * count)
        self.ports = SimpleNamespace(records=FakeRecords(), user=user, clock=clock)

    def allocate(self, size: int) -> None:
        self.allocated += size
        if size > self.max_heap:
            raise LimitExceededError(f"Apex heap size too large: {size}")

    def call(self, receiver: Any, method: str, arguments: Sequence[Any] = ()) -> Any:
        if isinstance(receiver, Instance):
            found = self.classes[receiver.type.name.lower()].methods[method.lower()]
            return found(receiver, *arguments)
        name = type_of(receiver).name
        function = find_method(name, method, len(arguments), is_static=False)
        assert function is not None
        return function(self, receiver, *arguments)

    def new(self, name: str, **fields: Any) -> Instance:
        """Make an instance of a fake class."""
        by_lower = {key.lower(): value for key, value in fields.items()}
        return Instance(self.classes[name.lower()], by_lower)

    def extends(self, type_: ApexType, other: ApexType) -> bool:
        found = self.classes.get(type_.name.lower())
        return found is not None and other.name in (found.name, *found.supertypes)

    def has_method(self, type_: ApexType, name: str, count: int) -> bool:
        del count
        found = self.classes.get(type_.name.lower())
        return found is not None and name.lower() in found.methods

    def instance_fields(self, type_: ApexType) -> Mapping[str, tuple[str, ApexType]] | None:
        found = self.classes.get(type_.name.lower())
        return found.fields if found else None

    def transient_fields(self, type_: ApexType) -> Collection[str]:
        return ()

    def find_type(self, name: str) -> ApexType | None:
        found = platform_type(name)
        if found is not None:
            return ApexType(found.name)
        known = self.classes.get(name.lower())
        return known.type if known else None

    def type_of(self, value: Any) -> ApexType:
        return type_of(value)

    def is_instance(self, value: Any, type_: ApexType) -> bool:
        return is_instance(self, value, type_)

    def coerce(self, value: Any, type_: ApexType) -> Any:
        return coerce(self, value, type_)

    def to_text(self, value: Any) -> str:
        return to_text(self, value)

    def key_of(self, value: Any) -> object:
        return key_of(self, value)

    def is_equal(self, one: Any, other: Any) -> bool:
        return is_equal(self, one, other)

    def compare(self, one: Any, other: Any) -> int:
        return compare(self, one, other)

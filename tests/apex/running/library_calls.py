"""Calls functions of the library with a small stand-in for a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from tokenx.apex.library import registry
from tokenx.apex.runtime.budget import MAX_HEAP, Budget
from tokenx.apex.runtime.errors import LimitExceededError, ThrownError
from tokenx.apex.runtime.ports import (
    CalloutRequest,
    CalloutResponse,
    CertificateOfOrg,
    RunningUser,
)
from tokenx.apex.runtime.trace import Trace
from tokenx.apex.types import ApexType, parse_type
from tokenx.apex.values import (
    ApexList,
    ApexMap,
    ApexSet,
    EnumConstant,
    Id,
    Record,
    Value,
)

USER = RunningUser(
    id=Id("005000000000001AAA"),
    username="ada@example.com",
    first_name="Ada",
    last_name="Lovelace",
    email="ada@example.com",
    profile_id=Id("00e000000000001AAA"),
    profile_name="System Administrator",
    time_zone="America/Los_Angeles",
    locale="en_US",
    language="en_US",
    organization_id=Id("00D000000000001EAA"),
    organization_name="Example",
    my_domain="https://example.my.salesforce.com",
)
NOW = datetime(2026, 11, 30, 5, 0, 0, 123_456, UTC)


@dataclass
class FakePorts:
    """Ports that answer from dictionaries."""

    responses: dict[str, CalloutResponse] = field(default_factory=dict)
    sent: list[CalloutRequest] = field(default_factory=list)
    certificates: dict[str, CertificateOfOrg] = field(default_factory=dict)
    user: RunningUser = USER

    def __post_init__(self) -> None:
        fields = {
            "id": "Id",
            "email": "String",
            "isactive": "Boolean",
            "profile": "Profile",
        }
        names = {"id": "Id", "email": "Email", "isactive": "IsActive", "profile": "Profile"}
        self.callouts = SimpleNamespace(send=self._send)
        self.clock = SimpleNamespace(
            now=lambda: NOW, random_bytes=lambda count: b"7" * count
        )
        self.configuration = SimpleNamespace(certificate=self._certificate)
        self.records = SimpleNamespace(
            fields_of=lambda name: fields if name.lower() == "user" else None,
            field_names=lambda name: names,
        )

    def _send(self, request: CalloutRequest) -> CalloutResponse:
        self.sent.append(request)
        return self.responses[request.endpoint]

    def _certificate(self, name: str) -> CertificateOfOrg | None:
        return self.certificates.get(name.lower())


class FakeRun:
    """A run without an interpreter: values have no code of their own."""

    line = 3
    class_name = "Sample"

    def __init__(self, ports: FakePorts | None = None) -> None:
        self.budget = Budget()
        self.ports: Any = ports or FakePorts()
        self.trace = Trace()
        self.memo: dict[str, Any] = {}
        self.heap_size = 0

    def record(self, make: type, *values: object, text_size: int = 0) -> None:
        place = self.budget.steps, self.class_name, self.line
        self.trace.add(make(*place, *values), text_size)

    def allocate(self, size: int) -> None:
        self.heap_size += size
        if self.heap_size > MAX_HEAP:
            raise LimitExceededError(f"Apex heap size too large: {self.heap_size}")

    def to_text(self, value: Value) -> str:
        if value is None or isinstance(value, bool):
            return str(value).lower().replace("none", "null")
        return str(value)

    def key_of(self, value: Value) -> object:
        return value

    def is_equal(self, one: Value, other: Value) -> bool:
        return bool(one == other)

    def instance_fields(self, type_: ApexType) -> Mapping | None:
        return None

    def enum_value(self, type_: ApexType, name: str) -> EnumConstant | None:
        return None

    def coerce(self, value: Value, type_: ApexType) -> Value:
        return value

    def type_of(self, value: Value) -> ApexType:
        return value.type

    def find_type(self, name: str) -> ApexType | None:
        return parse_type(name)


def static(run: FakeRun, type_name: str, name: str, *arguments: Value) -> Value:
    """Call a static method."""
    function = registry.find_method(type_name, name, len(arguments), is_static=True)
    assert function, f"{type_name}.{name}"
    return function(run, *arguments)


def call(run: FakeRun, receiver: Value, name: str, *arguments: Value) -> Value:
    """Call a method of an object of the platform."""
    names = [receiver.type.name, "Exception"]
    for type_name in names:
        found = registry.find_method(type_name, name, len(arguments), is_static=False)
        if found:
            return found(run, receiver, *arguments)
    raise AssertionError(name)


def new(run: FakeRun, type_name: str, *arguments: Value) -> Value:
    """Make an object of the platform."""
    function = registry.find_constructor(type_name)
    assert function, type_name
    return function(run, ApexType(type_name), *arguments)


def thrown_by(function, *arguments: Value) -> tuple[str, str]:
    """Return the type and message of the exception that a call throws."""
    try:
        function(*arguments)
    except ThrownError as error:
        return error.value.type.name, error.value.message or ""
    raise AssertionError("Nothing was thrown.")


def plain(value: Value) -> Any:
    """Return a value with its collections as Python's."""
    if isinstance(value, ApexList):
        return [plain(each) for each in value.items]
    if isinstance(value, ApexSet):
        return {plain(each) for each in value.items.values()}
    if isinstance(value, ApexMap):
        return {plain(key): plain(each) for key, each in value.items.values()}
    if isinstance(value, Record):
        return {key: plain(each) for key, each in value.fields.items()}
    return value

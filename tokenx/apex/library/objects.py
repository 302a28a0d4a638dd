"""The methods that each object has, and UUID."""

import re
from copy import copy
from dataclasses import dataclass
from uuid import UUID

from ..runtime.api import Run
from ..runtime.errors import thrown
from ..types import ApexType
from ..values import EnumConstant, Instance, PlatformObject, Value
from ..values.equality import hash_of, is_exactly
from ..values.text import to_text
from .checks import require
from .registry import method, static_method

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@method("Object", "equals")
def equals(run: Run, one: Value, other: Value) -> bool:
    """Say whether two values are equal: an instance without own equals only to itself."""
    if isinstance(one, Instance):
        return one is other
    if isinstance(one, (PlatformObject, EnumConstant)):
        return bool(one == other)
    if isinstance(one, (bool, int, float, str)):
        return is_exactly(one, other)
    return run.is_equal(one, other)


@method("Object", "hashCode")
def hash_code(run: Run, value: Value) -> int:
    """Return a hash that's the same for equal values."""
    return hash_of(value if isinstance(value, Instance) else run.key_of(value))


@method("Object", "toString")
def to_string(run: Run, value: Value) -> str:
    """Return a value's text."""
    return to_text(run, value)


@method("Object", "clone")
def clone(run: Run, value: Value) -> Value:
    """Return a copy that holds the same values."""
    if isinstance(value, Instance):
        run.allocate(16 + 8 * len(value.fields))
        run.budget.charge_for(len(value.fields), 10)
        return Instance(value.loaded, dict(value.fields), copy(value.base))
    if isinstance(value, PlatformObject):
        run.allocate(64)
        return copy(value)
    return value


# --- UUID --------------------------------------------------------------------------------


@dataclass(slots=True, frozen=False, eq=True, unsafe_hash=True, kw_only=True)
class UuidValue(PlatformObject):
    """A UUID."""

    type: ApexType = ApexType("UUID")  # noqa: RUF009  (types are frozen)
    value: str

    def text(self) -> str:
        """Return its 36 characters."""
        return self.value


@static_method("UUID", "randomUUID")
def random_uuid(run: Run) -> UuidValue:
    """Return a random UUID of version 4."""
    run.allocate(36)
    return UuidValue(value=str(UUID(bytes=run.ports.clock.random_bytes(16), version=4)))


@static_method("UUID", "fromString")
def uuid_from_string(run: Run, text: str | None) -> UuidValue:
    """Return the UUID that a text has."""
    require(text)
    text = str(text)
    run.budget.charge_for(len(text))
    if not _UUID.fullmatch(text):
        message = f"Invalid UUID string: {text[:1_000]}"
        raise thrown("IllegalArgumentException", message)
    return UuidValue(value=text.lower())

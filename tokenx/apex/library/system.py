"""System: debugging, the time, and what the code runs in."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from ..runtime.api import Run
from ..runtime.errors import thrown
from ..runtime.trace import Debugged
from ..types import ApexType
from ..values import (
    ApexList,
    ApexMap,
    ApexSet,
    EnumConstant,
    Long,
    PlatformObject,
    Value,
)
from .allocation import constant
from .checks import null_argument
from .registry import constructor, method, static_method
from .time_zones import in_user_zone


@static_method("System", "debug", 1)
def debug(run: Run, value: Value) -> None:
    """Write a value to the log."""
    _debug(run, "DEBUG", value)


@static_method("System", "debug", 2)
def debug_at_level(run: Run, level: EnumConstant | None, value: Value) -> None:
    """Write a value to the log at a level."""
    _debug(run, level.name if level else "DEBUG", value)


def _debug(run: Run, level: str, value: Value) -> None:
    text = _shown(run, value)
    run.budget.charge_for(len(text))
    run.record(Debugged, level, text, text_size=len(text))


_MOST_SHOWN = 10


def _shown(run: Run, value: Value) -> str:
    """Return a value as text; a collection shows its first elements only."""
    if not isinstance(value, ApexList | ApexSet | ApexMap):
        return run.to_text(value)
    if len(value.items) <= _MOST_SHOWN:
        return run.to_text(value)
    run.allocate(8 * _MOST_SHOWN)
    if isinstance(value, ApexList):
        text = run.to_text(ApexList(value.element, value.items[:_MOST_SHOWN]))
    elif isinstance(value, ApexSet):
        first = dict(islice(value.items.items(), _MOST_SHOWN))
        text = run.to_text(ApexSet(value.element, first))
    else:
        pairs = dict(islice(value.items.items(), _MOST_SHOWN))
        text = run.to_text(ApexMap(value.key, value.value, pairs))
    return f"{text[:-1]}, ...{text[-1:]}"


def now_of(run: Run) -> datetime:
    """Return the time in whole milliseconds."""
    now = run.ports.clock.now()
    return now.replace(microsecond=now.microsecond // 1_000 * 1_000)


@static_method("System", "now")
def now(run: Run) -> datetime:
    """Return the time."""
    return now_of(run)


@static_method("System", "today")
def today(run: Run) -> date:
    """Return the date in the user's time zone."""
    return in_user_zone(run, now_of(run)).date()


@static_method("System", "currentTimeMillis")
def current_time_millis(run: Run) -> Long:
    """Return the milliseconds since 1970."""
    moment = now_of(run)
    return Long(int(moment.timestamp()) * 1_000 + moment.microsecond // 1_000)


@static_method("System", "equals")
def equals(run: Run, one: Value, other: Value) -> bool:
    """Compare by the method equals; null equals null."""
    if one is None or other is None:
        return one is None and other is None
    return bool(run.call(one, "equals", [other]))


@static_method("System", "hashCode")
def hash_code(run: Run, value: Value) -> int:
    """Return a value's hash code; null's is 0."""
    return 0 if value is None else run.call(value, "hashCode")


@static_method(
    "System",
    "isBatch",
    "isFunctionCallback",
    "isFuture",
    "isQueueable",
    "isRunningElasticCompute",
    "isScheduled",
)
def is_asynchronous(run: Run) -> bool:
    """Say whether the code runs asynchronously: never, here."""
    return False


@static_method("System", "getApplicationReadWriteMode")
def get_application_read_write_mode(run: Run) -> EnumConstant:
    """Return the mode of the org, which is never read-only here."""
    return constant("ApplicationReadWriteMode", "DEFAULT")


@static_method("System", "getQuiddityShortCode")
def get_quiddity_short_code(run: Run, quiddity: EnumConstant | None) -> str:
    """Return the code by which event logs name a kind of run."""
    if quiddity is None:
        raise null_argument()
    return _SHORT_CODES.get(quiddity.name, "")


_SHORT_CODES = {"ANONYMOUS": "X", "SYNCHRONOUS": "S", "VF": "V", "AURA": "R", "REST": "R"}


@static_method("Test", "isRunningTest")
def is_running_test(run: Run) -> bool:
    """Say whether a test runs: never, here."""
    return False


@static_method("FeatureManagement", "checkPermission")
def check_permission(run: Run, name: str | None) -> bool:
    """Say whether the user has a custom permission; tokenx has none."""
    if name is None:
        raise thrown("NullPointerException", "Argument cannot be null.")
    return False


# --- Request ---------------------------------------------------------------------------


@dataclass(slots=True, eq=False, kw_only=True)
class CurrentRequest(PlatformObject):
    """The request in which the code runs."""


@static_method("Request", "getCurrent")
def get_current_request(run: Run) -> CurrentRequest:
    """Return the request in which the code runs."""
    return CurrentRequest(type=ApexType("Request"))


@constructor("Request")
def new_request(run: Run, type_: ApexType) -> CurrentRequest:
    """Make a request, which is the current one."""
    return CurrentRequest(type=type_)


@method("Request", "getQuiddity")
def get_quiddity(run: Run, receiver: CurrentRequest) -> EnumConstant:
    """Return the kind of run."""
    return constant("Quiddity", "SYNCHRONOUS" if run.class_name else "ANONYMOUS")


@method("Request", "getRequestId")
def get_request_id(run: Run, receiver: CurrentRequest) -> str:
    """Return the ID that a request has in logs; the same in the whole run."""
    request_id = run.memo.get("request_id")
    if request_id is None:
        request_id = f"TID:{run.ports.clock.random_bytes(16).hex()}"
        run.memo["request_id"] = request_id
    return str(request_id)


# --- Version ---------------------------------------------------------------------------


@dataclass(slots=True, eq=False, kw_only=True)
class Version(PlatformObject):
    """A version of a package."""

    parts: tuple[int, ...]


@constructor("Version")
def new_version(run: Run, type_: ApexType, *parts: int | None) -> Version:
    """Make a version from two or three numbers."""
    if None in parts:
        raise null_argument()
    numbers = tuple(part for part in parts if part is not None)
    return Version(type=type_, parts=numbers)


@method("Version", "compareTo")
def compare_versions(run: Run, receiver: Version, other: Version | None) -> int:
    """Compare two versions; a patch counts only if both have one."""
    if other is None:
        raise null_argument()
    count = min(len(receiver.parts), len(other.parts))
    one, two = receiver.parts[:count], other.parts[:count]
    return (one > two) - (one < two)


@method("Version", "major")
def major(run: Run, receiver: Version) -> int:
    """Return the first number."""
    return receiver.parts[0]


@method("Version", "minor")
def minor(run: Run, receiver: Version) -> int:
    """Return the second number."""
    return receiver.parts[1]


@method("Version", "patch")
def patch(run: Run, receiver: Version) -> int | None:
    """Return the third number, or null."""
    return receiver.parts[2] if len(receiver.parts) > 2 else None

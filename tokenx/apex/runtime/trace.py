"""Events of a run, in order. The page's steps and the debug log both come from it.

Lines count from 1; 0 is outside of the code. `class_name` is the top-level class whose code
the line belongs to; for anonymous Apex, it's empty.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from ..types import ApexType
from ..values import Value


@dataclass(slots=True)
class Event:
    """An event: when (in steps from the start of the run), and where.

    Events never change. They aren't frozen, because making a frozen one takes much longer.
    """

    steps: int
    class_name: str
    line: int


@dataclass(slots=True)
class UnitStarted(Event):
    """The platform calls the code: `name` is that of the log's code unit."""

    name: str


@dataclass(slots=True)
class UnitFinished(Event):
    """The platform's call ended."""

    name: str


@dataclass(slots=True)
class MethodEntered(Event):
    """A call of a method or constructor of the org; `line` is that of the declaration.

    `signature` is Class.method(Type, Type), or Class.Class() for a constructor.
    `is_constructor` tells them apart. `call_line` is where the call is.
    """

    signature: str
    is_constructor: bool
    call_line: int


@dataclass(slots=True)
class MethodLeft(Event):
    """The end of a call, by return or exception."""

    signature: str
    is_constructor: bool
    call_line: int


@dataclass(slots=True)
class StatementRun(Event):
    """A statement starts."""


@dataclass(slots=True)
class VariableAssigned(Event):
    """A local, instance, or static variable got a value; `text` is the value as JSON.

    `address` identifies an object within the run; plain values have none.
    """

    name: str
    type: ApexType
    text: str
    is_new: bool = False
    address: int = 0


@dataclass(slots=True)
class Debugged(Event):
    """System.debug."""

    level: str
    text: str


@dataclass(slots=True)
class QueryStarted(Event):
    """A query starts; `text` is the SOQL, with its binds as the code writes them."""

    text: str
    # The values of the binds, by expression, as text.
    binds: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class QueryFinished(Event):
    """A query ended."""

    rows: int


@dataclass(slots=True)
class DmlStarted(Event):
    """A DML statement starts; the operation is capitalized: Insert."""

    operation: str
    object_name: str
    rows: int


@dataclass(slots=True)
class DmlFinished(Event):
    """A DML statement ended; failures say why rows weren't saved."""

    failures: tuple[str, ...] = ()


@dataclass(slots=True)
class CalloutStarted(Event):
    """A callout starts."""

    method: str
    endpoint: str
    body: str = ""


@dataclass(slots=True)
class CalloutFinished(Event):
    """A callout was answered; `source` says who did in a sentence."""

    status_code: int
    status: str
    body: str = ""
    source: str = ""


@dataclass(slots=True)
class CalloutFailed(Event):
    """A callout got no answer."""

    message: str


@dataclass(slots=True)
class TokenRead(Event):
    """A token was validated or parsed by Auth.JWTUtil; `summary` is a sentence about it."""

    method: str
    summary: str
    is_valid: bool
    claims: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class ClaimRead(Event):
    """The code read a claim from a token: its name and value as text."""

    name: str
    text: str


@dataclass(slots=True)
class HeapAllocated(Event):
    """Memory was allocated, in bytes."""

    bytes: int


@dataclass(slots=True)
class ExceptionThrown(Event):
    """An exception was thrown: System.NullPointerException: Attempt to …"""

    text: str


@dataclass(slots=True)
class FatalError(Event):
    """An exception left the code; `stack` has one line for each call, innermost first."""

    text: str
    stack: tuple[str, ...]


AnyEvent: TypeAlias = Event


@dataclass(slots=True)
class Trace:
    """The events of a run. Beyond the limit, events are counted and left out.

    Events that end a run are always recorded.
    """

    # A run's own statements are not recorded unless someone reads them.
    with_statements: bool = True
    # So are the values of variables.
    with_variables: bool = True
    max_events: int = 50_000
    max_text: int = 5_000_000
    events: list[AnyEvent] = field(default_factory=list)
    left_out: int = 0
    text_size: int = 0

    def add(self, event: AnyEvent, text_size: int = 0) -> None:
        """Record an event; `text_size` counts its text, such as that of System.debug."""
        is_full = len(self.events) >= self.max_events
        if isinstance(event, (UnitFinished, FatalError)):
            self.events.append(event)
            return
        if is_full or self.text_size + text_size > self.max_text:
            self.left_out += 1
            return
        self.text_size += text_size
        self.events.append(event)


def short(value: Value) -> str:
    """Shorten a text that an event shows."""
    text = str(value)
    return text if len(text) <= 1_000 else f"{text[:1_000]}…"

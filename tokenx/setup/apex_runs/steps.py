"""The steps of a run, in plain words, each with the line of code that it belongs to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import singledispatch

from tokenx.apex.runtime import trace
from tokenx.apex.runtime.trace import Event, Trace

# Steps that a page shows. A loop can take many more.
MAX_STEPS = 500
_MAX_TEXT = 300


@dataclass(frozen=True)
class Step:
    """A step: its number, where it is, and what happened.

    `kind` is a word for its look: call, query, dml, callout, token, claim, debug,
    assignment, or exception. `detail` is a longer text, such as a response's body.
    """

    number: int
    class_name: str
    line: int
    kind: str
    text: str
    detail: str = ""


@dataclass(frozen=True)
class _Told:
    kind: str
    text: str
    detail: str = ""


def steps_of(run: Trace, *, has_assignments: bool = False) -> tuple[list[Step], int]:
    """Return the first steps, and how many others the trace has.

    A query, DML statement, or callout is one step, although its end is another event.
    """
    steps: list[Step] = []
    left_out = 0
    for event, told in _told(run.events):
        if told.kind == "assignment" and not has_assignments:
            continue
        if len(steps) == MAX_STEPS:
            left_out += 1
            continue
        place = event.class_name, event.line
        steps.append(Step(len(steps) + 1, *place, told.kind, told.text, told.detail))
    return steps, left_out


def _told(events: Iterable[Event]) -> Iterator[tuple[Event, _Told]]:
    """Yield events with their texts. What starts is told when it ends."""
    started: Event | None = None
    for event in events:
        if isinstance(event, trace.QueryStarted | trace.DmlStarted | trace.CalloutStarted):
            if started is not None:
                yield started, _tell_start(started)
            started = event
        elif started is not None and (told := _tell_end(event, started)):
            yield started, told
            started = None
        elif told := _tell(event):
            if started is not None:
                yield started, _tell_start(started)
                started = None
            yield event, told
    if started is not None:
        yield started, _tell_start(started)


def _tell_start(started: Event) -> _Told:
    match started:
        case trace.QueryStarted(text=text):
            return _Told("query", f"Query: {_one_line(text)}", _binds(started))
        case trace.DmlStarted(operation=operation, object_name=name, rows=rows):
            return _Told("dml", f"{operation} {name}: {_rows(rows)}")
        case trace.CalloutStarted(method=method, endpoint=endpoint):
            return _Told("callout", f"{method} {_short(endpoint)}")
    raise TypeError(started)


def _tell_end(event: Event, started: Event) -> _Told | None:
    told = _tell_start(started)
    match event:
        case trace.QueryFinished(rows=rows):
            return _Told(told.kind, f"{told.text} → {_rows(rows)}", told.detail)
        case trace.DmlFinished(failures=failures):
            if failures:
                return _Told(told.kind, f"{told.text} → failed", "\n".join(failures))
            return _Told(told.kind, told.text)
        case trace.CalloutFinished(status_code=code, status=status, body=body):
            text = f"{told.text} → {code} {status}. {event.source}".rstrip()
            return _Told(told.kind, text, _exchange(started, body))
        case trace.CalloutFailed(message=message):
            return _Told(told.kind, f"{told.text} → no answer", message)
    return None


@singledispatch
def _tell(event: Event) -> _Told | None:
    """Return the text of an event, or None if it's no step."""
    return None


@_tell.register
def _call(event: trace.MethodEntered) -> _Told:
    verb = "Constructed by" if event.is_constructor else "Called:"
    return _Told("call", f"{verb} {event.signature}")


@_tell.register
def _token(event: trace.TokenRead) -> _Told:
    claims = "\n".join(f"{name}: {text}" for name, text in event.claims)
    return _Told("token", f"{event.method}: {event.summary}", claims)


@_tell.register
def _claim(event: trace.ClaimRead) -> _Told:
    return _Told("claim", f"Claim {event.name}: {_short(event.text)}")


@_tell.register
def _debug(event: trace.Debugged) -> _Told:
    return _Told("debug", f"{event.level}: {_short(event.text)}")


@_tell.register
def _assignment(event: trace.VariableAssigned) -> _Told:
    return _Told("assignment", f"{event.name} = {_short(event.text)}")


@_tell.register
def _exception(event: trace.ExceptionThrown) -> _Told:
    return _Told("exception", f"Thrown: {_short(event.text)}")


@_tell.register
def _fatal(event: trace.FatalError) -> _Told:
    # Nothing is thrown if the code needs something that tokenx doesn't have.
    text = event.text if event.text.startswith("tokenx ") else f"Not caught: {event.text}"
    return _Told("exception", _short(text), "\n".join(event.stack))


def _binds(started: trace.QueryStarted) -> str:
    return "\n".join(f":{name} = {_short(text)}" for name, text in started.binds)


def _exchange(started: Event, body: str) -> str:
    sent = started.body if isinstance(started, trace.CalloutStarted) else ""
    parts = [("Sent", sent), ("Received", body)]
    return "\n\n".join(f"{name}:\n{text}" for name, text in parts if text)


def _rows(count: int) -> str:
    return f"{count} row" if count == 1 else f"{count} rows"


def _one_line(text: str) -> str:
    return _short(" ".join(text.split()))


def _short(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"

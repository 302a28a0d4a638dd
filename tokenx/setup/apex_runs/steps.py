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
class _StepText:
    kind: str
    text: str
    detail: str = ""


def steps_of(run: Trace, *, has_assignments: bool = False) -> tuple[list[Step], int]:
    """Return the first steps, and how many others the trace has.

    A query, DML statement, or callout is one step, although its end is another event.
    """
    steps: list[Step] = []
    left_out = 0
    for event, shown in _texts_of(run.events):
        if shown.kind == "assignment" and not has_assignments:
            continue
        if len(steps) == MAX_STEPS:
            left_out += 1
            continue
        place = event.class_name, event.line
        steps.append(Step(len(steps) + 1, *place, shown.kind, shown.text, shown.detail))
    return steps, left_out


def _texts_of(events: Iterable[Event]) -> Iterator[tuple[Event, _StepText]]:
    """Yield events with their texts. A query or call is one step, when it ends."""
    started: Event | None = None
    for event in events:
        if isinstance(event, trace.QueryStarted | trace.DmlStarted | trace.CalloutStarted):
            if started is not None:
                yield started, _start_text(started)
            started = event
        elif started is not None and (shown := _end_text(event, started)):
            yield started, shown
            started = None
        elif shown := _text_of(event):
            if started is not None:
                yield started, _start_text(started)
                started = None
            yield event, shown
    if started is not None:
        yield started, _start_text(started)


def _start_text(started: Event) -> _StepText:
    match started:
        case trace.QueryStarted(text=text):
            return _StepText("query", f"Query: {_one_line(text)}", _binds(started))
        case trace.DmlStarted(operation=operation, object_name=name, rows=rows):
            return _StepText("dml", f"{operation} {name}: {_rows(rows)}")
        case trace.CalloutStarted(method=method, endpoint=endpoint):
            return _StepText("callout", f"{method} {_short(endpoint)}")
    raise TypeError(started)


def _end_text(event: Event, started: Event) -> _StepText | None:
    shown = _start_text(started)
    match event:
        case trace.QueryFinished(rows=rows):
            return _StepText(shown.kind, f"{shown.text} → {_rows(rows)}", shown.detail)
        case trace.DmlFinished(failures=failures):
            if failures:
                return _StepText(shown.kind, f"{shown.text} → failed", "\n".join(failures))
            return _StepText(shown.kind, shown.text)
        case trace.CalloutFinished(status_code=code, status=status, body=body):
            text = f"{shown.text} → {code} {status}. {event.source}".rstrip()
            return _StepText(shown.kind, text, _exchange(started, body))
        case trace.CalloutFailed(message=message):
            return _StepText(shown.kind, f"{shown.text} → no response", message)
    return None


@singledispatch
def _text_of(event: Event) -> _StepText | None:
    """Return the text of an event, or None if it's no step."""
    return None


@_text_of.register
def _call(event: trace.MethodEntered) -> _StepText:
    kind = "constructor " if event.is_constructor else ""
    return _StepText("call", f"Called {kind}{event.signature}")


@_text_of.register
def _token(event: trace.TokenRead) -> _StepText:
    claims = "\n".join(f"{name}: {text}" for name, text in event.claims)
    return _StepText("token", f"{event.method}: {event.summary}", claims)


@_text_of.register
def _claim(event: trace.ClaimRead) -> _StepText:
    return _StepText("claim", f"Claim {event.name}: {_short(event.text)}")


@_text_of.register
def _debug(event: trace.Debugged) -> _StepText:
    return _StepText("debug", f"{event.level}: {_short(event.text)}")


@_text_of.register
def _assignment(event: trace.VariableAssigned) -> _StepText:
    return _StepText("assignment", f"{event.name} = {_short(event.text)}")


@_text_of.register
def _exception(event: trace.ExceptionThrown) -> _StepText:
    return _StepText("exception", f"Exception: {_short(event.text)}")


@_text_of.register
def _fatal(event: trace.FatalError) -> _StepText:
    # Nothing is thrown if the code needs something that tokenx doesn't have.
    text = (
        event.text
        if event.text.startswith("tokenx ")
        else f"Uncaught exception: {event.text}"
    )
    return _StepText("exception", _short(text), "\n".join(event.stack))


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

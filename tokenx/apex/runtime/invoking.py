"""Runs methods with their arguments, and keeps the stack of calls."""

from collections.abc import Sequence
from types import GeneratorType
from typing import TYPE_CHECKING

from ..tree import Statement
from ..values import Instance, Value
from .classes import OrgMethod
from .errors import (
    NotRunnableError,
    RunEndedError,
    ThrownError,
)
from .evaluation import Signal, execute_all
from .frames import Frame
from .machine import Steps
from .signatures import PLAIN
from .trace import MethodEntered, MethodLeft

if TYPE_CHECKING:
    from .run import ApexRun


def invoke(
    run: "ApexRun", method: OrgMethod, this: Instance | None, arguments: Sequence[Value]
) -> Steps:
    """Run a method of the org with its arguments."""
    frame = Frame(run, method.owner, method, this)
    bind(frame, arguments)
    run.enter(frame)
    if run.with_statements:
        record_entry(run, frame)
    try:
        if method.body is None:
            raise NotRunnableError(method.place)
        signal = execute_all(frame, method.body.statements)
        if type(signal) is GeneratorType:
            signal = yield signal
    except ThrownError as error:
        run.note_thrown(error)
        raise
    except RunEndedError as error:
        run.note_end(error)
        raise
    finally:
        leave(run, frame)
    return frame.result if signal is Signal.RETURN else None


def run_body(run: "ApexRun", frame: Frame, statements: Sequence[Statement]) -> Steps:
    """Run statements in a frame that's entered and left."""
    run.enter(frame)
    try:
        signal = execute_all(frame, statements)
        if type(signal) is GeneratorType:
            signal = yield signal
    except ThrownError as error:
        run.note_thrown(error)
        raise
    except RunEndedError as error:
        run.note_end(error)
        raise
    finally:
        drop(run, frame)
    return frame.result


def bind(frame: Frame, arguments: Sequence[Value]) -> None:
    """Declare the parameters of a call with their values."""
    method, run = frame.method, frame.run
    if not method.parameters:
        if method.types is None:
            run.types_of(method)
        return
    types = run.types_of(method)
    for index, parameter in enumerate(method.parameters):
        value, type_ = arguments[index], types[index]
        if value is not None and PLAIN.get(type_.name) is not type(value):
            value = run.coerce(value, type_)
        key = parameter.name.lower()
        frame.types[key] = type_
        frame.locals[key] = value


def leave(run: "ApexRun", frame: Frame) -> None:
    """Remove a call from the stack; after an error that ends the run, it stays."""
    if run.frames and run.frames[-1] is frame and not run.has_ended:
        run.frames.pop()
        if run.with_statements:
            record_exit(run, frame)


def drop(run: "ApexRun", frame: Frame) -> None:
    """Remove a call from the stack that isn't a method's."""
    if run.frames and run.frames[-1] is frame and not run.has_ended:
        run.frames.pop()


def record_entry(run: "ApexRun", frame: Frame) -> None:
    """Record that a method starts."""
    method = frame.method
    frames = run.frames
    call_line = frames[-2].at[0] if len(frames) > 1 else 0
    signature = signature_of(run, method)
    event = signature, method.is_constructor, call_line
    run.record(MethodEntered, *event, text_size=len(signature))
    for parameter in method.parameters:
        key = parameter.name.lower()
        value, type_ = frame.locals[key], frame.types[key]
        run.note_assigned(parameter.name, type_, value, is_new=True)


def record_exit(run: "ApexRun", frame: Frame) -> None:
    """Record that a method ended."""
    method = frame.method
    signature = signature_of(run, method)
    event = signature, method.is_constructor, run.line
    run.record(MethodLeft, *event, text_size=len(signature))


def signature_of(run: "ApexRun", method: OrgMethod) -> str:
    """Return a method as logs write it: Outer.Inner.method(String, Integer)."""
    if not method.signature:
        owner = method.owner.type.name
        types = ", ".join(map(str, run.types_of(method)))
        name = owner.rpartition(".")[2] if method.is_constructor else method.name
        method.signature = f"{owner}.{name}({types})"
    return method.signature

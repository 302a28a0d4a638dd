"""Runs throw, try, catch, and finally."""

from types import GeneratorType
from typing import Any

from ..tree import (
    Catch,
    Throw,
    Try,
)
from ..values import (
    ExceptionObject,
    Instance,
    Value,
)
from .errors import NotRunnableError, ThrownError, null_pointer
from .evaluation import (
    end_scope,
    evaluate,
    execute_all,
    executes,
)
from .frames import Frame
from .machine import Pending, Steps, go_on


@executes(Throw)
def _throw(frame: Frame, node: Throw) -> Pending:
    return go_on(evaluate(frame, node.value), _raise, frame)


def _raise(value: Value, frame: Frame) -> Pending:
    if value is None:
        raise null_pointer()
    if not isinstance(value, ExceptionObject | Instance):
        raise NotRunnableError("throw")
    raise ThrownError(value)


@executes(Try)
def _try(frame: Frame, node: Try) -> Steps:
    count = len(frame.locals)
    error: ThrownError | None = None
    signal: Any = None
    try:
        signal = execute_all(frame, node.body.statements)
        if type(signal) is GeneratorType:
            signal = yield signal
    except ThrownError as caught:
        error = caught
        frame.run.note_thrown(error)
    if error is not None and (clause := _matching(frame, node, error)):
        try:
            signal = yield _catch(frame, clause, error, count)
            error = None
        except ThrownError as other:
            error = other
            frame.run.note_thrown(error)
    if node.final is not None:
        frame.cut(count)
        result = frame.result
        final = yield execute_all(frame, node.final.statements)
        if final is not None:
            return final
        frame.result = result
    if error is not None:
        raise error
    return signal


def _matching(frame: Frame, node: Try, error: ThrownError) -> Catch | None:
    run = frame.run
    for clause in node.catches:
        type_ = run.types.resolve(clause.type, frame.loaded)
        if type_.key == "exception" or run.is_instance(error.value, type_):
            return clause
    return None


def _catch(frame: Frame, clause: Catch, error: ThrownError, count: int) -> Pending:
    frame.cut(count)
    frame.at = clause.at
    frame.budget.charge()
    type_ = frame.run.types.resolve(clause.type, frame.loaded)
    frame.declare(clause.name, type_, error.value)
    signal = execute_all(frame, clause.body.statements)
    return go_on(signal, end_scope, frame, count)

"""Finds the function that runs a node. See machine.py for what such a function gives."""

from collections.abc import Callable, Sequence
from enum import Enum
from types import GeneratorType
from typing import Any, TypeVar

from ..tree import Block, Expression, Statement
from ..values import Value
from .frames import Frame
from .machine import Pending, Steps
from .trace import StatementRun

Handler = Callable[[Frame, Any], Pending]
H = TypeVar("H", bound=Handler)
EVALUATORS: dict[type, Handler] = {}
EXECUTORS: dict[type, Handler] = {}


class Signal(Enum):
    """An end of a statement that is not the normal one, which is None."""

    BREAK = "break"
    CONTINUE = "continue"
    RETURN = "return"


def evaluates(*nodes: type) -> Callable[[H], H]:
    """Register a function that evaluates a kind of expression."""

    def register(handler: H) -> H:
        EVALUATORS.update(dict.fromkeys(nodes, handler))
        return handler

    return register


def executes(*nodes: type) -> Callable[[H], H]:
    """Register a function that runs a kind of statement and gives a signal or None."""

    def register(handler: H) -> H:
        EXECUTORS.update(dict.fromkeys(nodes, handler))
        return handler

    return register


def evaluate(frame: Frame, node: Expression) -> Pending:
    """Return the value of an expression, or a generator that gives it."""
    return EVALUATORS[type(node)](frame, node)


def evaluate_all(frame: Frame, nodes: Sequence[Expression]) -> Pending:
    """Return a list of values, or a generator that gives it."""
    values: list[Value] = []
    for node in nodes:
        value = EVALUATORS[type(node)](frame, node)
        if type(value) is GeneratorType:
            return _rest_of_values(frame, nodes, values, value)
        values.append(value)
    return values


def _rest_of_values(
    frame: Frame, nodes: Sequence[Expression], values: list[Value], first: Steps
) -> Steps:
    values.append((yield first))
    for node in nodes[len(values) :]:
        values.append((yield evaluate(frame, node)))
    return values


def execute(frame: Frame, node: Statement) -> Pending:
    """Run a statement."""
    frame.at = node.at
    budget = frame.budget
    budget.steps += 1
    if budget.steps > budget.checkpoint:
        budget.check()
    run = frame.run
    if run.with_statements:
        trace = run.trace
        if len(trace.events) < trace.max_events:
            trace.events.append(
                StatementRun(budget.steps, frame.loaded.top_name, node.at[0])
            )
        else:
            trace.left_out += 1
    return EXECUTORS[type(node)](frame, node)


def execute_all(frame: Frame, statements: Sequence[Statement]) -> Pending:
    """Run statements in a scope of their own, up to the first signal."""
    count = len(frame.locals)
    for index, node in enumerate(statements):
        signal = execute(frame, node)
        if signal is not None:
            if type(signal) is GeneratorType:
                return _rest_of_statements(frame, statements, index, signal, count)
            frame.cut(count)
            return signal
    if len(frame.locals) > count:
        frame.cut(count)
    return None


def _rest_of_statements(
    frame: Frame, statements: Sequence[Statement], index: int, first: Steps, count: int
) -> Steps:
    signal = yield first
    while signal is None:
        index += 1
        if index == len(statements):
            break
        signal = execute(frame, statements[index])
        if type(signal) is GeneratorType:
            signal = yield signal
    frame.cut(count)
    return signal


def execute_scoped(frame: Frame, node: Statement | None) -> Pending:
    """Run the body of a branch or loop."""
    if node is None:
        return None
    if type(node) is Block:
        return execute_all(frame, node.statements)
    return execute(frame, node)


def end_scope(signal: Signal | None, frame: Frame, count: int) -> Signal | None:
    """Remove the variables of a scope that ends with a signal."""
    frame.cut(count)
    return signal

"""Runs loops."""

from collections.abc import Iterator, Sequence
from types import GeneratorType

from ..tree import (
    DoWhile,
    Expression,
    For,
    ForEach,
    LocalVariables,
    Statement,
    While,
)
from ..types import ApexType
from ..values import (
    ApexList,
    ApexMap,
    ApexSet,
    QueryRows,
    Value,
)
from . import calls
from .errors import NotRunnableError, null_pointer
from .evaluation import (
    EVALUATORS,
    EXECUTORS,
    Signal,
    end_scope,
    evaluate,
    execute_scoped,
    executes,
)
from .frames import Frame
from .machine import Pending, Steps, go_on, then
from .operations import is_true

_BREAK, _CONTINUE, _RETURN = Signal.BREAK, Signal.CONTINUE, Signal.RETURN
# Rows that a for loop over a query with a list as its variable gets at a time.
_BATCH = 200


@executes(While)
def _while(frame: Frame, node: While) -> Pending:
    return _loop(frame, node.condition, node.body, ())


@executes(DoWhile)
def _do_while(frame: Frame, node: DoWhile) -> Pending:
    return go_on(execute_scoped(frame, node.body), _do_again, frame, node)


def _do_again(signal: Signal | None, frame: Frame, node: DoWhile) -> Pending:
    if signal is _BREAK:
        return None
    if signal is _RETURN:
        return signal
    return _loop(frame, node.condition, node.body, ())


@executes(For)
def _for(frame: Frame, node: For) -> Pending:
    count = len(frame.locals)
    initial = node.initial
    if isinstance(initial, LocalVariables):
        started = EXECUTORS[LocalVariables](frame, initial)
    else:
        started = _evaluate_each(frame, initial)
    looped = go_on(started, _for_loop, frame, node)
    return go_on(looped, end_scope, frame, count)


def _for_loop(_: Value, frame: Frame, node: For) -> Pending:
    return _loop(frame, node.condition, node.body, node.updates)


def _evaluate_each(frame: Frame, nodes: Sequence[Expression]) -> Pending:
    for index, each in enumerate(nodes):
        value = EVALUATORS[type(each)](frame, each)
        if type(value) is GeneratorType:
            return _rest_of_each(frame, nodes[index + 1 :], value)
    return None


def _rest_of_each(frame: Frame, nodes: Sequence[Expression], first: Steps) -> Steps:
    yield first
    for each in nodes:
        yield evaluate(frame, each)


def _loop(
    frame: Frame,
    condition: Expression | None,
    body: Statement | None,
    updates: Sequence[Expression],
) -> Pending:
    """Run a loop until something in it needs a generator, which then goes on."""
    budget = frame.budget
    parts = condition, body, updates
    while True:
        budget.charge()
        if condition is not None:
            value = EVALUATORS[type(condition)](frame, condition)
            if type(value) is GeneratorType:
                return then(value, _with_condition, frame, parts)
            if value is not True and not is_true(value):
                return None
        signal = execute_scoped(frame, body)
        if signal is not None and signal is not _CONTINUE:
            return _stopped(signal, frame, parts)
        if updates:
            updated = _evaluate_each(frame, updates)
            if type(updated) is GeneratorType:
                return then(updated, _again, frame, parts)


# The condition, the body, and the updates of a loop.
_Parts = tuple[Expression | None, Statement | None, Sequence[Expression]]


def _stopped(signal: Pending, frame: Frame, parts: _Parts) -> Pending:
    """Go on with a loop whose body waits, or end the loop."""
    if type(signal) is GeneratorType:
        return _go_on_with_loop(signal, frame, parts)
    return signal if signal is _RETURN else None


def _with_condition(value: Value, frame: Frame, parts: _Parts) -> Pending:
    if not is_true(value):
        return None
    return _go_on_with_loop(execute_scoped(frame, parts[1]), frame, parts)


def _again(_: Value, frame: Frame, parts: _Parts) -> Pending:
    return _loop(frame, *parts)


def _go_on_with_loop(signal: Pending, frame: Frame, parts: _Parts) -> Steps:
    """Run the rest of a loop, from the signal of its body."""
    condition, body, updates = parts
    while True:
        if type(signal) is GeneratorType:
            signal = yield signal
        if signal is _RETURN or signal is _BREAK:
            return signal if signal is _RETURN else None
        if updates:
            yield _evaluate_each(frame, updates)
        frame.budget.charge()
        if condition is not None:
            value = EVALUATORS[type(condition)](frame, condition)
            if type(value) is GeneratorType:
                value = yield value
            if not is_true(value):
                return None
        signal = execute_scoped(frame, body)


@executes(ForEach)
def _for_each(frame: Frame, node: ForEach) -> Pending:
    type_ = frame.run.types.resolve(node.type, frame.loaded)
    return go_on(evaluate(frame, node.iterable), _iterate, frame, node, type_)


def _iterate(value: Value, frame: Frame, node: ForEach, type_: ApexType) -> Pending:
    if value is None:
        raise null_pointer()
    if isinstance(value, QueryRows):
        return _each_of(frame, node, type_, _rows(value, type_))
    if isinstance(value, ApexList | ApexSet):
        return _each_of_collection(frame, node, type_, value)
    if isinstance(value, ApexMap):
        raise NotRunnableError("for")
    return _each_of_iterator(frame, node, type_, value)


def _rows(rows: QueryRows, type_: ApexType) -> Iterator[Value]:
    if type_.key != "list":
        yield from rows.records
        return
    for start in range(0, len(rows.records), _BATCH):
        yield ApexList(type_.arguments[0], rows.records[start : start + _BATCH])


def _each_of_collection(
    frame: Frame, node: ForEach, type_: ApexType, value: ApexList | ApexSet
) -> Steps:
    items = value.items if isinstance(value, ApexList) else value.items.values()
    # While the keys of a map are iterated, the map can't change either.
    origin = value.origin if isinstance(value, ApexSet) else None
    locked = [each for each in (value, origin) if each is not None]
    for each in locked:
        each.iterations += 1
    try:
        return (yield _each_of(frame, node, type_, iter(items)))
    finally:
        for each in locked:
            each.iterations -= 1


def _each_of(
    frame: Frame, node: ForEach, type_: ApexType, values: Iterator[Value]
) -> Steps:
    budget, body = frame.budget, node.body
    count = len(frame.locals)
    key = node.name.lower()
    frame.types[key] = type_
    for value in values:
        budget.charge()
        frame.locals[key] = frame.run.coerce(value, type_)
        signal = execute_scoped(frame, body)
        if type(signal) is GeneratorType:
            signal = yield signal
        if signal is _BREAK:
            break
        if signal is _RETURN:
            return signal
    frame.cut(count)
    return None


def _each_of_iterator(frame: Frame, node: ForEach, type_: ApexType, value: Value) -> Steps:
    """Loop over an object that implements Iterable, or an iterator of one."""
    run, count = frame.run, len(frame.locals)
    iterator = yield calls.call_value(run, value, "iterator", [])
    frame.types[node.name.lower()] = type_
    while True:
        frame.budget.charge()
        has_next = yield calls.call_value(run, iterator, "hasNext", [])
        if not is_true(has_next):
            break
        item = yield calls.call_value(run, iterator, "next", [])
        frame.locals[node.name.lower()] = run.coerce(item, type_)
        signal = yield execute_scoped(frame, node.body)
        if signal is _BREAK:
            break
        if signal is _RETURN:
            return signal
    frame.cut(count)
    return None

"""Runs statements."""

from collections.abc import Iterator, Sequence
from types import GeneratorType
from typing import Any

from ..tree import (
    Block,
    Break,
    Catch,
    Continue,
    Declarator,
    DoWhile,
    Expression,
    ExpressionStatement,
    For,
    ForEach,
    If,
    LocalVariables,
    Name,
    Return,
    RunAs,
    Statement,
    Switch,
    Throw,
    Try,
    When,
    While,
)
from ..types import ApexType
from ..values import (
    ApexList,
    ApexMap,
    ApexSet,
    EnumConstant,
    ExceptionObject,
    Instance,
    QueryRows,
    Value,
)
from . import calls
from .errors import NotRunnableError, ThrownError, null_pointer
from .evaluation import (
    EVALUATORS,
    Signal,
    evaluate,
    execute,
    execute_all,
    executes,
)
from .expressions import is_true
from .frames import Frame
from .machine import Pending, Steps, go_on, then
from .signatures import PLAIN

_BREAK, _CONTINUE, _RETURN = Signal.BREAK, Signal.CONTINUE, Signal.RETURN
# Rows that a for loop over a query with a list as its variable gets at a time.
_BATCH = 200


@executes(Block)
def _block(frame: Frame, node: Block) -> Pending:
    return execute_all(frame, node.statements)


@executes(ExpressionStatement)
def _expression(frame: Frame, node: ExpressionStatement) -> Pending:
    expression = node.expression
    value = EVALUATORS[type(expression)](frame, expression)
    if type(value) is GeneratorType:
        return then(value, _ignore)
    return None


def _ignore(_: Value) -> None:
    """Ignore a value."""


@executes(LocalVariables)
def _local_variables(frame: Frame, node: LocalVariables) -> Pending:
    type_ = frame.run.types.resolve(node.type, frame.loaded)
    declarators = node.declarators
    for index, each in enumerate(declarators):
        if each.value is None:
            key = each.name.lower()
            frame.types[key] = type_
            frame.locals[key] = None
            continue
        value = EVALUATORS[type(each.value)](frame, each.value)
        if type(value) is GeneratorType:
            return _rest_of_variables(frame, type_, declarators[index:], value)
        _declare(frame, each, type_, value)
    return None


def _rest_of_variables(
    frame: Frame, type_: ApexType, declarators: Sequence[Declarator], first: Steps
) -> Steps:
    _declare(frame, declarators[0], type_, (yield first))
    for each in declarators[1:]:
        value = None
        if each.value is not None:
            value = yield evaluate(frame, each.value)
        _declare(frame, each, type_, value)


def _declare(frame: Frame, node: Declarator, type_: ApexType, value: Value) -> None:
    if value is not None and PLAIN.get(type_.name) is not type(value):
        value = frame.run.coerce(value, type_)
    key = node.name.lower()
    frame.types[key] = type_
    frame.locals[key] = value
    if frame.run.with_variables:
        frame.run.note_assigned(node.name, type_, value, is_new=True)


@executes(Return)
def _return(frame: Frame, node: Return) -> Pending:
    if node.value is None:
        frame.result = None
        return _RETURN
    value = EVALUATORS[type(node.value)](frame, node.value)
    if type(value) is GeneratorType:
        return then(value, _return_value, frame)
    return _return_value(value, frame)


def _return_value(value: Value, frame: Frame) -> Signal:
    type_ = frame.method.result
    if value is not None and PLAIN.get(type_.name) is not type(value):
        value = frame.run.coerce(value, type_)
    frame.result = value
    return _RETURN


@executes(Break)
def _break(frame: Frame, node: Break) -> Signal:
    return _BREAK


@executes(Continue)
def _continue(frame: Frame, node: Continue) -> Signal:
    return _CONTINUE


@executes(RunAs)
def _run_as(frame: Frame, node: RunAs) -> Pending:
    raise NotRunnableError("System.runAs", "It only runs in tests.")


# --- Branches ----------------------------------------------------------------------------


@executes(If)
def _if(frame: Frame, node: If) -> Pending:
    current: Statement | None = node
    while type(current) is If:
        if current is not node:
            frame.at = current.at
            frame.budget.charge()
        condition = EVALUATORS[type(current.condition)](frame, current.condition)
        if type(condition) is GeneratorType:
            return then(condition, _if_with, frame, current)
        if condition is True or (condition is not False and is_true(condition)):
            current = current.then
            break
        current = current.otherwise
    return _scoped(frame, current)


def _if_with(condition: Value, frame: Frame, node: If) -> Pending:
    chosen = node.then if is_true(condition) else node.otherwise
    return _scoped(frame, chosen)


def _scoped(frame: Frame, node: Statement | None) -> Pending:
    """Run the body of a branch or loop."""
    if node is None:
        return None
    if type(node) is Block:
        return execute_all(frame, node.statements)
    return execute(frame, node)


@executes(Switch)
def _switch(frame: Frame, node: Switch) -> Pending:
    return go_on(evaluate(frame, node.subject), _select, frame, node)


def _select(subject: Value, frame: Frame, node: Switch) -> Pending:
    for branch in node.branches:
        if branch.type is not None:
            type_ = frame.run.types.resolve(branch.type, frame.loaded)
            if frame.run.is_instance(subject, type_):
                return _typed_branch(frame, branch, type_, subject)
        elif not branch.values or _has_value(frame, branch, subject):
            return execute_all(frame, branch.body.statements)
    return None


def _has_value(frame: Frame, branch: When, subject: Value) -> bool:
    frame.budget.charge(len(branch.values))
    return any(_is_value(frame, each, subject) for each in branch.values)


def _is_value(frame: Frame, node: Expression, subject: Value) -> bool:
    """Compare with a literal, or with a value of the enum by its simple name.

    Unlike ==, the case of texts matters.
    """
    if isinstance(subject, EnumConstant) and isinstance(node, Name):
        return node.name.lower() == subject.name.lower()
    if isinstance(node, Name):
        return False
    value = evaluate(frame, node)
    if value is None or subject is None:
        return value is subject
    if isinstance(value, str) and isinstance(subject, str):
        return str(value) == str(subject)
    return frame.run.is_equal(value, subject)


def _typed_branch(frame: Frame, branch: When, type_: ApexType, subject: Value) -> Pending:
    count = len(frame.locals)
    frame.declare(branch.name, type_, subject)
    signal = execute_all(frame, branch.body.statements)
    return go_on(signal, _cut, frame, count)


def _cut(signal: Signal | None, frame: Frame, count: int) -> Signal | None:
    frame.cut(count)
    return signal


# --- Loops -------------------------------------------------------------------------------


@executes(While)
def _while(frame: Frame, node: While) -> Pending:
    return _loop(frame, node.condition, node.body, ())


@executes(DoWhile)
def _do_while(frame: Frame, node: DoWhile) -> Pending:
    return go_on(_scoped(frame, node.body), _do_again, frame, node)


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
        started = _local_variables(frame, initial)
    else:
        started = _evaluate_each(frame, initial)
    looped = go_on(started, _for_loop, frame, node)
    return go_on(looped, _cut, frame, count)


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
        signal = _scoped(frame, body)
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
    return _go_on_with_loop(_scoped(frame, parts[1]), frame, parts)


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
        signal = _scoped(frame, body)


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
        signal = _scoped(frame, body)
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
        signal = yield _scoped(frame, node.body)
        if signal is _BREAK:
            break
        if signal is _RETURN:
            return signal
    frame.cut(count)
    return None


# --- Exceptions --------------------------------------------------------------------------


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
    return go_on(signal, _cut, frame, count)

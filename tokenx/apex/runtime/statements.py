"""Runs declarations, branches, and other simple statements."""

from collections.abc import Sequence
from types import GeneratorType

from ..tree import (
    Block,
    Break,
    Continue,
    Declarator,
    Expression,
    ExpressionStatement,
    If,
    LocalVariables,
    Name,
    Return,
    RunAs,
    Statement,
    Switch,
    When,
)
from ..types import ApexType
from ..values import (
    EnumConstant,
    Value,
)
from .errors import NotRunnableError
from .evaluation import (
    EVALUATORS,
    Signal,
    end_scope,
    evaluate,
    execute_all,
    execute_scoped,
    executes,
)
from .frames import Frame
from .machine import Pending, Steps, go_on, then
from .operations import is_true
from .signatures import PLAIN

_BREAK, _CONTINUE, _RETURN = Signal.BREAK, Signal.CONTINUE, Signal.RETURN


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
    return execute_scoped(frame, current)


def _if_with(condition: Value, frame: Frame, node: If) -> Pending:
    chosen = node.then if is_true(condition) else node.otherwise
    return execute_scoped(frame, chosen)


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
    return go_on(signal, end_scope, frame, count)

"""Checks the statements of a body."""

from collections.abc import Callable
from typing import Any

from ..tree import (
    Assignment,
    Block,
    Break,
    Call,
    Continue,
    Dml,
    DoWhile,
    ExpressionStatement,
    For,
    If,
    LocalVariables,
    New,
    NewArray,
    NewCollection,
    Position,
    Postfix,
    Return,
    RunAs,
    Statement,
    Throw,
    Try,
    Unary,
    While,
)
from ..types import UNKNOWN, VOID, ApexType
from .assignments import check_assignable
from .context import Context
from .flow import always_ends
from .model import shown
from .operators import check_condition
from .places import start_of
from .relations import QUERY, as_list, is_assignable, is_simple

_HANDLERS: dict[type, Callable[[Context, Any], None]] = {}
_EFFECTS = (Assignment, Call, New, NewArray, NewCollection, Postfix)


def runs(
    node: type,
) -> Callable[[Callable[[Context, Any], None]], Callable[[Context, Any], None]]:
    """Register a function that checks a kind of statement."""

    def register(handler: Callable[[Context, Any], None]) -> Callable[[Context, Any], None]:
        _HANDLERS[node] = handler
        return handler

    return register


def check_body(context: Context, body: Block, at: Position) -> None:
    """Check the body of a method; its parameters are already declared."""
    check_statements(context, body)
    returns = context.returns
    if returns not in (None, VOID) and not always_ends(body):
        context.error(
            at, f"Missing return statement required return type: {shown(returns)}"
        )


def check_statement(context: Context, node: Statement | None) -> None:
    """Check a statement and all within it."""
    with context.deeper() as is_too_deep:
        handler = _HANDLERS.get(type(node))
        if handler and not is_too_deep:
            handler(context, node)


@runs(Block)
def _block(context: Context, node: Block) -> None:
    with context.block():
        check_statements(context, node)


def check_statements(context: Context, node: Block) -> None:
    """Check the statements of a block, and report the first that can't be reached."""
    is_reachable, is_reported = True, False
    for each in node.statements:
        if not is_reachable and not is_reported:
            context.error(_start(each), "Unreachable statement")
            is_reported = True
        check_statement(context, each)
        is_reachable = is_reachable and not always_ends(each)


def _start(node: Statement) -> Position:
    if isinstance(node, ExpressionStatement):
        return start_of(node.expression)
    return (
        node.type.at if isinstance(node, LocalVariables) and not node.modifiers else node.at
    )


@runs(LocalVariables)
def _variables(context: Context, node: LocalVariables) -> None:
    type_ = context.resolve(node.type)
    if type_ == VOID:
        context.error(node.type.at, "Variables cannot be of type void")
        type_ = UNKNOWN
    for each in node.declarators:
        value = context.type_of(each.value) if each.value else None
        if value is not None:
            check_assignable(context, each.at, value, type_)
        context.declare(each.name, type_, each.at)


@runs(ExpressionStatement)
def _expression(context: Context, node: ExpressionStatement) -> None:
    expression = node.expression
    context.type_of(expression)
    has_effect = isinstance(expression, _EFFECTS) or (
        isinstance(expression, Unary) and expression.operator in ("++", "--")
    )
    if not has_effect:
        context.error(start_of(expression), "Expression cannot be a statement.")


@runs(If)
def _if(context: Context, node: If) -> None:
    """Check an if and its else-ifs, without recursion."""
    current: Statement | None = node
    while isinstance(current, If):
        check_condition(context, current.condition)
        _scoped(context, current.then)
        current = current.otherwise
    _scoped(context, current)


def _scoped(context: Context, node: Statement | None) -> None:
    with context.block():
        check_statement(context, node)


@runs(While)
def _while(context: Context, node: While) -> None:
    check_condition(context, node.condition)
    with context.loop():
        check_statement(context, node.body)


@runs(DoWhile)
def _do_while(context: Context, node: DoWhile) -> None:
    with context.loop():
        check_statement(context, node.body)
    check_condition(context, node.condition)


@runs(For)
def _for(context: Context, node: For) -> None:
    with context.loop():
        if isinstance(node.initial, LocalVariables):
            check_statement(context, node.initial)
        else:
            context.types_of(node.initial)
        if node.condition is not None:
            check_condition(context, node.condition)
        context.types_of(node.updates)
        check_statement(context, node.body)


@runs(Break)
def _break(context: Context, node: Break) -> None:
    if not context.loops:
        context.error(node.at, "Break statement must be in loop")


@runs(Continue)
def _continue(context: Context, node: Continue) -> None:
    if not context.loops:
        context.error(node.at, "Continue statement must be in loop")


_NO_VALUES = {
    "constructor": "Constructors must not return a value",
    "trigger": "Trigger bodies must not return a value",
}


@runs(Return)
def _return(context: Context, node: Return) -> None:
    value = context.type_of(node.value) if node.value else None
    if context.kind == "initializer":
        context.error(node.at, "Return must be called from a method")
    elif context.returns in (None, VOID):
        if value is not None:
            message = _NO_VALUES.get(context.kind, "Void method must not return a value")
            context.error(node.at, message)
    elif value is None:
        context.error(
            node.at,
            f"Missing return statement required return type: {shown(context.returns)}",
        )
    elif context.returns:
        _check_result(context, node, value, context.returns)


def _check_result(
    context: Context, node: Return, value: ApexType, wanted: ApexType
) -> None:
    if not is_assignable(context.world, value, wanted):
        message = f"Illegal conversion from {shown(as_list(value))} to {shown(wanted)}"
        context.error(node.at, message)


@runs(Throw)
def _throw(context: Context, node: Throw) -> None:
    type_ = context.type_of(node.value)
    if not is_exception(context, type_):
        context.error(
            node.at, f"Throw expression must be of type exception: {shown(type_)}"
        )


def is_exception(context: Context, type_: ApexType) -> bool:
    """Say whether a type is an exception; true unless it's certain."""
    if type_ == UNKNOWN or type_.name == "null":
        return True
    return context.world.extends(type_, "Exception") is not False


@runs(Try)
def _try(context: Context, node: Try) -> None:
    check_statement(context, node.body)
    caught = set[str]()
    for each in node.catches:
        type_ = context.resolve(each.type)
        if not is_exception(context, type_):
            message = f"Catch block variable must be of type exception: {shown(type_)}"
            context.error(each.type.at, message)
        _check_caught(context, each.type.at, type_, caught)
        with context.block():
            context.declare(each.name, type_, each.at)
            check_statements(context, each.body)
    if node.final:
        check_statement(context, node.final)


def _check_caught(
    context: Context, at: Position, type_: ApexType, caught: set[str]
) -> None:
    """Report an exception that an earlier catch of the same try takes."""
    if type_ == UNKNOWN:
        return
    lineage = {current.key for current, _ in context.world.lineage(type_)}
    if lineage & caught:
        context.error(at, f"Exception type already caught: {shown(type_)}")
    caught.add(type_.key)


@runs(Dml)
def _dml(context: Context, node: Dml) -> None:
    for value in (node.value, node.other):
        if value is not None:
            _check_record(context, node.at, context.type_of(value))


def _check_record(context: Context, at: Position, type_: ApexType) -> None:
    if type_.name in (QUERY, UNKNOWN.name, "null"):
        return
    element = type_.arguments[0] if type_.key == "list" and type_.arguments else type_
    shape = None if is_simple(element) else context.world.shape(element)
    is_certain = is_simple(element) or (shape and shape.kind != "sobject")
    if is_certain and element.key != "sobject":
        context.error(
            at, f"DML requires SObject or SObject list type: {shown(as_list(type_))}"
        )


@runs(RunAs)
def _run_as(context: Context, node: RunAs) -> None:
    context.report.unknown(node.at, "System.runAs")
    context.types_of(node.arguments)
    check_statement(context, node.body)

"""Evaluates literals, names, operators, and conversions."""

from collections.abc import Callable
from decimal import Decimal
from types import GeneratorType

from ..tree import (
    Cast,
    ClassLiteral,
    FieldAccess,
    Index,
    InstanceOf,
    Literal,
    Name,
    NamedArgument,
    Search,
    Super,
    This,
)
from ..types import ApexType
from ..values import ApexList, Long, QueryRows, Record, TypeValue, Value
from ..values.coerce import narrow
from . import members
from .errors import NotRunnableError, null_pointer, thrown
from .evaluation import EVALUATORS, evaluate, evaluates
from .frames import Frame
from .machine import Pending, go_on, then
from .names import Qualifier, subject_of
from .static_types import is_object_like, static_type

_MISSING = object()
_NUMBERS = frozenset({"integer", "long", "double", "decimal"})
_LOW, _HIGH = -(2**31), 2**31 - 1


# --- Literals and names ------------------------------------------------------------------


@evaluates(Literal)
def _literal(frame: Frame, node: Literal) -> Value:
    kind = node.kind
    if kind == "String":
        return node.text
    if kind == "Integer":
        return _integer(node.text)
    return _LITERALS[kind](node.text)


def _integer(text: str) -> int:
    value = int(text)
    if value > _HIGH:
        value -= 2**32  # Only -2147483648 is valid.
    return value


_LITERALS: dict[str, Callable[[str], Value]] = {
    "Long": lambda text: Long(int(text)),
    "Double": float,
    "Decimal": Decimal,
    "Boolean": lambda text: text == "true",
    "null": lambda text: None,
}


@evaluates(Name)
def _name(frame: Frame, node: Name) -> Pending:
    frame.budget.steps += 1
    key = node.name.lower()
    value = frame.locals.get(key, _MISSING)
    if value is not _MISSING:
        return value
    variable = frame.loaded.find_name(key)
    if variable is None:
        raise NotRunnableError(node.name)
    return members.read_variable(frame.run, variable, frame.this)


@evaluates(This)
def _this(frame: Frame, node: This) -> Value:
    frame.budget.steps += 1
    return frame.this


@evaluates(Super)
def _super(frame: Frame, node: Super) -> Value:
    raise NotRunnableError("super")


@evaluates(Search)
def _search(frame: Frame, node: Search) -> Value:
    raise NotRunnableError("FIND")


@evaluates(NamedArgument)
def _named(frame: Frame, node: NamedArgument) -> Pending:
    return evaluate(frame, node.value)


@evaluates(ClassLiteral)
def _class_literal(frame: Frame, node: ClassLiteral) -> TypeValue:
    return TypeValue(frame.run.types.resolve(node.type, frame.loaded))


# --- Members -----------------------------------------------------------------------------


@evaluates(FieldAccess)
def _field(frame: Frame, node: FieldAccess) -> Pending:
    frame.budget.steps += 1
    subject = subject_of(frame, node.object)
    if subject is not None:
        return read_static(frame, node, subject)
    before = node.object
    if type(before) is Super or type(before) is This:
        variable = frame.loaded.find_variable(node.name.lower())
        if variable is not None:
            return members.read_variable(frame.run, variable, frame.this)
        return _member_of(frame.this, frame, node)
    value = EVALUATORS[type(before)](frame, before)
    if type(value) is GeneratorType:
        return then(value, _member_of, frame, node)
    return _member_of(value, frame, node)


def _member_of(value: Value, frame: Frame, node: FieldAccess) -> Pending:
    if value is None:
        if frame.skips(node) or is_null_parent(frame, node):
            return None
        frame.at = node.at
        raise null_pointer()
    if type(value) is Record:
        return members.read_field(frame.run, value, node.name)
    if node.is_safe and type(value) is QueryRows and not value.records:
        # A field of a row that doesn't exist.
        frame.skips(node)
        return None
    return members.read(frame.run, value, node.name)


def is_null_parent(frame: Frame, node: FieldAccess) -> bool:
    """Say whether user.Profile is null in user.Profile.Name, which is null then."""
    before = node.object
    if not isinstance(before, FieldAccess):
        return False
    return is_object_like(frame, static_type(frame, before.object))


def read_static(frame: Frame, node: FieldAccess, subject: Qualifier) -> Pending:
    """Return a constant or static variable of a class or type."""
    run = frame.run
    constant = run.constants.get(id(node))
    if constant is not None:
        return constant[1]
    key = node.name.lower()
    loaded = subject.loaded
    if loaded:
        variable = loaded.find_variable(key)
        if variable and variable.is_static:
            return members.read_variable(run, variable, None)
        if variable and frame.this is not None:
            return members.read_variable(run, variable, frame.this)
        value: Value = loaded.enum_values.get(key)
        if value is None:
            raise NotRunnableError(f"{subject.name}.{node.name}")
    elif subject.kind == "label":
        value = members.label(run, node.name)
    elif subject.kind == "platform":
        value = members.platform_constant(run, subject.type, node.name)
        if not run.types.is_enum(subject.type):
            return value
    elif subject.kind == "object":
        return members.token_of(run, subject.type, node.name)
    else:
        raise NotRunnableError(f"{subject.name}.{node.name}")
    run.constants[id(node)] = node, value
    return value


@evaluates(Index)
def _index(frame: Frame, node: Index) -> Pending:
    frame.budget.steps += 1
    value = evaluate(frame, node.object)
    return go_on(value, _with_list, frame, node)


def _with_list(value: Value, frame: Frame, node: Index) -> Pending:
    if value is None and frame.skips(node):
        return None
    return go_on(evaluate(frame, node.index), _element, value, frame)


def _element(index: Value, value: Value, frame: Frame) -> Value:
    items = items_of(value)
    check_index(items, index)
    return items[index]


def items_of(value: Value) -> list[Value]:
    """Return the elements of a list or the rows of a query."""
    if isinstance(value, ApexList):
        return value.items
    if isinstance(value, QueryRows):
        return value.records
    if value is None:
        raise null_pointer()
    raise NotRunnableError("[]")


def check_index(items: list[Value], index: Value) -> None:
    """Raise an exception if a list doesn't have an index."""
    if index is None:
        raise null_pointer()
    if not 0 <= index < len(items):
        raise thrown("ListException", f"List index out of bounds: {index}")


# --- Types -------------------------------------------------------------------------------


@evaluates(Cast)
def _cast(frame: Frame, node: Cast) -> Pending:
    frame.budget.steps += 1
    return go_on(evaluate(frame, node.value), _converted, frame, node)


def _converted(value: Value, frame: Frame, node: Cast) -> Value:
    if value is None:
        return None
    run = frame.run
    type_ = run.types.resolve(node.type, frame.loaded)
    frame.at = node.at
    if type_.key in _NUMBERS and _is_number(static_type(frame, node.value)):
        return narrow(run, value, type_)
    return run.coerce(value, type_)


def _is_number(type_: ApexType | None) -> bool:
    return type_ is not None and type_.key in _NUMBERS


@evaluates(InstanceOf)
def _instance_of(frame: Frame, node: InstanceOf) -> Pending:
    frame.budget.steps += 1
    return go_on(evaluate(frame, node.value), _is_instance, frame, node)


def _is_instance(value: Value, frame: Frame, node: InstanceOf) -> bool:
    run = frame.run
    return run.is_instance(value, run.types.resolve(node.type, frame.loaded))

"""Assigns values to variables, fields, properties, and elements of lists."""

from types import GeneratorType
from typing import Any

from ..tree import (
    Assignment,
    Expression,
    FieldAccess,
    Index,
    Name,
    Postfix,
    Super,
    This,
    Unary,
)
from ..values import ApexList, Instance, Value
from . import expressions, members, operations
from .classes import OrgVariable
from .errors import NotRunnableError, null_pointer, thrown
from .evaluation import EVALUATORS, evaluate, evaluates
from .frames import Frame
from .machine import Pending, go_on, then
from .names import subject_of
from .operators import unary
from .signatures import PLAIN

_LOW, _HIGH = -(2**31), 2**31 - 1
FINAL_EXCEPTION = "Cannot modify a collection while it is being iterated."


class Place:
    """The variable, field, or element that an assignment changes."""

    __slots__ = ()

    def read(self, frame: Frame) -> Pending:
        """Return the value that's there."""
        raise NotImplementedError

    def write(self, frame: Frame, value: Value) -> Pending:
        """Store a value; return it as it's stored."""
        raise NotImplementedError


class LocalPlace(Place):
    """A local variable."""

    __slots__ = ("key",)

    def __init__(self, key: str) -> None:
        self.key = key

    def read(self, frame: Frame) -> Value:
        """Return its value."""
        return frame.locals[self.key]

    def write(self, frame: Frame, value: Value) -> Value:
        """Store a value of its type."""
        return store_local(value, frame, self.key)


class VariablePlace(Place):
    """A field or property of a class of the org."""

    __slots__ = ("this", "variable")

    def __init__(self, variable: OrgVariable, this: Instance | None) -> None:
        self.variable = variable
        self.this = this

    def read(self, frame: Frame) -> Pending:
        """Return its value; a getter runs."""
        return members.read_variable(frame.run, self.variable, self.this)

    def write(self, frame: Frame, value: Value) -> Pending:
        """Store a value; a setter runs."""
        return members.write_variable(frame.run, self.variable, self.this, value)


class MemberPlace(Place):
    """A field of a record, or a property of a platform object."""

    __slots__ = ("name", "receiver")

    def __init__(self, receiver: Value, name: str) -> None:
        self.receiver = receiver
        self.name = name

    def read(self, frame: Frame) -> Pending:
        """Return its value."""
        return members.read(frame.run, self.receiver, self.name)

    def write(self, frame: Frame, value: Value) -> Pending:
        """Store a value."""
        return members.write(frame.run, self.receiver, self.name, value)


class ElementPlace(Place):
    """An element of a list."""

    __slots__ = ("index", "list")

    def __init__(self, receiver: ApexList, index: int) -> None:
        self.list = receiver
        self.index = index

    def read(self, frame: Frame) -> Value:
        """Return the element."""
        return self.list.items[self.index]

    def write(self, frame: Frame, value: Value) -> Value:
        """Replace the element."""
        receiver = self.list
        if receiver.is_read_only:
            raise thrown("FinalException", "Collection is read-only")
        # The value's own code could have shortened the list.
        expressions.check_index(receiver.items, self.index)
        value = frame.run.coerce(value, receiver.element)
        receiver.items[self.index] = value
        return value


def place_of(frame: Frame, node: Expression) -> Pending:
    """Return the place that an expression names."""
    find = _PLACES.get(type(node))
    if find is None:
        raise NotRunnableError("=")
    return find(frame, node)


def _place_of_name(frame: Frame, node: Name) -> Place:
    key = node.name.lower()
    if key in frame.locals:
        return LocalPlace(key)
    variable = frame.loaded.find_name(key)
    if variable is None:
        raise NotRunnableError(node.name)
    return VariablePlace(variable, frame.this)


def _place_of_field(frame: Frame, node: FieldAccess) -> Pending:
    subject = subject_of(frame, node.object)
    if subject is not None:
        variable = (
            subject.loaded.find_variable(node.name.lower()) if subject.loaded else None
        )
        if variable is None:
            raise NotRunnableError(f"{subject.name}.{node.name}")
        return VariablePlace(variable, frame.this)
    if type(node.object) is Super or type(node.object) is This:
        own = frame.loaded.find_variable(node.name.lower())
        return VariablePlace(own, frame.this) if own else _place_in(frame.this, frame, node)
    return go_on(evaluate(frame, node.object), _place_in, frame, node)


def _place_in(receiver: Value, frame: Frame, node: FieldAccess) -> Place:
    frame.at = node.at
    if receiver is None:
        raise null_pointer()
    if type(receiver) is Instance:
        loaded: Any = receiver.loaded
        variable = loaded.find_variable(node.name.lower())
        if variable is not None:
            return VariablePlace(variable, receiver)
    return MemberPlace(receiver, node.name)


def _place_of_element(frame: Frame, node: Index) -> Pending:
    return go_on(evaluate(frame, node.object), _place_with_list, frame, node)


def _place_with_list(value: Value, frame: Frame, node: Index) -> Pending:
    return go_on(evaluate(frame, node.index), _place_with_index, value)


def _place_with_index(index: Value, value: Value) -> Place:
    if not isinstance(value, ApexList):
        raise null_pointer() if value is None else NotRunnableError("[]")
    expressions.check_index(value.items, index)
    return ElementPlace(value, index)


_PLACES: dict[type, Any] = {
    Name: _place_of_name,
    FieldAccess: _place_of_field,
    Index: _place_of_element,
}


# --- = and compound assignments ----------------------------------------------------------


@evaluates(Assignment)
def _assign(frame: Frame, node: Assignment) -> Pending:
    frame.budget.steps += 1
    target = node.target
    if type(target) is Name and node.operator == "=":
        key = target.name.lower()
        if key in frame.locals:
            value = EVALUATORS[type(node.value)](frame, node.value)
            if type(value) is GeneratorType:
                return then(value, store_local, frame, key)
            return store_local(value, frame, key)
    return go_on(place_of(frame, target), _with_place, frame, node)


def store_local(value: Value, frame: Frame, key: str) -> Value:
    """Store a value in a local variable, as its type."""
    type_ = frame.types[key]
    if value is not None and PLAIN.get(type_.name) is not type(value):
        value = frame.run.coerce(value, type_)
    frame.locals[key] = value
    if frame.run.with_variables:
        frame.run.note_assigned(key, type_, value)
    return value


def _with_place(place: Place, frame: Frame, node: Assignment) -> Pending:
    if node.operator == "=":
        return go_on(evaluate(frame, node.value), _store, frame, place)
    return go_on(place.read(frame), _with_current, frame, node, place)


def _store(value: Value, frame: Frame, place: Place) -> Pending:
    return place.write(frame, value)


def _with_current(current: Value, frame: Frame, node: Assignment, place: Place) -> Pending:
    return go_on(evaluate(frame, node.value), _combine, current, frame, node, place)


class _Operator:
    """The operator of a compound assignment, in the shape of a binary one."""

    __slots__ = ("node", "operator", "target")

    def __init__(self, node: Assignment) -> None:
        self.operator = node.operator[:-1]
        self.target = node.target


def _combine(
    value: Value, current: Value, frame: Frame, node: Assignment, place: Place
) -> Pending:
    result = operations.operate(value, current, frame, _Operator(node))
    return place.write(frame, result)


# --- ++ and -- ---------------------------------------------------------------------------


@evaluates(Postfix)
def _step(frame: Frame, node: Postfix | Unary) -> Pending:
    frame.budget.steps += 1
    operand = node.operand
    if type(operand) is Name:
        key = operand.name.lower()
        value = frame.locals.get(key)
        if type(value) is int and frame.types[key].name == "Integer":
            result = value + 1 if node.operator == "++" else value - 1
            if _LOW <= result <= _HIGH:
                stored = _store_integer(frame, key, result)
                return value if type(node) is Postfix else stored
    return go_on(place_of(frame, operand), _step_place, frame, node)


def _store_integer(frame: Frame, key: str, value: int) -> int:
    frame.locals[key] = value
    if frame.run.with_variables:
        frame.run.note_assigned(key, frame.types[key], value)
    return value


def _step_place(place: Place, frame: Frame, node: Postfix | Unary) -> Pending:
    return go_on(place.read(frame), _step_value, frame, node, place)


def _step_value(value: Value, frame: Frame, node: Postfix | Unary, place: Place) -> Pending:
    stored = place.write(frame, unary(frame.run, node.operator, value))
    if isinstance(node, Postfix):
        return go_on(stored, _previous, value)
    return stored


def _previous(_: Value, value: Value) -> Value:
    return value

"""A run of Apex code."""

import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from types import GeneratorType
from typing import Any

from ..ports import OrgClasses
from ..problems import Problem
from ..tree import (
    ClassDeclaration,
    Expression,
    Member,
    Position,
    Statement,
)
from ..types import OBJECT, VOID, ApexType
from ..values import (
    EnumConstant,
    Instance,
    QueryRows,
    Record,
    Value,
)
from ..values.coerce import coerce, has_type
from ..values.equality import compare, is_equal, key_of
from ..values.text import to_text
from ..values.types_of import is_instance, type_of
from . import (
    assigning,
    calls,
    choosing,
    creation,
    expressions,
    invoking,
    loops,
    members,
    operations,
    queries,
    signatures,
    statements,
    trying,
)
from .budget import MAX_DEPTH, Budget
from .classes import OrgMethod, OrgVariable
from .errors import (
    LimitExceededError,
    NotRunnableError,
    RunEndedError,
    ThrownError,
)
from .exceptions import describe_error, state_of, text_of
from .frames import Frame
from .heap import Heap
from .loading import Types
from .machine import Pending, drive
from .names import Qualifier
from .ports import DmlOutcome, RunPorts
from .shown import shown_value
from .trace import Event, ExceptionThrown, Trace, VariableAssigned

ParseExpression = Callable[[str, Position], Expression | Problem | None]
# They register what runs each kind of node.
_REGISTERED = (assigning, expressions, loops, operations, queries, statements, trying)
# How many callbacks, such as toString in a `+` in another toString, can be inside of
# each other. They need Python's stack.
_DEEPEST_NESTING = 20
_PYTHON_FRAMES_KEPT = 350
_STEPS_OF_CALLBACK = 5
# An exception has the stack as text.
_STEPS_OF_EXCEPTION, _CALLS_PER_STEP = 5, 20
_TOO_DEEP = f"Maximum stack depth reached: {MAX_DEPTH + 1}"


class ApexRun:
    """A run of Apex code; it implements `Run` (api.py) for the library.

    Its methods raise ThrownError, LimitExceededError, and NotRunnableError. After an error
    that ends the run, the object is used for nothing but its trace and budget.
    """

    def __init__(
        self,
        classes: OrgClasses,
        ports: RunPorts,
        parse_expression: ParseExpression,
        trace: Trace | None = None,
        budget: Budget | None = None,
    ) -> None:
        self.ports = ports
        self.parse_expression = parse_expression
        self.trace = trace or Trace(with_statements=False, with_variables=False)
        self.with_statements = self.trace.with_statements
        self.with_variables = self.trace.with_variables
        self.budget = budget or Budget()
        self.types = Types(classes, ports)
        self.heap = Heap(self)
        # What the library remembers for the rest of the run.
        self.memo: dict[str, Any] = {}
        # The calls that are running, outermost first.
        self.frames: list[Frame] = []
        # What evaluators keep about nodes, by the node's identity.
        self.notes: dict[int, object] = {}
        # What stands before a dot, the constants that were read, and the binds of queries:
        # each with the node, whose identity is the key.
        self.subjects: dict[int, tuple[Expression, Qualifier | None]] = {}
        self.constants: dict[int, tuple[Expression, Value]] = {}
        self.binds: dict[int, tuple[Expression, Sequence[tuple[str, Expression]]]] = {}
        # After an error that ends the run, the stack stays as it was.
        self.has_ended = False
        self._nesting = 0

    # --- Entry points -------------------------------------------------------------------

    def start(self, class_name: str) -> Instance:
        """Return an instance of a class of the org by its constructor without arguments."""
        loaded = self.types.find_class(class_name.lower())
        if loaded is None:
            raise NotRunnableError(class_name)
        return self.run(creation.construct(self, loaded, [], None))

    def call_method(
        self, instance: Instance, name: str, arguments: Sequence[Value] = ()
    ) -> Value:
        """Call a method of an instance from outside."""
        return self.call(instance, name, arguments)

    def call_static(
        self, class_name: str, name: str, arguments: Sequence[Value] = ()
    ) -> Value:
        """Call a static method of a class of the org from outside."""
        loaded = self.types.find_class(class_name.lower())
        if loaded is None:
            raise NotRunnableError(class_name)
        return self.run(calls.call_static(self, loaded, name, list(arguments)))

    def run_block(
        self, statements: Sequence[Statement], declarations: Sequence[Member] = ()
    ) -> Value:
        """Run anonymous Apex; its declarations are methods, classes, and so on.

        Return the value of a `return`, which only tests use.
        """
        at = Position(1, 1)
        unit = ClassDeclaration(at, (), "AnonymousBlock", None, (), tuple(declarations), at)
        loaded = self.types.load(unit, None, is_anonymous=True)
        instance = creation.bare_instance(self, loaded)
        method = OrgMethod(loaded, "AnonymousBlock", (), None, False, None, at)
        method.result = OBJECT
        frame = Frame(self, loaded, method, instance)
        return self.run(invoking.run_body(self, frame, statements))

    def declares(self, class_name: str, method: str) -> bool:
        """Say whether a class of the org, or one that it extends, has a method's code."""
        loaded = self.types.find_class(class_name.lower())
        return bool(loaded and loaded.find_methods(method.lower()))

    def describe(self, error: Exception) -> tuple[str, tuple[str, ...]]:
        """Return what ended a run as text, and its stack, innermost call first."""
        return describe_error(error)

    # --- Running ------------------------------------------------------------------------

    def run(self, pending: Pending) -> Value:
        """Return a value; run the code that gives it, on a stack of its own."""
        if type(pending) is not GeneratorType:
            return pending
        if self._nesting:
            self._check_nesting()
            self.budget.charge(_STEPS_OF_CALLBACK)
        self._nesting += 1
        try:
            return drive(pending)
        except RunEndedError as error:
            self.note_end(error)
            raise
        except ThrownError as error:
            self.note_thrown(error)
            raise
        finally:
            self._nesting -= 1

    def _check_nesting(self) -> None:
        """Refuse callbacks that would need too much of Python's stack."""
        if self._nesting > _DEEPEST_NESTING:
            raise LimitExceededError(_TOO_DEEP)
        depth = 0
        frame = sys._getframe()
        while frame.f_back:
            frame, depth = frame.f_back, depth + 1
        if depth > sys.getrecursionlimit() - _PYTHON_FRAMES_KEPT:
            raise LimitExceededError(_TOO_DEEP)

    def enter(self, frame: Frame) -> None:
        """Add a call to the stack."""
        if len(self.frames) >= MAX_DEPTH:
            raise LimitExceededError(_TOO_DEEP)
        self.frames.append(frame)

    def note_thrown(self, error: ThrownError) -> None:
        """Record where an exception was thrown, once."""
        if error.is_noted:
            return
        error.is_noted = True
        state, text = state_of(error.value), text_of(error.value)
        try:
            self.budget.charge(_STEPS_OF_EXCEPTION + len(self.frames) // _CALLS_PER_STEP)
            self.budget.charge_for(len(text))
        except RunEndedError as end:
            self.note_end(end)
            raise
        if not state.stack:
            state.stack, state.line = self.stack(), self.line
        self.record(ExceptionThrown, text)

    def note_end(self, error: RunEndedError) -> None:
        """Record where the run ended, once."""
        self.has_ended = True
        if not error.line and self.frames:
            error.stack, error.line = self.stack(), self.line
            error.class_name = self.class_name

    def stack(self) -> tuple[str, ...]:
        """Return one line for each call, innermost first."""
        return tuple(frame.place for frame in reversed(self.frames))

    # --- What the library sees ----------------------------------------------------------

    @property
    def line(self) -> int:
        """Return the line that's running."""
        return self.frames[-1].at[0] if self.frames else 0

    @property
    def class_name(self) -> str:
        """Return the top-level class whose code is running."""
        return self.frames[-1].loaded.top_name if self.frames else ""

    @property
    def heap_size(self) -> int:
        """Return the bytes that are reserved now."""
        return self.heap.used

    def record(self, make: type[Event], *values: object, text_size: int = 0) -> None:
        """Add an event at the current place."""
        trace = self.trace
        if len(trace.events) >= trace.max_events:
            trace.left_out += 1
            return
        place = self.budget.steps, self.class_name, self.line
        size = text_size or sum(len(each) for each in values if isinstance(each, str))
        trace.add(make(*place, *values), size)

    def note_assigned(
        self, name: str, type_: ApexType, value: Value, *, is_new: bool = False
    ) -> None:
        """Record a variable's new value, if someone reads that."""
        if not self.with_variables:
            return
        if len(self.trace.events) < self.trace.max_events:
            text = shown_value(self, value)
            self.record(VariableAssigned, name, type_, text, is_new, text_size=len(text))

    def allocate(self, size: int) -> None:
        """Reserve bytes of heap for a new value before it's made."""
        heap = self.heap
        heap.used += size
        if heap.used > heap.maximum:
            heap.collect(size)

    def call(self, receiver: Value, method: str, arguments: Sequence[Value] = ()) -> Value:
        """Call a method of a value, be it the org's or the platform's."""
        return self.run(calls.call_value(self, receiver, method, list(arguments)))

    def query(self, text: str, binds: Mapping[str, Value] | None) -> QueryRows | int:
        """Run a query that the code made."""
        return queries.run_query_text(self, text, binds)

    def change(
        self, operation: str, records: Sequence[Record], *, all_or_none: bool
    ) -> list[DmlOutcome]:
        """Run a DML statement."""
        return queries.save(self, operation, records, all_or_none=all_or_none)

    def new_platform(self, type_: ApexType, arguments: Sequence[Value] = ()) -> Value:
        """Make an instance of a platform class with its constructor."""
        return creation.new_platform(self, type_, list(arguments))

    def new_instance(self, type_: ApexType, arguments: Sequence[Value] = ()) -> Value:
        """Make an instance of any class by the constructor with these arguments."""
        return self.run(creation.create(self, type_, list(arguments), None))

    def new_bare_instance(self, type_: ApexType) -> Instance:
        """Make an instance of a class of the org without calling a constructor."""
        loaded = self.types.class_of(type_)
        if loaded is None:
            raise NotRunnableError(str(type_))
        instance = creation.bare_instance(self, loaded)
        self.run(creation.initialize_all(self, instance))
        return instance

    def instance_fields(self, type_: ApexType) -> Mapping[str, tuple[str, ApexType]] | None:
        """Return the instance fields and properties of a class of the org."""
        return members.instance_fields(self, type_)

    def transient_fields(self, type_: ApexType) -> Collection[str]:
        """Return the transient fields of a class of the org, by lower-case name."""
        return members.transient_fields(self, type_)

    def get_field(self, receiver: Value, name: str) -> Value:
        """Read a field or property of an instance; a getter runs."""
        return self.run(members.read(self, receiver, name))

    def set_field(self, receiver: Value, name: str, value: Value) -> None:
        """Write a field or property of an instance; a setter runs."""
        self.run(members.write(self, receiver, name, value))

    def find_type(self, name: str) -> ApexType | None:
        """Return the type of a name such as Outer.Inner or Map<String, Object>, or None."""
        self.budget.charge_for(len(name), 2)
        return self.types.find_text(name)

    def enum_value(self, type_: ApexType, name: str) -> EnumConstant | None:
        """Return the value of an enum by its name without case, or None."""
        return members.enum_value(self, type_, name)

    def enum_values(self, type_: ApexType) -> list[EnumConstant]:
        """Return all values of an enum."""
        return members.enum_values(self, type_)

    def extends(self, type_: ApexType, wanted: ApexType) -> bool:
        """Say whether a type is, extends, or implements another one, by name."""
        return self.types.extends(type_, wanted)

    def has_method(self, type_: ApexType, name: str, count: int) -> bool:
        """Say whether a class of the org declares or inherits an instance method."""
        loaded = self.types.class_of(type_)
        if loaded is None:
            return False
        found = choosing.candidates_of(self, loaded, name.lower(), count)
        return any(not each.is_static for each in found)

    def type_of(self, value: Value) -> ApexType:
        """Return the type of a value that isn't null."""
        return type_of(value)

    def is_instance(self, value: Value, type_: ApexType) -> bool:
        """Say whether `value instanceof type_`; false for null."""
        return is_instance(self, value, type_)

    def coerce(self, value: Value, type_: ApexType) -> Value:
        """Convert a value for a variable of a type, as an assignment does."""
        is_plain = value is None or signatures.PLAIN.get(type_.name) is type(value)
        if is_plain or has_type(value, type_):
            return value
        return coerce(self, value, type_)

    def to_text(self, value: Value) -> str:
        """Return a value as String.valueOf and `+` write it."""
        return to_text(self, value)

    def key_of(self, value: Value) -> object:
        """Return what identifies a value in a Set or as a key of a Map."""
        return key_of(self, value)

    def is_equal(self, one: Value, other: Value) -> bool:
        """Say whether `one == other`."""
        return is_equal(self, one, other)

    def compare(self, one: Value, other: Value) -> int:
        """Compare as List.sort does."""
        return compare(self, one, other)

    # --- Types of the org's members ------------------------------------------------------

    def types_of(self, method: OrgMethod) -> tuple[ApexType, ...]:
        """Return the types of a method's parameters."""
        if method.types is None:
            resolve = self.types.resolve
            method.types = tuple(
                resolve(each.type, method.owner) for each in method.parameters
            )
            if method.returns:
                method.result = resolve(method.returns, method.owner)
        return method.types

    def result_type(self, method: OrgMethod) -> ApexType:
        """Return the type of a method's result."""
        self.types_of(method)
        return method.result if method.returns else VOID

    def type_of_variable(self, variable: OrgVariable) -> ApexType:
        """Return the type of a field or property."""
        if variable.type is None:
            variable.type = self.types.resolve(variable.declared, variable.owner)
        return variable.type

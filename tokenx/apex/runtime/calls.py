"""Runs calls in code."""

from collections.abc import Callable
from types import GeneratorType
from typing import TYPE_CHECKING, Any

from ..platform import platform_type
from ..tree import Call, Super
from ..types import ApexType
from ..values import ApexList, EnumConstant, Instance, QueryRows, Value
from ..values.coerce import only_row
from . import creation, members, platform_calls
from .choosing import candidates_of, choose, overriding
from .classes import OrgClass, OrgMethod
from .errors import (
    NotRunnableError,
    null_pointer,
    thrown,
)
from .evaluation import evaluate, evaluate_all, evaluates
from .frames import Frame
from .invoking import invoke
from .machine import Pending, go_on, then
from .names import Qualifier, subject_of
from .signatures import Where

if TYPE_CHECKING:
    from .run import ApexRun


@evaluates(Call)
def _call(frame: Frame, node: Call) -> Pending:
    frame.budget.steps += 1
    before = node.object
    if before is None:
        arguments = evaluate_all(frame, node.arguments)
        return go_on(arguments, _call_own, frame, node)
    if type(before) is Super:
        arguments = evaluate_all(frame, node.arguments)
        return go_on(arguments, _call_super, frame, node)
    subject = subject_of(frame, before)
    if subject is not None:
        arguments = evaluate_all(frame, node.arguments)
        return go_on(arguments, _call_on_subject, frame, node, subject)
    receiver = evaluate(frame, before)
    if type(receiver) is GeneratorType:
        return then(receiver, _with_receiver, frame, node)
    return _with_receiver(receiver, frame, node)


def _with_receiver(receiver: Value, frame: Frame, node: Call) -> Pending:
    if receiver is None:
        if frame.skips(node):
            return None
        frame.at = node.at
        raise null_pointer()
    arguments = evaluate_all(frame, node.arguments)
    if type(arguments) is GeneratorType:
        return then(arguments, _call_on_value, receiver, frame, node)
    return _call_on_value(arguments, receiver, frame, node)


def _call_on_value(
    arguments: list[Value], receiver: Value, frame: Frame, node: Call
) -> Pending:
    frame.at = node.at
    where = frame, node.arguments
    if type(receiver) is Instance:
        return _call_on_instance(frame.run, receiver, node.name, arguments, where, node)
    return _call_on_platform(frame.run, receiver, node.name, arguments, where)


def call_value(
    run: "ApexRun", receiver: Value, name: str, arguments: list[Value]
) -> Pending:
    """Call a method of a value from outside of code."""
    if receiver is None:
        raise null_pointer()
    if type(receiver) is Instance:
        return _call_on_instance(run, receiver, name, arguments, None, None)
    return _call_on_platform(run, receiver, name, arguments, None)


def _call_on_instance(
    run: "ApexRun",
    receiver: Instance,
    name: str,
    arguments: list[Value],
    where: "Where | None",
    node: Call | None,
) -> Pending:
    loaded: Any = receiver.loaded
    candidates = candidates_of(run, loaded, name.lower(), len(arguments))
    method = choose(run, candidates, arguments, where)
    if method is None:
        return call_base(run, receiver, name, arguments, where)
    if node is not None:
        run.notes[id(node)] = run.result_type(method)
    return invoke(run, method, receiver, arguments)


def call_base(
    run: "ApexRun",
    this: Instance,
    name: str,
    arguments: list[Value],
    where: "Where | None",
) -> Value:
    """Call a method that a class of the org inherits from one of the platform."""
    loaded: Any = this.loaded
    base = loaded.platform_base
    key, count = name.lower(), len(arguments)
    if base is not None:
        if platform_calls.find_call(base.name, key, count, is_static=False) is None:
            declared = platform_type(base.name)
            signatures = declared.methods.get(key, ()) if declared else ()
            if any(len(each.parameters) == count for each in signatures):
                # A virtual method that does nothing.
                return None
            raise NotRunnableError(f"{base.name}.{name}")
        receiver = this if this.base is None or key in _OF_OBJECT else this.base
        return platform_calls.call_method(run, receiver, name, arguments, where, base.name)
    return platform_calls.call_method(run, this, name, arguments, where, "Object")


_OF_OBJECT = frozenset({"tostring", "equals", "hashcode"})


def _call_on_platform(
    run: "ApexRun",
    receiver: Value,
    name: str,
    arguments: list[Value],
    where: "Where | None",
) -> Value:
    if type(receiver) is EnumConstant:
        call = _ENUM_METHODS.get((name.lower(), len(arguments)))
        if call:
            return call(receiver, *arguments)
    if type(receiver) is QueryRows:
        receiver = _list_or_row(run, receiver, name, len(arguments))
    return platform_calls.call_method(run, receiver, name, arguments, where)


def _list_or_row(run: "ApexRun", rows: QueryRows, name: str, count: int) -> Value:
    """Return a query's result as what has the method: a list, or else a record."""
    key = name.lower()
    if platform_calls.find_call("List", key, count, is_static=False):
        return run.coerce(rows, ApexType("List"))
    return only_row(rows)


_ENUM_METHODS: dict[tuple[str, int], Callable[..., Value]] = {
    ("name", 0): lambda constant: constant.name,
    ("ordinal", 0): lambda constant: constant.ordinal,
    ("tostring", 0): lambda constant: constant.name,
    ("equals", 1): lambda constant, other: constant == other,
}


# --- Methods of the own class ------------------------------------------------------------


def _call_own(arguments: list[Value], frame: Frame, node: Call) -> Pending:
    frame.at = node.at
    run, key = frame.run, node.name.lower()
    if key in ("this", "super"):
        return creation.call_other_constructor(frame, key, arguments, node.arguments)
    where = frame, node.arguments
    candidates = candidates_of(run, frame.loaded, key, len(arguments), with_outer=True)
    method = choose(run, candidates, arguments, where)
    if method is None:
        if frame.this is None:
            raise NotRunnableError(node.name)
        return call_base(run, frame.this, node.name, arguments, where)
    run.notes[id(node)] = run.result_type(method)
    if method.is_static:
        return invoke_static(run, method, arguments)
    if frame.this is None:
        raise null_pointer()
    method = overriding(run, method, frame.this)
    return invoke(run, method, frame.this, arguments)


def _call_super(arguments: list[Value], frame: Frame, node: Call) -> Pending:
    frame.at = node.at
    run, this = frame.run, frame.this
    if this is None:
        raise null_pointer()
    where = frame, node.arguments
    above = frame.loaded.superclass
    candidates = (
        candidates_of(run, above, node.name.lower(), len(arguments)) if above else []
    )
    method = choose(run, candidates, arguments, where)
    if method is None:
        return call_base(run, this, node.name, arguments, where)
    return invoke(run, method, this, arguments)


# --- Static methods ----------------------------------------------------------------------


def invoke_static(run: "ApexRun", method: OrgMethod, arguments: list[Value]) -> Pending:
    """Run a static method; the class is initialized first."""
    if method.owner.is_started:
        return invoke(run, method, None, arguments)
    started = creation.initialize_statics(run, method.owner)
    return go_on(started, _invoke_after, run, method, arguments)


def _invoke_after(
    _: Value, run: "ApexRun", method: OrgMethod, arguments: list[Value]
) -> Pending:
    return invoke(run, method, None, arguments)


def _call_on_subject(
    arguments: list[Value], frame: Frame, node: Call, subject: Qualifier
) -> Pending:
    frame.at = node.at
    run, where = frame.run, (frame, node.arguments)
    if subject.loaded:
        return _call_on_class(run, subject.loaded, node.name, arguments, where, node)
    if subject.kind == "object":
        return members.call_on_object(run, subject.type, node.name, arguments)
    if subject.kind == "platform" and not arguments and node.name.lower() == "values":
        constants = members.enum_values(run, subject.type)
        if constants:
            return ApexList(subject.type, list(constants))
    if subject.kind == "platform" and _is_value_of(run, subject.type, node.name, arguments):
        return value_of(run, subject.type, arguments[0])
    return platform_calls.call_static(run, subject.name, node.name, arguments, where)


def call_static(
    run: "ApexRun", loaded: OrgClass, name: str, arguments: list[Value]
) -> Pending:
    """Call a static method of a class of the org from outside of code."""
    return _call_on_class(run, loaded, name, arguments, None, None)


def _call_on_class(
    run: "ApexRun",
    loaded: OrgClass,
    name: str,
    arguments: list[Value],
    where: "Where | None",
    node: Call | None,
) -> Pending:
    key = name.lower()
    if loaded.enum_values:
        if key == "values" and not arguments:
            return ApexList(loaded.type, list(loaded.enum_values.values()))
        if key == "valueof" and len(arguments) == 1:
            return value_of(run, loaded.type, arguments[0])
    candidates = candidates_of(run, loaded, key, len(arguments))
    method = choose(run, candidates, arguments, where)
    if method is None:
        raise NotRunnableError(f"{loaded.type.name}.{name}")
    if node is not None:
        run.notes[id(node)] = run.result_type(method)
    if not method.is_static:
        # Anonymous Apex and Outer.method() in an instance.
        this = run.frames[-1].this if run.frames else None
        if this is None:
            raise null_pointer()
        return invoke(run, method, this, arguments)
    return invoke_static(run, method, arguments)


def _is_value_of(
    run: "ApexRun", type_: ApexType, name: str, arguments: list[Value]
) -> bool:
    is_named = name.lower() == "valueof" and len(arguments) == 1
    return is_named and run.types.is_enum(type_)


def value_of(run: "ApexRun", type_: ApexType, name: Value) -> EnumConstant:
    """Return the value of an enum by its name, as valueOf does."""
    if name is None:
        raise null_pointer()
    found = members.enum_value(run, type_, str(name))
    if found is None:
        raise thrown("NoSuchElementException", f"No enum constant {type_.name}.{name}")
    return found

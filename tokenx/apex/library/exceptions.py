"""Exceptions: their constructors, and the methods that each has.

A receiver is an exception of the platform, or an instance of a class of the org whose
`base` is the exception's state.
"""

from ..platform import platform_types
from ..runtime.api import Run
from ..runtime.errors import NotRunnableError, thrown
from ..types import STRING, ApexType
from ..values import (
    ApexList,
    ApexMap,
    EnumConstant,
    ExceptionObject,
    Instance,
    PlatformObject,
    Value,
)
from ..values.kinds import DmlError
from .allocation import list_of_texts
from .registry import constructor, method

# The message of an exception that the code throws without one.
NO_MESSAGE = "Script-thrown exception"

_SET_OF_TEXTS = ApexType("Set", (STRING,))


def state_of(receiver: Value) -> ExceptionObject:
    """Return the state of an exception of the platform or of the org."""
    state = receiver.base if isinstance(receiver, Instance) else receiver
    if not isinstance(state, ExceptionObject):
        raise NotRunnableError("Exception")
    return state


def message_of(receiver: Value) -> str:
    """Return what getMessage returns."""
    message = state_of(receiver).message
    return NO_MESSAGE if message is None else message


def type_name_of(receiver: Value) -> str:
    """Return what getTypeName returns: System.MathException, Auth.X, or Outer.Inner."""
    name: str = receiver.type.name
    if isinstance(receiver, Instance) or "." in name:
        return name
    return f"System.{name}"


def new_exception(run: Run, type_: ApexType, *arguments: Value) -> ExceptionObject:
    """Make an exception from a message, a cause, both, or neither."""
    run.allocate(64)
    made = ExceptionObject(type=type_)
    for argument in arguments:
        if isinstance(argument, str):
            made.message = argument
        elif isinstance(argument, PlatformObject | Instance):
            made.cause = argument  # type: ignore[assignment]  # the checker allows only exceptions
    return made


def _new_aura_exception(run: Run, type_: ApexType, *arguments: Value) -> ExceptionObject:
    """Make an AuraHandledException, whose message only setMessage sets."""
    return new_exception(run, type_, *(a for a in arguments if not isinstance(a, str)))


def _new_parameter_exception(
    run: Run, type_: ApexType, parameter: str | None, message: str | None
) -> ExceptionObject:
    """Make an InvalidParameterValueException, which has a parameter and a message."""
    return new_exception(run, type_, message if message is not None else parameter)


def _register_constructors() -> None:
    constructor("Exception")(new_exception)
    for declared in platform_types():
        if declared.superclass and declared.superclass.key == "exception":
            constructor(declared.name)(new_exception)
    constructor("AuraHandledException")(_new_aura_exception)
    constructor("InvalidParameterValueException")(_new_parameter_exception)


_register_constructors()


@method("Exception", "getMessage")
def get_message(run: Run, receiver: Value) -> str:
    """Return the message."""
    return message_of(receiver)


@method("Exception", "setMessage")
def set_message(run: Run, receiver: Value, message: str | None) -> None:
    """Replace the message."""
    state_of(receiver).message = message


@method("Exception", "getCause")
def get_cause(run: Run, receiver: Value) -> Value:
    """Return the exception that caused this one, or null."""
    return state_of(receiver).cause


@method("Exception", "initCause")
def init_cause(run: Run, receiver: Value, cause: Value) -> None:
    """Set the cause. An exception isn't its own cause, not even through others."""
    if state_of(receiver).cause is not None:
        raise thrown("IllegalStateException", "Can't overwrite cause")
    seen = cause
    for _ in range(1_000):
        if seen is None:
            break
        if state_of(seen) is state_of(receiver):
            raise thrown("IllegalArgumentException", "Self-causation not permitted")
        run.budget.charge()
        seen = state_of(seen).cause
    state_of(receiver).cause = cause


@method("Exception", "getTypeName")
def get_type_name(run: Run, receiver: Value) -> str:
    """Return the name of the class."""
    return type_name_of(receiver)


@method("Exception", "getLineNumber")
def get_line_number(run: Run, receiver: Value) -> int:
    """Return the line that threw the exception."""
    return state_of(receiver).line


@method("Exception", "getStackTraceString")
def get_stack_trace_string(run: Run, receiver: Value) -> str:
    """Return one line for each call, innermost first."""
    stack = state_of(receiver).stack
    size = sum(len(line) + 1 for line in stack)
    run.allocate(size)
    run.budget.charge_for(size)
    return "\n".join(stack)


@method("Exception", "getInaccessibleFields")
def get_inaccessible_fields(run: Run, receiver: Value) -> ApexMap:
    """Return the fields that a query couldn't read by object: none are hidden here."""
    return ApexMap(STRING, _SET_OF_TEXTS)


# --- DmlException ----------------------------------------------------------------------


def _failed_rows(receiver: Value) -> tuple[DmlError, ...]:
    name = type_name_of(receiver)
    state = state_of(receiver)
    if not state.dml_errors and state.type.key not in ("dmlexception", "emailexception"):
        raise thrown("TypeException", f"DML methods aren't available on {name}")
    return state.dml_errors


def _failed_row(receiver: Value, index: int | None) -> DmlError:
    errors = _failed_rows(receiver)
    if index is None or not 0 <= index < len(errors):
        raise thrown("ListException", f"List index out of bounds: {index}")
    return errors[index]


@method("Exception", "getNumDml")
def get_num_dml(run: Run, receiver: Value) -> int:
    """Return the number of rows that weren't saved."""
    return len(_failed_rows(receiver))


@method("Exception", "getDmlMessage")
def get_dml_message(run: Run, receiver: Value, index: int) -> str:
    """Return why a row wasn't saved."""
    return _failed_row(receiver, index).message


@method("Exception", "getDmlId")
def get_dml_id(run: Run, receiver: Value, index: int) -> str | None:
    """Return the ID of a row that wasn't saved."""
    return _failed_row(receiver, index).record_id


@method("Exception", "getDmlIndex")
def get_dml_index(run: Run, receiver: Value, index: int) -> int:
    """Return the position of a row in the DML statement's list."""
    return _failed_row(receiver, index).row


@method("Exception", "getDmlStatusCode")
def get_dml_status_code(run: Run, receiver: Value, index: int) -> str:
    """Return the status code of a row as text."""
    return _failed_row(receiver, index).status_code


@method("Exception", "getDmlType")
def get_dml_type(run: Run, receiver: Value, index: int) -> EnumConstant:
    """Return the status code of a row. The order of the enum's values isn't known here."""
    error = _failed_row(receiver, index)
    return EnumConstant(ApexType("StatusCode"), error.status_code, 0)


@method("Exception", "getDmlFieldNames")
def get_dml_field_names(run: Run, receiver: Value, index: int) -> ApexList:
    """Return the fields that a row's error is about."""
    return list_of_texts(run, list(_failed_row(receiver, index).fields))


@method("Exception", "getDmlFields")
def get_dml_fields(run: Run, receiver: Value, index: int) -> Value:
    """Refuse Schema.SObjectField."""
    raise NotRunnableError("Exception.getDmlFields", "Use getDmlFieldNames instead.")

"""The state of exceptions, and how messages show them."""

from collections.abc import Sequence

from ..platform import platform_type
from ..types import ApexType
from ..values import ExceptionObject, Instance, Value
from .errors import (
    AssertionFailedError,
    LimitExceededError,
    NotRunnableError,
    ThrownError,
)

_EXCEPTION = "exception"
# What getMessage returns if the code gave no message.
NO_MESSAGE = "Script-thrown exception"


def state_of(value: ExceptionObject | Instance) -> ExceptionObject:
    """Return the message and stack of an exception of the platform or the org."""
    if isinstance(value, Instance):
        base = value.base
        if not isinstance(base, ExceptionObject):
            raise TypeError("Not an exception.")
        return base
    return value


def is_exception_type(type_: ApexType) -> bool:
    """Say whether a type of the platform is an exception."""
    declared = platform_type(type_.name)
    while declared is not None:
        if declared.type.key == _EXCEPTION:
            return True
        above = declared.superclass
        declared = platform_type(above.name) if above else None
    return False


def set_up(state: ExceptionObject, arguments: Sequence[Value]) -> None:
    """Do what the constructors of each exception do: message, cause, or both."""
    for each in arguments:
        if isinstance(each, str):
            state.message = each
        elif isinstance(each, ExceptionObject | Instance):
            state.cause = each


def text_of(value: ExceptionObject | Instance) -> str:
    """Return an exception as logs show it: System.MathException: Divide by 0."""
    state = state_of(value)
    message = NO_MESSAGE if state.message is None else state.message
    return f"{type_name(value)}: {message}"


def type_name(value: ExceptionObject | Instance) -> str:
    """Return the name that getTypeName returns, such as System.MathException."""
    name = value.type.name
    is_platform = not isinstance(value, Instance) and "." not in name
    return f"System.{name}" if is_platform else name


def describe_thrown(error: ThrownError) -> tuple[str, tuple[str, ...]]:
    """Return an exception's text and its stack."""
    return text_of(error.value), state_of(error.value).stack


def describe_error(error: Exception) -> tuple[str, tuple[str, ...]]:
    """Return what ended a run as text, and its stack, innermost call first."""
    if isinstance(error, ThrownError):
        return describe_thrown(error)
    if isinstance(error, LimitExceededError):
        return f"System.LimitException: {error.message}", error.stack
    if isinstance(error, AssertionFailedError):
        return f"System.AssertException: {error.message}", error.stack
    if isinstance(error, NotRunnableError):
        line = f" (line {error.line})" if error.line else ""
        sentence = f"tokenx doesn't run `{error.what}`{line}."
        return f"{sentence} {error.why}".rstrip(), error.stack
    raise error

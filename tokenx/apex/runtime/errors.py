"""Errors that interrupt a run: Apex's exceptions, limits, and what doesn't run here."""

from ..types import ApexType
from ..values import ExceptionObject, Instance


class ThrownError(Exception):
    """An exception of Apex, which its code can catch; `value` is the Apex object."""

    def __init__(self, value: ExceptionObject | Instance) -> None:
        super().__init__(value)
        self.value = value
        # Whether the run has seen it: its stack and its event are recorded once.
        self.is_noted = False


def thrown(type_name: str, message: str | None = None) -> ThrownError:
    """Return an exception of the platform: raise thrown("MathException", "Divide by 0").

    The name is that of the platform's list, such as Auth.JWTValidationException; it
    has no System.
    """
    return ThrownError(ExceptionObject(type=ApexType(type_name), message=message))


def null_pointer() -> ThrownError:
    """Return the exception for a member of null."""
    return thrown("NullPointerException", "Attempt to de-reference a null object")


class RunEndedError(Exception):
    """Ends a run; Apex can't catch it, and its finally blocks don't run.

    The run sets `stack`: one line for each call, innermost first.
    """

    stack: tuple[str, ...] = ()
    line: int = 0
    class_name: str = ""


class LimitExceededError(RunEndedError):
    """A governor limit was exceeded: System.LimitException with this message."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class AssertionFailedError(RunEndedError):
    """An assertion failed: System.AssertException with this message."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotRunnableError(RunEndedError):
    """The code needs something that tokenx doesn't have.

    `what` names it as the code does, such as `EventBus.publish`. `why` is a sentence, if
    there's more to say.
    """

    def __init__(self, what: str, why: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why

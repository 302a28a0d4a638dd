"""Checks of arguments that many functions of the library share."""

from typing import Any, TypeVar

from ..runtime.errors import ThrownError, thrown

T = TypeVar("T")


def null_argument() -> ThrownError:
    """Return the exception for an argument that's null."""
    return thrown("NullPointerException", "Argument cannot be null.")


def given(argument: T | None) -> T:
    """Return an argument that can't be null; raise a NullPointerException if it is."""
    if argument is None:
        raise null_argument()
    return argument


def require(*values: Any) -> None:
    """Raise a NullPointerException if an argument is null."""
    if None in [value if value is None else 0 for value in values]:
        raise null_argument()

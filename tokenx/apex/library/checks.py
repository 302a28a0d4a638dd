"""Checks of arguments that many functions of the library share."""

from functools import cache
from typing import TypeVar

from ..platform import platform_type
from ..runtime.api import Run
from ..runtime.errors import ThrownError, thrown
from ..types import STRING, ApexType
from ..values import ApexList, ApexMap, EnumConstant, Value

T = TypeVar("T")


def null_argument() -> ThrownError:
    """Return the exception for an argument that's null."""
    return thrown("NullPointerException", "Argument cannot be null.")


def given(argument: T | None) -> T:
    """Return an argument that can't be null; raise a NullPointerException if it is."""
    if argument is None:
        raise null_argument()
    return argument


def encode(run: Run, text: str) -> bytes:
    """Return a text in UTF-8. A lone surrogate becomes a question mark, as in Java."""
    run.budget.charge_for(len(text))
    run.allocate(len(text) if text.isascii() else 3 * len(text))
    return text.encode("utf-8", "replace")


def decode(run: Run, content: bytes) -> str:
    """Return bytes in UTF-8 as text, with U+FFFD in place of invalid bytes."""
    run.budget.charge_for(len(content))
    run.allocate(len(content))
    return content.decode("utf-8", "replace")


def list_of_texts(run: Run, texts: list[str]) -> ApexList:
    """Return a List<String>."""
    run.allocate(8 * len(texts) + sum(map(len, texts)))
    return ApexList(STRING, texts)


def map_of(run: Run, value_type: ApexType, pairs: dict[str, Value]) -> ApexMap:
    """Return a Map<String, value_type> of values that exist already."""
    run.allocate(16 * len(pairs) + sum(map(len, pairs)))
    items = {run.key_of(key): (key, value) for key, value in pairs.items()}
    return ApexMap(STRING, value_type, items)


@cache
def constant(type_name: str, name: str) -> EnumConstant:
    """Return a value of an enum of the platform by its exact names."""
    declared = platform_type(type_name)
    values = declared.values if declared else ()
    return EnumConstant(ApexType(type_name), name, values.index(name))

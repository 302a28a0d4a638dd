"""Walks nested values without Python's own recursion.

A step is a generator that yields the generators of inner values and gets their results.
"""

from collections.abc import Generator
from typing import Any, TypeVar

from ..runtime.errors import LimitExceededError

T = TypeVar("T")
Step = Generator[Any, Any, T]
# As deep as Apex's own stack.
MAX_NESTING = 1_000


def walk(step: Step[T]) -> T:
    """Run a step and all that it yields; return its result."""
    stack: list[Step[Any]] = [step]
    result: Any = None
    while stack:
        try:
            inner = stack[-1].send(result)
        except StopIteration as end:
            stack.pop()
            result = end.value
        else:
            if len(stack) >= MAX_NESTING:
                raise LimitExceededError(f"Maximum stack depth reached: {MAX_NESTING + 1}")
            stack.append(inner)
            result = None
    return result

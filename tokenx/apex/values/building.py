"""Builds texts of many parts within the heap's limit."""

from typing import TYPE_CHECKING, Generic, TypeVar

from ..runtime.budget import MAX_HEAP
from ..runtime.errors import LimitExceededError

if TYPE_CHECKING:
    from ..runtime.api import Run

T = TypeVar("T", str, bytes)


class Parts(Generic[T]):
    """Parts of a text or Blob, each reserved before it's added.

    The heap is measured from variables, and can't see the parts. So their size is limited
    here too.
    """

    __slots__ = ("_run", "items", "size")

    def __init__(self, run: "Run") -> None:
        self._run = run
        self.items: list[T] = []
        self.size = 0

    def add(self, part: T) -> None:
        """Add a part."""
        self.size += len(part)
        if self.size > MAX_HEAP:
            raise LimitExceededError(f"Apex heap size too large: {self.size}")
        self._run.allocate(len(part))
        self._run.budget.charge_for(len(part))
        self.items.append(part)

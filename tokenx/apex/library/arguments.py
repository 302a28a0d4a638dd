"""Checks that many library functions share."""

from typing import TYPE_CHECKING, Any

from ..runtime.errors import ThrownError, thrown

if TYPE_CHECKING:
    from ..runtime.api import Run

# Items of a collection that one step handles.
ITEMS_PER_STEP = 20


def null_argument() -> ThrownError:
    """Return the exception for an argument that's null."""
    return thrown("NullPointerException", "Argument cannot be null.")


def require(*values: Any) -> None:
    """Raise a NullPointerException if an argument is null."""
    if None in [value if value is None else 0 for value in values]:
        raise null_argument()


def reserve_text(run: "Run", size: int) -> None:
    """Reserve memory for a text that will have so many characters, and count the work."""
    run.allocate(size)
    run.budget.charge_for(size)


def reserve_items(run: "Run", count: int) -> None:
    """Reserve memory for the items of a collection, and count the work."""
    run.allocate(8 * count)
    run.budget.charge_for(count, ITEMS_PER_STEP)

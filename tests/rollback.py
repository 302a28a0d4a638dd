"""A loop's isolation: each step starts with the same rows."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def rolled_back() -> Iterator[None]:
    """Undo the block's changes to the database at its end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)

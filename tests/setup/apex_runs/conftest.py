"""A fixture with everything that a run of the administrator reaches."""

from collections.abc import Iterator

import pytest

from tokenx.org.models import User

from .running import Reach


@pytest.fixture
def reach(admin: User) -> Iterator[Reach]:
    """Return what a run of the administrator reaches. Its changes end with the test."""
    reach = Reach(admin)
    yield reach
    reach.transaction.close()

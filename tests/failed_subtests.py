"""Subtests that are reported only if they fail.

pytest writes a report of each passed subtest, too, which nothing prints. In a parallel run,
such a report takes longer than most of our subtests.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


class FailedSubtests:
    def __init__(self, subtests: pytest.Subtests) -> None:
        self._subtests = subtests

    @contextmanager
    def test(self, msg: str | None = None, **values: Any) -> Iterator[None]:
        __tracebackhide__ = True
        try:
            yield
        except BaseException:
            with self._subtests.test(msg, **values):
                raise


@pytest.fixture
def subtests(subtests: pytest.Subtests) -> FailedSubtests:
    return FailedSubtests(subtests)

"""Invariants to check after tests of the handler pages."""

from collections.abc import Iterator

import pytest

from tokenx.handlers.models import Enablement, TokenExchangeHandler


def assert_counters_equal_the_rows() -> None:
    for handler in TokenExchangeHandler.objects.all():
        kinds = list(Enablement.objects.of(handler).values_list("app__kind", flat=True))
        counted = (handler.connected_count, handler.external_count)
        assert counted == (kinds.count("connected"), kinds.count("external"))


@pytest.fixture(autouse=True)
def counters_equal_the_rows(db: None) -> Iterator[None]:
    yield
    assert_counters_equal_the_rows()

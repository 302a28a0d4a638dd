"""Reads each debug log that a test makes with the parser of tests/apex/log_parser.py."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.apex.log_parser import parse_log
from tokenx.apex.debug_log import write_log
from tokenx.setup.apex_runs import logs


def checked_log(*arguments: Any, **options: Any) -> str:
    """Write a log. Raise AssertionError if the parser would complain about it."""
    text = write_log(*arguments, **options)
    problems = parse_log(text).problems
    assert not problems, problems[:5]
    return text


@pytest.fixture(scope="session", autouse=True)
def every_log_can_be_read() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logs, "write_log", checked_log)
        yield

"""Long texts of hostile code are read in linear time: steps don't count a regex's work."""

from time import process_time

import pytest

from tokenx.apex.debug_log.text import query_text
from tokenx.apex.library.keys import InvalidKeyError, public_key_from_text
from tokenx.apex.library.numbers import double_value_of
from tokenx.apex.runtime.errors import ThrownError

from .fake_run import FakeRun


def test_pem_blocks_without_an_end():
    started_at = process_time()
    with pytest.raises(InvalidKeyError):
        public_key_from_text("-----BEGIN A-----" * 2_350)
    assert process_time() - started_at < 0.2


def test_digits_that_are_no_number():
    started_at = process_time()
    for _ in range(50):
        with pytest.raises(ThrownError):
            double_value_of(FakeRun(), "1" * 1_999 + "x")
    assert process_time() - started_at < 0.2


def test_a_string_without_an_end_in_a_query():
    started_at = process_time()
    assert query_text("'" + r"\'" * 20_000, ["a"])
    assert process_time() - started_at < 0.2

"""Hostile code ends with Apex's own errors, within the steps and the bytes of a run.

The times and the memory are in `python -m tests.benchmarks hostile`, which runs the same
samples.
"""

import pytest

from tests.apex.compiling import parser
from tokenx.apex.runtime.budget import MAX_HEAP, MAX_STEPS
from tokenx.apex.runtime.trace import Trace

from . import failure_of, make_run
from .hostile_samples import (
    CPU,
    ENDED_BY_STEPS,
    HEAP,
    REFUSED_BY_SIZE,
    REFUSED_BY_STEPS,
    WITH_ANOTHER_END,
    ends,
)

# The last call of the library can take more steps than are left.
MOST_STEPS = 1.25 * MAX_STEPS


class Asked:
    """Notes the bytes for which a run asks."""

    def __init__(self, run):
        self.largest, self._allocate = 0, run.allocate
        run.allocate = self

    def __call__(self, size):
        self.largest = max(self.largest, size)
        self._allocate(size)


def execute(run, code):
    block = parser().parse_anonymous(code).block
    assert block
    return run.run_block(block.statements, block.declarations)


def end_of(code):
    run = make_run(trace=Trace(max_events=1_000, max_text=100_000))
    text, _ = failure_of(run, lambda: execute(run, code))
    assert run.trace.text_size <= run.trace.max_text
    return text, run


# The other samples take up to two seconds each, in the library.
QUICK = {
    "a growing list",
    "a growing map",
    "an exception in finally",
    "throwing large texts",
    "text of nested lists",
    "JSON of nested lists",
    "swapping the case",
    "formats of times",
    "debugging large texts",
    "a comparator that loops",
    "a finally that loops",
    "a chain of causes",
    "an iterable without an end",
    "times in a zone",
}


def test_quick_samples_exist():
    assert set(ENDED_BY_STEPS) > QUICK


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(code, id=name, marks=() if name in QUICK else pytest.mark.slow)
        for name, code in ENDED_BY_STEPS.items()
    ],
)
def test_ends_with_the_cpu_limit(code):
    text, run = end_of(code)

    assert text == CPU
    assert MAX_STEPS < run.budget.steps < MOST_STEPS
    assert run.heap_size <= MAX_HEAP


@pytest.mark.parametrize(("code", "size"), REFUSED_BY_SIZE.values(), ids=REFUSED_BY_SIZE)
def test_asks_for_memory_before_it_is_taken(code, size):
    run = make_run()
    asked = Asked(run)

    text, _ = failure_of(run, lambda: execute(run, code))

    assert text == f"{HEAP}{size}"
    assert asked.largest == size
    assert run.budget.steps < MAX_STEPS


@pytest.mark.parametrize(("code", "steps"), REFUSED_BY_STEPS.values(), ids=REFUSED_BY_STEPS)
def test_counts_steps_before_the_work(code, steps):
    text, run = end_of(code)

    assert text == CPU
    assert run.budget.steps == steps


@pytest.mark.parametrize(
    ("code", "expected"), WITH_ANOTHER_END.values(), ids=WITH_ANOTHER_END
)
def test_ends_with_its_own_error(code, expected):
    text, run = end_of(code)

    assert text.startswith(expected)
    assert run.budget.steps < MOST_STEPS


def test_the_texts_of_exceptions_are_bounded():
    text, run = end_of(ends("throwing large texts"))

    assert text == CPU
    assert run.trace.text_size <= 100_000
    assert run.trace.left_out


def test_values_in_the_trace_are_short():
    code = "List<Object> l = new List<Object>{'x'.repeat(5000)};"
    code += "for (Integer i = 0; i < 9; i++) l = new List<Object>{l, l, l, l, l, l, l, l};"
    trace = Trace()
    run = make_run(trace=trace)

    execute(run, code)

    assert trace.text_size < 60_000

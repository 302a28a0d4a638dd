"""Time and memory of each hostile sample, in a process of its own."""

import os
import resource
import time

BAR_SECONDS, BAR_MEGABYTES = 2, 50


def run(only: str) -> None:
    """Print a table: CPU time, growth of the largest memory, and steps."""
    from tests.apex.running import hostile_samples as samples

    _run("while (true) { }", "")
    for group in (
        samples.ENDED_BY_STEPS,
        samples.REFUSED_BY_SIZE,
        samples.WITH_ANOTHER_END,
    ):
        for name, sample in group.items():
            if only in name:
                _run(sample if isinstance(sample, str) else sample[0], name)


def _run(code: str, name: str) -> None:
    if child := os.fork():
        os.waitpid(child, 0)
        return
    try:
        _measure(code, name)
    finally:
        os._exit(0)


def _measure(code: str, name: str) -> None:
    from tests.apex.compiling import parser
    from tests.apex.running import failure_of, make_run
    from tokenx.apex.library import registry
    from tokenx.apex.runtime.trace import Trace

    run = make_run(trace=Trace())
    registry.find_method("String", "length", 0, is_static=False)
    block = parser().parse_anonymous(code).block
    assert block
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    text, _ = failure_of(run, lambda: run.run_block(block.statements, block.declarations))
    seconds = time.process_time() - start
    growth = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    if name:
        is_met = seconds <= BAR_SECONDS and growth <= BAR_MEGABYTES
        print(
            f"{name:30} {seconds:5.2f} s {growth:6.1f} MB {run.budget.steps:8,} steps  "
            f"{'met' if is_met else 'MISSED'}  {text[:60]}",
            flush=True,
        )

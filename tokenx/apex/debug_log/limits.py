"""The limits used by a run, as the end of its log lists them."""

from collections.abc import Iterator

from ..runtime.budget import (
    MAX_CALLOUTS,
    MAX_DML,
    MAX_DML_ROWS,
    MAX_HEAP,
    MAX_QUERIES,
    MAX_ROWS,
    MAX_STEPS,
    STEPS_PER_MILLISECOND,
    Budget,
)

# What tokenx doesn't run is never used.
_SOSL, _EMAILS, _FUTURE_CALLS, _QUEUEABLE, _PUSH_CALLS = 20, 10, 50, 50, 10


def counters(budget: Budget) -> Iterator[str]:
    """Yield the lines of the counters in Salesforce's order."""
    for name, used, limit in (
        ("Number of SOQL queries", budget.queries, MAX_QUERIES),
        ("Number of query rows", budget.rows, MAX_ROWS),
        ("Number of SOSL queries", 0, _SOSL),
        ("Number of DML statements", budget.dml, MAX_DML),
        ("Number of Publish Immediate DML", 0, MAX_DML),
        ("Number of DML rows", budget.dml_rows, MAX_DML_ROWS),
        ("Maximum CPU time", budget.cpu_milliseconds, MAX_STEPS // STEPS_PER_MILLISECOND),
        ("Maximum heap size", budget.largest_heap, MAX_HEAP),
        ("Number of callouts", budget.callouts, MAX_CALLOUTS),
        ("Number of Email Invocations", 0, _EMAILS),
        ("Number of future calls", 0, _FUTURE_CALLS),
        ("Number of queueable jobs added to the queue", 0, _QUEUEABLE),
        ("Number of Mobile Apex push calls", 0, _PUSH_CALLS),
    ):
        yield f"  {name}: {used} out of {limit}"

"""Limits: what the run has used of each governor limit."""

from collections.abc import Callable

from ..runtime import budget as bounds
from ..runtime.api import Run
from .registry import static_method

# What tokenx doesn't have is never used; the limits are those of Salesforce.
_UNUSED = {
    "AggregateQueries": 300,
    "ApexCursorRows": 50_000_000,
    "ApexCursors": 10_000,
    "ApexPaginationCursorRows": 100_000,
    "ApexPaginationCursors": 200_000,
    "AsyncCalls": 200,
    "ChildRelationshipsDescribes": 100,
    "DatabaseTime": 120_000,
    "EmailInvocations": 10,
    "FetchCallsOnApexCursor": 100,
    "FieldsDescribes": 100,
    "FieldSetsDescribes": 100,
    "FindSimilarCalls": 10,
    "FutureCalls": 50,
    "MobilePushApexCalls": 10,
    "PicklistDescribes": 100,
    "PublishImmediateDML": 150,
    "QueryLocatorRows": 10_000,
    "QueueableJobs": 50,
    "RecordTypesDescribes": 100,
    "RunAs": 20,
    "SavepointRollbacks": 20,
    "Savepoints": 5,
    "ScriptStatements": 200_000,
    "SoslQueries": 20,
}

_USED: dict[str, tuple[Callable[[Run], int], int]] = {
    "Callouts": (lambda run: run.budget.callouts, bounds.MAX_CALLOUTS),
    "CpuTime": (lambda run: run.budget.cpu_milliseconds, 10_000),
    "DMLRows": (lambda run: run.budget.dml_rows, bounds.MAX_DML_ROWS),
    "DMLStatements": (lambda run: run.budget.dml, bounds.MAX_DML),
    "HeapSize": (lambda run: run.heap_size, bounds.MAX_HEAP),
    "Queries": (lambda run: run.budget.queries, bounds.MAX_QUERIES),
    "QueryRows": (lambda run: run.budget.rows, bounds.MAX_ROWS),
    **{name: (lambda run: 0, limit) for name, limit in _UNUSED.items()},
}


def _register(name: str, used: Callable[[Run], int], limit: int) -> None:
    static_method("Limits", f"get{name}")(used)
    static_method("Limits", f"getLimit{name}")(lambda run: limit)


for _name, (_count, _limit) in _USED.items():
    _register(_name, _count, _limit)

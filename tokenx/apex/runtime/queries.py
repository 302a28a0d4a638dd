"""Runs inline queries and DML statements."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..problems import Problem
from ..tree import Dml, Expression, Name, Position, Query
from ..types import ApexType
from ..values import (
    ApexList,
    ExceptionObject,
    QueryRows,
    Record,
    Value,
)
from ..values.kinds import DmlError
from .errors import NotRunnableError, ThrownError, null_pointer, thrown
from .evaluation import evaluate, evaluate_all, evaluates, executes
from .frames import Frame
from .machine import Pending, go_on
from .ports import DmlOutcome
from .trace import DmlFinished, DmlStarted, QueryFinished, QueryStarted

if TYPE_CHECKING:
    from .run import ApexRun


@evaluates(Query)
def _query(frame: Frame, node: Query) -> Pending:
    frame.budget.steps += 1
    binds = _binds_of(frame, node)
    values = evaluate_all(frame, [each for _, each in binds])
    names = [name for name, _ in binds]
    return go_on(values, _run_query, frame, node, names)


def _binds_of(frame: Frame, node: Query) -> Sequence[tuple[str, Expression]]:
    """Return the binds of a query and their trees; they're read once in a run."""
    known = frame.run.binds.get(id(node))
    if known is None:
        found = []
        for text in frame.run.ports.records.binds_of(node.text):
            tree = frame.run.parse_expression(text.strip(), node.at)
            if tree is None or isinstance(tree, Problem):
                raise NotRunnableError(f":{text}")
            found.append((text, tree))
        known = node, found
        frame.run.binds[id(node)] = known
    return known[1]


def _run_query(values: list[Value], frame: Frame, node: Query, names: list[str]) -> Value:
    frame.at = node.at
    return run_query(frame.run, node.text, dict(zip(names, values, strict=True)))


def run_query(run: "ApexRun", text: str, binds: dict[str, Value]) -> Value:
    """Run a query with the values of its binds, by their expressions."""
    lists = ApexType("List")
    binds = {
        name: run.coerce(value, lists) if type(value) is QueryRows else value
        for name, value in binds.items()
    }
    shown = tuple((name, _short(run, value)) for name, value in binds.items())
    run.budget.count_query()
    run.record(QueryStarted, text, shown, text_size=len(text))
    result = run.ports.records.query(text, binds)
    count = len(result.records) if isinstance(result, QueryRows) else 1
    run.budget.count_rows(result if isinstance(result, int) else count)
    if isinstance(result, QueryRows):
        size = sum(16 + 8 * len(each.fields) for each in result.records)
        run.allocate(16 + size)
        run.budget.charge(count)
    run.record(QueryFinished, count)
    return result


_NAME = re.compile(r"\s*\w+\s*", re.ASCII)


def run_query_text(
    run: "ApexRun", text: str, values: Mapping[str, Value] | None
) -> QueryRows | int:
    """Run a query that the code made; its binds are local variables, or in a map."""
    binds: dict[str, Value] = {}
    for bind in run.ports.records.binds_of(text):
        if not _NAME.fullmatch(bind):
            raise thrown("QueryException", f"Only variables are allowed in binds: {bind}")
        if values is not None:
            name = bind.strip().lower()
            if name not in values:
                raise thrown(
                    "QueryException", f"Key '{name}' does not exist in the bindMap"
                )
            binds[bind] = values[name]
            continue
        tree = run.parse_expression(bind.strip(), Position(run.line, 1))
        if (
            not isinstance(tree, Name)
            or not run.frames
            or not run.frames[-1].has(tree.name)
        ):
            raise thrown("QueryException", f"Variable does not exist: {bind.strip()}")
        binds[bind] = run.run(evaluate(run.frames[-1], tree))
    return run_query(run, text, binds)


def _short(run: "ApexRun", value: Value) -> str:
    text = run.to_text(value)
    return text if len(text) <= 1_000 else f"{text[:1_000]}…"


# --- DML ---------------------------------------------------------------------------------


@executes(Dml)
def _dml(frame: Frame, node: Dml) -> Pending:
    if node.operation == "merge":
        raise NotRunnableError("merge")
    if node.external_id is not None and node.external_id.name.lower() != "id":
        raise NotRunnableError(f"upsert with {node.external_id.name}")
    return go_on(evaluate(frame, node.value), _run_dml, frame, node)


def _run_dml(value: Value, frame: Frame, node: Dml) -> None:
    frame.at = Position(*node.at)
    change(frame.run, node.operation, value)


def records_of(run: "ApexRun", value: Value) -> list[Record]:
    """Return the records of a DML operation's operand."""
    if value is None:
        raise null_pointer()
    if isinstance(value, Record):
        return [value]
    if not isinstance(value, ApexList | QueryRows):
        raise NotRunnableError("DML")
    items = value.records if isinstance(value, QueryRows) else value.items
    if None in items:
        raise null_pointer()
    return list(items)


def change(run: "ApexRun", operation: str, value: Value) -> None:
    """Run a DML statement: all records are saved, or a DmlException says why not."""
    save(run, operation, records_of(run, value), all_or_none=True)


def save(
    run: "ApexRun", operation: str, records: Sequence[Record], *, all_or_none: bool
) -> list[DmlOutcome]:
    """Save records, and return the outcome of each; with `all_or_none`, errors throw."""
    if not records:
        return []
    title = operation.capitalize()
    run.budget.count_dml(len(records))
    run.record(DmlStarted, title, records[0].object_name, len(records))
    outcomes = run.ports.records.change(operation, records, all_or_none=all_or_none)
    errors: list[DmlError] = []
    for record, outcome in zip(records, outcomes, strict=True):
        errors += outcome.errors
        if outcome.id is not None and not outcome.errors and operation != "delete":
            record.fields["id"] = outcome.id
    run.record(DmlFinished, tuple(error_text(each) for each in errors))
    if errors and all_or_none:
        raise dml_exception(title, errors)
    return outcomes


def error_text(error: DmlError) -> str:
    """Return an error as a DmlException shows it."""
    fields = ", ".join(error.fields)
    return f"{error.status_code}, {error.message}: [{fields}]"


def dml_exception(title: str, errors: list[DmlError]) -> ThrownError:
    """Return the exception for a DML statement: Insert failed. First exception on …"""
    first = errors[0]
    record = f" with id {first.record_id}" if first.record_id else ""
    message = (
        f"{title} failed. First exception on row {first.row}{record}; "
        f"first error: {error_text(first)}"
    )
    return ThrownError(
        ExceptionObject(
            type=ApexType("DmlException"), message=message, dml_errors=tuple(errors)
        )
    )

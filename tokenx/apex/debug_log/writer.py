"""Writes a run's events as a debug log."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from ..runtime import trace as events
from ..runtime.budget import STEPS_PER_MILLISECOND, Budget
from ..runtime.trace import Event, Trace
from ..types import ApexType
from .levels import LEVELS, first_line, logs
from .limits import counters
from .text import encodable, lines_of_text, on_one_line, query_text
from .user_line import LogUser

# Salesforce's limit for one log. Lines in its middle are removed.
MAX_SIZE = 20 * 1024 * 1024
SKIPPED = "*** Skipped {:,} bytes of detailed log"
LEFT_OUT = "*** Skipped {:,} events of detailed log"
_CODE, _PROFILING, _DB, _CALLOUT = "APEX_CODE", "APEX_PROFILING", "DB", "CALLOUT"
# The time of the first event. Log Analyzer wants one digit there: docs/salesforce/oauth.md.
_START = 1_000_000
_NANOSECONDS_PER_STEP = 1_000_000 // STEPS_PER_MILLISECOND
# Values of these types have no address in a log.
_PLAIN = {
    "blob", "boolean", "date", "datetime", "decimal", "double", "id", "integer", "long",
    "string", "time",
}  # fmt: skip


def write_log(
    trace: Trace,
    budget: Budget,
    *,
    levels: Mapping[str, str],
    started_at: datetime,
    user: LogUser,
    api_version: str,
    class_ids: Mapping[str, str],
    anonymous: str | None = None,
    max_size: int = MAX_SIZE,
) -> str:
    """Return the log of a run.

    `levels` has a level for each category of CATEGORIES; events above it are left out.
    `class_ids` has the IDs of saved classes by lower-case name. `anonymous` is the code of
    an anonymous block.
    """
    log = _Log(
        levels=levels,
        started_at=started_at.astimezone(user.zone).replace(microsecond=0),
        class_ids=class_ids,
        limits=[*counters(budget)],
    )
    log.lines.append(first_line(levels, api_version))
    if anonymous is not None:
        code = encodable(anonymous).split("\n")
        log.lines += [f"Execute Anonymous: {line}" for line in code]
    log.add(_CODE, "ERROR", f"USER_INFO|{user.fields(started_at)}")
    log.add(_CODE, "ERROR", "EXECUTION_STARTED")
    log.write(trace)
    log.steps = max(log.steps, budget.steps)
    log.add(_CODE, "ERROR", "EXECUTION_FINISHED")
    return _shortened(log.lines, max_size)


def _shortened(lines: Sequence[str], max_size: int) -> str:
    """Join the lines. If they're too long, leave out those in the middle."""
    sizes = [len(line.encode()) + 1 for line in lines]
    total = sum(sizes)
    if total <= max_size:
        return "".join(f"{line}\n" for line in lines)
    room = (max_size - len(SKIPPED) - len(str(total)) * 2) // 2
    start = _count_within(sizes, room)
    end = len(lines) - _count_within(sizes[:start:-1], room)
    skipped = SKIPPED.format(sum(sizes[start:end]))
    return "".join(f"{line}\n" for line in (*lines[:start], skipped, *lines[end:]))


def _count_within(sizes: Sequence[int], room: int) -> int:
    used = 0
    for count, size in enumerate(sizes):
        used += size
        if used > room:
            return count
    return len(sizes)


@dataclass
class _Log:
    """A log while it's written."""

    levels: Mapping[str, str]
    started_at: datetime
    class_ids: Mapping[str, str]
    limits: list[str]
    lines: list[str] = field(default_factory=list)
    steps: int = 0
    # The exits of methods and constructors that are running.
    _exits: list[str] = field(default_factory=list)
    _units: list[str] = field(default_factory=list)
    _loaded: set[str] = field(default_factory=set)
    _fatal: events.FatalError | None = None

    def add(self, category: str, level: str, text: str) -> None:
        """Add an event at the current time, if its category is logged at its level."""
        if logs(self.levels, category, level):
            nanoseconds = _START + self.steps * _NANOSECONDS_PER_STEP
            milliseconds = nanoseconds // 1_000_000
            now = self.started_at + timedelta(milliseconds=milliseconds)
            self.lines.append(
                f"{now:%H:%M:%S}.{milliseconds % 1_000} ({nanoseconds})|{text}"
            )

    def write(self, trace: Trace) -> None:
        """Write all events of a run, and finish what they don't finish."""
        fatal_at = _fatal_errors(trace.events)
        last_unit = max(
            (
                at
                for at, event in enumerate(trace.events)
                if isinstance(event, events.UnitFinished)
            ),
            default=-1,
        )
        for at, event in enumerate(trace.events):
            self.steps = max(self.steps, event.steps)
            if at == last_unit:
                self._write_limits(trace)
            if isinstance(event, events.FatalError):
                if at not in fatal_at.values():
                    self._write_exception(event)
                    self._write_fatal_error(event)
                continue
            if writer := self._writers.get(type(event)):
                writer(event)
            if at in fatal_at:
                fatal: Any = trace.events[fatal_at[at]]
                self._write_fatal_error(fatal)
        if last_unit < 0:
            self._write_limits(trace)
        while self._units:
            self.add(_CODE, "ERROR", f"CODE_UNIT_FINISHED|{self._units.pop()}")

    @cached_property
    def _writers(self) -> dict[type[Event], Callable[[Any], None]]:
        return {
            events.UnitStarted: self._write_unit_started,
            events.UnitFinished: self._write_unit_finished,
            events.MethodEntered: self._write_entered,
            events.MethodLeft: self._write_left,
            events.StatementRun: self._write_statement,
            events.VariableAssigned: self._write_variable,
            events.HeapAllocated: self._write_heap,
            events.Debugged: self._write_debugged,
            events.QueryStarted: self._write_query,
            events.QueryFinished: self._write_rows,
            events.DmlStarted: self._write_dml,
            events.DmlFinished: self._write_dml_end,
            events.CalloutStarted: self._write_callout,
            events.CalloutFinished: self._write_response,
            events.ExceptionThrown: self._write_exception,
        }

    # --- Units, methods, and statements ---------------------------------------------------

    def _write_unit_started(self, event: events.UnitStarted) -> None:
        name = on_one_line(event.name)
        class_id = self._class_id(event.class_name)
        self._units.append(name)
        unit = f"{class_id}|{name}" if class_id else name
        self.add(_CODE, "ERROR", f"CODE_UNIT_STARTED|[EXTERNAL]|{unit}")

    def _write_unit_finished(self, event: events.UnitFinished) -> None:
        name = on_one_line(event.name)
        if name in self._units:
            self._units.remove(name)
        self.add(_CODE, "ERROR", f"CODE_UNIT_FINISHED|{name}")

    def _write_limits(self, trace: Trace) -> None:
        if trace.left_out:
            self.lines.append(LEFT_OUT.format(trace.left_out))
        while self._exits:
            self.add(_CODE, "FINE", self._exits.pop())
        if logs(self.levels, _PROFILING, "INFO"):
            self.add(_PROFILING, "INFO", "CUMULATIVE_LIMIT_USAGE")
            self.add(_PROFILING, "INFO", "LIMIT_USAGE_FOR_NS|(default)|")
            self.lines += [*self.limits, ""]
            self.add(_PROFILING, "INFO", "CUMULATIVE_LIMIT_USAGE_END")
            self.lines.append("")

    def _write_entered(self, event: events.MethodEntered) -> None:
        loaded = _class_loaded(event)
        class_id = self._class_id(event.class_name)
        if loaded:
            self._loaded.add(event.class_name.lower())
        elif class_id:
            self._load(event.class_name, class_id)
        line = _place(1 if loaded else event.call_line)
        kind = "CONSTRUCTOR" if event.is_constructor else "METHOD"
        called = _called(event.signature) if event.is_constructor else event.signature
        self.add(_CODE, "FINE", f"{kind}_ENTRY|{line}|{class_id}|{called}")
        ending = f"{line}|{loaded}" if loaded else f"{line}|{class_id}|{called}"
        self._exits.append(f"{kind}_EXIT|{ending}")

    def _write_left(self, event: events.MethodLeft) -> None:
        if self._exits:
            self.add(_CODE, "FINE", self._exits.pop())

    def _load(self, class_name: str, class_id: str) -> None:
        """Write the first use of a saved class."""
        if class_name.lower() not in self._loaded:
            self._loaded.add(class_name.lower())
            entry = f"METHOD_ENTRY|[1]|{class_id}|{class_name}.{class_name}()"
            self.add(_CODE, "FINE", entry)
            self.add(_CODE, "FINE", f"METHOD_EXIT|[1]|{class_name}")

    def _write_statement(self, event: events.StatementRun) -> None:
        self.add(_CODE, "FINER", f"STATEMENT_EXECUTE|{_place(event.line)}")

    def _write_heap(self, event: events.HeapAllocated) -> None:
        self.add(_CODE, "FINER", f"HEAP_ALLOCATE|{_place(event.line)}|Bytes:{event.bytes}")

    def _write_variable(self, event: events.VariableAssigned) -> None:
        if not logs(self.levels, _CODE, "FINEST"):
            return
        place = _place(event.line)
        is_field = event.name.lower().startswith("this.")
        if event.is_new and not is_field:
            is_reference = str(_is_reference(event.type)).lower()
            is_static = str("." in event.name).lower()
            scope = f"{place}|{event.name}|{event.type}|{is_reference}|{is_static}"
            self.add(_CODE, "FINEST", f"VARIABLE_SCOPE_BEGIN|{scope}")
        fields = [place, event.name, on_one_line(event.text)]
        if event.address:
            fields.append(f"0x{event.address:x}")
        self.add(_CODE, "FINEST", f"VARIABLE_ASSIGNMENT|{'|'.join(fields)}")

    # --- Output, queries, DML, callouts, and exceptions -----------------------------------

    def _write_debugged(self, event: events.Debugged) -> None:
        level = event.level.upper()
        text = lines_of_text(event.text)
        known = level if level in LEVELS else "DEBUG"
        self.add(_CODE, known, f"USER_DEBUG|{_place(event.line)}|{known}|{text}")

    def _write_query(self, event: events.QueryStarted) -> None:
        text = query_text(event.text, [expression for expression, _ in event.binds])
        begin = f"SOQL_EXECUTE_BEGIN|{_place(event.line)}|Aggregations:0|{text}"
        self.add(_DB, "INFO", begin)

    def _write_rows(self, event: events.QueryFinished) -> None:
        self.add(_DB, "INFO", f"SOQL_EXECUTE_END|{_place(event.line)}|Rows:{event.rows}")

    def _write_dml(self, event: events.DmlStarted) -> None:
        what = f"Op:{event.operation}|Type:{event.object_name}|Rows:{event.rows}"
        self.add(_DB, "INFO", f"DML_BEGIN|{_place(event.line)}|{what}")

    def _write_dml_end(self, event: events.DmlFinished) -> None:
        self.add(_DB, "INFO", f"DML_END|{_place(event.line)}")

    def _write_callout(self, event: events.CalloutStarted) -> None:
        endpoint = on_one_line(event.endpoint)
        request = f"System.HttpRequest[Endpoint={endpoint}, Method={event.method}]"
        self.add(_CALLOUT, "INFO", f"CALLOUT_REQUEST|{_place(event.line)}|{request}")

    def _write_response(self, event: events.CalloutFinished) -> None:
        status = f"Status={on_one_line(event.status)}, StatusCode={event.status_code}"
        response = f"System.HttpResponse[{status}]"
        self.add(_CALLOUT, "INFO", f"CALLOUT_RESPONSE|{_place(event.line)}|{response}")

    def _write_exception(self, event: events.ExceptionThrown | events.FatalError) -> None:
        text = lines_of_text(event.text)
        self.add(_CODE, "INFO", f"EXCEPTION_THROWN|{_place(event.line)}|{text}")

    def _write_fatal_error(self, event: events.FatalError) -> None:
        lines = [f"FATAL_ERROR|{lines_of_text(event.text)}"]
        if event.stack:
            lines += ["", *map(on_one_line, event.stack)]
        self.add(_CODE, "ERROR", "\n".join(lines))

    def _class_id(self, class_name: str) -> str:
        return self.class_ids.get(class_name.lower(), "")[:15]


def _fatal_errors(run: Sequence[Event]) -> dict[int, int]:
    """Return where each fatal error belongs: the index of its exception, and its own.

    Log Analyzer takes an exception for caught unless FATAL_ERROR follows.
    """
    found, thrown_at = {}, -1
    for at, event in enumerate(run):
        if isinstance(event, events.ExceptionThrown):
            thrown_at = at
        elif isinstance(event, events.FatalError) and thrown_at >= 0:
            thrown: Any = run[thrown_at]
            if thrown.text == event.text and thrown_at not in found:
                found[thrown_at] = at
    return found


def _place(line: int) -> str:
    return f"[{line}]" if line else "[EXTERNAL]"


def _class_loaded(event: events.MethodEntered) -> str:
    """Return the class whose static parts the event initializes, or an empty text."""
    name = event.signature.partition("(")[0]
    class_name, _, method = name.rpartition(".")
    is_load = not event.is_constructor and method == class_name.rpartition(".")[2]
    return class_name if is_load else ""


def _called(signature: str) -> str:
    """Return the fields of a constructor: <init>(Types), and its class."""
    name, _, parameters = signature.partition("(")
    class_name, _, own_name = name.rpartition(".")
    if not class_name or class_name.rpartition(".")[2].lower() != own_name.lower():
        class_name = name
    return f"<init>({parameters}|{class_name}"


def _is_reference(type_: ApexType) -> bool:
    return str(type_).rpartition(".")[2].lower() not in _PLAIN

"""A parser of debug logs, by the rules of Certinia's Apex Log Analyzer.

It knows nothing of tokenx: docs/salesforce/oauth.md, "Log parser", has the rules. The
original can't be installed from npm.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_LINE = re.compile(r"^(\d{2}:\d{2}:\d{2}\.\d{1,3}) \((\d+)\)\|([A-Z_]+)(?:\|(.*))?$")
_SETTINGS = re.compile(r"^\d+\.\d+\s(?:[A-Z_]+,[A-Z]+;?)*$")
_STARTED = re.compile(r"^\d{2}:\d{2}:\d{2}.\d{1} \(\d+\)\|EXECUTION_STARTED$")
_COUNTER = re.compile(r"^  ([A-Z][\w ]+): (\d+) out of (\d+)$")
_PLACE = re.compile(r"^\[(?:\d+|EXTERNAL)\]$")
# By event: the number of fields after its name, and whether the first is a line.
_FIELDS = {
    "USER_INFO": (5, True),
    "EXECUTION_STARTED": (0, False),
    "EXECUTION_FINISHED": (0, False),
    "CODE_UNIT_STARTED": (None, True),
    "CODE_UNIT_FINISHED": (1, False),
    "METHOD_ENTRY": (3, True),
    "METHOD_EXIT": (None, True),
    "CONSTRUCTOR_ENTRY": (4, True),
    "CONSTRUCTOR_EXIT": (4, True),
    "STATEMENT_EXECUTE": (1, True),
    "HEAP_ALLOCATE": (2, True),
    "VARIABLE_SCOPE_BEGIN": (5, True),
    "VARIABLE_ASSIGNMENT": (None, True),
    "SOQL_EXECUTE_BEGIN": (3, True),
    "SOQL_EXECUTE_END": (2, True),
    "DML_BEGIN": (4, True),
    "DML_END": (1, True),
    "CALLOUT_REQUEST": (2, True),
    "CALLOUT_RESPONSE": (2, True),
    "USER_DEBUG": (3, True),
    "EXCEPTION_THROWN": (2, True),
    "FATAL_ERROR": (1, False),
    "CUMULATIVE_LIMIT_USAGE": (0, False),
    "CUMULATIVE_LIMIT_USAGE_END": (0, False),
    "LIMIT_USAGE_FOR_NS": (2, False),
}
_MORE_LINES = {"USER_DEBUG", "EXCEPTION_THROWN", "FATAL_ERROR", "LIMIT_USAGE_FOR_NS"}
_ENDS = {
    "CODE_UNIT_STARTED": "CODE_UNIT_FINISHED",
    "EXECUTION_STARTED": "EXECUTION_FINISHED",
    "METHOD_ENTRY": "METHOD_EXIT",
    "CONSTRUCTOR_ENTRY": "CONSTRUCTOR_EXIT",
    "SOQL_EXECUTE_BEGIN": "SOQL_EXECUTE_END",
    "DML_BEGIN": "DML_END",
    "CALLOUT_REQUEST": "CALLOUT_RESPONSE",
    "CUMULATIVE_LIMIT_USAGE": "CUMULATIVE_LIMIT_USAGE_END",
}
_BEGINS = {end: begin for begin, end in _ENDS.items()}


@dataclass
class LogEvent:
    """An event: its name, its fields, its other lines, and how deep it is."""

    time: str
    nanoseconds: int
    name: str
    fields: list[str]
    depth: int = 0
    more: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join([self.fields[-1], *self.more])


@dataclass
class ParsedLog:
    """The levels, the events, and the counters of the limits of a log."""

    version: str
    levels: dict[str, str]
    code: list[str]
    events: list[LogEvent]
    limits: dict[str, tuple[int, int]]
    problems: list[str]
    skipped: list[str] = field(default_factory=list)

    def named(self, *names: str) -> list[LogEvent]:
        return [event for event in self.events if event.name in names]

    @property
    def max_depth(self) -> int:
        """Return how many methods and constructors ran inside each other."""
        return max((event.depth for event in self.events), default=0)

    @property
    def uncaught(self) -> list[str]:
        """Return the texts of exceptions after which a fatal error follows."""
        found = []
        for this, following in zip(self.events, self.events[1:], strict=False):
            if this.name == "EXCEPTION_THROWN" and following.name == "FATAL_ERROR":
                found.append(this.fields[1])
        return found


def parse_log(text: str) -> ParsedLog:
    """Read a log. `problems` has everything that the parser would complain about."""
    lines = text.split("\n")
    problems: list[str] = []
    if lines.pop() != "":
        problems.append("The last line has no line break")
    settings = lines.pop(0)
    if not _SETTINGS.match(settings):
        problems.append(f"Settings: {settings}")
    version, _, rest = settings.partition(" ")
    levels = dict(each.split(",") for each in rest.split(";") if each)
    code = []
    while lines and lines[0].startswith("Execute Anonymous: "):
        code.append(lines.pop(0).removeprefix("Execute Anonymous: "))
    log = ParsedLog(version, levels, code, [], {}, problems)
    if levels.get("APEX_CODE", "NONE") != "NONE" and not any(map(_STARTED.match, lines)):
        problems.append("No EXECUTION_STARTED with one digit of a second")
    for line in lines:
        _read(line, log)
    _check(log)
    return log


def _read(line: str, log: ParsedLog) -> None:
    if line.startswith("*** Skipped"):
        log.skipped.append(line)
    elif match := _LINE.match(line):
        time, nanoseconds, name, rest = match.groups()
        fields = [] if rest is None else rest.split("|")
        event = LogEvent(time, int(nanoseconds), name, fields)
        log.problems += (f"{problem}: {line}" for problem in _problems_of(event))
        if log.events and log.events[-1].nanoseconds > event.nanoseconds:
            log.problems.append(f"Earlier than the event before: {line}")
        log.events.append(event)
    elif line and log.events and log.events[-1].name in _MORE_LINES:
        _read_more(line, log)
    elif line:
        log.problems.append(f"Invalid log line: {line}")


def _problems_of(event: LogEvent) -> Iterator[str]:
    if event.name not in _FIELDS:
        yield "Unknown event"
        return
    count, has_line = _FIELDS[event.name]
    if count is not None and len(event.fields) != count:
        yield f"{len(event.fields)} fields"
    if has_line and not (event.fields and _PLACE.match(event.fields[0])):
        yield "No line number"


def _read_more(line: str, log: ParsedLog) -> None:
    """Read another line of an event."""
    event = log.events[-1]
    event.more.append(line)
    if event.name != "LIMIT_USAGE_FOR_NS":
        if re.match(r"^[^|]*\|[A-Z_]+(\||$)", line):
            log.problems.append(f"Unsupported log event name: {line}")
    elif counter := _COUNTER.match(line):
        log.limits[counter[1]] = int(counter[2]), int(counter[3])
    else:
        log.problems.append(f"Not a counter: {line}")


def _check(log: ParsedLog) -> None:
    """Match each end with its begin, and count the calls that are inside each other."""
    opened: list[LogEvent] = []
    is_unwinding = False
    for event in log.events:
        event.depth = sum(e.name in {"METHOD_ENTRY", "CONSTRUCTOR_ENTRY"} for e in opened)
        if event.name == "SOQL_EXECUTE_END" and not re.match(r"Rows:\d+$", event.fields[1]):
            log.problems.append(f"Rows: {event.fields}")
        is_unwinding |= event.name in {"EXCEPTION_THROWN", "FATAL_ERROR"}
        if event.name in _ENDS:
            opened.append(event)
        elif event.name in _BEGINS:
            while is_unwinding and opened and not _ends(opened[-1], event):
                opened.pop()
            if opened and _ends(opened[-1], event):
                opened.pop()
            elif not log.skipped:
                log.problems.append(f"Unexpected {event.name}: {event.fields}")
    if opened and not log.skipped:
        log.problems.append(f"Without end: {[event.name for event in opened]}")


def _ends(begin: LogEvent, end: LogEvent) -> bool:
    if _ENDS[begin.name] != end.name:
        return False
    has_line = _FIELDS[begin.name][1] and _FIELDS[end.name][1]
    return not has_line or begin.fields[0] == end.fields[0]

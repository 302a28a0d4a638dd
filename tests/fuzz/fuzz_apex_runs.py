"""Fuzz the Apex interpreter and its library.

    python tests/fuzz/fuzz_apex_runs.py --seconds 1800 --corpus .data/fuzz_apex_runs

See fuzzing.py. Input that starts with a zero byte decides on a program; see
apex_programs.py. Other input is the code of a class, whose methods all run with odd
arguments. Only code that compiles runs.
"""

import os
import re
import sys
from typing import Any

import django
from fuzzing import ROOT, fuzz, instrumented

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

with instrumented():
    from apex_programs import CLASSES, Program

    from tests.apex.compiling import PORTS, errors_in, parser
    from tests.apex.running import (
        USER_ID,
        FakeRecords,
        make_ports,
        unit_of,
    )
    from tokenx.apex.compiling import compile_anonymous, parse_expression
    from tokenx.apex.problems import Severity
    from tokenx.apex.runtime.budget import MAX_DEPTH, Budget
    from tokenx.apex.runtime.errors import RunEndedError, ThrownError
    from tokenx.apex.runtime.run import ApexRun
    from tokenx.apex.runtime.trace import FatalError, Trace
    from tokenx.apex.values import ApexList, Id, Long, Record

FOLDERS = ["tests/apex", "tokenx/training/scenarios/classes"]
FILES = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.cls")]
WORDS = """
null true this super new ( ) { } [ ] ; , . ?. ? : ?? = += == != < > + - * / & | ^ << >>> ! ~
++ -- 0 1 -1 2147483647 9223372036854775807L 0.1 1e99 '' 'a' return break continue throw
static while(true) for try{ }finally{ }catch(Exception+e){ .get(0) .size() .clone()
.toString() .hashCode() .equals(this) .put(1,1) .add(this) .sort() .repeat(99999) .split('')
instanceof String Object List<Object> Map<String,Object> System.debug(this); [0]
"""
MAX_STEPS = 20_000
MOST_COMPILATIONS = 4
ARGUMENTS: dict[str, Any] = {
    "string": "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.x",
    "integer": 2**31 - 1,
    "long": Long(-(2**63)),
    "boolean": True,
    "object": "x",
    "id": USER_ID,
}
# Walking a tree must leave room for what called the run.
sys.setrecursionlimit(1_000)
UNITS = {unit.name.lower(): unit for unit in map(unit_of, CLASSES)}


def new_run(units: Any) -> ApexRun:
    rows = [
        Record("User", {"id": Id(f"00500000000{number:04}AAA"), "email": None}, True)
        for number in range(3)
    ]
    return ApexRun(
        units,
        make_ports(records=FakeRecords(rows=rows)),
        lambda text, at: parse_expression(parser(), text, at),
        Trace(max_events=2_000),
        Budget(max_steps=MAX_STEPS),
    )


def outcome_of(run: ApexRun, action: Any) -> object:
    """Return the kind of outcome of a run; any error that isn't Apex's goes on."""
    kind: object = "ended"
    try:
        run.to_text(action())
    except (ThrownError, RunEndedError) as error:
        text, stack = run.describe(error)
        run.record(FatalError, text, stack)
        assert len(stack) <= MAX_DEPTH, stack
        kind = re.sub(r"\d+|'.*'|`|\"", "", text)[:120]
    assert run.budget.steps < 2 * MAX_STEPS, run.budget.steps
    assert len(run.trace.events) <= run.trace.max_events + 2
    for event in run.trace.events:
        assert len(repr(event)) < 6_100_000
    return kind


def check(data: bytes) -> object:
    """Run a program or a class. Return how it ended."""
    if data.startswith(b"\0"):
        return check_program(Program(data[1:]).lines)
    return check_class(data.decode(errors="surrogateescape"))


def check_program(lines: list[str]) -> object:
    """Run the lines that compile."""
    block = None
    for _ in range(MOST_COMPILATIONS):
        block, problems = compile_anonymous(
            "\n".join(lines), parser=parser(), classes=UNITS, ports=PORTS
        )
        if block is not None:
            break
        invalid = {each.at.line - 1 for each in problems if each.severity is Severity.ERROR}
        lines = [line for at, line in enumerate(lines) if at not in invalid]
    if block is None or not block.statements:
        return "error"
    run = new_run(UNITS)
    return outcome_of(run, lambda: run.run_block(block.statements, block.declarations))


def check_class(text: str) -> object:
    """Start the class, and call each method with odd arguments."""
    unit = parser().parse(text).unit
    if unit is None or errors_in(text):
        return "error"
    units = {**UNITS, unit.name.lower(): unit}
    run = new_run(units)
    kinds = [outcome_of(run, lambda: run.start(unit.name))]
    methods = [each for each in getattr(unit, "members", ()) if hasattr(each, "parameters")]
    for method in methods:
        if not getattr(method, "name", None):
            continue
        for is_null in (True, False):
            kinds.append(call(units, unit.name, method, is_null=is_null))
    return tuple(kinds)


def call(units: Any, class_name: str, method: Any, *, is_null: bool) -> object:
    run = new_run(units)
    arguments = [
        None if is_null else _argument(run, str(each.type)) for each in method.parameters
    ]
    words = [getattr(each, "word", "") for each in method.modifiers]
    if "static" in words:
        return outcome_of(run, lambda: run.call_static(class_name, method.name, arguments))
    return outcome_of(
        run, lambda: run.call_method(run.start(class_name), method.name, arguments)
    )


def _argument(run: ApexRun, type_name: str) -> Any:
    key = type_name.lower()
    if key.startswith("list<"):
        return ApexList(run.find_type("Object"), [None])
    return ARGUMENTS.get(key)


if __name__ == "__main__":
    samples = [path.read_bytes()[:4096] for path in FILES]
    samples += [code.encode() for code in CLASSES]
    samples += [b"\0" + bytes([number]) * number for number in range(60)]
    fuzz(
        check,
        samples,
        [b"\0", *(word.replace("+", " ").encode() for word in WORDS.split())],
    )

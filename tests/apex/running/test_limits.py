"""The governor limits, and code that tries to pass them."""

import time

import pytest

from tokenx.apex.runtime.budget import Budget
from tokenx.apex.runtime.trace import (
    MethodEntered,
    MethodLeft,
    StatementRun,
    Trace,
    VariableAssigned,
)
from tokenx.apex.values import Id, Record

from . import (
    FakeClock,
    FakeRecords,
    fails,
    failure_of,
    make_ports,
    make_run,
    run_apex,
    run_in,
)

DEEP = """
public class Deep {
    public static Integer down(Integer n) { return n == 0 ? 0 : 1 + down(n - 1); }
    public Object self;
    public override String toString() { return 'x' + self; }
    public Integer value { get { return new Deep().value; } }
    public Deep next() { return new Deep().next(); }
}
"""
CALLS = ",".join(["Crypto.getRandomInteger()"] * 100)
CPU = "System.LimitException: Apex CPU time limit exceeded"
DEPTH = "System.LimitException: Maximum stack depth reached: 1001"
ENDLESS = [
    "while (true) {}",
    "for (;;);",
    "Integer i = 0; while (true) { i++; }",
    "do { } while (true);",
    "Integer i = 0; while (true) { try { i = 1 / 0; } catch (Exception e) { } }",
    "while (true) { try { continue; } finally { } }",
    "while (true) { String s = 'a' + 'b'; }",
    "while (true) { Deep d = new Deep(); }",
    "while (true) { Deep.down(5); }",
]


@pytest.mark.parametrize("code", ENDLESS)
def test_an_endless_loop_ends_with_the_cpu_limit(code):
    run = make_run(DEEP)
    start = time.process_time()

    assert failure_of(run, lambda: run_in(run, code))[0] == CPU
    assert time.process_time() - start < 5
    assert 200_000 <= run.budget.steps < 200_200


def test_calls_can_be_almost_a_thousand_deep():
    assert run_apex("return Deep.down(990);", DEEP) == 990
    assert fails("return Deep.down(5000);", DEEP) == DEPTH


def test_endless_recursion_ends_cleanly():
    assert fails("new Deep().next();", DEEP) == DEPTH
    assert fails("Integer i = new Deep().value;", DEEP) == DEPTH
    assert fails("Deep d = new Deep(); d.self = d; String s = '' + d;", DEEP) == DEPTH


def test_a_limit_keeps_the_stack():
    run = make_run(DEEP)

    text, stack = failure_of(run, lambda: run_in(run, "Deep.down(5000);"))

    assert text == DEPTH
    assert len(stack) == 1_000
    assert stack[0] == "Class.Deep.down: line 3, column 1"
    assert stack[-1] == "AnonymousBlock: line 1, column 1"


def test_a_doubling_string_passes_the_heap_limit():
    code = "String s = 'x'; while (true) { s = s + s; }"
    run = make_run()

    text, _ = failure_of(run, lambda: run_in(run, code))

    assert text.startswith("System.LimitException: Apex heap size too large: ")
    assert run.budget.steps < 10_000


def test_strings_that_are_no_longer_used_take_no_heap():
    code = "String s = ''; for (Integer i = 0; i < 5000; i++) { s = 'x' + i; }"
    big = "String b = 'x'; while (b.length() < 1000000) { b += b; }"
    loop = "for (Integer i = 0; i < 50; i++) { String s = b + i; } return b.length();"

    assert run_apex(f"{code} return s;") == "x4999"
    assert run_apex(big + loop) == 1_048_576


def test_what_is_still_used_takes_heap():
    big = "String b = 'x'; while (b.length() < 1000000) { b += b; }"
    code = f"{big} String a = b + 1; String c = b + 2; String d = b + 3; String e = b + 4;"

    assert "heap size" in fails(code + "String f = b + 5;")


def test_queries_are_counted():
    ports = make_ports(records=FakeRecords())
    code = "for (Integer i = 0; i < 200; i++) { List<User> l = [SELECT Id FROM User]; }"

    assert fails(code, ports=ports) == "System.LimitException: Too many SOQL queries: 101"
    assert len(ports.records.queries) == 100


def test_rows_are_counted():
    rows = [Record("User", {"id": None}, True)] * 30_000
    ports = make_ports(records=FakeRecords(rows=rows))
    code = "List<User> l = [SELECT Id FROM User]; l = [SELECT Id FROM User];"

    assert fails(code, ports=ports) == "System.LimitException: Too many query rows: 60000"


def test_dml_statements_are_counted():
    code = "for (Integer i = 0; i < 200; i++) { insert new Account(Name = 'A'); }"

    assert fails(code) == "System.LimitException: Too many DML statements: 151"


def test_few_steps_are_left_after_dml():
    run = make_run()
    failure_of(run, lambda: run_in(run, "insert new Account(Name = 'A'); while (true) {}"))

    assert run.budget.steps < 20_100


def test_dml_gives_records_their_ids():
    code = "User u = new User(Username = 'a'); insert u; return u.Id;"

    assert run_apex(code) == Id("005000000000000AAA")


def test_a_budget_can_be_smaller():
    assert fails("while (true) {}", budget=Budget(max_steps=50)) == CPU


def test_the_trace_has_statements_and_calls():
    trace = Trace()
    run = make_run(DEEP, trace=trace)

    run_in(run, "Integer a = 1;\nDeep.down(1);")

    statements = [each.line for each in trace.events if isinstance(each, StatementRun)]
    assert statements == [1, 2, 3, 3]
    entered = [each for each in trace.events if isinstance(each, MethodEntered)]
    left = [each for each in trace.events if isinstance(each, MethodLeft)]
    assert [(each.signature, each.line, each.call_line) for each in entered] == [
        ("Deep.down(Integer)", 3, 2),
        ("Deep.down(Integer)", 3, 3),
    ]
    assert [each.call_line for each in left] == [3, 2]


def test_the_trace_is_bounded():
    trace = Trace(max_events=1_000)
    run = make_run(trace=trace)
    failure_of(run, lambda: run_in(run, "while (true) { Integer i = 1; }"))

    assert len(trace.events) == 1_000
    assert trace.left_out > 10_000


def test_the_trace_has_the_values_of_variables():
    trace = Trace()
    run = make_run(DEEP, trace=trace)

    run_in(run, "Integer a = 1; a++; List<String> l = new List<String>{'x'}; Deep.down(0);")

    assigned = [each for each in trace.events if isinstance(each, VariableAssigned)]
    assert [(each.name, str(each.type), each.text, each.is_new) for each in assigned] == [
        ("a", "Integer", "1", True),
        ("a", "Integer", "2", False),
        ("l", "List<String>", '["x"]', True),
        ("n", "Integer", "0", True),
    ]


def test_deep_code_in_callbacks_of_callbacks_ends_cleanly():
    nested = "'' + this"
    for _ in range(80):
        nested = f"true ? ({nested}) : ''"
    method = f"public override String toString() {{ return {nested}; }}"
    code = f"public class Nested {{ {method} }}"

    assert fails("String s = '' + new Nested();", code) == DEPTH


def test_deep_code_in_the_deepest_call_ends_cleanly():
    nested = "down(n + 1)"
    for _ in range(40):
        nested = f"true ? (-({nested})) : 0"
    code = f"public class Nested {{ static Integer down(Integer n) {{ return {nested}; }}"
    code += " public static Integer start() { return down(0); } }"

    assert fails("Nested.start();", code) == DEPTH


class BusyClock(FakeClock):
    """Takes 20 ms of CPU time for random bytes, without counting steps."""

    def random_bytes(self, count):
        end = time.thread_time() + 0.02
        while time.thread_time() < end:
            pass
        return super().random_bytes(count)


def test_a_thread_that_is_busy_for_too_long_ends_the_run(subtests):
    sentence = (
        "System.LimitException: Apex CPU time limit exceeded: the code kept the server"
    )
    busy = make_ports(clock=BusyClock())
    for code, ports in [
        ("for (Integer i = 0; i < 100; i++) Crypto.getRandomInteger();", busy),
        ("List<Object> l = new List<Object>{ CALLS };".replace("CALLS", CALLS), busy),
        ("while (true) { String s = 'a' + 'b'; }", make_ports()),
    ]:
        budget = Budget(max_steps=10**9, max_thread_seconds=0.25)
        with subtests.test(code=code[:60]):
            assert fails(code, ports=ports, budget=budget).startswith(sentence)
            assert budget.steps < 3_000_000

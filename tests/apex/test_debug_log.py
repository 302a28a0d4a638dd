"""Debug logs: each event at its level, limits, fatal errors, and hostile texts."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.apex.log_parser import parse_log
from tokenx.apex.debug_log import CATEGORIES, DEFAULT_LEVELS, LEVELS, LogUser, write_log
from tokenx.apex.debug_log.text import query_text
from tokenx.apex.runtime import trace as events
from tokenx.apex.runtime.budget import Budget
from tokenx.apex.runtime.trace import Trace
from tokenx.apex.types import ApexType, parse_type

STARTED = datetime(2026, 7, 14, 16, 6, 58, 987_654, tzinfo=UTC)
ADA = LogUser("005000000000001AAA", "ada@mycompany.example", "America/Los_Angeles")
ALL = dict.fromkeys(CATEGORIES, "FINEST")
IDS = {"okta": "01p000000000001AAA"}
METHOD = "Okta.validateIncomingToken(String, Auth.TokenType)"


class Recorder:
    """Records events as a run does: each step is one step of the budget."""

    def __init__(self, **limits):
        self.trace = Trace(**limits)
        self.steps = 0

    def __call__(self, event, line, *values, class_name="Okta", **more):
        self.steps += 1
        self.trace.add(event(self.steps, class_name, line, *values, **more))

    def log(self, **options):
        options.setdefault("levels", ALL)
        budget = options.pop("budget", None) or Budget(steps=self.steps)
        user = options.pop("user", ADA)
        return write_log(
            self.trace,
            budget,
            started_at=STARTED,
            user=user,
            api_version="67.0",
            class_ids=IDS,
            **options,
        )


def a_run(record):
    """Record a run with an event of each kind."""
    record(events.UnitStarted, 0, METHOD)
    record(events.MethodEntered, 3, METHOD, False, 0)
    record(events.StatementRun, 4)
    record(events.HeapAllocated, 4, 8)
    record(events.VariableAssigned, 4, "name", ApexType("String"), '"Ada"', is_new=True)
    claims = parse_type("Map<String, Object>")
    record(events.VariableAssigned, 5, "claims", claims, "{}", is_new=True, address=0x4C8)
    record(events.VariableAssigned, 5, "this.name", ApexType("String"), '"x"')
    record(events.VariableAssigned, 5, "Okta.count", ApexType("Integer"), "1", is_new=True)
    record(events.MethodEntered, 20, "Okta.Helper.Helper(Integer)", True, 6)
    record(events.MethodLeft, 6, "Okta.Helper.Helper(Integer)", True, 6)
    record(
        events.QueryStarted,
        7,
        "SELECT Id\nFROM User WHERE Name = :name",
        (("name", "Ada"),),
    )
    record(events.QueryFinished, 7, 1)
    record(events.DmlStarted, 8, "Insert", "User", 1)
    record(events.DmlFinished, 8)
    record(events.CalloutStarted, 9, "GET", "https://idp.example/keys")
    record(events.CalloutFinished, 9, 200, "OK")
    record(events.TokenRead, 10, "validate", "The token is valid.", True)
    record(events.ClaimRead, 10, "sub", "ada")
    record(events.Debugged, 11, "WARN", "hello")
    record(events.ExceptionThrown, 12, "System.MathException: Divide by 0")
    record(events.MethodLeft, 0, METHOD, False, 0)
    record(events.UnitFinished, 0, METHOD)


@pytest.fixture
def record():
    return Recorder()


EXPECTED = """\
67.0 APEX_CODE,FINEST;APEX_PROFILING,FINEST;CALLOUT,FINEST;DB,FINEST;NBA,FINEST;\
SYSTEM,FINEST;VALIDATION,FINEST;VISUALFORCE,FINEST;WAVE,FINEST;WORKFLOW,FINEST
09:06:58.1 (1000000)|USER_INFO|[EXTERNAL]|005000000000001|ada@mycompany.example|\
(GMT-07:00) Pacific Daylight Time (America/Los_Angeles)|GMT-07:00
09:06:58.1 (1000000)|EXECUTION_STARTED
09:06:58.1 (1050000)|CODE_UNIT_STARTED|[EXTERNAL]|01p000000000001|\
Okta.validateIncomingToken(String, Auth.TokenType)
09:06:58.1 (1100000)|METHOD_ENTRY|[1]|01p000000000001|Okta.Okta()
09:06:58.1 (1100000)|METHOD_EXIT|[1]|Okta
09:06:58.1 (1100000)|METHOD_ENTRY|[EXTERNAL]|01p000000000001|\
Okta.validateIncomingToken(String, Auth.TokenType)
09:06:58.1 (1150000)|STATEMENT_EXECUTE|[4]
09:06:58.1 (1200000)|HEAP_ALLOCATE|[4]|Bytes:8
09:06:58.1 (1250000)|VARIABLE_SCOPE_BEGIN|[4]|name|String|false|false
09:06:58.1 (1250000)|VARIABLE_ASSIGNMENT|[4]|name|"Ada"
09:06:58.1 (1300000)|VARIABLE_SCOPE_BEGIN|[5]|claims|Map<String,Object>|true|false
09:06:58.1 (1300000)|VARIABLE_ASSIGNMENT|[5]|claims|{}|0x4c8
09:06:58.1 (1350000)|VARIABLE_ASSIGNMENT|[5]|this.name|"x"
09:06:58.1 (1400000)|VARIABLE_SCOPE_BEGIN|[5]|Okta.count|Integer|false|true
09:06:58.1 (1400000)|VARIABLE_ASSIGNMENT|[5]|Okta.count|1
09:06:58.1 (1450000)|CONSTRUCTOR_ENTRY|[6]|01p000000000001|<init>(Integer)|Okta.Helper
09:06:58.1 (1500000)|CONSTRUCTOR_EXIT|[6]|01p000000000001|<init>(Integer)|Okta.Helper
09:06:58.1 (1550000)|SOQL_EXECUTE_BEGIN|[7]|Aggregations:0|\
SELECT Id FROM User WHERE Name = :tmpVar1
09:06:58.1 (1600000)|SOQL_EXECUTE_END|[7]|Rows:1
09:06:58.1 (1650000)|DML_BEGIN|[8]|Op:Insert|Type:User|Rows:1
09:06:58.1 (1700000)|DML_END|[8]
09:06:58.1 (1750000)|CALLOUT_REQUEST|[9]|\
System.HttpRequest[Endpoint=https://idp.example/keys, Method=GET]
09:06:58.1 (1800000)|CALLOUT_RESPONSE|[9]|System.HttpResponse[Status=OK, StatusCode=200]
09:06:58.1 (1950000)|USER_DEBUG|[11]|WARN|hello
09:06:58.2 (2000000)|EXCEPTION_THROWN|[12]|System.MathException: Divide by 0
09:06:58.2 (2050000)|METHOD_EXIT|[EXTERNAL]|01p000000000001|\
Okta.validateIncomingToken(String, Auth.TokenType)
09:06:58.2 (2100000)|CUMULATIVE_LIMIT_USAGE
09:06:58.2 (2100000)|LIMIT_USAGE_FOR_NS|(default)|
  Number of SOQL queries: 1 out of 100
  Number of query rows: 2 out of 50000
  Number of SOSL queries: 0 out of 20
  Number of DML statements: 3 out of 150
  Number of Publish Immediate DML: 0 out of 150
  Number of DML rows: 4 out of 10000
  Maximum CPU time: 1 out of 10000
  Maximum heap size: 77 out of 6000000
  Number of callouts: 5 out of 100
  Number of Email Invocations: 0 out of 10
  Number of future calls: 0 out of 50
  Number of queueable jobs added to the queue: 0 out of 50
  Number of Mobile Apex push calls: 0 out of 10

09:06:58.2 (2100000)|CUMULATIVE_LIMIT_USAGE_END

09:06:58.2 (2100000)|CODE_UNIT_FINISHED|Okta.validateIncomingToken(String, Auth.TokenType)
09:06:58.2 (2100000)|EXECUTION_FINISHED
"""


def test_writes_each_event_as_salesforce_does(record):
    a_run(record)
    budget = Budget(
        steps=22, queries=1, rows=2, dml=3, dml_rows=4, callouts=5, largest_heap=77
    )

    text = record.log(budget=budget)

    assert text == EXPECTED
    log = parse_log(text)
    assert log.problems == []
    assert log.limits["Number of SOQL queries"] == (1, 100)
    assert log.max_depth == 2
    assert log.uncaught == []


@pytest.mark.parametrize(
    ("category", "level", "added"),
    [
        (
            "APEX_CODE",
            "ERROR",
            "USER_INFO EXECUTION_STARTED CODE_UNIT_STARTED CODE_UNIT_FINISHED "
            "EXECUTION_FINISHED",
        ),
        ("APEX_CODE", "WARN", "USER_DEBUG"),
        ("APEX_CODE", "INFO", "EXCEPTION_THROWN"),
        ("APEX_CODE", "DEBUG", ""),
        (
            "APEX_CODE",
            "FINE",
            "METHOD_ENTRY METHOD_EXIT CONSTRUCTOR_ENTRY CONSTRUCTOR_EXIT",
        ),
        ("APEX_CODE", "FINER", "STATEMENT_EXECUTE HEAP_ALLOCATE"),
        ("APEX_CODE", "FINEST", "VARIABLE_SCOPE_BEGIN VARIABLE_ASSIGNMENT"),
        ("APEX_CODE", "INTERNAL", ""),
        ("DB", "WARN", ""),
        ("DB", "INFO", "SOQL_EXECUTE_BEGIN SOQL_EXECUTE_END DML_BEGIN DML_END"),
        ("CALLOUT", "INFO", "CALLOUT_REQUEST CALLOUT_RESPONSE"),
        (
            "APEX_PROFILING",
            "INFO",
            "CUMULATIVE_LIMIT_USAGE LIMIT_USAGE_FOR_NS CUMULATIVE_LIMIT_USAGE_END",
        ),
        ("SYSTEM", "FINEST", ""),
    ],
)
def test_an_event_is_written_from_its_level_on(record, category, level, added):
    a_run(record)
    less = LEVELS[LEVELS.index(level) - 1]

    def names(value):
        log = parse_log(
            record.log(levels=dict.fromkeys(CATEGORIES, "NONE") | {category: value})
        )
        return {event.name for event in log.events}

    assert names(level) - names(less) == set(added.split())
    assert names(less) <= names(level)


def test_categories_that_arent_set_are_left_out(record):
    a_run(record)

    text = record.log(levels={"APEX_CODE": "DEBUG", "APEX_PROFILING": "INFO"})

    assert text.startswith("67.0 APEX_CODE,DEBUG;APEX_PROFILING,INFO\n")
    log = parse_log(text)
    assert not log.problems
    assert not log.named("SOQL_EXECUTE_BEGIN", "CALLOUT_REQUEST", "METHOD_ENTRY")


def test_an_anonymous_block_begins_with_its_code(record):
    record(events.UnitStarted, 0, "execute_anonymous_apex", class_name="")
    record(
        events.MethodEntered, 1, "Teaching.add(Integer, Integer)", False, 12, class_name=""
    )
    record(
        events.MethodLeft, 12, "Teaching.add(Integer, Integer)", False, 12, class_name=""
    )
    record(events.UnitFinished, 0, "execute_anonymous_apex", class_name="")

    log = parse_log(record.log(anonymous="Integer i = a | 1;\r\n\r\nSystem.debug(i);"))

    assert log.problems == []
    assert log.code == ["Integer i = a | 1;", "", "System.debug(i);"]
    assert log.named("CODE_UNIT_STARTED")[0].fields == [
        "[EXTERNAL]",
        "execute_anonymous_apex",
    ]
    assert log.named("METHOD_ENTRY")[0].fields == [
        "[12]",
        "",
        "Teaching.add(Integer, Integer)",
    ]


# --- Exceptions -------------------------------------------------------------------------


def test_a_fatal_error_follows_its_exception(record):
    text = "System.NullPointerException: Attempt to de-reference a null object"
    record(events.UnitStarted, 0, METHOD)
    record(events.MethodEntered, 3, METHOD, False, 0)
    record(events.ExceptionThrown, 3, "System.MathException: Divide by 0")
    record(events.CalloutStarted, 4, "GET", "https://idp.example")
    record(events.ExceptionThrown, 4, text)
    record(events.MethodLeft, 0, METHOD, False, 0)
    record(events.FatalError, 4, text, ("Class.Okta.go: line 4, column 1",))
    record(events.UnitFinished, 0, METHOD)

    log = parse_log(record.log())

    assert log.problems == []
    assert log.uncaught == [text]
    [fatal] = log.named("FATAL_ERROR")
    assert fatal.text == f"{text}\nClass.Okta.go: line 4, column 1"
    assert f"{text}\n\nClass.Okta.go" in record.log()


def test_a_limit_has_an_exception_even_if_no_code_threw_it(record):
    text = "System.LimitException: Too many SOQL queries: 101"
    record(events.UnitStarted, 0, METHOD)
    record(events.MethodEntered, 3, METHOD, False, 0)
    record(events.FatalError, 4, text, ())
    record(events.UnitFinished, 0, METHOD)

    log = parse_log(record.log())

    assert log.problems == []
    assert log.uncaught == [text]
    assert log.named("EXCEPTION_THROWN")[0].fields[0] == "[4]"
    # The run ended inside of the method.
    assert len(log.named("METHOD_EXIT")) == 2


def test_a_run_without_an_end_is_finished(record):
    record(events.UnitStarted, 0, METHOD)
    record(events.MethodEntered, 3, METHOD, False, 0)

    log = parse_log(record.log())

    assert log.problems == []
    assert [event.name for event in log.events[-2:]] == [
        "CODE_UNIT_FINISHED",
        "EXECUTION_FINISHED",
    ]


def test_two_units_have_the_limits_once(record):
    for _ in range(2):
        record(events.UnitStarted, 0, METHOD)
        record(events.UnitFinished, 0, METHOD)

    names = [event.name for event in parse_log(record.log()).events]

    assert names.count("CUMULATIVE_LIMIT_USAGE") == 1
    assert names.index("CUMULATIVE_LIMIT_USAGE_END") == len(names) - 3


def test_the_first_use_of_a_class_can_be_recorded(record):
    record(events.UnitStarted, 0, METHOD)
    record(events.MethodEntered, 1, "Okta.Okta()", False, 3)
    record(events.MethodLeft, 1, "Okta.Okta()", False, 3)
    record(events.MethodEntered, 1, "Okta.Okta()", True, 3)
    record(events.MethodLeft, 1, "Okta.Okta()", True, 3)
    record(events.UnitFinished, 0, METHOD)

    log = parse_log(record.log())

    assert log.problems == []
    calls = [(event.name, event.fields) for event in log.events[3:7]]
    assert calls == [
        ("METHOD_ENTRY", ["[1]", "01p000000000001", "Okta.Okta()"]),
        ("METHOD_EXIT", ["[1]", "Okta"]),
        ("CONSTRUCTOR_ENTRY", ["[3]", "01p000000000001", "<init>()", "Okta"]),
        ("CONSTRUCTOR_EXIT", ["[3]", "01p000000000001", "<init>()", "Okta"]),
    ]


# --- Times and zones --------------------------------------------------------------------


def test_times_pass_with_steps(record):
    record(events.Debugged, 1, "DEBUG", "a")
    record.steps = 200_000
    record(events.Debugged, 1, "DEBUG", "b")

    log = parse_log(record.log(user=LogUser("005", "a@b.example")))

    first, second = log.named("USER_DEBUG")
    assert (first.time, second.time) == ("16:06:58.1", "16:07:08.1")
    assert (first.nanoseconds, second.nanoseconds) == (1_050_000, 10_001_050_000)


USER_ZONES = [
    ("UTC", "(GMT+00:00) Coordinated Universal Time (UTC)|GMTZ"),
    ("", "(GMT+00:00) Coordinated Universal Time (UTC)|GMTZ"),
    ("../../etc/passwd", "(GMT+00:00) Coordinated Universal Time (UTC)|GMTZ"),
    (
        "Europe/Berlin",
        "(GMT+02:00) Central European Summer Time (Europe/Berlin)|GMT+02:00",
    ),
    ("Asia/Kolkata", "(GMT+05:30) India Standard Time (Asia/Kolkata)|GMT+05:30"),
    ("Asia/Singapore", "(GMT+08:00) GMT+08:00 (Asia/Singapore)|GMT+08:00"),
    ("Asia/Shanghai", "(GMT+08:00) China Standard Time (Asia/Shanghai)|GMT+08:00"),
    (
        "America/Chicago",
        "(GMT-05:00) Central Daylight Time (America/Chicago)|GMT-05:00",
    ),
]


def test_names_the_users_time_zone(subtests):
    for zone, fields in USER_ZONES:
        with subtests.test(zone=zone):
            user = LogUser("005000000000001AAA", "ada@x.example", zone)

            expected = f"[EXTERNAL]|005000000000001|ada@x.example|{fields}"
            assert user.fields(STARTED) == expected


# --- Texts ------------------------------------------------------------------------------


LOGGED_QUERIES = [
    ("SELECT Id FROM User WHERE Name = :name", ["name"], "= :tmpVar1"),
    ("FROM User WHERE A = :a AND AA = :aa", ["a", "aa"], ":tmpVar1 AND AA = :tmpVar2"),
    ("SELECT Id FROM User WHERE A = :a AND B = :a", ["a"], ":tmpVar1 AND B = :tmpVar1"),
    ("FROM User WHERE A = ':a  b' AND B = : a", ["a"], "':a  b' AND B = :tmpVar1"),
    ("SELECT Id FROM User WHERE A IN :a.get(0)", ["a.get(0)"], "IN :tmpVar1"),
    ("SELECT Id FROM User WHERE A LIKE :'%' + a", ["'%' + a"], "LIKE :tmpVar1"),
    ("SELECT Id\r\n  FROM User\n", [], "SELECT Id FROM User"),
    ("SELECT Id FROM User WHERE A = 'x|y'", [], "'x&#124;y'"),
]  # fmt: skip


def test_writes_queries_on_one_line(subtests):
    for text, binds, written in LOGGED_QUERIES:
        with subtests.test(text=text, binds=binds):
            assert query_text(text, binds).endswith(written)


def test_a_debug_text_cant_imitate_an_event(record):
    forged = "a\r\n09:06:58.1 (1)|FATAL_ERROR|System.X: y\nb | c\ud800"
    record(events.Debugged, 1, "DEBUG", forged)
    record(events.ExceptionThrown, 1, f"Okta.MyException: {forged}")
    record(events.VariableAssigned, 1, "x", ApexType("String"), forged)
    record(events.CalloutStarted, 1, "GET", forged)

    text = record.log()

    log = parse_log(text)
    assert log.problems == []
    assert not log.named("FATAL_ERROR")
    [debug] = log.named("USER_DEBUG")
    assert debug.text == (
        "a\n09:06:58.1 (1)&#124;FATAL_ERROR&#124;System.X: y\nb &#124; c\ufffd"
    )
    assert text.encode()


@given(st.text(), st.text(), st.lists(st.text(), max_size=3))
def test_any_text_can_be_written(text, query, binds):
    record = Recorder()
    record(events.Debugged, 1, "ERROR", text)
    record(events.QueryStarted, 1, query, tuple((bind, "") for bind in binds))
    record(events.QueryFinished, 1, 0)
    record(events.ExceptionThrown, 1, f"E: {text}")
    record(events.FatalError, 1, f"E: {text}", (text,))

    log = parse_log(record.log(anonymous=text))

    assert log.problems == []
    assert len(log.named("USER_DEBUG", "SOQL_EXECUTE_BEGIN", "FATAL_ERROR")) == 3


# --- Sizes ------------------------------------------------------------------------------


def test_lines_in_the_middle_of_a_long_log_are_removed(record):
    record(events.UnitStarted, 0, METHOD)
    for number in range(1_000):
        record(events.Debugged, 1, "DEBUG", f"number {number} {'x' * 50}")
    record(events.UnitFinished, 0, METHOD)

    text = record.log(levels=DEFAULT_LEVELS, max_size=20_000)

    assert 19_000 < len(text.encode()) <= 20_000
    log = parse_log(text)
    assert log.problems == []
    whole = record.log(levels=DEFAULT_LEVELS)
    [skipped] = log.skipped
    size = int("".join(filter(str.isdigit, skipped)))
    assert size == len(whole) - len(text) + len(skipped) + 1
    assert "number 0 " in text
    assert "number 999 " in text
    assert log.limits["Maximum CPU time"] == (50, 10_000)


def test_a_full_trace_is_finished():
    record = Recorder(max_events=10)
    record(events.UnitStarted, 0, METHOD)
    for number in range(20):
        record(events.MethodEntered, 1, f"Okta.run{number}()", False, 1)
    record(events.FatalError, 1, "System.LimitException: Apex CPU time limit exceeded", ())
    record(events.UnitFinished, 0, METHOD)

    log = parse_log(record.log())

    assert log.skipped == ["*** Skipped 11 events of detailed log"]
    assert log.uncaught == ["System.LimitException: Apex CPU time limit exceeded"]
    assert log.max_depth == 9
    assert len(log.named("METHOD_EXIT")) == len(log.named("METHOD_ENTRY"))

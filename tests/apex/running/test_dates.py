"""Date, Datetime, Time, and TimeZone; the user is in Los Angeles."""

from datetime import UTC

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.apex.running.fake_run import FakeRun
from tokenx.apex.library.registry import find_method
from tokenx.apex.platform import platform_type
from tokenx.apex.runtime.errors import LimitExceededError, ThrownError

from . import fails, run_apex

MOMENT = "Datetime t = Datetime.newInstanceGmt(2026, 11, 30, 15, 4, 5); "


RETURNS = [
    ("return '' + Date.newInstance(2026, 2, 30);", "2026-03-02 00:00:00"),
    ("return '' + Date.newInstance(2026, 14, 1);", "2027-02-01 00:00:00"),
    ("return String.valueOf(Date.newInstance(2026, 1, 5));", "2026-01-05"),
    ("return Date.valueOf('2026-1-5').format();", "1/5/2026"),
    ("return Date.valueOf('2026-01-05 10:00:00').day();", 5),
    ("return Date.parse('12/31/2026').month();", 12),
    ("return Date.daysInMonth(2024, 2);", 29),
    ("return Date.isLeapYear(2100);", False),
    ("Date d = Date.newInstance(2026, 1, 31); return d.addMonths(1).day();", 28),
    ("Date d = Date.newInstance(2024, 2, 29); return d.addYears(1).day();", 28),
    ("Date d = Date.newInstance(2026, 1, 31); return d.addDays(-31).year();", 2025),
    ("Date d = Date.newInstance(2026, 12, 31); return d.dayOfYear();", 365),
    ("Date d = Date.newInstance(2026, 3, 1);"
     "return Date.newInstance(2026, 1, 31).monthsBetween(d);", 2),
    ("return Date.newInstance(2026, 3, 1).daysBetween(Date.newInstance(2026, 2, 1));",
     -28),
    ("return '' + Date.newInstance(2026, 11, 30).toStartOfWeek();",
     "2026-11-29 00:00:00"),
    ("return '' + Date.newInstance(2026, 11, 30).toStartOfMonth();",
     "2026-11-01 00:00:00"),
    ("return Date.newInstance(2026, 1, 1).isSameDay(Date.newInstance(2026, 1, 1));",
     True),
    ("return Date.newInstance(2026, 1, 1) < Date.newInstance(2026, 1, 2);", True),
    (MOMENT + "return '' + t;", "2026-11-30 15:04:05"),
    (MOMENT + "return String.valueOf(t);", "2026-11-30 07:04:05"),
    (MOMENT + "return String.valueOfGmt(t);", "2026-11-30 15:04:05"),
    (MOMENT + "return t.format();", "11/30/2026, 7:04 AM"),
    (MOMENT + "return t.formatLong();", "11/30/2026, 7:04:05 AM PST"),
    (MOMENT + "return t.format('yyyy-MM-dd\\'T\\'HH:mm:ss.SSSZ');",
     "2026-11-30T07:04:05.000-0800"),
    (MOMENT + "return t.formatGmt('EEE, d MMM yy h:mm a z');",
     "Mon, 30 Nov 26 3:04 PM GMT"),
    (MOMENT + "return t.format('EEEE MMMM zzzz', 'America/New_York');",
     "Monday November Eastern Standard Time"),
    (MOMENT + "return t.format('HH:mm XXX', 'Europe/Berlin');", "16:04 +01:00"),
    (MOMENT + "return t.format('HH', 'Nowhere/Else');", "15"),
    ("Datetime t = Datetime.newInstanceGmt(2026, 12, 30, 12, 0, 0);"
     "return t.formatGmt('YYYY yyyy w D \\'o\\'\\'clock\\' \\'\\'');",
     "2027 2026 1 364 o'clock '"),
    (MOMENT + "return t.getTime();", 1_796_051_045_000),
    (MOMENT + "return '' + t.hour() + t.hourGmt() + t.minute() + t.second();", "71545"),
    (MOMENT + "return '' + t.time() + t.timeGmt();", "07:04:05.000Z15:04:05.000Z"),
    (MOMENT + "return '' + t.date() + t.dateGmt();",
     "2026-11-30 00:00:002026-11-30 00:00:00"),
    (MOMENT + "t = t.addHours(-8); return t.day() + ':' + t.dayGmt();", "29:30"),
    (MOMENT + "t = t.addDays(1).addMinutes(1).addSeconds(-5);"
     "return t.formatGmt('d HH:mm:ss');", "1 15:05:00"),
    (MOMENT + "return t.addMonths(3).formatGmt('yyyy-MM-dd');", "2027-02-28"),
    (MOMENT + "return t.isSameDay(t.addHours(16));", True),
    (MOMENT + "return Datetime.newInstance(t.getTime()) == t;", True),
    ("return '' + Datetime.valueOf('2026-07-01 10:00:00');", "2026-07-01 17:00:00"),
    ("return '' + Datetime.valueOfGmt('2026-07-01 10:00:00');", "2026-07-01 10:00:00"),
    ("return '' + Datetime.parse('11/30/2026, 7:04 AM');", "2026-11-30 15:04:00"),
    ("return '' + Datetime.parse('11/30/2026 7:04 pm');", "2026-12-01 03:04:00"),
    ("return '' + Datetime.newInstance(Date.newInstance(2026, 7, 1), "
     "Time.newInstance(1, 2, 3, 4));", "2026-07-01 08:02:03"),
    ("return '' + Datetime.newInstance(2026, 3, 8, 2, 30, 0);", "2026-03-08 10:30:00"),
    ("return '' + Time.newInstance(23, 59, 59, 999).addMilliseconds(1);",
     "00:00:00.000Z"),
    ("return Time.newInstance(1, 2, 3, 4).addHours(-2).hour();", 23),
    ("return TimeZone.getTimeZone('Nowhere').getID();", "GMT"),
    ("return TimeZone.getTimeZone('America/Los_Angeles').getDisplayName();",
     "(GMT-08:00) Pacific Standard Time (America/Los_Angeles)"),
    ("return TimeZone.getTimeZone('Europe/Berlin').getOffset("
     "Datetime.newInstanceGmt(2026, 7, 1));", 7_200_000),
]  # fmt: skip


def test_returns(subtests):
    for code, expected in RETURNS:
        with subtests.test(code=code):
            assert run_apex(code) == expected


EXCEPTIONS = [
    ("Date.valueOf('2026-02-30');", "System.TypeException: Invalid date: 2026-02-30"),
    ("Date.parse('x');", "System.TypeException: Invalid date: x"),
    ("Datetime.valueOf('2026-01-01');",
     "System.TypeException: Invalid date/time: 2026-01-01"),
    ("Date.newInstance(5000, 1, 1);", "System.TypeException: Invalid date: 5000-1-1"),
    ("Date.newInstance(2026, 1, 1).addYears(2147483647);",
     "System.TypeException: Invalid date: year 2147485673"),
    ("Datetime.newInstance(9223372036854775807L);",
     "System.TypeException: Invalid date/time"),
    ("Datetime.now().format('b');",
     "System.IllegalArgumentException: Illegal pattern character 'b'"),
    ("Date d = null; Date.today().daysBetween(d);",
     "System.NullPointerException: Argument cannot be null."),
]  # fmt: skip


def test_exceptions(subtests):
    for code, message in EXCEPTIONS:
        with subtests.test(code=code):
            assert fails(code) == message


NAMES = ["Date", "Datetime", "Time"]
SIGNATURES = [
    (name, signature)
    for name in NAMES
    for signatures in platform_type(name).methods.values()
    for signature in signatures
    if find_method(
        name, signature.name, len(signature.parameters), is_static=signature.is_static
    )
]
VALUES = {
    "Integer": st.integers(-(2**31), 2**31 - 1) | st.integers(-100, 100),
    "Long": st.integers(-(2**63), 2**63 - 1),
    "String": st.text(max_size=8) | st.sampled_from(["2026-01-01 00:00:00", "yyyy", "GMT"]),
    "Date": st.dates(),
    "Datetime": st.datetimes().map(lambda each: each.replace(tzinfo=UTC)),
    "Time": st.times(),
    "Object": st.none() | st.dates() | st.text(max_size=3) | st.booleans(),
}


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_only_apex_exceptions_occur(data):
    name, signature = data.draw(st.sampled_from(SIGNATURES))
    function = find_method(
        name, signature.name, len(signature.parameters), is_static=signature.is_static
    )
    arguments = [
        data.draw(st.none() | VALUES.get(each.name, st.none()))
        for each in signature.parameters
    ]
    if not signature.is_static:
        arguments.insert(0, data.draw(VALUES[name]))
    try:
        function(FakeRun(), *arguments)
    except (ThrownError, LimitExceededError):
        return

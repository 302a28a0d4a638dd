"""Dates and times: construction, calculation, formats, and zones."""

from . import outcome

# The running user's zone is America/Los_Angeles, and the clock is 2026-11-30T12:00:00Z.
RESULTS = [
    # Date
    ("String.valueOf(Date.newInstance(2026, 1, 31).addMonths(1))", "2026-02-28"),
    ("String.valueOf(Date.newInstance(2026, 2, 30))", "2026-03-02"),
    ("String.valueOf(Date.newInstance(2026, 13, 1))", "2027-01-01"),
    ("String.valueOf(Date.newInstance(2024, 2, 29).addYears(1))", "2025-02-28"),
    ("String.valueOf(Date.newInstance(2026, 12, 31).addDays(1))", "2027-01-01"),
    ("String.valueOf(Date.newInstance(2026, 1, 1) + 1)", "2026-01-02"),
    ("String.valueOf(Date.newInstance(2026, 1, 1) - 1)", "2025-12-31"),
    ("Date.newInstance(2026, 1, 1).daysBetween(Date.newInstance(2026, 3, 1))", "59"),
    ("Date.newInstance(2026, 3, 1).daysBetween(Date.newInstance(2026, 1, 1))", "-59"),
    ("Date.newInstance(2026, 1, 31).monthsBetween(Date.newInstance(2026, 3, 1))", "2"),
    ("Date.newInstance(2026, 1, 1) < Date.newInstance(2026, 1, 2)", "true"),
    ("Date.newInstance(2026, 1, 1) == Date.valueOf('2026-01-01')", "true"),
    ("String.valueOf(Date.valueOf('2026-01-02 03:04:05'))", "2026-01-02"),
    ("String.valueOf(Date.parse('1/2/2026'))", "2026-01-02"),
    ("Date.newInstance(2026, 1, 2).format()", "1/2/2026"),
    ("String.valueOf(Date.today())", "2026-11-30"),
    ("String.valueOf(System.today())", "2026-11-30"),
    ("Date.newInstance(2026, 2, 3).dayOfYear()", "34"),
    ("Date.daysInMonth(2024, 2)", "29"),
    ("Date.isLeapYear(2026)", "false"),
    ("String.valueOf(Date.newInstance(2026, 2, 3).toStartOfMonth())", "2026-02-01"),
    ("String.valueOf(Date.newInstance(2026, 2, 3).toStartOfWeek())", "2026-02-01"),
    ("Date d; return d == null;", "true"),
    # Datetime
    ("Datetime.newInstance(0L).getTime()", "0"),
    ("Datetime.newInstance(1790000000L * 1000)", "2026-09-21 14:13:20"),
    ("Datetime.newInstance(1790000000123L).millisecondGmt()", "123"),
    ("Datetime.newInstance(2026, 1, 2, 3, 4, 5).hourGmt()", "11"),
    ("Datetime.newInstance(2026, 7, 2, 3, 4, 5).hourGmt()", "10"),
    ("Datetime.newInstance(2026, 1, 2)", "2026-01-02 08:00:00"),
    ("Datetime.newInstanceGmt(2026, 1, 2).hour()", "16"),
    ("Datetime.newInstanceGmt(2026, 1, 2).day()", "1"),
    ("Datetime.newInstanceGmt(2026, 1, 2).dayGmt()", "2"),
    ("String.valueOf(Datetime.newInstanceGmt(2026, 1, 2).date())", "2026-01-01"),
    ("String.valueOf(Datetime.newInstanceGmt(2026, 1, 2).dateGmt())", "2026-01-02"),
    ("Datetime.valueOf('2026-01-02 03:04:05').hourGmt()", "11"),
    ("Datetime.valueOfGmt('2026-01-02 03:04:05').hourGmt()", "3"),
    ("Datetime.newInstanceGmt(2026, 1, 31, 0, 0, 0).addMonths(1).dayGmt()", "28"),
    ("Datetime.newInstanceGmt(2026, 1, 1, 0, 0, 0).addSeconds(-1)", "2025-12-31 23:59:59"),
    ("Datetime.newInstanceGmt(2026, 1, 1, 0, 0, 0).addMinutes(90)", "2026-01-01 01:30:00"),
    ("Datetime.newInstanceGmt(2026, 1, 1, 0, 0, 0).addDays(1).addHours(2)",
     "2026-01-02 02:00:00"),
    ("Datetime.newInstanceGmt(2026, 1, 1, 0, 0, 0) + 1", "2026-01-02 00:00:00"),
    ("Datetime.now().getTime()", "1796040000000"),
    ("System.now().getTime() / 1000", "1796040000"),
    ("System.currentTimeMillis()", "1796040000000"),
    ("Datetime.now() > Datetime.newInstanceGmt(2026, 1, 1)", "true"),
    ("Datetime.now().addMinutes(5).getTime() - Datetime.now().getTime()", "300000"),
    ("Datetime.newInstance(Date.newInstance(2026, 1, 2), Time.newInstance(3, 4, 5, 0))"
     ".hourGmt()", "11"),
    ("Datetime.newInstanceGmt(Date.newInstance(2026, 1, 2),"
     " Time.newInstance(3, 4, 5, 0))", "2026-01-02 03:04:05"),
    ("Datetime d = Date.newInstance(2026, 1, 2); return d.getTime();", "1767312000000"),
    ("Datetime.newInstanceGmt(2026, 1, 2, 3, 4, 5).isSameDay("
     "Datetime.newInstanceGmt(2026, 1, 1, 12, 0, 0))", "true"),
    # Formats
    ("Datetime.newInstanceGmt(2026, 1, 2, 3, 4, 5).formatGmt("
     "'yyyy-MM-dd\\'T\\'HH:mm:ss\\'Z\\'')", "2026-01-02T03:04:05Z"),
    ("Datetime.newInstanceGmt(2026, 1, 2, 3, 4, 5).formatGmt('yyyy-MM-dd HH:mm:ss.SSS')",
     "2026-01-02 03:04:05.000"),
    ("Datetime.newInstanceGmt(2026, 1, 2, 15, 4, 5).formatGmt('EEE, d MMM yyyy h:mm a')",
     "Fri, 2 Jan 2026 3:04 PM"),
    ("Datetime.newInstanceGmt(2026, 1, 2, 15, 4, 5).formatGmt('EEEE MMMM dd')",
     "Friday January 02"),
    ("Datetime.newInstanceGmt(2026, 1, 2, 15, 4, 5).format('yyyy-MM-dd HH:mm')",
     "2026-01-02 07:04"),
    ("Datetime.newInstanceGmt(2026, 1, 2, 15, 4, 5).format('HH:mm', 'America/New_York')",
     "10:04"),
    ("Datetime.newInstanceGmt(2026, 1, 2, 15, 4, 5).format('HH:mm z', 'GMT')", "15:04 GMT"),
    ("Datetime.newInstanceGmt(2026, 7, 2, 15, 4, 5).format('HH:mm Z', 'Europe/Berlin')",
     "17:04 +0200"),
    ("Datetime.newInstanceGmt(2026, 1, 2, 15, 4, 5).format('XXX', 'Europe/Berlin')",
     "+01:00"),
    ("Datetime.newInstanceGmt(2026, 1, 2, 15, 4, 5).format()", "1/2/2026, 7:04 AM"),
    ("Datetime.newInstanceGmt(2026, 1, 2, 15, 4, 5).dayOfYearGmt()", "2"),
    # Time
    ("Time.newInstance(1, 2, 3, 4).addHours(25)", "02:02:03.004Z"),
    ("Time.newInstance(1, 2, 3, 4).minute()", "2"),
    ("Time.newInstance(1, 2, 3, 4) < Time.newInstance(2, 0, 0, 0)", "true"),
    # Zones and the user
    ("UserInfo.getTimeZone().getID()", "America/Los_Angeles"),
    ("UserInfo.getTimeZone().getOffset(Datetime.newInstanceGmt(2026, 1, 1))", "-28800000"),
    ("TimeZone.getTimeZone('Europe/Berlin').getOffset(Datetime.newInstanceGmt(2026, 7, 1))",
     "7200000"),
    ("UserInfo.getUserId()", "005000000000001AAA"),
    ("UserInfo.getUserName()", "ada@example.com"),
    ("UserInfo.getName()", "Ada Lovelace"),
    ("UserInfo.getLastName() + UserInfo.getUserEmail()", "Lovelaceada@example.com"),
    ("UserInfo.getOrganizationId()", "00D000000000001EAA"),
    ("UserInfo.getLocale() + UserInfo.getLanguage()", "en_USen_US"),
    # Failures
    ("Date.valueOf('x')", "System.TypeException: Invalid date: x"),
    ("Datetime.valueOf('x')", "System.TypeException: Invalid date/time: x"),
    ("Datetime d; return d.getTime();",
     "System.NullPointerException: Attempt to de-reference a null object"),
    ("Date.newInstance(2026, 1, 1).daysBetween(null)",
     "System.NullPointerException: Argument cannot be null."),
]  # fmt: skip


def test_results(subtests):
    for code, expected in RESULTS:
        with subtests.test(code=code):
            assert outcome(code) == expected

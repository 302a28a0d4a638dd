"""Parsing SOQL queries, and errors with their positions."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenx.soql.dates import COUNTED, PLAIN, span
from tokenx.soql.parser import LONGEST, parse
from tokenx.soql.tree import (
    Aggregate,
    All,
    Comparison,
    Either,
    Fields,
    Not,
    Order,
    Relative,
    SoqlError,
    SoqlPath,
    Text,
)


def where(condition):
    return parse(f"SELECT Id FROM User WHERE {condition}").where


def value(literal):
    [only] = where(f"a = {literal}").values
    return only


def names(path):
    return ".".join(path.names)


def refused(text):
    with pytest.raises(SoqlError) as caught:
        parse(text)
    return caught.value


def problem(text):
    """Return the error of a query, or an empty string if it's valid."""
    try:
        parse(text)
    except SoqlError as error:
        return f"{error.code}: {error.message}"
    return ""


def sentence(text):
    """Return the last line of a query's error."""
    return refused(text).message.rpartition("\n")[2]


# --- Clauses ---------------------------------------------------------------------------


def test_reads_all_clauses_in_any_case():
    query = parse(
        "select Id, Profile.Name from User u where IsActive = true"
        " order by Name desc nulls last, Id limit 5 offset 7"
    )

    assert [names(path) for path in query.select] == ["Id", "Profile.Name"]
    assert (names(query.entity), query.alias) == ("User", "u")
    assert query.where == Comparison(SoqlPath(("IsActive",), 42), "=", (True,))
    assert [(names(each.path), each.is_descending) for each in query.order] == [
        ("Name", True),
        ("Id", False),
    ]
    assert (query.limit, query.offset) == (5, 7)


def test_clauses_that_are_left_out_are_none():
    query = parse("SELECT Id FROM User")

    assert (query.alias, query.where, query.order) == (None, None, ())
    assert (query.limit, query.offset) == (None, 0)


def test_accepts_any_whitespace():
    query = parse("\n SELECT\tId,Name\r\nFROM\nUser\nWHERE(Id='x')LIMIT 1 ")
    assert [names(path) for path in query.select] == ["Id", "Name"]


def test_sort_orders(subtests):
    for written, is_descending, is_nulls_first in [
        ("a", False, True),
        ("a ASC", False, True),
        ("a DESC", True, True),
        ("a NULLS LAST", False, False),
        ("a DESC NULLS FIRST", True, True),
    ]:
        with subtests.test(written=written):
            [order] = parse(f"SELECT Id FROM User ORDER BY {written}").order
            assert order == Order(order.path, is_descending, is_nulls_first)


def test_counts_have_aliases_or_numbered_names():
    assert parse("SELECT COUNT() FROM User").select == (Aggregate("COUNT", None, None, 7),)

    query = parse("SELECT count(Id), COUNT(Name) n, COUNT(Email) FROM User")
    assert [each.alias for each in query.select] == [None, "n", None]
    assert query.result_names == ["expr0", "n", "expr1"]


def test_groups_of_fields():
    [fields] = parse("SELECT fields(all) FROM User LIMIT 200").select
    assert fields == Fields("ALL", 14)
    assert parse("SELECT FIELDS(STANDARD) FROM User").select[0].which == "STANDARD"


# --- Conditions ------------------------------------------------------------------------


def test_parentheses_nest_and_or_and_not():
    condition = where("(a = 1 OR NOT b = 2) AND c != 3")

    assert isinstance(condition, All)
    either, unequal = condition.inner
    assert isinstance(either, Either)
    assert isinstance(either.inner[1], Not)
    assert unequal == Not((Comparison(SoqlPath(("c",), 51), "=", (Decimal(3),)),))


def test_operators(subtests):
    for operator in ["=", "<", "<=", ">", ">=", "LIKE", "like"]:
        with subtests.test(operator=operator):
            assert where(f"a {operator} 'x'").operator == operator.upper()


def test_negated_operators(subtests):
    for written in ["a != 'x'", "a <> 'x'", "a NOT IN ('x')"]:
        with subtests.test(written=written):
            assert isinstance(where(written), Not)


def test_lists_of_values():
    comparison = where("a IN ('x', null, 2)")
    assert comparison.operator == "IN"
    assert comparison.values == (Text("x", "x"), None, Decimal(2))


def test_literals(subtests):
    for literal, expected in [
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("12", Decimal(12)),
        ("-1.50", Decimal("-1.5")),
        ("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31t12:00:00.25z", datetime(2026, 1, 31, 12, 0, 0, 250_000, UTC)),
        (
            "2026-01-31T12:00:00+05:30",
            datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(minutes=330))),
        ),
        ("2026-01-31T12:00:00-0100", datetime(2026, 1, 31, 13, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 31).date()),
        ("today", Relative("TODAY", None)),
        ("LAST_N_DAYS:30", Relative("LAST_N_DAYS", 30)),
        ("next_n_weeks : 2", Relative("NEXT_N_WEEKS", 2)),
    ]:
        with subtests.test(literal=literal):
            assert value(literal) == expected


def test_text_literals_and_their_patterns(subtests):
    for literal, expected, pattern in [
        ("''", "", ""),
        ("'a'", "a", "a"),
        (r"'Bob\'s'", "Bob's", "Bob's"),
        (r"'a\"b'", 'a"b', 'a"b'),
        (r"'a\\b'", r"a\b", r"a\\b"),
        (r"'\n\r\t\b\f'", "\n\r\t\b\f", "\n\r\t\b\f"),
        (r"'%_'", "%_", "%_"),
        (r"'\%\_'", "%_", r"\%\_"),
        (r"'\u00e9'", "é", "é"),
        ("'漢🙂'", "漢🙂", "漢🙂"),
        ("'a\nb'", "a\nb", "a\nb"),
        ("'AND OR SELECT ('", "AND OR SELECT (", "AND OR SELECT ("),
    ]:
        with subtests.test(literal=literal):
            assert value(literal) == Text(expected, pattern)


# --- Refusals --------------------------------------------------------------------------


def test_an_error_shows_its_position():
    error = refused("SELECT Id FORM User")

    assert error.code == "MALFORMED_QUERY"
    assert error.message == (
        "\nSELECT Id FORM User\n               ^\nERROR at Row:1:Column:16\n"
        "unexpected token: 'User'"
    )


def test_an_error_shows_only_its_own_line():
    error = refused("SELECT Id\nFROM User\nWHERE Name = 'x' ORDER Name\nLIMIT 1")

    assert error.message == (
        f"\nWHERE Name = 'x' ORDER Name\n{' ' * 23}^\nERROR at Row:3:Column:24\n"
        "unexpected token: 'Name'"
    )


def test_an_error_shows_only_part_of_a_long_line():
    error = refused(f"SELECT {'Id,' * 30}, FROM User")
    _, shown, mark, *_ = error.message.split("\n")

    assert len(shown) < 81
    assert shown[len(mark) - 1] == ","


def test_refuses_malformed_queries(subtests):
    for text, expected in [
        ("SELECT", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM User WHERE ", "unexpected token: '<EOF>'"),
        ("SELECT FROM User", "unexpected token: 'FROM'"),
        ("SELECT Id, FROM User", "unexpected token: 'FROM'"),
        ("SELECT Id FROMUser", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM User u WHEREId = 'x'", "unexpected token: 'WHEREId'"),
        ("SELECT * FROM User", "line 1:7 no viable alternative at character '*'"),
        ("SELECT Id FROM User;", "line 1:19 no viable alternative at character ';'"),
        ("SELECT Id FROM User\0", "line 1:19 no viable alternative at character '\0'"),
        ("SELECT Id FROM User WHERE a = 1 AND b = 2 OR c = 3", "unexpected token: 'OR'"),
        ("SELECT Id FROM User WHERE a = 1 OR b = 2 AND c = 3", "unexpected token: 'AND'"),
        ("SELECT Id FROM User WHERE NOT NOT a = 1", "unexpected token: 'NOT'"),
        ("SELECT Id FROM User WHERE a = x", "unexpected token: 'x'"),
        ("SELECT Id FROM User WHERE a = :x", "unexpected token: ':'"),
        ("SELECT Id FROM User WHERE a == 1", "unexpected token: '='"),
        ("SELECT Id FROM User WHERE (a = 1", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM User WHERE a = 1)", "unexpected token: ')'"),
        ("SELECT Id FROM User WHERE a IN ()", "unexpected token: ')'"),
        (
            "SELECT Id FROM User WHERE a IN (SELECT Id FROM Profile LIMIT 1)",
            "unexpected token: 'LIMIT'",
        ),
        (
            "SELECT Id FROM User WHERE a IN (SELECT b FROM c) OR d = 1",
            "Semi join sub-selects are only allowed at the top level WHERE expressions and "
            "not in nested WHERE expressions.",
        ),
        (
            "SELECT Id FROM User WHERE a IN (SELECT b FROM c WHERE d IN (SELECT e FROM f))",
            "Semi join sub-selects are only allowed at the top level WHERE expressions and "
            "not in nested WHERE expressions.",
        ),
        (
            "SELECT Id FROM User WHERE a IN (SELECT b FROM c) AND a IN (SELECT b FROM c)"
            " AND a NOT IN (SELECT b FROM c)",
            "Maximum 2 semi join sub-selects are allowed.",
        ),
        (f"SELECT {'a' * 101} FROM User", f"unexpected token: '{'a' * 80}'"),
        ("SELECT Id FROM User GROUP BY Name", "Field must be grouped or aggregated: Id"),
        ("SELECT Id i FROM User", "only aggregate expressions use field aliasing"),
        ("SELECT COUNT() FROM User GROUP BY Id", "Grouped query cannot use COUNT()"),
        (
            "SELECT Id, COUNT(Name) FROM User GROUP BY Id ORDER BY Name",
            "Ordered field must be grouped or aggregated: Name",
        ),
        (
            "SELECT Id FROM User ORDER BY COUNT(Id)",
            "Ordering by an aggregate function requires GROUP BY",
        ),
        ("SELECT Id FROM User GROUP BY Id HAVING Id = 1", "unexpected token: 'HAVING'"),
        ("SELECT SUM(Id) FROM User", "unexpected token: '('"),
        ("SELECT Id FROM User LIMIT -1", "unexpected token: '-'"),
        ("SELECT Id FROM User LIMIT 1.5", "unexpected token: '.'"),
        ("SELECT Id FROM User LIMIT 1 LIMIT 2", "unexpected token: 'LIMIT'"),
        ("SELECT FIELDS(CUSTOM) FROM User", "unexpected token: 'CUSTOM'"),
        ("SELECT Id FROM User 'x y'", "unexpected token: 'x y'"),
        (
            "SELECT Id FROM User WHERE a = 'x",
            "line 1:30 mismatched character '<EOF>' expecting '''",
        ),
        (
            r"SELECT Id FROM User WHERE a = '\x'",
            r"Illegal character sequence '\x' in string literal",
        ),
        ("SELECT Id FROM User WHERE a = 2026-02-30", "Invalid date: 2026-02-30"),
        ("SELECT Id FROM User WHERE a = 0001-01-01", "Invalid date: 0001-01-01"),
        (
            "SELECT Id FROM User WHERE a = 2026-01-31T25:00:00Z",
            "Invalid date: 2026-01-31T25:00:00Z",
        ),
        ("SELECT Id, COUNT(Id) FROM User", "Field must be grouped or aggregated: Id"),
        (
            "SELECT COUNT(Id), FIELDS(STANDARD) FROM User",
            "Field must be grouped or aggregated: FIELDS(STANDARD)",
        ),
        (
            "SELECT COUNT() FROM User ORDER BY Name",
            "Ordered field must be grouped or aggregated: Name",
        ),
        (
            "SELECT COUNT(Id) FROM User LIMIT 1",
            "Non-grouped query that uses overall aggregate functions cannot also use LIMIT",
        ),
        ("SELECT COUNT(Id) a, COUNT(Name) A FROM User", "duplicate alias: a"),
        (
            "SELECT FIELDS(ALL) FROM User",
            "The SOQL FIELDS function must have a LIMIT of at most 200",
        ),
        (
            "SELECT FIELDS(ALL) FROM User LIMIT 201",
            "The SOQL FIELDS function must have a LIMIT of at most 200",
        ),
        ("", "SOQL statements cannot be empty or null"),
        (" \n", "SOQL statements cannot be empty or null"),
        (
            f"SELECT Id FROM User WHERE a = '{'x' * 4001}'",
            "a string in a filter can have at most 4,000 characters",
        ),
    ]:
        with subtests.test(text=text):
            assert sentence(text) == expected
            assert refused(text).code == "MALFORMED_QUERY"


def test_an_offset_has_a_maximum():
    assert parse("SELECT Id FROM User OFFSET 2000").offset == 2000
    error = refused("SELECT Id FROM User OFFSET 2001")

    assert error.code == "NUMBER_OUTSIDE_VALID_RANGE"
    assert error.message == "Maximum SOQL offset allowed is 2000"


# --- Hostile input ---------------------------------------------------------------------

START = "SELECT Id FROM User WHERE "


def hostile(length):
    """Return queries of up to this many characters that are hard to parse, by name."""
    few, many = length // 10, length // 2 - 500
    return {
        "parentheses": START + "(" * many + "a=1" + ")" * many,
        "open parentheses": START + "(" * 2 * many,
        "only parentheses": "(" * length,
        "nots": START + "(NOT " * few + "a=1" + ")" * few,
        "conditions": START + " OR ".join(["a=1"] * few),
        "list": START + f"a IN ({','.join(['1'] * 4 * few)})",
        "dates": START + f"a IN ({','.join(['TODAY'] * few)})",
        "fields": "SELECT " + "a," * many + "b FROM User",
        "counts": "SELECT " + "COUNT(a)," * few + "COUNT(b) FROM User",
        "orders": "SELECT a FROM User ORDER BY " + "a," * many + "b",
        "path": "SELECT " + "a." * many + "b FROM User",
        "name": "SELECT " + "a" * 2 * many + " FROM User",
        "quotes": "'" * length,
        "open text": START + "a = '" + "\\'" * many,
        "escapes": START + "a = '" + "\\n" * many + "'",
        "number": START + "a = " + "9" * 2 * many,
        "counted": START + "a = LAST_N_DAYS" + " " * 2 * many,
        "lines": START + "\n" * 2 * many + "!",
        "operators": START + "a " + "=" * 2 * many,
        "too long": "SELECT Id FROM User" + " " * (LONGEST - 18),
    }


@pytest.mark.parametrize("length", [5_000, pytest.param(LONGEST, marks=pytest.mark.slow)])
def test_a_hostile_query_is_parsed_or_refused(length, subtests):
    for name, text in hostile(length).items():
        with subtests.test(name):
            assert len(problem(text)) < 1_000


def test_refuses_queries_that_are_too_complicated(subtests):
    for name, query, limit in [
        ("depth", lambda n: START + "(NOT " * (n - 1) + "a=1" + ")" * (n - 1), 20),
        ("conditions", lambda n: START + " OR ".join(["a=1"] * n), 400),
        ("values", lambda n: START + f"a IN ({','.join(['1'] * n)})", 4_000),
        ("dates", lambda n: START + f"a IN ({','.join(['TODAY'] * n)})", 400),
        ("fields", lambda n: f"SELECT {','.join(['a'] * n)} FROM User", 200),
        ("counts", lambda n: f"SELECT {','.join(['COUNT(a)'] * n)} FROM User", 200),
        ("orders", lambda n: f"SELECT a FROM User ORDER BY {','.join(['a'] * n)}", 32),
    ]:
        with subtests.test(name):
            assert problem(query(limit)) == ""
            error = refused(query(limit + 1))
            assert error.code == "QUERY_TOO_COMPLICATED"
            assert error.message.startswith("Query is either selecting too many fields or")


@pytest.mark.slow
def test_refuses_queries_that_are_far_too_complicated(subtests):
    queries = hostile(LONGEST)
    for name in ["nots", "conditions", "list", "dates", "fields", "counts", "orders"]:
        with subtests.test(name):
            assert refused(queries[name]).code == "QUERY_TOO_COMPLICATED"


def test_lone_surrogates_are_shown_as_question_marks():
    assert refused("SELECT Id FROM \ud800").message.isascii()


WORDS = [
    "SELECT",
    "Id",
    ",",
    "Name",
    "FROM",
    "User",
    "u",
    "WHERE",
    "(",
    ")",
    "AND",
    "OR",
    "NOT",
    "IN",
    "LIKE",
    "=",
    "!=",
    "<",
    ">=",
    "'x'",
    "'",
    "\\'",
    "%",
    "COUNT",
    "FIELDS",
    "ALL",
    "ORDER",
    "BY",
    "ASC",
    "DESC",
    "NULLS",
    "FIRST",
    "LIMIT",
    "OFFSET",
    "1",
    "2.5",
    "true",
    "null",
    "2026-01-31",
    "2026-01-31T12:00:00Z",
    "TODAY",
    "LAST_N_DAYS:3",
    ".",
    ":",
    "\x00",
    "�",
    "é",
]


@pytest.mark.slow
@given(st.text(st.characters(exclude_categories=[])) | st.lists(st.sampled_from(WORDS)))
def test_any_text_is_parsed_or_refused(text_or_words):
    is_text = isinstance(text_or_words, str)
    problem(text_or_words if is_text else " ".join(text_or_words)).encode()


@pytest.mark.slow
def test_any_two_words_are_parsed_or_refused(subtests):
    for word in WORDS:
        with subtests.test(word=word):
            for other in WORDS:
                problem(f"SELECT Id FROM User {word} {other}").encode()
                problem(f"{START}Name {word} {other}").encode()


# --- Dates -----------------------------------------------------------------------------

WEDNESDAY = datetime(2026, 5, 13, 15, 30, tzinfo=UTC)


def test_date_literals_are_intervals(subtests):
    for word, number, start, end in [
        ("YESTERDAY", None, "2026-05-12", "2026-05-13"),
        ("TODAY", None, "2026-05-13", "2026-05-14"),
        ("TOMORROW", None, "2026-05-14", "2026-05-15"),
        ("LAST_WEEK", None, "2026-05-03", "2026-05-10"),
        ("THIS_WEEK", None, "2026-05-10", "2026-05-17"),
        ("NEXT_WEEK", None, "2026-05-17", "2026-05-24"),
        ("LAST_MONTH", None, "2026-04-01", "2026-05-01"),
        ("THIS_MONTH", None, "2026-05-01", "2026-06-01"),
        ("THIS_QUARTER", None, "2026-04-01", "2026-07-01"),
        ("LAST_YEAR", None, "2025-01-01", "2026-01-01"),
        ("THIS_YEAR", None, "2026-01-01", "2027-01-01"),
        ("LAST_90_DAYS", None, "2026-02-12", "2026-05-14"),
        ("LAST_N_DAYS", 3, "2026-05-10", "2026-05-14"),
        ("NEXT_N_DAYS", 3, "2026-05-14", "2026-05-17"),
        ("N_DAYS_AGO", 3, "2026-05-10", "2026-05-11"),
        ("LAST_N_WEEKS", 2, "2026-04-26", "2026-05-10"),
        ("LAST_N_MONTHS", 5, "2025-12-01", "2026-05-01"),
        ("NEXT_N_MONTHS", 8, "2026-06-01", "2027-02-01"),
        ("N_QUARTERS_AGO", 2, "2025-10-01", "2026-01-01"),
        ("NEXT_N_YEARS", 2, "2027-01-01", "2029-01-01"),
    ]:
        with subtests.test(word=word, number=number):
            interval = span(word, number, WEDNESDAY)
            assert [f"{day:%Y-%m-%d}" for day in interval] == [start, end]
            assert interval.start.tzinfo is UTC


def test_a_week_begins_on_sunday():
    sunday = datetime(2026, 5, 10, tzinfo=UTC)
    assert span("THIS_WEEK", None, sunday).start == sunday


def check_span(word, number, now):
    try:
        interval = span(word, number, now)
    except OverflowError:
        return
    assert interval.start <= interval.end


@pytest.mark.slow
@given(
    st.sampled_from([*PLAIN, *COUNTED]),
    st.integers(0, 999_999),
    st.datetimes(datetime(1999, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
)
def test_any_date_literal_is_an_interval_or_overflows(word, number, now):
    check_span(word, number, now)


def test_each_date_literal_is_an_interval_or_overflows(subtests):
    for word in [*PLAIN, *COUNTED]:
        with subtests.test(word=word):
            for number in (0, 1, 11, 400, 20_000, 999_999):
                check_span(word, number, WEDNESDAY)
                check_span(word, number, datetime(2024, 2, 29, tzinfo=UTC))
                check_span(word, number, datetime(1999, 12, 31, 23, 59, tzinfo=UTC))

"""SOQL: what a query says, and what is wrong with one that cannot be read."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenx.metadata.soql import parse
from tokenx.metadata.soql_dates import COUNTED, PLAIN, span
from tokenx.metadata.soql_tree import (
    All,
    Comparison,
    Count,
    Either,
    Fields,
    Not,
    Order,
    Path,
    Relative,
    SoqlError,
    Text,
)


def where(condition):
    return parse(f"SELECT Id FROM User WHERE {condition}").where


def value(literal):
    [found] = where(f"a = {literal}").values
    return found


def names(path):
    return ".".join(path.names)


def refused(text):
    with pytest.raises(SoqlError) as caught:
        parse(text)
    return caught.value


def problem(text):
    """Why a query is refused; nothing, if it is not."""
    try:
        parse(text)
    except SoqlError as error:
        return f"{error.code}: {error.message}"
    return ""


def sentence(text):
    """The last line of why a query is refused."""
    return refused(text).message.rpartition("\n")[2]


# --- Clauses ---------------------------------------------------------------------------


def test_reads_all_clauses_whatever_the_case_of_their_words():
    query = parse(
        "select Id, Profile.Name from User u where IsActive = true"
        " order by Name desc nulls last, Id limit 5 offset 7"
    )

    assert [names(path) for path in query.select] == ["Id", "Profile.Name"]
    assert (names(query.entity), query.alias) == ("User", "u")
    assert query.where == Comparison(Path(("IsActive",), 42), "=", (True,))
    assert [(names(each.path), each.is_descending) for each in query.order] == [
        ("Name", True),
        ("Id", False),
    ]
    assert (query.limit, query.offset) == (5, 7)


def test_what_is_left_out_is_nothing():
    query = parse("SELECT Id FROM User")

    assert (query.alias, query.where, query.order) == (None, None, ())
    assert (query.limit, query.offset) == (None, 0)


def test_white_space_is_free():
    query = parse("\n SELECT\tId,Name\r\nFROM\nUser\nWHERE(Id='x')LIMIT 1 ")
    assert [names(path) for path in query.select] == ["Id", "Name"]


@pytest.mark.parametrize(
    "written, is_descending, is_nulls_first",
    [
        ("a", False, True),
        ("a ASC", False, True),
        ("a DESC", True, True),
        ("a NULLS LAST", False, False),
        ("a DESC NULLS FIRST", True, True),
    ],
)
def test_the_order(written, is_descending, is_nulls_first):
    [order] = parse(f"SELECT Id FROM User ORDER BY {written}").order
    assert order == Order(order.path, is_descending, is_nulls_first)


def test_counts():
    assert parse("SELECT COUNT() FROM User").select == (Count(None, None, 7),)

    query = parse("SELECT count(Id), COUNT(Name) n, COUNT(Email) FROM User")
    assert [each.alias for each in query.select] == [None, "n", None]
    assert query.count_names == ["expr0", "n", "expr1"]


def test_all_fields():
    [fields] = parse("SELECT fields(all) FROM User LIMIT 200").select
    assert fields == Fields("ALL", 14)
    assert parse("SELECT FIELDS(STANDARD) FROM User").select[0].which == "STANDARD"


# --- Conditions ------------------------------------------------------------------------


def test_parentheses_not_and_or():
    found = where("(a = 1 OR NOT b = 2) AND c != 3")

    assert isinstance(found, All)
    either, unequal = found.inner
    assert isinstance(either, Either)
    assert isinstance(either.inner[1], Not)
    assert unequal == Not((Comparison(Path(("c",), 51), "=", (Decimal(3),)),))


@pytest.mark.parametrize("operator", ["=", "<", "<=", ">", ">=", "LIKE", "like"])
def test_operators(operator):
    assert where(f"a {operator} 'x'").operator == operator.upper()


@pytest.mark.parametrize("written", ["a != 'x'", "a <> 'x'", "a NOT IN ('x')"])
def test_what_is_not_so(written):
    assert isinstance(where(written), Not)


def test_lists():
    found = where("a IN ('x', null, 2)")
    assert found.operator == "IN"
    assert found.values == (Text("x", "x"), None, Decimal(2))


@pytest.mark.parametrize(
    "literal, expected",
    [
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
    ],
)
def test_values(literal, expected):
    assert value(literal) == expected


@pytest.mark.parametrize(
    "literal, expected, pattern",
    [
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
    ],
)
def test_texts(literal, expected, pattern):
    assert value(literal) == Text(expected, pattern)


# --- Refusals --------------------------------------------------------------------------


def test_an_error_shows_the_place():
    error = refused("SELECT Id FORM User")

    assert error.code == "MALFORMED_QUERY"
    assert error.message == (
        "\nSELECT Id FORM User\n          ^\nERROR at Row:1:Column:11\n"
        "unexpected token: 'FORM'"
    )


def test_an_error_shows_the_line_that_it_is_in():
    error = refused("SELECT Id\nFROM User\nWHERE Name = 'x' ORDER Name\nLIMIT 1")

    assert error.message == (
        f"\nWHERE Name = 'x' ORDER Name\n{' ' * 23}^\nERROR at Row:3:Column:24\n"
        "unexpected token: 'Name'"
    )


def test_of_a_long_line_an_error_shows_a_piece():
    error = refused(f"SELECT {'Id,' * 30}, FROM User")
    _, shown, mark, *_ = error.message.split("\n")

    assert len(shown) < 81
    assert shown[len(mark) - 1] == ","


@pytest.mark.parametrize(
    "text, expected",
    [
        ("SELECT", "unexpected token: '<EOF>'"),
        ("SELECT Id FROM User WHERE ", "unexpected token: '<EOF>'"),
        ("SELECT FROM User", "unexpected token: 'FROM'"),
        ("SELECT Id, FROM User", "unexpected token: 'FROM'"),
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
            "SELECT Id FROM User WHERE a IN (SELECT Id FROM User)",
            "unexpected token: 'SELECT'",
        ),
        (f"SELECT {'a' * 101} FROM User", f"unexpected token: '{'a' * 80}'"),
        ("SELECT Id FROM User GROUP BY Name", "unexpected token: 'GROUP'"),
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
            "a text in a filter has at most 4,000 characters",
        ),
    ],
    ids=ascii,
)
def test_what_is_malformed(text, expected):
    assert sentence(text) == expected
    assert refused(text).code == "MALFORMED_QUERY"


def test_an_offset_has_an_end():
    assert parse("SELECT Id FROM User OFFSET 2000").offset == 2000
    error = refused("SELECT Id FROM User OFFSET 2001")

    assert error.code == "NUMBER_OUTSIDE_VALID_RANGE"
    assert error.message == "Maximum SOQL offset allowed is 2000"


# --- Whatever is sent ------------------------------------------------------------------

START = "SELECT Id FROM User WHERE "
HOSTILE = {
    "parentheses": START + "(" * 49_000 + "a=1" + ")" * 49_000,
    "open parentheses": START + "(" * 99_000,
    "only parentheses": "(" * 100_000,
    "nots": START + "(NOT " * 15_000 + "a=1" + ")" * 15_000,
    "conditions": START + " OR ".join(["a=1"] * 12_000),
    "list": START + f"a IN ({','.join(['1'] * 40_000)})",
    "dates": START + f"a IN ({','.join(['TODAY'] * 10_000)})",
    "fields": "SELECT " + "a," * 49_000 + "b FROM User",
    "counts": "SELECT " + "COUNT(a)," * 10_000 + "COUNT(b) FROM User",
    "orders": "SELECT a FROM User ORDER BY " + "a," * 49_000 + "b",
    "path": "SELECT " + "a." * 49_000 + "b FROM User",
    "name": "SELECT " + "a" * 90_000 + " FROM User",
    "quotes": "'" * 100_000,
    "open text": START + "a = '" + "\\'" * 49_000,
    "escapes": START + "a = '" + "\\n" * 49_000 + "'",
    "number": START + "a = " + "9" * 99_000,
    "counted": START + "a = LAST_N_DAYS" + " " * 99_000,
    "lines": START + "\n" * 99_000 + "!",
    "operators": START + "a " + "=" * 99_000,
    "too long": "SELECT Id FROM User" + " " * 100_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_is_read_or_refused(text):
    assert len(problem(text[:100_001])) < 1_000


@pytest.mark.parametrize(
    "name", ["nots", "conditions", "list", "dates", "fields", "counts", "orders"]
)
def test_what_is_too_much_says_so(name):
    error = refused(HOSTILE[name])
    assert error.code == "QUERY_TOO_COMPLICATED"
    assert error.message.startswith("Query is either selecting too many fields or")


def test_half_characters_are_shown_as_question_marks():
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


@given(st.text(st.characters(exclude_categories=[])) | st.lists(st.sampled_from(WORDS)))
def test_any_text_is_read_or_refused(found):
    problem(found if isinstance(found, str) else " ".join(found)).encode()


# --- Dates -----------------------------------------------------------------------------

WEDNESDAY = datetime(2026, 5, 13, 15, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "word, number, start, end",
    [
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
    ],
)
def test_words_for_dates(word, number, start, end):
    found = span(word, number, WEDNESDAY)
    assert [f"{day:%Y-%m-%d}" for day in found] == [start, end]
    assert found.start.tzinfo is UTC


def test_a_week_begins_on_sunday():
    sunday = datetime(2026, 5, 10, tzinfo=UTC)
    assert span("THIS_WEEK", None, sunday).start == sunday


@given(
    st.sampled_from([*PLAIN, *COUNTED]),
    st.integers(0, 999_999),
    st.datetimes(datetime(1999, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
)
def test_a_word_is_a_stretch_of_time_or_none(word, number, now):
    try:
        found = span(word, number, now)
    except OverflowError:
        return
    assert found.start <= found.end

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.apex.running.fake_run import FakeClass, FakeRun
from tokenx.apex.runtime.errors import ThrownError
from tokenx.apex.runtime.operators import binary, concatenate, unary
from tokenx.apex.types import ApexType
from tokenx.apex.values import (
    ApexList,
    ApexMap,
    ApexSet,
    EnumConstant,
    Id,
    Long,
    QueryRows,
    Record,
)
from tokenx.apex.values.equality import key_of
from tokenx.apex.values.numbers import double_text
from tokenx.apex.values.text import to_text

RUN = FakeRun()
D = Decimal
USER = Id("005000000000001AAA")


def a_list(*items):
    return ApexList(items=list(items))


def a_set(*items):
    return ApexSet(items={key_of(RUN, each): each for each in items})


def a_map(**items):
    return ApexMap(items={key: (key, value) for key, value in items.items()})


RESULTS = [
    (2_147_483_647, "+", 1, -2_147_483_648),
    (-2_147_483_648, "-", 1, 2_147_483_647),
    (65_536, "*", 65_536, 0),
    (2_147_483_647, "+", Long(1), Long(2_147_483_648)),
    (Long(9_223_372_036_854_775_807), "+", 1, Long(-9_223_372_036_854_775_808)),
    (7, "/", 2, 3),
    (-7, "/", 2, -3),
    (-2_147_483_648, "/", -1, -2_147_483_648),
    (7, "/", D("2"), D("3.5")),
    (1, "/", D("3"), D("0." + "3" * 33)),
    (2, "/", D("3"), D("0." + "6" * 32 + "7")),
    (D("1.10"), "+", D("2.2"), D("3.30")),
    (D("1.10"), "*", D("2.0"), D("2.200")),
    (D("0.1"), "+", 0.2, D("0.3")),
    (1.5, "*", 2, 3.0),
    (1, "<<", 33, 2),
    (-8, ">>", 1, -4),
    (-8, ">>>", 28, 15),
    (Long(1), "<<", 40, Long(1 << 40)),
    (6, "&", 3, 2),
    (6, "|", 3, 7),
    (6, "^", 3, 5),
    (True, "&", False, False),
    (True, "^", False, True),
    ("a", "+", None, "anull"),
    (None, "+", "a", "nulla"),
    ("a", "+", 1, "a1"),
    (1, "+", "a", "1a"),
    ("x", "+", D("1.50"), "x1.50"),
    ("x", "+", 1.0, "x1.0"),
    ("x", "+", True, "xtrue"),
    ("x", "+", date(2026, 11, 30), "x2026-11-30 00:00:00"),
    ("x", "+", datetime(2026, 11, 30, 1, 2, 3, tzinfo=UTC), "x2026-11-30 01:02:03"),
    ("x", "+", time(1, 2, 3, 4_000), "x01:02:03.004Z"),
    ("x", "+", b"abc", "xBlob[3]"),
    (date(2026, 12, 31), "+", 1, date(2027, 1, 1)),
    (date(2026, 1, 1), "-", 1, date(2025, 12, 31)),
    (
        datetime(2026, 1, 1, tzinfo=UTC),
        "+",
        D("0.5"),
        datetime(2026, 1, 1, 12, tzinfo=UTC),
    ),
    (time(23, 59, 59, 999_000), "+", 1, time(0)),
    ("Straße", "==", "sTRAßE", True),
    ("STRASSE", "==", "straße", False),
    ("a", "==", "A", True),
    ("a", "!=", "A", False),
    ("a", "<", "B", True),
    ("B", ">", "a", True),
    (None, "==", None, True),
    (None, "==", "", False),
    (None, "<", 1, False),
    (None, ">=", 1, False),
    (1, "<", None, False),
    ("a", ">", None, True),
    (None, "<", "a", True),
    (1, "==", D("1.00"), True),
    (D("0.1"), "==", 0.1, True),
    (1, "==", True, False),
    (USER, "==", "005000000000001", True),
    ("005000000000001AAA", "==", USER, True),
    (date(2026, 1, 1), "==", datetime(2026, 1, 1, tzinfo=UTC), True),
    (date(2026, 1, 1), "<", datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC), True),
    (a_list(1, "a"), "==", a_list(1, "A"), True),
    (a_list(1), "==", a_list(1, 2), False),
    (a_set(1, 2), "==", a_set(2, 1), True),
    (a_set("a"), "==", a_set("A"), False),
    (a_map(a=1), "==", a_map(a=1), True),
    (a_map(a=1), "==", a_map(a=2), False),
    (a_list(1), "===", a_list(1), False),
    (Record("User", {"email": "a"}), "==", Record("user", {"email": "A"}), True),
    (Record("User", {"email": "a"}), "==", Record("User", {}), False),
    (None, "??", 1, 1),
    (2, "??", 1, 2),
    (QueryRows("User", []), "??", None, None),
]


def test_operators(subtests):
    for left, operator, right, expected in RESULTS:
        with subtests.test(left=left, operator=operator, right=right):
            result = binary(RUN, operator, left, right)

            assert result == expected
            assert type(result) is type(expected)
            assert str(result) == str(expected)


REFUSED = [
    (1, "/", 0, "Divide by 0"),
    (1.0, "/", 0, "Divide by 0"),
    (D(0), "/", D(0), "Divide by 0"),
    (Long(1), "/", 0, "Divide by 0"),
    (None, "+", 1, "Attempt to de-reference a null object"),
    (None, "+", None, "Attempt to de-reference a null object"),
    (True, "&&", None, "Attempt to de-reference a null object"),
    (USER, "==", "x", "Invalid id: x"),
    (date(3999, 1, 1), "+", 10_000, "Invalid date: 4026-05-19"),
    (D("1E+1999"), "*", D("1E+1999"), "The Decimal is too large"),
]


def test_refused_operands(subtests):
    for left, operator, right, message in REFUSED:
        with subtests.test(left=left, operator=operator, right=right):
            with pytest.raises(ThrownError) as caught:
                binary(RUN, operator, left, right)

            assert caught.value.value.message == message


UNARY = [
    ("-", -2_147_483_648, -2_147_483_648),
    ("-", D("0.0"), D("0.0")),
    ("~", 0, -1),
    ("~", Long(0), Long(-1)),
    ("!", True, False),
    ("++", 2_147_483_647, -2_147_483_648),
    ("--", D("1.5"), D("0.5")),
]


def test_unary_operators(subtests):
    for operator, value, expected in UNARY:
        with subtests.test(operator=operator, value=value):
            result = unary(RUN, operator, value)

            assert str(result) == str(expected)
            assert type(result) is type(expected)


def test_text_of_two_nulls():
    assert concatenate(RUN, None, None) == "nullnull"


whole = st.integers(-(2**31), 2**31 - 1)
long = st.integers(-(2**63), 2**63 - 1)
number = st.one_of(
    whole,
    long.map(Long),
    st.floats(),
    st.decimals(allow_nan=False, allow_infinity=False),
)


@given(whole, whole, st.sampled_from(["+", "-", "*", "/"]))
def test_integer_arithmetic_wraps(left, right, operator):
    if operator == "/" and right == 0:
        return
    exact = {
        "+": left + right,
        "-": left - right,
        "*": left * right,
        "/": int(D(left) / D(right)) if right else 0,
    }[operator]

    result = binary(RUN, operator, left, right)

    assert -(2**31) <= result < 2**31
    assert (result - exact) % 2**32 == 0
    assert type(result) is int


@given(long.map(Long), st.one_of(whole, long.map(Long)))
def test_long_multiplication_wraps(left, right):
    result = binary(RUN, "*", left, right)

    assert -(2**63) <= result < 2**63
    assert (result - int(left) * int(right)) % 2**64 == 0
    assert type(result) is Long


ARITHMETIC = ["+", "-", "*", "/", "<<", ">>", ">>>", "&", "|", "^"]
COMPARISONS = ["==", "!=", "===", "<", "<=", ">", ">=", "??", "&&", "||"]
OPERATORS = ARITHMETIC + COMPARISONS
value = st.one_of(
    number,
    st.none(),
    st.booleans(),
    st.text(st.characters(), max_size=5),
    st.binary(max_size=3),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.times(),
    st.just(USER),
    st.builds(a_list, st.integers(0, 3)),
    st.just(EnumConstant(ApexType("RoundingMode"), "UP", 7)),
)


@given(value, st.sampled_from(OPERATORS), value)
def test_only_apex_exceptions_occur(left, operator, right):
    run = FakeRun()
    try:
        result = binary(run, operator, left, right)
    except ThrownError:
        return
    to_text(run, result)


@given(value, st.sampled_from(["+", "-", "!", "~", "++", "--"]))
def test_only_apex_exceptions_occur_for_one_operand(operand, operator):
    run = FakeRun()
    try:
        to_text(run, unary(run, operator, operand))
    except ThrownError:
        return


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_double_text_can_be_read(number):
    assert float(double_text(number)) == number


DOUBLES = [
    (1.0, "1.0"),
    (1e7, "1.0E7"),
    (9_999_999.0, "9999999.0"),
    (1.25e-5, "1.25E-5"),
    (0.001, "0.001"),
    (-1.5e300, "-1.5E300"),
    (-0.0, "-0.0"),
    (float("nan"), "NaN"),
]


def test_double_text(subtests):
    for number, text in DOUBLES:
        with subtests.test(number=number, text=text):
            assert double_text(number) == text


def test_own_equals_and_hash_code():
    point = FakeClass(
        "Point",
        {
            "equals": lambda mine, theirs: mine.fields["x"] == theirs.fields["x"],
            "hashcode": lambda mine: mine.fields["x"],
        },
    )
    run = FakeRun(point)

    assert binary(run, "==", run.new("Point", x=1), run.new("Point", x=1))
    assert key_of(run, run.new("Point", x=1)) == key_of(run, run.new("Point", x=1))
    assert key_of(run, run.new("Point", x=1)) != key_of(run, run.new("Point", x=2))


def test_lists_that_hold_themselves():
    run = FakeRun()
    items = a_list(1)
    items.items.append(items)

    assert to_text(run, items) == "(1, (already output))"


def test_text_of_nested_values():
    run = FakeRun(
        FakeClass("Outer.Point", fields={"x": ("X", ApexType("Integer"))}),
        FakeClass("Named", {"tostring": lambda mine: "named"}),
    )
    point = run.new("Outer.Point", x=1)
    named = run.new("Named")
    record = Record("User", {"id": USER, "isactive": True})
    value = a_list(point, a_map(a=a_set("b")), named, record, a_list(), a_map(), None)

    assert to_text(run, value) == (
        "(Point:[X=1], {a={b}}, named, User:{Id=005000000000001AAA, IsActive=true},"
        " (), {}, null)"
    )

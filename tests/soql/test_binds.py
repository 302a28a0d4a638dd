"""Binds in Apex queries: where they can be, where they end, and their values."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tokenx.soql.bind_values import with_values
from tokenx.soql.binds import mask_binds
from tokenx.soql.parser import parse
from tokenx.soql.tree import BindExpression, Comparison, SoqlError, Text

START = "SELECT Id FROM User WHERE "


def where(condition):
    return parse(START + condition, has_binds=True).where


def bound(condition, **values):
    return with_values(parse(START + condition, has_binds=True), values).where


def binds(text):
    return [each.text for each in mask_binds(text)[1]]


def refused(text, **options):
    with pytest.raises(SoqlError) as caught:
        parse(text, **options)
    return caught.value


def problem(text):
    """Return the error of a query, or an empty string if it's valid."""
    try:
        parse(text, has_binds=True)
    except SoqlError as error:
        return error.message
    return ""


# --- Places ----------------------------------------------------------------------------


def test_a_bind_can_be_written_with_or_without_spaces(subtests):
    for written in ["=:x", "=: x", "= :x", "=\n:\tx", "= : /* the x */ x"]:
        with subtests.test(written=written):
            [bind] = where(f"a{written}").values
            assert bind.text == "x"
            assert (START + f"a{written}")[bind.at :] == "x"


def test_a_value_of_each_operator_can_be_a_bind(subtests):
    for operator in ["=", "<", "<=", ">", ">=", "LIKE", "IN"]:
        with subtests.test(operator=operator):
            comparison = where(f"a {operator} :x")
            assert comparison.operator == operator
            assert [each.text for each in comparison.values] == ["x"]


def test_a_list_can_have_binds():
    assert where("a IN (:x, 'y', :z)").values == (
        BindExpression("x", 33),
        Text("y", "y"),
        BindExpression("z", 42),
    )


def test_a_negated_list_can_be_a_bind():
    [comparison] = where("a NOT IN :ids").inner
    assert comparison.values == (BindExpression("ids", 36),)


def test_limit_and_offset_can_be_binds():
    query = parse("SELECT Id FROM User LIMIT :n OFFSET :m[0]", has_binds=True)

    assert (query.bound_limit, query.limit) == (BindExpression("n", 27), None)
    assert (query.bound_offset, query.offset) == (BindExpression("m[0]", 37), 0)


def test_a_bind_ends_with_its_expression(subtests):
    for expression in [
        "x",
        "this.x",
        "a.b.c",
        "a?.b",
        "Trigger.new",
        "foo()",
        "foo(1, ')').bar( )",
        "list[0]",
        "list[0][1].name",
        "map.get('a]')",
        "'text'",
        "1.5",
        "-x",
        "!x",
        "i++",
        "x + '%'",
        "'%' + x.trim() + '%'",
        "a == null ? b : c",
        "a ?? b",
        "(x)",
        "(Id) x",
        "(Id) ((String) x).y",
        "new Set<Id>{ a, b }",
        "new Map<Id, List<User>>(users).keySet()",
        "new String[]{'a'}",
        "a /* AND */ + b",
        "[SELECT Id FROM User]",
        "x instanceof User",
        "System.now().addDays(-30)",
    ]:
        with subtests.test(expression=expression):
            for end in ["", " AND b = 1", "\nLIMIT 1", " ORDER BY Name DESC"]:
                assert binds(f"{START}a = :{expression}{end}") == [expression]
            assert binds(f"{START}(a = :{expression})") == [expression]


def test_a_bind_can_have_the_name_of_a_clause(subtests):
    for name in ["all", "order.Id", "(group)", "(Id) order"]:
        for clause in ["", " ORDER BY Id", " LIMIT 1", " ALL ROWS"]:
            with subtests.test(name=name, clause=clause):
                assert binds(f"{START}a = :{name}{clause}") == [name]


def test_other_colons_are_no_binds(subtests):
    for condition in [
        "a > LAST_N_DAYS:30",
        "a > next_n_fiscal_quarters : 2",
        "a = N_DAYS_AGO:1",
        "a < 2026-01-31T12:00:00Z",
        "a < 2026-01-31T12:00:00+05:30",
        "a = ':x'",
        r"a = 'it\'s :x'",
        "a = 1 // :x",
        "a = 1 /* :x */",
    ]:
        with subtests.test(condition=condition):
            assert binds(START + condition) == []


# --- Apex's other clauses, and refusals ---------------------------------------------------


def test_clauses_without_an_effect_are_accepted(subtests):
    for clause in [
        "WITH USER_MODE",
        "with security_enforced LIMIT 1",
        "WITH SYSTEM_MODE ORDER BY Name",
        "ALL ROWS",
        "LIMIT 1 FOR UPDATE",
        "FOR VIEW FOR REFERENCE",
    ]:
        with subtests.test(clause=clause):
            text = f"SELECT Id FROM User WHERE a = :x {clause}"
            parse(text, has_binds=True)
            refused(text)
            assert refused(text.replace(":x", "1")).code == "MALFORMED_QUERY"


def test_the_apis_refuse_binds(subtests):
    for text in [f"{START}a = :x", f"{START}a IN :x", "SELECT Id FROM User LIMIT :x"]:
        with subtests.test(text=text):
            error = refused(text)
            assert (error.sentence, error.at) == ("unexpected token: ':'", text.index(":"))


def test_a_mask_in_the_text_is_no_bind(subtests):
    for has_binds in [True, False]:
        with subtests.test(has_binds=has_binds):
            assert refused(f"{START}a = :\x01", has_binds=has_binds).is_unexpected


def test_refuses_misplaced_binds(subtests):
    for text, at in [
        ("SELECT :x FROM User", 7),
        ("SELECT Id FROM :x", 15),
        (f"{START}:x = 1", 26),
        (f"{START}a = :", 30),
        (f"{START}a = :x y", 33),
        (f"{START}a = LAST_N_DAYS:n", 30),
        (f"{START}a = :x +", 33),
        (f"{START}a = :x(1 AND b = :y", 30),
        (f"{START}a = :x[0 AND b = :y", 30),
        (f"{START}a = :new Set<Id(x)", 30),
        ("SELECT Id FROM User ORDER BY :x", 29),
    ]:
        with subtests.test(text=text):
            error = refused(text, has_binds=True)
            assert (error.is_unexpected, error.at) == (True, at)


def test_errors_in_values_have_their_place():
    error = refused(f"{START}a = :x AND b = 2026-02-30", has_binds=True)
    assert (error.sentence, error.is_unexpected) == ("Invalid date: 2026-02-30", False)
    assert error.at == 41


@pytest.mark.parametrize("length", [5_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_a_hostile_bind_is_parsed_or_refused(length, subtests):
    for name, part in [
        ("parentheses", "("),
        ("casts", "(a)"),
        ("generics", "new a<"),
        ("signs", "-"),
        ("members", "a."),
        ("indexes", "a[0]"),
        ("operators", "a+"),
        ("spaces", " "),
        ("comments", "/**/"),
        ("open comments", "/*"),
        ("strings", "'"),
        ("binds", ":a"),
        ("open calls", ":a("),
        ("open types", ":new a<"),
        ("colons", ":"),
        ("questions", "?"),
        ("dates", "LAST_N_"),
        ("quarters", "N_A_"),
    ]:
        with subtests.test(name):
            text = f"{START}a = :{part * (length // len(part))}"[:length]
            assert len(problem(text)) < 1_000


# --- Values ------------------------------------------------------------------------------


def test_values_replace_binds(subtests):
    now = datetime(2026, 1, 31, tzinfo=UTC)
    for value, expected in [
        ("Ann", Text("Ann", "Ann")),
        ("A%\\_", Text("A%\\_", "A%\\_")),
        ("a\\", Text("a\\", "a\\\\")),
        ("\\a\\\\", Text("\\a\\\\", "\\\\a\\\\")),
        (12, Decimal(12)),
        (1.5, Decimal("1.5")),
        (Decimal("2.50"), Decimal("2.5")),
        (True, True),
        (None, None),
        (now, now),
        (now.date(), now.date()),
    ]:
        with subtests.test(value=value):
            assert bound("a = :x", x=value).values == (expected,)


def test_a_collection_is_a_list_of_values(subtests):
    for operator in ["IN", "="]:
        with subtests.test(operator=operator):
            comparison = bound(f"a {operator} :x", x=["a", "b"])
            expected = Comparison(comparison.path, "IN", (Text("a", "a"), Text("b", "b")))
            assert comparison == expected


def test_an_empty_collection_has_no_values():
    assert bound("a IN :x", x=set()).values == ()


def test_values_in_nested_conditions():
    condition = bound("NOT (a = :x OR b != :y)", x=1, y=2)
    [either] = condition.inner
    assert either.inner[0].values == (Decimal(1),)
    assert either.inner[1].inner[0].values == (Decimal(2),)


def test_limit_and_offset_have_values():
    query = parse("SELECT Id FROM User LIMIT :n OFFSET :m", has_binds=True)
    query = with_values(query, {"n": 5, "m": 7})
    assert (query.limit, query.offset, query.bound_limit) == (5, 7, None)


def test_refuses_unfit_values(subtests):
    for text, value, sentence in [
        (f"{START}a = :x", object(), "Invalid bind expression type: object"),
        (f"{START}a = :x", {"a": 1}, "Invalid bind expression type: dict"),
        ("SELECT Id FROM User LIMIT :x", -1, "Invalid bind expression for LIMIT: x"),
        ("SELECT Id FROM User LIMIT :x", "1", "Invalid bind expression for LIMIT: x"),
        ("SELECT Id FROM User OFFSET :x", True, "Invalid bind expression for OFFSET: x"),
        ("SELECT Id FROM User OFFSET :x", 2001, "Maximum SOQL offset allowed is 2000"),
    ]:
        with subtests.test(text=text, value=value):
            query = parse(text, has_binds=True)
            with pytest.raises(SoqlError) as caught:
                with_values(query, {"x": value})
            assert caught.value.sentence == sentence


def test_refuses_too_many_values():
    with pytest.raises(SoqlError) as caught:
        bound("a IN :x", x=list(range(4_001)))
    assert caught.value.code == "QUERY_TOO_COMPLICATED"

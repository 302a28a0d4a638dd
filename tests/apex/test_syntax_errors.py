"""Syntax errors, in the words of Salesforce's compiler."""

import tomllib
from pathlib import Path

from .parsing import errors, in_method, parse

CASES = tomllib.loads(Path(__file__).with_name("compile_errors.toml").read_text())["error"]
# The beginnings of texts that the parser reports; the checker reports the others.
SYNTAX = ("Unexpected token", "Expecting '", "Extra '", "Missing '", "Missing closing")
SYNTAX += ("Illegal string", "Illegal integer", "Illegal long", "Unrecognized symbol")
SYNTAX += ("Found punctuation", "Invalid identifier", "Try block must")


def test_agrees_with_the_compiler(subtests):
    cases = [
        case for case in CASES if case["message"].startswith(SYNTAX) and "code" in case
    ]
    assert len(cases) > 50
    for case in cases:
        with subtests.test(case["name"]):
            found = errors(case["code"])
            assert found[0] == (case["line"], case["column"], case["message"])
            assert case.get("first_only") or len(found) == 1


def test_code_with_other_errors_parses(subtests):
    for case in CASES:
        if not case["message"].startswith(SYNTAX) and "code" in case:
            with subtests.test(case["name"]):
                assert not parse(case["code"]).problems


SEVERAL = """public class Sample {
    void first() {
        Integer total = 1
        run(total;
    }
    void second() {
        total = 1 + * 2;
        if (total {
        }
    }
    private String name = ;
    private String;
    void third( {
        return '\\q';
    }
    void fourth() {
        return (;
    }
}
"""


def test_reports_several_errors():
    assert [(line, message[:25]) for line, _, message in errors(SEVERAL)] == [
        (4, "Missing ';' at 'run'"),
        (4, "Missing ')' at ';'"),
        (7, "Unexpected token '*'."),
        (11, "Unexpected token ';'."),
        (12, "Unexpected token ';'."),
        (13, "Missing ')' at '{'"),
        (14, "Illegal string literal: I"),
        (17, "Unexpected token ';'."),
    ]


def test_reports_ten_errors_at_most():
    assert len(errors(in_method("run(1;\n" * 50))) == 10


def test_reports_a_missing_brace_once(subtests):
    body = "void run() {\n if (a) {\n b();\n }\n c();\n}\n"
    for name, code in {
        "of the class": f"class A {{\n{body}",
        "of a method": f"class A {{\n{body[:-2]}}}\n",
        "too many": f"class A {{\n{body}}}\n}}\n",
    }.items():
        with subtests.test(name):
            assert len(errors(code)) == 1


def test_blames_the_start_of_a_method_in_a_method():
    code = "class A {\n  void a() {\n    run();\n  public void b() {\n  }\n}\n"
    assert errors(code) == [(4, 3, "Unexpected token 'public'.")]


def test_refuses_what_only_the_grammar_allows(subtests):
    for code, error in {
        "class A { B.A() { } }": (1, 11, "Invalid constructor name: B.A"),
        "class A { void void() { } }": (1, 16, "Identifier name is reserved: void"),
        "class A { public { } }": (1, 18, "Unexpected token '{'."),
        "@A(1 b=2) class A { }": (1, 1, "Unexpected token '@'."),
    }.items():
        with subtests.test(code):
            assert errors(code) == [error]


def test_reports_each_percent_sign_among_other_operators():
    found = errors(in_method("Integer rest = 1 + 5 % 2 * 3 % 4;"))
    message = "Found punctuation symbol or operator '%' that isn't valid in Apex."
    assert [each for _, _, each in found] == [message, message]


def test_an_unclosed_string_ends_with_its_line():
    text = "run('a);\nrun(b;"
    assert [message for _, _, message in errors(in_method(text))] == [
        "Missing closing quote character ' on string.",
        "Missing ')' at ';'",
    ]

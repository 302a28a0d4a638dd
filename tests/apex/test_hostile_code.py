"""Hostile code gets errors, never an exception, and in seconds."""

import time

import pytest

from .compiling import compile_code


def _method(body: str) -> str:
    return f"public class Sample {{ void run(Integer n) {{ {body} }} }}"


MANY = 1_500
DEEP = {
    "parentheses": _method("n = " + "(" * MANY + "n" + ")" * MANY + ";"),
    "unclosed parentheses": _method("n = " + "(" * MANY),
    "braces": _method("{" * MANY + "}" * MANY),
    "unclosed braces": _method("{" * MANY),
    "ifs": _method("if (true) " * MANY + "return;"),
    "else ifs": _method("if (true) return; else " * MANY + "return;"),
    "type brackets": _method("List<" * MANY + "Integer" + ">" * MANY + " all;"),
    "open type brackets": "a<" * 3_000,
    "comparisons": _method("n = " + "n < " * MANY + "n;"),
    "sums": _method("n = " + "n + " * MANY + "n;"),
    "negations": _method("Boolean b = " + "!" * MANY + "true;"),
    "minuses": _method("n = " + "- " * MANY + "n;"),
    "casts": _method("n = " + "(Integer) " * MANY + "n;"),
    "ternaries": _method("n = " + "true ? n : " * MANY + "n;"),
    "assignments": _method("n = " * MANY + "n;"),
    "calls": _method("run(" * MANY + "1" + ")" * MANY + ";"),
    "chained calls": _method("String s = ''" + ".trim()" * MANY + ";"),
    "chained names": _method("n = a" + ".b" * MANY + ";"),
    "indexes": _method("n = n" + "[0]" * MANY + ";"),
    "null coalescing": _method("n = " + "n ?? " * MANY + "n;"),
    "instanceof": _method("Boolean b = n" + " instanceof Integer" * MANY + ";"),
    "news": _method("Object o = " + "new List<Object>{ " * MANY + "}" * MANY + ";"),
    "tries": _method("try { " * MANY + "} finally { }" * MANY),
    "switches": _method("switch on n { when 1 { " * MANY + "} }" * MANY),
    "inner classes": "public class Sample { class A { " * MANY + "}" * 2 * MANY,
    "annotations": "@a(" * MANY + ")" * MANY + " public class Sample { }",
    "queries": _method(
        "List<User> u = " + "[SELECT Id FROM User WHERE Id = :" * MANY + "]" * MANY
    ),
}
ODD = {
    "nothing": "",
    "spaces": " " * 200_000,
    "a long line": _method("n = 1; " * 2_000),
    "a long name": _method(f"Integer {'n' * 20_000} = 1;"),
    "a long number": _method(f"n = {'9' * 20_000};"),
    "a long decimal": _method(f"Decimal d = {'9' * 20_000}.{'9' * 20_000};"),
    "a long string": _method(f"String s = '{'x' * 200_000}';"),
    "many strings": _method("String s = " + "'x' + " * 2_000 + "'';"),
    "an unclosed string": _method("String s = 'abc"),
    "an unclosed string of semicolons": _method(f"String s = '{';' * 200_000}x"),
    "many binds": _method("u = [SELECT Id FROM User WHERE Id = :n + 1]; " * 1_000),
    "many quotes": "'" * 5_001,
    "many backslashes": _method("String s = '" + "\\" * 5_001 + "';"),
    "an unclosed comment": "/*" * 5_000,
    "slashes": "/" * 5_001,
    "open brackets": "[" * MANY,
    "open queries": "[SELECT " * 2_000,
    "closing brackets": ")]}>" * MANY,
    "semicolons": _method(";" * MANY),
    "dots": "." * MANY,
    "question marks": _method("n = n" + "?" * MANY),
    "long names in many errors": _method(f"{'n' * 20_000} = 1; " * 20),
    "many errors": _method("foo() bar; " * 2_000),
    "many unknown names": _method("x = 1; " * 2_000),
    "many fields": "public class Sample { " + "Integer a; " * 2_000 + "}",
    "many initialized fields": "public class Sample { "
    + "".join(f"Integer a{i} = 1; " for i in range(5_000))
    + "}",
    "many overloads": "public class Sample { "
    + "".join(f"void a(X{i} x) {{ a(1); }} " for i in range(2_000))
    + "}",
    "many variables": _method("".join(f"Integer a{i}; " for i in range(2_000))),
    "zero bytes": "public\0 class Sample { String s = '\0'; }",
    "a byte order mark": "\ufeffpublic class Sample { }",
    "lone surrogates": "public class \ud800 { String s = '\udfff'; }",
    "control characters": "".join(map(chr, range(32))) + "public class Sample { }",
    "letters of other scripts": "public class Übung { Integer 数 = 1; }",
    "other digits": _method("n = \u0661\u0662;"),
    "odd spaces": _method("n\u00a0=\u20031;"),
    "other line ends": "public class Sample {\r\n\u2028\u2029\x85\x0b\x0c}",
    "emoji": _method("String s = '\U0001f600'; \U0001f600"),
}


def test_reports_deep_code_without_recursing(subtests):
    _compile_all(DEEP, subtests)


LONG = {name: code for name, code in ODD.items() if len(code) > 12_000}


def test_compiles_odd_code(subtests):
    _compile_all({name: ODD[name] for name in ODD.keys() - LONG}, subtests)


@pytest.mark.slow
def test_compiles_long_odd_code(subtests):
    _compile_all(LONG, subtests)


def _compile_all(codes, subtests):
    for name, code in codes.items():
        with subtests.test(name=name):
            started = time.process_time()

            compile_code(code)

            assert time.process_time() - started < 8

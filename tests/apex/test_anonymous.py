"""Anonymous Apex is read and checked: statements with methods and types among them."""

from tests.apex.compiling import PORTS, parser
from tokenx.apex.compiling import compile_anonymous

VALID = [
    ("", 0, 0),
    ("System.debug('a');\nInteger x = 1;", 2, 0),
    ("void f(Integer a) { System.debug(a); }\nf(3);\nclass A { Integer b; }", 1, 2),
    ("if (true) { return; } else { }\nMap<String, List<Id>> m() { return null; }", 1, 1),
    ("List<String>[] f() { return null; }\npublic enum E { A, B }\nreturn;", 1, 2),
    ("with sharing class A { } new List<String>{'x'}.add('y');", 1, 1),
    ("List<String> a = new List<String>{'x'}; a.add('y');", 2, 0),
    ("@TestVisible private Integer f() { return 1; } insert new User();", 1, 1),
    ("do { f(); } while (false); void f() { }", 1, 1),
]  # fmt: skip
INVALID = [
    ("Integer x = ;", (1, 13), "Unexpected token ';'."),
    ("Integer x = 1", (1, 14), "Missing ';' at '<EOF>'"),
    ("if (true) {", (1, 12), "Expecting '}' but was: '<EOF>'"),
    ("f();\n}", (2, 1), "Unexpected token '}'."),
    ("System.debug('a');\nInteger x = 1; x = 'a';", (2, 16),
     "Illegal assignment from String to Integer"),
    ("return 1;", (1, 1), "Void method must not return a value"),
    ("break;", (1, 1), "Break statement must be in loop"),
    ("void f(String a) { Integer b = a; }", (1, 28),
     "Illegal assignment from String to Integer"),
    ("f();", (1, 1), "Method does not exist or incorrect signature: void f() from the type "
     "AnonymousBlock"),
]  # fmt: skip


def compiled(code: str):
    return compile_anonymous(code, parser=parser(), classes={}, ports=PORTS)


def test_statements_methods_and_types_can_be_mixed():
    for code, statements, declarations in VALID:
        block, problems = compiled(code)
        assert problems == (), code
        assert block, code
        assert len(block.statements) == statements, code
        assert len(block.declarations) == declarations, code


def test_errors_have_their_place_in_the_code():
    for code, at, message in INVALID:
        block, problems = compiled(code)
        assert block is None, code
        assert (problems[0].at, problems[0].message) == (at, message), code

"""The parser: from code to a tree."""

import pytest

from tokenx.apex import tree

from .parsing import errors, expression, in_method, parse, parser, statements

CLASS = """@A public with sharing class Handler extends Auth.Oauth2TokenExchangeHandler {
    static final Map<String, List<Id>> USERS = new Map<String, List<Id>>{ 'a' => null };
    public String name { get; private set { name = value; } }
    static { USERS.clear(); }
    public Handler() { this(1); }
    enum Kind { ONE, TWO }
    public override Auth.TokenValidationResult validateIncomingToken(
        String appName, final Auth.IntegratingAppType appType, String[] tokens) {
        return null;
    }
    private interface Inner extends Outer { void run(); }
}
"""


def test_reads_members():
    unit = parse(CLASS).unit

    assert isinstance(unit, tree.ClassDeclaration)
    assert [each.name for each in unit.modifiers if isinstance(each, tree.Annotation)] == [
        "A"
    ]
    assert [each.word for each in unit.modifiers[1:]] == ["public", "with sharing"]
    assert (unit.name, unit.superclass.name) == (
        "Handler",
        "Auth.Oauth2TokenExchangeHandler",
    )
    assert (unit.at, unit.end) == ((1, 30), (12, 1))
    assert [type(member).__name__ for member in unit.members] == [
        "FieldDeclaration",
        "PropertyDeclaration",
        "Initializer",
        "ConstructorDeclaration",
        "EnumDeclaration",
        "MethodDeclaration",
        "InterfaceDeclaration",
    ]
    method = unit.members[5]
    assert [(each.name, each.type.array_depth) for each in method.parameters] == [
        *[("appName", 0), ("appType", 0), ("tokens", 1)]
    ]
    assert [each.kind for each in unit.members[1].accessors] == ["get", "set"]


def test_reads_statements(subtests):
    for text, kind in {
        "Integer a = 1, b;": tree.LocalVariables,
        "final Map<A, B> c;": tree.LocalVariables,
        "a.b.c = 1;": tree.ExpressionStatement,
        "if (a) b(); else if (c) { } else d();": tree.If,
        "while (a);": tree.While,
        "do { a(); } while (b);": tree.DoWhile,
        "for (Integer i = 0, j = 1; i < j; i++, j--) { }": tree.For,
        "for (;;) break;": tree.For,
        "for (User u : [SELECT Id FROM User]) continue;": tree.ForEach,
        "switch on a { when 1, -2 { } when B c { } when D { } when else { } }": tree.Switch,
        "return a ?? b;": tree.Return,
        "throw new A.B('c');": tree.Throw,
        "try { } catch (A.B c) { } finally { }": tree.Try,
        "insert as system a;": tree.Dml,
        "upsert a B__c;": tree.Dml,
        "merge a b;": tree.Dml,
        "System.runAs(a) { b(); }": tree.RunAs,
        "System.runAs(a);": tree.ExpressionStatement,
        "{ }": tree.Block,
    }.items():
        with subtests.test(text):
            assert isinstance(statements(text)[0], kind)


def test_reads_expressions(subtests):
    for text, kind in {
        "[SELECT Id FROM User][0].Id": tree.FieldAccess,
        "[FIND 'a' RETURNING User]": tree.Search,
        "a?.b()": tree.Call,
        "super.run()": tree.Call,
        "(A.B<C>[]) d": tree.Cast,
        "a instanceof B": tree.InstanceOf,
        "a ? b : c ? d : e": tree.Ternary,
        "new A(b, c)": tree.New,
        "new A[3]": tree.NewArray,
        "new A[]{ b }": tree.NewCollection,
        "new Map<A, B>{ c => d }": tree.NewCollection,
        "A.B[].class": tree.ClassLiteral,
        "void.class": tree.ClassLiteral,
        "!a": tree.Unary,
        "a++": tree.Postfix,
        "b += c": tree.Assignment,
    }.items():
        with subtests.test(text):
            assert isinstance(expression(text), kind)


def shape(node: tree.Expression) -> str:
    if isinstance(node, tree.Binary):
        return f"({shape(node.left)} {node.operator} {shape(node.right)})"
    return node.name


def test_applies_the_precedence_of_operators():
    assert shape(expression("a + b * c - d << e < f == g & h ^ i | j && k || l ?? m")) == (
        "(((((((((((a + (b * c)) - d) << e) < f) == g) & h) ^ i) | j) && k) || l) ?? m)"
    )


def test_reads_values_of_literals(subtests):
    for text, value in {
        r"'it\'s \n\u00e9'": ("String", "it's \né"),
        "'''\na\nb'''": ("String", "a\nb"),
        "1": ("Integer", "1"),
        "12L": ("Long", "12"),
        "1.5": ("Decimal", "1.5"),
        "1.5d": ("Double", "1.5"),
        "TRUE": ("Boolean", "true"),
        "null": ("null", "null"),
    }.items():
        with subtests.test(text):
            literal = expression(text)
            assert (literal.kind, literal.text) == value


def test_reads_fields_of_a_new_record():
    record = expression("new Account(Name = 'A', Number__c = 1)")
    assert [field.name for field in record.fields] == ["Name", "Number__c"]


def test_reads_triggers():
    unit = parse("trigger Names on Account (before insert, after update) { run(); }").unit
    assert (unit.name, unit.sobject) == ("Names", "Account")
    assert unit.events == ("before insert", "after update")


def test_walks_long_chains_in_a_loop():
    text = expression(" + ".join(["a"] * 5_000))
    first, operators = tree.chain_of(text)
    assert (first.name, len(operators)) == ("a", 4_999)
    assert statements("if (a) b();" + " else if (a) b();" * 5_000)


TOO_DEEP = "The code is nested too deeply."
HOSTILE = {
    "a<": in_method("a<" * 3_000),
    "new a<": in_method("x = new " + "a<" * 3_000),
    "parentheses": in_method("x = " + "(" * 2_000 + "1" + ")" * 2_000 + ";"),
    "braces": in_method("{" * 1_000),
    "classes": "class A { " * 1_000,
    "minus": in_method("x = " + "- " * 1_000 + "a;"),
    "ifs": in_method("if (a) " * 1_000 + "b();"),
    "ternaries": in_method("x = " + "a ? b : " * 1_000 + "c;"),
    "casts": in_method("x = " + "(A) " * 1_000 + "c;"),
    "assignments": in_method("x = " * 1_000 + "c;"),
    "calls": in_method("x" + ".a()" * 1_000 + ";"),
    "indexes": in_method("x" + "[0]" * 1_000 + ";"),
}


def test_refuses_deep_code(subtests):
    for name, code in HOSTILE.items():
        with subtests.test(name):
            assert errors(code)[-1][2] == TOO_DEEP


@pytest.mark.parametrize(
    "code",
    [
        "",
        "\0",
        "\ud800",
        "é" * 5_000,
        "#" * 5_000,
        "'" * 5_001,
        "/*" * 5_000,
        "[SELECT " * 5_000,
        "[SELECT /*" * 5_000,
        "[FIND {" * 5_000,
        in_method("x = '" + "\\'" * 20_000),
        in_method("x = [SELECT " + "\\'" * 20_000),
        in_method("x = " + "9" * 20_000 + ";"),
        in_method("a.b" * 5_000),
        "}" * 5_000,
        "@A " * 5_000,
    ],
    ids=lambda code: repr(code[-12:]),
)
def test_reports_hostile_text_briefly(code):
    problems = parse(code).problems
    assert 0 < len(problems) <= 10
    assert max(len(problem.message) for problem in problems) < 500


def test_refuses_code_that_is_too_long():
    assert parse("a" * 1_000_001).problems[0].message.startswith("Code can't be longer")


def test_a_long_line_is_no_problem():
    assert not parse(in_method("a(); " * 2_000)).problems


def test_parses_again_after_an_error():
    assert parse(in_method("a = ;")).problems
    assert not parser().parse(CLASS).problems

"""The lexer: tokens by their place."""

from tokenx.apex.parser.lexer import lex
from tokenx.apex.problems import Problem

from .parsing import in_method


def types(text: str) -> list[str]:
    """Return the types of the tokens of a method's statements."""
    problems: list[Problem] = []
    tokens = lex(in_method(text), problems)
    assert not problems
    return [token.type for token in tokens if token.at.line > 2][: -len("}}")]


def test_tells_types_from_comparisons(subtests):
    for text, wanted in {
        "List<A> b;": "NAME _LT NAME _GT NAME SEMI",
        "a = b < c;": "NAME ASSIGN NAME OPERATOR NAME SEMI",
        "if (a < b && c > d) e();": "OPERATOR NAME OPERATOR NAME OPERATOR",
        "run(a < b, c > d);": "OPERATOR NAME _COMMA NAME OPERATOR",
        "a = new Map<A, List<B>>();": "_LT NAME _COMMA NAME _LT NAME _GT _GT",
        "a = b >> c;": "NAME OPERATOR NAME",
        "a = List<B>.class;": "_LT NAME _GT DOT_CLASS",
        "return List<B>.class;": "RETURN NAME _LT NAME _GT DOT_CLASS SEMI",
        "return Map<A.B, List<C[]>>.class.getName();": "_GT _GT DOT_CLASS _DOT NAME _LPAR",
        "f(Set<A>.class, b < c);": "_GT DOT_CLASS _COMMA NAME OPERATOR NAME",
        "for (List<A> b : c) d();": "FOR _LPAR NAME _LT NAME _GT NAME _COLON",
        "for (Integer a = 0; a < b; a++) c();": "NAME OPERATOR NAME SEMI",
        "if (a) Set<B> c = d;": "_RPAR NAME _LT NAME _GT NAME",
        "a = new Set<B>{ c < d };": "LBRACE NAME OPERATOR NAME RBRACE",
    }.items():
        with subtests.test(text):
            assert wanted in " ".join(types(text))


def test_tells_casts_from_parentheses(subtests):
    for text, is_cast in {
        "a = (B) c;": True,
        "a = (B.C<D>[]) c;": True,
        "a = (B) (C) d;": True,
        "a = (Integer) -1;": True,
        "a = (b) - 1;": False,
        "a = (b) + c;": False,
        "run(a)(b);": False,
        "if (a) run();": False,
        "return (a);": False,
        "return (A) b;": True,
        "for (A b : (List<C>) d) e();": True,
    }.items():
        with subtests.test(text):
            assert ("CAST" in types(text)) is is_cast


def test_knows_keywords_by_their_place(subtests):
    for text, wanted in {
        "Integer get = set;": "NAME NAME ASSIGN NAME SEMI",
        "switch on a { when 1 { } }": "SWITCH_ON NAME LBRACE WHEN LITERAL",
        "when = switch_on;": "NAME ASSIGN NAME",
        "insert as user a;": "DML ACCESS NAME",
        "Database.insert(a);": "NAME _DOT NAME _LPAR",
        "a = Trigger.new;": "NAME _DOT NAME SEMI",
        "System.runAs(a) { }": "RUN_AS _LPAR NAME _RPAR LBRACE",
        "a = b ?.5 : .7;": "NAME QUESTION LITERAL _COLON LITERAL",
        "a = b?.c;": "NAME SAFE_DOT NAME",
        "a = b.limit.class;": "NAME _DOT NAME DOT_CLASS",
    }.items():
        with subtests.test(text):
            assert wanted in " ".join(types(text))


def test_reads_a_query_as_one_token(subtests):
    for text in [
        "[SELECT Id FROM User WHERE Name = ']' AND Email = :mails[0] /* ] */ LIMIT 1]",
        "[ select Id\n FROM User // ]\n]",
        "[FIND {it's [x\\} ]} RETURNING User(Id)]",
        "[FIND :name IN ALL FIELDS]",
    ]:
        with subtests.test(text):
            tokens = lex(in_method(f"a = {text};"), [])
            assert text in [token.text for token in tokens]


def test_positions_count_from_one(subtests):
    tokens = lex("a\n\tb /* c\n*/ d 'é' e", [])
    assert [tuple(token.at) for token in tokens] == [
        (1, 1),
        (2, 2),
        (3, 4),
        (3, 6),
        (3, 10),
    ]

"""Checks of an Apex class: it extends the base and overrides both methods."""

from itertools import product

import pytest
from django.utils.html import strip_tags

from tests.factories import ApexClassFactory
from tokenx.org.apex import TEMPLATE, class_name_in, is_handler_class, problems_of
from tokenx.web.highlighting import highlight_apex

BASE = "Auth.Oauth2TokenExchangeHandler"
FIRST = "public override Auth.TokenValidationResult validateIncomingToken(String a) {}"
SECOND = "public override User getUserForTokenSubject(Id a) { return null; }"
READY = f"public class A extends {BASE} {{ {FIRST} {SECOND} }}"
NO_BASE = f"The class doesn't extend {BASE}."
NO_FIRST = "The class doesn't override validateIncomingToken."
NO_SECOND = "The class doesn't override getUserForTokenSubject."


READY_BODIES = [
    READY,
    READY.upper(),
    READY.lower(),
    READY.replace(" ", "\r\n\t "),
    READY.replace(" ", "/* class B {} */"),
    READY.replace(" ", " // class B '{\n"),
    READY.replace(".", " . ").replace("(", " ("),
    READY.replace("public class", "global with sharing class"),
    READY.replace("public override", "override public"),
    READY.replace("{ return null; }", "{ if (true) { } String s = '}\\'}'; }"),
    READY.replace("{ public", "{ class Inner { void go() { } } Integer i = 0; public", 1),
    READY.replace("{ public", "{ public Integer i { get; set; } public", 1),
    f"@SuppressWarnings('PMD') /* {{ */ {READY}",
    f"// 🙂 \u202eשלום\n{READY}",
    READY + "\0",
]


def test_a_class_that_extends_the_base_and_overrides_both_methods_is_ready(subtests):
    for body in READY_BODIES:
        with subtests.test(body=body):
            assert problems_of("A", body) == []
            assert is_handler_class(body)


PROBLEMS = [
    (READY.replace("Oauth2T", "Oauth1T"), [NO_BASE]),
    (READY.replace("Auth.Oauth2", "Oauth2"), [NO_BASE]),
    (READY.replace(BASE, f"Other.{BASE}"), [NO_BASE]),
    (READY.replace(BASE, f"{BASE}2"), [NO_BASE]),
    (READY.replace("extends", "implements"), [NO_BASE]),
    (READY.replace(f"extends {BASE}", f"/* extends {BASE} */"), [NO_BASE]),
    (READY.replace(FIRST, ""), [NO_FIRST]),
    (READY.replace(SECOND, ""), [NO_SECOND]),
    (READY.replace(FIRST, f"// {FIRST}\n"), [NO_FIRST]),
    (READY.replace(FIRST, f"/* {FIRST} */"), [NO_FIRST]),
    (READY.replace(FIRST, f"String s = '{FIRST}';"), [NO_FIRST]),
    (READY.replace(FIRST, FIRST.replace("override", "virtual")), [NO_FIRST]),
    (READY.replace("validateIncomingToken", "validateIncomingTokens"), [NO_FIRST]),
    (READY.replace("validateIncomingToken", "invalidateIncomingToken"), [NO_FIRST]),
    (READY.replace(FIRST, f"class Inner {{ {FIRST} }}"), [NO_FIRST]),
    (READY.replace(FIRST, f"void go() {{ {FIRST} }}"), [NO_FIRST]),
    (f"public class A extends {BASE} {{ }}", [NO_FIRST, NO_SECOND]),
    (
        f"public class A {{ {READY.replace('A', 'B', 1)} }}",
        [NO_BASE, NO_FIRST, NO_SECOND],
    ),
    (f"public class A extends {BASE} {{ '{FIRST} {SECOND}", [NO_FIRST, NO_SECOND]),
    (f"public class A extends {BASE} {{ /* {FIRST}", [NO_FIRST, NO_SECOND]),
]


def test_says_what_is_missing(subtests):
    for body, problems in PROBLEMS:
        with subtests.test(body=body):
            assert problems_of("A", body) == problems


def test_says_that_the_body_declares_no_class(subtests):
    for body in [
        "",
        " ",
        "\0",
        "class",
        "interface A { }",
        "// class A",
        "'class A'",
        "🙂",
    ]:
        with subtests.test(body=body):
            assert class_name_in(body) == ""
            assert not is_handler_class(body)
            assert problems_of("A", body) == [
                "The body doesn't declare a class. Declare A."
            ]


def test_says_that_the_body_declares_another_class():
    assert problems_of("B", READY) == ["The body declares the class A, not B."]
    assert problems_of("a", READY) == []


def test_only_the_first_class_counts():
    assert class_name_in("/* class A */ class B { class C {} } class D {}") == "B"


def test_our_template_and_the_factory_classes_are_ready(db):
    apex_class = ApexClassFactory()

    assert apex_class.problems == []
    assert problems_of("Made1", TEMPLATE.format(name="Made1")) == []
    assert "This template rejects every token" in TEMPLATE


# A body has at most a million characters. Reading it once per character would take hours.
PARTS = ["'", "\\'", "'\\'", "/*", "*/", "//", "override ", "class ", "class\t-", " ", "\n"]
PARTS += ["a .", "a ", "a<b ", "{", "}", ";", "validateIncomingToken ", "é", "a[]", '"']
SIZES = [1_000, pytest.param(300_000, marks=pytest.mark.slow)]


@pytest.mark.parametrize("size", SIZES)
def test_reading_any_body_is_fast(subtests, size):
    for start, part in product(["", f"class A extends {BASE} {{ "], PARTS):
        with subtests.test(start=start, part=part):
            body = start + part * (size // len(part))

            assert problems_of("A", body)
            assert class_name_in(body) in {"A", "class", ""}


@pytest.mark.parametrize("size", SIZES)
def test_highlighting_any_body_is_fast(subtests, size):
    for part in PARTS:
        with subtests.test(part=part):
            body = f"class A {{ {part * (size // 3 // len(part))}"

            assert highlight_apex(body).startswith('<span class="k">class</span> A')


def test_highlights_keywords_strings_and_comments():
    code = "/* a */ CLASS A { String s = 'it\\'s'; } // z"

    assert highlight_apex(code) == (
        '<span class="cm">/* a */</span> <span class="k">CLASS</span> A { String s = '
        '<span class="s">\'it\\\'s\'</span>; } <span class="c1">// z</span>\n'
    )


def test_code_is_never_markup(subtests):
    for code in ["</pre><script>alert(1)</script>", "'<b>", "/*<b>", "//<b>"]:
        with subtests.test(code=code):
            highlighted = highlight_apex(code)

            assert "<b>" not in highlighted
            assert "<script" not in highlighted
            assert strip_tags(highlighted).count("&lt;") == code.count("<")

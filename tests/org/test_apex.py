"""What is read in an Apex class: does it extend the base, does it override both methods."""

import pytest
from django.utils.html import strip_tags

from tests.factories import ApexClassFactory
from tokenx.apex_colours import colour
from tokenx.org.apex import TEMPLATE, class_name_in, is_handler_class, problems_of

BASE = "Auth.Oauth2TokenExchangeHandler"
FIRST = "public override Auth.TokenValidationResult validateIncomingToken(String a) {}"
SECOND = "public override User getUserForTokenSubject(Id a) { return null; }"
READY = f"public class A extends {BASE} {{ {FIRST} {SECOND} }}"
NO_BASE = f"The class does not extend {BASE}."
NO_FIRST = "The class does not override validateIncomingToken."
NO_SECOND = "The class does not override getUserForTokenSubject."


@pytest.mark.parametrize(
    "body",
    [
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
        READY.replace(
            "{ public", "{ class Inner { void go() { } } Integer i = 0; public", 1
        ),
        READY.replace("{ public", "{ public Integer i { get; set; } public", 1),
        f"@SuppressWarnings('PMD') /* {{ */ {READY}",
        f"// 🙂 \u202eשלום\n{READY}",
        READY + "\0",
    ],
)
def test_a_class_that_extends_the_base_and_overrides_both_is_ready(body):
    assert problems_of("A", body) == []
    assert is_handler_class(body)


@pytest.mark.parametrize(
    ("body", "problems"),
    [
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
    ],
)
def test_says_what_is_missing(body, problems):
    assert problems_of("A", body) == problems


@pytest.mark.parametrize(
    "body",
    ["", " ", "\0", "class", "interface A { }", "// class A", "'class A'", "🙂"],
)
def test_says_that_there_is_no_class(body):
    assert class_name_in(body) == ""
    assert not is_handler_class(body)
    assert problems_of("A", body) == [
        "The body declares no class. It has to declare A.",
    ]


def test_says_that_it_is_another_class():
    assert problems_of("B", READY) == ["The body declares the class A, not B."]
    assert problems_of("a", READY) == []


def test_the_first_class_is_the_one_that_counts():
    assert class_name_in("/* class A */ class B { class C {} } class D {}") == "B"


def test_our_template_and_the_made_up_classes_are_ready(db):
    made = ApexClassFactory()

    assert made.problems == []
    assert problems_of("Made1", TEMPLATE.format(name="Made1")) == []
    assert "not ready as it is" in TEMPLATE


# A body has at most a million characters. One that were read once per character would keep
# this test, and a page, for hours.
MANY = ["'", "\\'", "'\\'", "/*", "*/", "//", "override ", "class ", "class\t-", " ", "\n"]
MANY += ["a .", "a ", "a<b ", "{", "}", ";", "validateIncomingToken ", "é", "a[]", '"']


@pytest.mark.parametrize("part", MANY)
@pytest.mark.parametrize("start", ["", f"class A extends {BASE} {{ "])
def test_no_body_takes_long_to_read(start, part):
    body = start + part * (300_000 // len(part))

    assert problems_of("A", body)
    assert class_name_in(body) in {"A", "class", ""}


@pytest.mark.parametrize("part", MANY)
def test_no_body_takes_long_to_colour(part):
    body = f"class A {{ {part * (100_000 // len(part))}"

    assert colour(body).startswith('<span class="k">class</span> A')


def test_colours_words_texts_and_comments():
    code = "/* a */ CLASS A { String s = 'it\\'s'; } // z"

    assert colour(code) == (
        '<span class="cm">/* a */</span> <span class="k">CLASS</span> A { String s = '
        '<span class="s">\'it\\\'s\'</span>; } <span class="c1">// z</span>\n'
    )


@pytest.mark.parametrize(
    "code", ["</pre><script>alert(1)</script>", "'<b>", "/*<b>", "//<b>"]
)
def test_code_is_never_markup(code):
    coloured = colour(code)

    assert "<b>" not in coloured
    assert "<script" not in coloured
    assert strip_tags(coloured).count("&lt;") == code.count("<")

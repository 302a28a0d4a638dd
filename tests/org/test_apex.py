"""The template of a new handler's class, and the highlighting of Apex."""

import pytest
from django.utils.html import strip_tags

from tests.factories import ApexClassFactory
from tokenx.org.apex import is_template, template_of
from tokenx.setup.compile_classes import compile_body
from tokenx.web.highlighting import highlight_apex, highlight_apex_lines


def test_the_stored_result_of_the_template_is_that_of_the_compiler(org):
    body, stored = template_of("Made1")

    assert compile_body(org=org.pk, body=body) == stored


def test_the_results_of_the_factory_are_those_of_the_compiler(org):
    built = ApexClassFactory.build(org=org)

    compiled = ApexClassFactory.build(org=org, name=built.name)
    compiled.set_compiled(compile_body(org=org.pk, body=built.body))
    for field in [*compiled.COMPILE_FIELDS]:
        assert getattr(built, field) == getattr(compiled, field), field


def test_a_template_with_other_comments_and_spaces_is_still_unedited():
    body, _ = template_of("Made1")

    assert is_template("Made1", body.replace("    ", "\t").upper() + "// Mine")
    assert not is_template("Made1", body.replace("false", "true"))
    assert not is_template("Made2", body)


# A body has at most a million characters. Reading it once per character would take hours.
PARTS = ["'", "\\'", "'\\'", "/*", "*/", "//", "override ", "class ", "class\t-", " ", "\n"]
PARTS += ["a .", "a ", "a<b ", "{", "}", ";", "validateIncomingToken ", "é", "a[]", '"']
SIZES = [1_000, pytest.param(300_000, marks=pytest.mark.slow)]


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


def test_the_lines_of_highlighted_code_are_those_of_the_code():
    code = "/* a\n\n b */\fclass A {\u2028\n}\r"

    lines = highlight_apex_lines(code)

    assert [strip_tags(line) for line in lines] == [
        "/* a\n",
        "\n",
        " b */\fclass A {\u2028\n",
        "}\n",
    ]

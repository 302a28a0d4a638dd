"""Regular expressions: Pattern, Matcher, and String's split and replaceAll."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.apex.running.fake_run import FakeRun
from tokenx.apex.library.registry import find_method
from tokenx.apex.runtime.errors import RunEndedError, ThrownError

from . import fails, run_apex

RETURNS = [
    (r"return '' + 'a.b.c'.split('\\.');", "(a, b, c)"),
    (r"return '' + 'a,b,,'.split(',');", "(a, b)"),
    (r"return '' + 'a,b,,'.split(',', -1);", "(a, b, , )"),
    (r"return '' + 'a,b,c'.split(',', 2);", "(a, b,c)"),
    (r"return '' + ',a'.split(',');", "(, a)"),
    (r"return ''.split(',').size();", 1),
    (r"return ','.split(',').size();", 0),
    (r"return '' + 'abc'.split('');", "(a, b, c)"),
    (r"return '' + 'a1b22'.split('\\d+');", "(a, b)"),
    (r"return '' + 'ä😀ö'.split('😀');", "(ä, ö)"),
    (r"return 'a-b_c'.replaceAll('[^a-z]', '');", "abc"),
    (r"return 'baac'.replaceAll('a*', '-');", "-b--c-"),
    (r"return 'abc'.replaceAll('', '-');", "-a-b-c-"),
    (r"return 'ä😀'.replaceAll('', '-');", "-ä-😀-"),
    (r"return 'John Smith'.replaceAll('(\\w+) (\\w+)', '$2 $1');", "Smith John"),
    (r"return 'ab'.replaceAll('(?<x>a)', '${x}1\\$');", "a1$b"),
    (r"return 'aa'.replaceFirst('a', 'b');", "ba"),
    (r"return 'a'.replaceAll('(a)|(b)', '[$2]');", "[]"),
    (r"return 'a$1'.replaceAll('1', Matcher.quoteReplacement('$\\'));", "a$$\\"),
    (r"return Pattern.matches('[a-z]+', 'abc') && !Pattern.matches('[a-z]+', 'a1');",
     True),
    (r"return 'x+y'.replaceAll(Pattern.quote('+'), '-');", "x-y"),
    (r"return Pattern.compile('a.c').matcher('a\nc').matches();", False),
    (r"return Pattern.compile('(?s)a.c').matcher('a\nc').matches();", True),
    (r"return Pattern.compile('(?i)ABC').matcher('abc').matches();", True),
    (r"return Pattern.matches('\\p{Alpha}+\\p{Lu}[\\p{Digit}\\s]\\u0041', 'abÄ1A');",
     True),
    (r"return Pattern.matches('[\\w.+-]+@[\\w-]+\\.[a-z]{2,}', 'a.b@c.org');", True),
    (r"Matcher m = Pattern.compile('(\\d)(x)?').matcher('a1b2x'); String t = '';"
     r"while (m.find()) { t += m.start() + m.group() + m.group(2) + m.end(2) + ';'; }"
     r"return t + m.groupCount();", "11null-1;32xx5;2"),
    (r"Matcher m = Pattern.compile('b').matcher('😀b'); m.find();"
     r"return m.start() + ':' + m.end();", "2:3"),
    (r"Matcher m = Pattern.compile('a').matcher('aba'); return m.lookingAt() && "
     r"m.find(1) && m.start() == 2 && !m.find() && m.reset('xa').find();", True),
    (r"Matcher m = Pattern.compile('^b$').matcher('abc').region(1, 2);"
     r"return m.find() && m.start() == 1 && m.regionEnd() == 2;", True),
    (r"return Pattern.compile('b').matcher('abb').replaceFirst('x');", "axb"),
    (r"Pattern p = Pattern.compile('a|b'); return '' + p + p.matcher('').pattern();",
     "a|ba|b"),
    (r"return '' + Pattern.compile(';').split('a;b;');", "(a, b)"),
    (r"return Pattern.matches('a\\sb\\S', 'a\tb😀');", True),
    (r"return 'a{b'.replaceAll('\\{', '');", "ab"),
    (r"return Pattern.matches('[]a]+', ']a');", True),
]  # fmt: skip


def test_returns(subtests):
    for code, expected in RETURNS:
        with subtests.test(code=code):
            assert run_apex(code) == expected


EXCEPTIONS = [
    ("'a'.split('(');", "System.StringException: Invalid regex: missing ): ("),
    ("'a'.split('a{');",
     "System.StringException: Invalid regex: no argument: illegal repetition at 1"),
    ("'a'.replaceAll('a', '$1');", "System.StringException: No group 1"),
    ("'a'.replaceAll('a', '$x');", "System.StringException: Illegal group reference"),
    ("Pattern.compile('a').matcher('b').group();",
     "System.StringException: No match found"),
    ("String s = null; 'a'.split(s);",
     "System.NullPointerException: Argument cannot be null."),
]  # fmt: skip


def test_exceptions(subtests):
    for code, message in EXCEPTIONS:
        with subtests.test(code=code):
            assert fails(code) == message


REFUSED = [
    "(?=a)", "(?<!a)b", r"(a)\1", "a++", "(?>a)", "[a-z&&[^b]]", "[a[b]]", "(?x)a",
    "(?U)a", r"\Ga", "((a{100}){100}){100}",
]  # fmt: skip


def test_patterns_that_are_refused(subtests):
    for pattern in REFUSED:
        with subtests.test(pattern=pattern):
            function = find_method("Pattern", "compile", 1, is_static=True)

            with pytest.raises(RunEndedError) as caught:
                function(FakeRun(), pattern)

            assert pattern in caught.value.why


def test_replacements_are_reserved_first():
    assert "heap" in fails(
        "String s = 'x'.repeat(100000); s.replaceAll('x', 'y'.repeat(1000));"
    )


@pytest.mark.slow
def test_a_hard_pattern_ends_at_the_limit():
    code = (
        "String s = 'a'.repeat(100000) + 'b';"
        "while (true) { Pattern.matches('(a|aa)+(a?){200}c', s); }"
    )

    assert "CPU" in fails(code)


@given(
    st.text("ab(){}[]*+?|^$.\\dwsSuQE-&:<>PpL1,"),
    st.text("ab1 é😀\ud83d\n", max_size=12),
    st.text("a$\\{}1", max_size=4),
)
def test_only_apex_exceptions_occur(pattern, text, replacement):
    for name, arguments in (
        ("split", (pattern, 3)),
        ("replaceAll", (pattern, replacement)),
    ):
        function = find_method("String", name, len(arguments), is_static=False)
        try:
            function(FakeRun(), text, *arguments)
        except (ThrownError, RunEndedError):
            continue

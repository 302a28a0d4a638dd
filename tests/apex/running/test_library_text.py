import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.apex.running.fake_run import FakeRun
from tokenx.apex.library.registry import find_method
from tokenx.apex.platform import platform_type
from tokenx.apex.runtime.errors import LimitExceededError, NotRunnableError, ThrownError
from tokenx.apex.types import STRING
from tokenx.apex.values import ApexList, Id
from tokenx.apex.values.text import to_text


def call(receiver, name, *arguments, run=None, type_name="String"):
    function = find_method(type_name, name, len(arguments), is_static=False)
    assert function is not None, name
    run = run or FakeRun()
    return function(run, receiver, *arguments)


def static(name, *arguments, run=None, type_name="String"):
    function = find_method(type_name, name, len(arguments), is_static=True)
    assert function is not None, name
    return function(run or FakeRun(), *arguments)


def strings(*items):
    return ApexList(STRING, list(items))


CALLS = [
    ("Hello Maximillian", "abbreviate", (8,), "Hello..."),
    ("Hello Maximillian", "abbreviate", (8, 4), "Hello..."),
    ("abcdefghijklmno", "abbreviate", (10, 6), "...ghij..."),
    ("abcdefghijklmno", "abbreviate", (10, 12), "...ijklmno"),
    ("abc", "abbreviate", (4,), "abc"),
    ("hello", "capitalize", (), "Hello"),
    ("hello", "center", (9, "-"), "--hello--"),
    ("hello", "center", (8,), " hello  "),
    ("Ωa", "charAt", (0,), 0x3A9),
    ("a😀", "length", (), 3),
    ("a😀", "charAt", (1,), 0xD83D),
    ("a😀", "codePointAt", (1,), 0x1F600),
    ("a😀", "codePointBefore", (3,), 0x1F600),
    ("a😀b", "codePointCount", (0, 4), 3),
    ("a😀b", "offsetByCodePoints", (0, 2), 3),
    ("a😀b", "offsetByCodePoints", (4, -2), 1),
    ("a😀b", "indexOf", ("b",), 3),
    ("a😀b", "substring", (1, 3), "😀"),
    ("a😀b", "substring", (2,), "\ude00b"),
    ("a😀b", "reverse", (), "b😀a"),
    ("a😀b", "left", (2,), "a\ud83d"),
    ("😀", "getChars", (), "(55357, 56832)"),
    ("abcde", "compareTo", ("abxde",), -21),
    ("abc", "compareTo", ("abcde",), -2),
    ("hello", "containsAny", ("hx",), True),
    ("hello", "containsAny", ("x",), False),
    ("Hello", "containsIgnoreCase", ("HELLO",), True),
    ("abcba", "containsNone", ("xyz",), True),
    ("abba", "containsOnly", ("abcd",), True),
    ("abxd", "containsOnly", ("abcd",), False),
    ("a\u00a0b", "containsWhitespace", (), False),
    ("hello world", "containsWhitespace", (), True),
    ("aaa", "countMatches", ("aa",), 1),
    (" a b\n", "deleteWhitespace", (), "ab"),
    ("Hello Jane", "difference", ("Hello Max",), "Max"),
    ("same", "difference", ("same",), ""),
    ("Hello", "endsWith", ("lo",), True),
    ("Hello", "endsWithIgnoreCase", ("LO",), True),
    ("abc", "equals", ("ABC",), False),
    ("abc", "equals", (None,), False),
    ("abc", "equalsIgnoreCase", ("ABC",), True),
    ("abc", "equalsIgnoreCase", (None,), False),
    ('Max, "J"', "escapeCsv", (), '"Max, ""J"""'),
    ('"a, ""b"""', "unescapeCsv", (), 'a, "b"'),
    ('"grüß" \'/\\', "escapeEcmaScript", (), r"\"gr\u00FC\u00DF\" \'\/\\"),
    ("a\tb\u00e9", "escapeJava", (), r"a\tb\u00E9"),
    (r"a\tb\u00E9\"", "unescapeJava", (), 'a\tbé"'),
    ("é<b>&\"'", "escapeHtml4", (), "&eacute;&lt;b&gt;&amp;&quot;'"),
    ("&eacute;&lt;&#65;&#x42;&nix;", "unescapeHtml4", (), "é<AB&nix;"),
    ("€é", "escapeHtml3", (), "€&eacute;"),
    ("€", "escapeHtml4", (), "&euro;"),
    ("<a b='1'>\"&", "escapeXml", (), "&lt;a b=&apos;1&apos;&gt;&quot;&amp;"),
    ("&lt;&apos;&eacute;", "unescapeXml", (), "<'&eacute;"),
    ("De onde você é?", "escapeUnicode", (), r"De onde voc\u00EA \u00E9?"),
    (r"voc\u00EA", "unescapeUnicode", (), "você"),
    ("😀", "escapeUnicode", (), r"\uD83D\uDE00"),
    (r"\uD83D\uDE00", "unescapeUnicode", (), "😀"),
    ("Hello Joe", "getLevenshteinDistance", ("Hello Max",), 3),
    ("Hello Joe", "getLevenshteinDistance", ("Hello Max", 2), -1),
    ("", "getLevenshteinDistance", ("abc",), 3),
    ("abc", "hashCode", (), 96354),
    ("hello", "hashCode", (), 99_162_322),
    ("abcd", "indexOf", ("d", 3), 3),
    ("abcd", "indexOf", ("a", -5), 0),
    ("abcd", "indexOfAny", ("xc",), 2),
    ("abcd", "indexOfAnyBut", ("xa",), 1),
    ("\\+ (bird)", "indexOfChar", (40,), 3),
    ("a😀", "indexOfChar", (0x1F600,), 1),
    ("abc", "indexOfDifference", ("abxc",), 2),
    ("abc", "indexOfDifference", ("abc",), -1),
    ("aBcd", "indexOfIgnoreCase", ("BC", 1), 1),
    ("allLower", "isAllLowerCase", (), False),
    ("lower", "isAllLowerCase", (), True),
    ("UPPER", "isAllUpperCase", (), True),
    ("abc", "isAlpha", (), True),
    ("", "isAlpha", (), False),
    ("abc 1", "isAlphanumericSpace", (), True),
    ("aA Bb", "isAlphaSpace", (), True),
    ("abd!'1", "isAsciiPrintable", (), True),
    ("1234567890", "isNumeric", (), True),
    ("1.2", "isNumeric", (), False),
    ("1 2 3", "isNumericSpace", (), True),
    (" \t", "isWhitespace", (), True),
    ("", "isWhitespace", (), True),
    ("aabb", "lastIndexOf", ("a",), 1),
    ("aabb", "lastIndexOf", ("b", 2), 2),
    ("aabb", "lastIndexOf", ("bb", 1), -1),
    ("aabB", "lastIndexOfIgnoreCase", ("b",), 3),
    ("abcdaacd", "left", (3,), "abc"),
    ("abc", "left", (-1,), ""),
    ("ab", "leftPad", (5,), "   ab"),
    ("ab", "leftPad", (5, "xy"), "xyxab"),
    ("ab", "rightPad", (5, "xy"), "abxyx"),
    ("abc", "leftPad", (2,), "abc"),
    ("abcde", "mid", (2, 3), "cde"),
    ("abc", "mid", (9, 1), ""),
    ("Salesforce \t\n  rocks ", "normalizeSpace", (), "Salesforce rocks"),
    ("abcdef", "overlay", ("123", 1, 3), "a123def"),
    ("Salesforce and force.com", "remove", ("force",), "Sales and .com"),
    ("abc", "remove", ("",), "abc"),
    ("abcabc", "removeEnd", ("abc",), "abc"),
    ("abcABC", "removeEndIgnoreCase", ("abc",), "abc"),
    ("ABCabc", "removeStartIgnoreCase", ("abc",), "abc"),
    ("SFDC", "repeat", (2,), "SFDCSFDC"),
    ("SFDC", "repeat", (-2,), ""),
    ("ab", "repeat", (",", 3), "ab,ab,ab"),
    ("abcdab", "replace", ("ab", "x"), "xcdx"),
    ("ab", "replace", ("", "-"), "-a-b-"),
    ("Hello Max", "right", (3,), "Max"),
    (
        "Lorem1.IpsumDolor",
        "splitByCharacterType",
        (),
        "(L, orem, 1, ., I, psum, D, olor)",
    ),
    ("fooASFRules9", "splitByCharacterTypeCamelCase", (), "(foo, ASF, Rules, 9)"),
    ("<b>hello world</b>", "stripHtmlTags", (), "hello world"),
    ("a < b", "stripHtmlTags", (), "a < b"),
    ("hamburger", "substring", (4, 8), "urge"),
    ("Salesforce.com.force", "substringAfter", (".",), "com.force"),
    ("Salesforce.com.force", "substringAfterLast", (".",), "force"),
    ("Salesforce", "substringAfterLast", (".",), ""),
    ("Salesforce.com.force", "substringBefore", (".",), "Salesforce"),
    ("Salesforce.com.force", "substringBeforeLast", (".",), "Salesforce.com"),
    ("tagYellowtag", "substringBetween", ("tag",), "Yellow"),
    ("x(a)(b)", "substringBetween", ("(", ")"), "a"),
    ("x(a", "substringBetween", ("(", ")"), None),
    ("Hello mR. ß", "swapCase", (), "hELLO Mr. ß"),
    ("TİTLE I", "toLowerCase", ("tr",), "title ı"),
    ("title", "toUpperCase", ("tr",), "TİTLE"),
    ("straße", "toUpperCase", (), "STRASSE"),
    (" \n a \x01\t", "trim", (), "a"),
    ("\u00a0a", "trim", (), "\u00a0a"),
    ("Hello", "uncapitalize", (), "hello"),
]


def test_methods(subtests):
    for text, name, arguments, expected in CALLS:
        with subtests.test(text=text, name=name, arguments=arguments):
            result = call(text, name, *arguments)

            assert (
                to_text(FakeRun(), result) if isinstance(result, ApexList) else result
            ) == expected


STATIC_METHODS = [
    ("isBlank", (None,), True),
    ("isBlank", (" \t\n",), True),
    ("isBlank", ("\u00a0",), False),
    ("isNotBlank", ("a",), True),
    ("isEmpty", ("",), True),
    ("isNotEmpty", (" ",), True),
    ("escapeSingleQuotes", ("it's",), r"it\'s"),
    ("escapeSingleQuotes", (None,), None),
    ("valueOf", (None,), None),
    ("valueOf", (True,), "true"),
    ("fromCharArray", (ApexList(items=[74, 97, 0xD83D, 0xDE00]),), "Ja😀"),
    ("getCommonPrefix", (strings("SFDCApex", "SFDCVisualforce"),), "SFDC"),
    ("getCommonPrefix", (strings("a"),), "a"),
    ("join", (strings("a", None, "b"), ", "), "a, , b"),
    ("join", (ApexList(items=[1, 2]), "-"), "1-2"),
    ("format", ("Hello {0}, {1}!", strings("a", "b")), "Hello a, b!"),
    ("format", ("It''s {0}", strings("x")), "It's x"),
    ("format", ("'{0}' {0}", strings("x")), "{0} x"),
    ("format", ("{1}{2}", strings("x", None)), "null{2}"),
]


def test_static_methods(subtests):
    for name, arguments, expected in STATIC_METHODS:
        with subtests.test(name=name, arguments=arguments):
            assert static(name, *arguments) == expected


EXCEPTIONS = [
    ("abc", "contains", (None,), "NullPointerException", "Argument cannot be null."),
    ("abc", "substring", (5,), "StringException", "Starting position out of bounds: 5"),
    ("abc", "substring", (1, 9), "StringException", "Ending position out of bounds: 9"),
    ("abc", "substring", (2, 1), "StringException", "Ending position out of bounds: 1"),
    ("abc", "charAt", (3,), "StringException", "String index out of range: 3"),
    (
        "abcdef",
        "abbreviate",
        (3,),
        "StringException",
        "Minimum abbreviation width is 4",
    ),
]


def test_exceptions(subtests):
    for text, name, arguments, type_name, message in EXCEPTIONS:
        with subtests.test(text=text, name=name, arguments=arguments, type_name=type_name):
            with pytest.raises(ThrownError) as caught:
                call(text, name, *arguments)

            assert caught.value.value.type.name == type_name
            assert caught.value.value.message == message


LARGE = [
    ("x", "repeat", (2_000_000_000,)),
    ("x", "repeat", ("y", 2_000_000_000)),
    ("x", "leftPad", (2_000_000_000,)),
    ("x", "rightPad", (2_000_000_000, "yz")),
    ("x", "center", (2_000_000_000,)),
    ("x" * 100_000, "replace", ("x", "y" * 100)),
    ("x" * 100_000, "replace", ("", "y" * 100)),
    ("ä" * 1_000_000, "escapeHtml4", ()),
    ("a" * 3_000_000, "getChars", ()),
    ("a" * 100_000, "getLevenshteinDistance", ("b" * 100_000,)),
]


@pytest.mark.slow
def test_large_results_are_refused_first(subtests):
    for text, name, arguments in LARGE:
        with subtests.test(name=name), pytest.raises(LimitExceededError):
            call(text, name, *arguments)


def test_members_that_are_refused_by_name():
    declared = platform_type("String").methods

    missing = {
        signature.name
        for signatures in declared.values()
        for signature in signatures
        if find_method(
            "String",
            signature.name,
            len(signature.parameters),
            is_static=signature.is_static,
        )
        is None
    }

    assert missing == {"addError", "clone", "template"}


argument = st.one_of(
    st.none(),
    st.text(max_size=5),
    st.text("ab\ud83d\ude00😀ß'{}\\&;", max_size=6),
)
index = st.one_of(st.none(), st.integers(-3, 12), st.integers(-(2**31), 2**31 - 1))
METHODS = sorted(
    (
        signature
        for signatures in platform_type("String").methods.values()
        for signature in signatures
        if {each.name for each in signature.parameters} <= {"String", "Integer"}
        and find_method(
            "String", signature.name, len(signature.parameters), is_static=False
        )
        and not signature.is_static
    ),
    key=str,
)


@given(st.text("ab\ud83d\ude00😀ß\\&;<'\"\n", max_size=8), st.data())
def test_only_apex_exceptions_occur(text, data):
    signature = data.draw(st.sampled_from(METHODS))
    arguments = [
        data.draw(argument if each.name == "String" else index)
        for each in signature.parameters
    ]
    try:
        call(text, signature.name, *arguments)
    except (ThrownError, LimitExceededError, NotRunnableError):
        return


@given(st.text())
def test_escapes_are_undone(text):
    for name in ("Csv", "EcmaScript", "Html3", "Html4", "Java", "Unicode", "Xml"):
        escaped = call(text, f"escape{name}")
        if name == "Unicode" and "\\" in text:
            continue
        if name.startswith("Csv") and text.startswith('"'):
            continue
        assert call(escaped, f"unescape{name}") == text


@given(st.text(), st.text(), st.integers(0, 5), st.integers(0, 5))
def test_units_are_those_of_utf_16(text, other, start, end):
    units = text.encode("utf-16-le", "surrogatepass")

    assert call(text, "length") == len(units) // 2
    if start <= end <= len(units) // 2:
        part = units[2 * start : 2 * end].decode("utf-16-le", "surrogatepass")
        assert call(text, "substring", start, end) == part
    assert call(text + other, "startsWith", text)


def test_an_id_is_a_string():
    assert call(Id("005000000000001AAA"), "length") == 18

"""Escapes characters for CSV, HTML, XML, JavaScript, and Java, as Java's libraries do."""

import re
from collections.abc import Callable, Mapping
from html.entities import codepoint2name, name2codepoint

from ..runtime.errors import thrown

_XML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}
_HTML4 = {chr(code): f"&{name};" for code, name in codepoint2name.items()}
_HTML3 = {each: entity for each, entity in _HTML4.items() if each < "\u0100"}
_CONTROLS = {"\b": r"\b", "\n": r"\n", "\t": r"\t", "\f": r"\f", "\r": r"\r"}
_JAVA = {'"': r"\"", "\\": "\\\\", **_CONTROLS}
_SCRIPT = {"'": r"\'", "/": r"\/", **_JAVA}
_ENTITY = re.compile(r"&(#[xX]?[0-9a-fA-F]{1,8}|[A-Za-z0-9]{1,10});")
_ESCAPE = re.compile(r"\\(u+[0-9a-fA-F]{4}|[0-3]?[0-7]{1,2}|.)", re.DOTALL)
_UNICODE = re.compile(r"\\u+([+]?[0-9a-fA-F]{4})?")
_UNESCAPED = {"b": "\b", "n": "\n", "t": "\t", "f": "\f", "r": "\r"}


def size_bound(text: str, growth: int) -> int:
    """Return an upper bound of how much longer an escaped text is."""
    special = len(text) - sum(map(text.count, " abcdefghijklmnopqrstuvwxyz0123456789"))
    return special * (growth - 1)


def _by_table(table: Mapping[str, str]) -> Callable[[str], str]:
    translation = str.maketrans(dict(table))
    return lambda text: text.translate(translation)


def _with_unicode(table: Mapping[str, str]) -> Callable[[str], str]:
    """Return a function that also escapes what isn't printable ASCII, as \\u00EA."""
    escape = _by_table(table)
    return lambda text: _NOT_PRINTABLE.sub(_unicode, escape(text))


_NOT_PRINTABLE = re.compile(r"[^ -\x7f]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def _unicode(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(
        f"\\u{units[at] << 8 | units[at + 1]:04X}" for at in range(0, len(units), 2)
    )


def _escape_unicode(text: str) -> str:
    return _NOT_ASCII.sub(_unicode, text)


def _escape_csv(text: str) -> str:
    if not any(each in text for each in ',"\r\n'):
        return text
    return '"' + text.replace('"', '""') + '"'


def _unescape_csv(text: str) -> str:
    inner = text[1:-1]
    is_quoted = len(text) >= 2 and text[0] == text[-1] == '"'
    if not is_quoted or not any(each in inner for each in ',"\r\n'):
        return text
    return inner.replace('""', '"')


def _unescape_entities(names: Mapping[str, str]) -> Callable[[str], str]:
    def character(match: re.Match[str]) -> str:
        name = match[1]
        if not name.startswith("#"):
            return names.get(name, match[0])
        is_hex = name[1] in "xX"
        digits = name[2:] if is_hex else name[1:]
        if not is_hex and not digits.isdecimal():
            return match[0]
        code = int(digits, 16 if is_hex else 10) if digits else -1
        return chr(code) if 0 <= code <= 0x10FFFF else match[0]

    return lambda text: _ENTITY.sub(character, text)


def _unescape_java(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        escape = match[1]
        if escape[0] == "u" and len(escape) > 1:
            return chr(int(escape[-4:], 16))
        if escape == "u":
            message = "Unable to parse unicode value: less than 4 hex digits"
            raise thrown("StringException", message)
        if escape[0] in "01234567":
            return chr(int(escape, 8))
        return _UNESCAPED.get(escape, escape)

    return _ESCAPE.sub(character, text)


def _unescape_unicode(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        if match[1] is None:
            message = "Unable to parse unicode value: less than 4 hex digits"
            raise thrown("StringException", message)
        return chr(int(match[1].removeprefix("+"), 16))

    return _UNICODE.sub(character, text)


_XML_NAMES = {entity[1:-1]: each for each, entity in _XML.items()}
_HTML4_NAMES = {name: chr(code) for name, code in name2codepoint.items()}
_HTML3_NAMES = {name: each for name, each in _HTML4_NAMES.items() if each < "\u0100"}

# The methods, what they do, and to how many characters one can grow.
METHODS: tuple[tuple[str, Callable[[str], str], int], ...] = (
    ("escapeCsv", _escape_csv, 4),
    ("unescapeCsv", _unescape_csv, 1),
    ("escapeEcmaScript", _with_unicode(_SCRIPT), 6),
    ("unescapeEcmaScript", _unescape_java, 1),
    ("escapeHtml3", _by_table(_HTML3), 8),
    ("unescapeHtml3", _unescape_entities(_HTML3_NAMES), 1),
    ("escapeHtml4", _by_table(_HTML4), 10),
    ("unescapeHtml4", _unescape_entities(_HTML4_NAMES), 1),
    ("escapeJava", _with_unicode(_JAVA), 6),
    ("unescapeJava", _unescape_java, 1),
    ("escapeUnicode", _escape_unicode, 6),
    ("unescapeUnicode", _unescape_unicode, 1),
    ("escapeXml", _by_table(_XML), 6),
    ("unescapeXml", _unescape_entities(_XML_NAMES), 1),
)

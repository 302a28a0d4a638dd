"""Free text in a debug log, which can't imitate lines or fields of the log."""

import re
from collections.abc import Iterable

_LINE_BREAK = re.compile(r"\r\n?")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
# A string without an end reaches to the end of the text, which takes linear time.
_STRING = re.compile(r"'(?:\\.|[^'\\])*+(?:'|\Z)", re.DOTALL)


def lines_of_text(text: str) -> str:
    """Return text that can have more lines. Salesforce escapes only vertical bars."""
    return encodable(text).replace("|", "&#124;")


def encodable(text: str) -> str:
    """Return text with Unix line breaks that UTF-8 can encode."""
    return _LINE_BREAK.sub("\n", _LONE_SURROGATE.sub("\ufffd", text))


def on_one_line(text: str) -> str:
    """Return text without line breaks."""
    return " ".join(lines_of_text(text).splitlines())


def query_text(text: str, binds: Iterable[str]) -> str:
    """Return a query on one line, with its bind expressions as :tmpVar1, :tmpVar2, …"""
    patterns = [
        (_bind_pattern(expression), f":tmpVar{number}")
        for number, expression in enumerate(binds, start=1)
    ]

    def replaced(code: str) -> str:
        for pattern, name in patterns:
            code = pattern.sub(name, code)
        return _SPACES.sub(" ", code)

    # Strings of the query stay as they are; those of a bind belong to its expression.
    if any("'" in pattern.pattern for pattern, _ in patterns):
        return on_one_line(replaced(text)).strip()
    parts, at = [], 0
    for literal in _STRING.finditer(text):
        parts += [replaced(text[at : literal.start()]), literal[0]]
        at = literal.end()
    return on_one_line("".join([*parts, replaced(text[at:])])).strip()


def _bind_pattern(expression: str) -> re.Pattern[str]:
    words = r"\s+".join(map(re.escape, expression.split()))
    end = r"\b(?!\s*[.(\[])" if expression[-1:].isalnum() else ""
    return re.compile(rf":\s*{words}{end}")

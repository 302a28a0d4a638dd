"""Tokens of Apex code: the words and signs, before the parser gives them a meaning."""

import re
from collections.abc import Iterator

from ..problems import Problem
from ..tree import Position
from .invalid_text import invalid_text, literal_errors

# Words that can't be names. Other words, such as get and with, are names or keywords by
# context. The compiler's list: some of these have a meaning only in queries.
KEYWORDS = {
    **dict.fromkeys(
        [
            "abstract",
            "final",
            "global",
            "override",
            "private",
            "protected",
            "public",
            "static",
            "testmethod",
            "transient",
            "virtual",
            "webservice",
        ],
        "MODIFIER",
    ),
    **dict.fromkeys(["delete", "insert", "undelete", "update"], "DML"),
    **dict.fromkeys(["true", "false"], "BOOLEAN"),
    "break": "BREAK",
    "catch": "CATCH",
    "class": "_CLASS",
    "continue": "CONTINUE",
    "do": "DO",
    "else": "_ELSE",
    "enum": "_ENUM",
    "extends": "_EXTENDS",
    "finally": "FINALLY",
    "for": "FOR",
    "if": "IF",
    "implements": "_IMPLEMENTS",
    "instanceof": "INSTANCEOF",
    "interface": "_INTERFACE",
    "merge": "MERGE",
    "new": "NEW",
    "null": "NULL",
    "return": "RETURN",
    "super": "SUPER",
    "this": "THIS",
    "throw": "THROW",
    "try": "TRY",
    "upsert": "UPSERT",
    "while": "WHILE",
}
KEYWORDS |= dict.fromkeys(
    [
        "and",
        "as",
        "asc",
        "bulk",
        "by",
        "commit",
        "desc",
        "from",
        "having",
        "in",
        "like",
        "limit",
        "not",
        "nulls",
        "on",
        "or",
        "select",
        "using",
        "where",
    ],
    "RESERVED",
)
SIGNS = {
    "(": "_LPAR",
    ")": "_RPAR",
    "{": "LBRACE",
    "}": "RBRACE",
    "[": "LBRACKET",
    "]": "_RBRACKET",
    ";": "SEMI",
    ",": "_COMMA",
    ".": "_DOT",
    "?.": "SAFE_DOT",
    "?": "QUESTION",
    ":": "_COLON",
    "=": "ASSIGN",
    "=>": "_ARROW",
    "!": "NOT",
    "~": "NOT",
    "++": "STEP",
    "--": "STEP",
    "+": "SIGN",
    "-": "SIGN",
    "<": "LESS",
    ">": "GREATER",
    ">>": "GREATER",
    ">>>": "GREATER",
}
SIGNS |= dict.fromkeys(
    ["+=", "-=", "*=", "/=", "&=", "|=", "^=", "<<=", ">>=", ">>>="], "ASSIGN_OTHER"
)
SIGNS |= dict.fromkeys(["*", "/", "&", "|", "^", "&&", "||", "??", "<<"], "OPERATOR")
SIGNS |= dict.fromkeys(["==", "!=", "===", "!==", "<>", "<=", ">="], "OPERATOR")

# The regular expression takes the first that fits.
_SIGNS = "|".join(map(re.escape, sorted(SIGNS.keys() - {"?."}, key=len, reverse=True)))
# A comment can come before the first word of a query.
_BLANK = r"(?:\s|//[^\n]*+\n|/\*(?s:.*?)\*/)*+"
_TOKEN = re.compile(
    rf"""
      (?P<space>[ \t\r\n\f\xa0]++|//[^\n]*+|/\*(?s:.*?)\*/)
    | (?P<word>[A-Za-z_$][A-Za-z0-9_$\x80-\U0010ffff]*+)
    | (?P<number>(?:[0-9]++)?\.[0-9]++[dD]?|[0-9]++[lL]?)
    | (?P<text>'''[ \t\r]*+\n(?s:(?:\\.|[^\\])*?)'''|'(?:\\[^\n]|[^'\\\n])*+')
    | (?P<query>\[(?={_BLANK}(?:SELECT\b|FIND\b\s*+['{{:])))
    | (?P<annotation>@\s*+[A-Za-z_]\w*+(?:\.\w++)*+)
    | (?P<sign>(?!/\*)(?:\?\.(?![0-9])|{_SIGNS}))
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
# What can end or hide the bracket of a query: strings, comments, and other brackets. The
# rest are strings and comments that aren't closed.
_IN_QUERY = re.compile(
    r"'(?:\\[^\n]|[^'\\\n])*+'|//[^\n]*+|/\*(?s:.*?)\*/|[\[\];']|/\*", re.ASCII
)
_QUERY_ENDS = {";", "'", "/*"}
_DEEPEST_IN_QUERY = 20
# Each character can be a problem, but no one reads more than this many.
_MOST_PROBLEMS = 100
START = Position(1, 1)
_SEARCH = re.compile(rf"\[{_BLANK}FIND\b", re.ASCII | re.I)
_SEARCH_TEXT = re.compile(r"\[\s*+FIND\s*+\{(?:\\.|[^\\{}])*+\}", re.ASCII | re.I | re.S)


class Token:
    """A token with its position. lark reads `type`, and in the last token the rest."""

    __slots__ = ("at", "offset", "place", "text", "type")

    # What lark copies from the last token.
    start_pos = end_pos = line = column = end_line = end_column = None

    def __init__(self, kind: str, text: str, at: Position, offset: int) -> None:
        self.type, self.text, self.at, self.offset = kind, text, at, offset
        # Of brackets: `member` ends a method or property, `cast` ends a cast, and `type` is
        # outside of methods.
        self.place = ""

    def __repr__(self) -> str:
        """Return a short form for developers."""
        return f"{self.type} {self.text!r} at {self.at.line}:{self.at.column}"


def read_tokens(
    body: str, problems: list[Problem], start: Position = START
) -> Iterator[Token]:
    """Yield the tokens without space and comments. Add what isn't a token to problems.

    The start is the position of the first character.
    """
    offset, line, line_start = 0, start.line, 1 - start.column
    match, end = _TOKEN.match, len(body)
    while offset < end:
        found = match(body, offset)
        at = Position(line, offset - line_start + 1)
        if found is None:
            kind, next_offset = _report(body, offset, at, problems)
            if kind:
                text = body[offset:next_offset]
                yield Token(
                    kind, f"'{text[1:]}'" if kind == "LITERAL" else text, at, offset
                )
        else:
            kind, text = str(found.lastgroup), found.group()
            if kind == "query":
                text = _query_text(body, offset)
                following = body[offset + len(text) : offset + len(text) + 1]
                if following == ";" and not text.endswith("]"):
                    _add(problems, [_unclosed_query(text, at, following)])
            elif kind in ("text", "number"):
                _add(problems, [Problem(at, each) for each in literal_errors(text)])
            next_offset = offset + len(text)
            if kind != "space":
                yield Token(_type_of(kind, text), text, at, offset)
        if count := body.count("\n", offset, next_offset):
            line += count
            line_start = body.rindex("\n", offset, next_offset) + 1
        offset = next_offset


def _add(problems: list[Problem], found: list[Problem]) -> None:
    problems += found[: _MOST_PROBLEMS - len(problems)]


def _type_of(kind: str, text: str) -> str:
    if kind == "word":
        return KEYWORDS.get(text.lower(), "NAME")
    if kind == "sign":
        return SIGNS[text]
    if kind == "query":
        return "SEARCH" if _SEARCH.match(text) else "QUERY"
    return "ANNOTATION" if kind == "annotation" else "LITERAL"


def _query_text(body: str, offset: int) -> str:
    """Return a query in brackets. Without a closing bracket, it ends at a semicolon."""
    depth, found = 0, _SEARCH_TEXT.match(body, offset)
    start = found.end() if found else offset + 1
    for part in _IN_QUERY.finditer(body, start):
        if part.group() in _QUERY_ENDS:
            return body[offset : part.start()]
        depth += {"[": 1, "]": -1}.get(part.group(), 0)
        if depth < 0:
            return body[offset : part.end()]
        if depth > _DEEPEST_IN_QUERY:
            break
    return body[offset : offset + 1]


def _unclosed_query(text: str, at: Position, following: str) -> Problem:
    line, column = at.line + text.count("\n"), len(text) - text.rfind("\n")
    if line == at.line:
        column += at.column - 1
    return Problem(Position(line, column), f"Missing ']' at '{following}'")


def _report(
    body: str, offset: int, at: Position, problems: list[Problem]
) -> tuple[str, int]:
    """Report what isn't a token. Return the type to read it as, and the next offset."""
    invalid = invalid_text(body, offset)
    _add(problems, [Problem(at, invalid.message)])
    return invalid.kind, invalid.end

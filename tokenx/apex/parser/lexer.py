"""The lexer: gives each token the meaning that it has at its place.

It settles what would need more than one token of look-ahead, so that the grammar is
LALR(1): brackets of types and of comparisons, casts and parentheses, and words that are
keywords only at some places.
"""

from collections.abc import Callable

from ..problems import Problem
from ..tree import Position
from . import brackets, words
from .cursor import TokenCursor
from .tokens import KEYWORDS, START, Token, read_tokens


def lex(body: str, problems: list[Problem], start: Position = START) -> list[Token]:
    """Return the tokens as the grammar names them. Add invalid characters to problems."""
    return settle(list(read_tokens(body, problems, start)))


def settle(tokens: list[Token]) -> list[Token]:
    """Give each token the meaning that it has at its place."""
    cursor = TokenCursor(tokens)
    if cursor.is_trigger:
        cursor.tokens[0].type = "TRIGGER"
    count = len(cursor.tokens)
    while cursor.index < count:
        token = cursor.tokens[cursor.index]
        cursor.index += 1
        handle = _HANDLERS.get(token.type)
        if handle is None:
            cursor.out.append(token)
        else:
            handle(cursor, token)
    return cursor.out


_HANDLERS: dict[str, Callable[[TokenCursor, Token], None]] = {
    **dict.fromkeys(KEYWORDS.values(), words.keyword),
    "RESERVED": words.reserved,
    "NAME": words.name,
    "_LPAR": brackets.open_parenthesis,
    "_RPAR": brackets.close_parenthesis,
    "LBRACKET": brackets.open_bracket,
    "_RBRACKET": brackets.close_bracket,
    "LBRACE": brackets.open_brace,
    "RBRACE": brackets.close_brace,
    "SEMI": brackets.end_statement,
    "ASSIGN": brackets.assign,
    "LESS": brackets.less,
    "GREATER": brackets.greater,
}

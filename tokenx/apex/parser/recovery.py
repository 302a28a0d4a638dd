"""Going on after a syntax error, to find more of them."""

from .syntax_errors import SyntaxMistake
from .tokens import SIGNS, Token

_BRACES = {"LBRACE": 1, "RBRACE": -1}
_TEXTS = {kind: sign for sign, kind in SIGNS.items()}


def without(mistake: SyntaxMistake, tokens: list[Token]) -> list[Token]:
    """Return the tokens without the mistake, or no tokens if the parser can't go on."""
    index = mistake.index
    token = tokens[index]
    if mistake.missing in ("SEMI", "_RPAR", "_RBRACKET", "_LPAR"):
        added = Token(mistake.missing, _TEXTS[mistake.missing], token.at, token.offset)
        return [*tokens[:index], added, *tokens[index:]]
    if mistake.is_extra and token.type not in _BRACES:
        return tokens[:index] + tokens[index + 1 :]
    if sum(_BRACES.get(token.type, 0) for token in tokens):
        return []
    start, end = _body_around(tokens, index) or _member_around(tokens, index)
    return tokens[:start] + tokens[end:] if start < end else []


def _body_around(tokens: list[Token], index: int) -> tuple[int, int] | None:
    """Return the indexes of what's in the braces of the method or property at an index."""
    opened: list[int] = []
    for position, token in enumerate(tokens):
        if token.type == "LBRACE":
            opened.append(position)
        elif token.type == "RBRACE" and opened:
            start = opened.pop()
            if start < index <= position and token.place == "member":
                return start + 1, position
    return None


def _member_around(tokens: list[Token], index: int) -> tuple[int, int]:
    """Return the indexes of the field at an index, or of a method's header and body."""
    if not sum(_BRACES.get(token.type, 0) for token in tokens[:index]):
        return 0, 0  # It's in the header of the class.
    start = end = index
    while start and tokens[start - 1].type not in ("SEMI", *_BRACES):
        start -= 1
    depth = 0
    while end < len(tokens) - 1:
        kind = tokens[end].type
        depth += _BRACES.get(kind, 0)
        if depth < 0:
            break
        end += 1
        if not depth and kind in ("SEMI", "RBRACE"):
            break
    return start, end

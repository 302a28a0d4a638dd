"""Anonymous Apex: statements with methods and types among them.

Its tokens are put in the order of a class with one method, which the grammar reads. Each
token keeps its position in the code.
"""

from dataclasses import dataclass

from ..tree import ClassDeclaration, Member, Modifier, Position, Statement
from .tokens import START, Token

_OPENING = {"_LPAR": 1, "LBRACE": 1, "LBRACKET": 1}
_CLOSING = {"_RPAR": 1, "RBRACE": 1, "_RBRACKET": 1}
_TYPES = {"_CLASS", "_INTERFACE", "_ENUM"}
_SHARING = {"with", "without", "inherited"}
_BEFORE = ["class", "AnonymousBlock", "{", "void", "AnonymousBlock", "(", ")", "{"]
_KINDS = {"class": "_CLASS", "(": "_LPAR", ")": "_RPAR", "{": "LBRACE"}


@dataclass(frozen=True, slots=True)
class AnonymousBlock:
    """Anonymous Apex: its statements, and the methods and types that it declares."""

    statements: tuple[Statement, ...]
    declarations: tuple[Member, ...]
    end: Position

    def as_class(self) -> ClassDeclaration:
        """Return the class that has the declarations; the statements run in it."""
        public = (Modifier(START, "public"),)
        return ClassDeclaration(
            START, public, "AnonymousBlock", None, (), self.declarations, self.end
        )


def as_class(tokens: list[Token], end: Token) -> list[Token]:
    """Return the tokens of a class that has the statements in its first method."""
    statements, declarations = list[Token](), list[Token]()
    index = 0
    while index < len(tokens):
        start = _type_end(tokens, index) or _method_end(tokens, index)
        stop = start or _statement_end(tokens, index)
        (declarations if start else statements).extend(tokens[index:stop])
        index = stop
    first = tokens[0] if tokens else end
    return [
        *(_added(text, first) for text in _BEFORE),
        *statements,
        _end(end),
        *declarations,
        _end(end),
    ]


def unmatched_brace(tokens: list[Token]) -> Token | None:
    """Return the first closing brace that has no opening one."""
    depth = 0
    for token in tokens:
        depth += {"LBRACE": 1, "RBRACE": -1}.get(token.type, 0)
        if depth < 0:
            return token
    return None


def _added(text: str, near: Token) -> Token:
    return Token(_KINDS.get(text, "NAME"), text, near.at, near.offset)


def _end(end: Token) -> Token:
    """Return the brace that closes the class or its method, where the code ends."""
    return Token("RBRACE", "<EOF>", end.at, end.offset)


def _kind(tokens: list[Token], index: int) -> str:
    return tokens[index].type if index < len(tokens) else ""


def _after_modifiers(tokens: list[Token], index: int) -> int:
    """Return the index of what follows modifiers and annotations."""
    while True:
        kind = _kind(tokens, index)
        if kind == "ANNOTATION" and _kind(tokens, index + 1) == "_LPAR":
            index = _closed(tokens, index + 1)
        elif kind in ("ANNOTATION", "MODIFIER"):
            index += 1
        elif (
            kind == "NAME"
            and tokens[index].text.lower() in _SHARING
            and index + 1 < len(tokens)
            and tokens[index + 1].text.lower() == "sharing"
        ):
            index += 2
        else:
            return index


def _type_end(tokens: list[Token], index: int) -> int:
    """Return the index after the class, interface, or enum that starts here, or 0."""
    index = _after_modifiers(tokens, index)
    if _kind(tokens, index) not in _TYPES:
        return 0
    while index < len(tokens) and tokens[index].type not in ("LBRACE", "SEMI"):
        index += 1
    return _closed(tokens, index) if _kind(tokens, index) == "LBRACE" else 0


def _method_end(tokens: list[Token], index: int) -> int:
    """Return the index after the method that starts here, or 0."""
    index = _after_type(tokens, _after_modifiers(tokens, index))
    if not index or [_kind(tokens, index), _kind(tokens, index + 1)] != ["NAME", "_LPAR"]:
        return 0
    index = _closed(tokens, index + 1)
    return _closed(tokens, index) if _kind(tokens, index) == "LBRACE" else 0


def _after_type(tokens: list[Token], index: int) -> int:
    """Return the index after a type such as Map<String, List<Id>>[], or 0."""
    depth = 0
    while index < len(tokens):
        kind = tokens[index].type
        if kind not in ("NAME", "RESERVED"):
            return 0
        index += 1
        kind = _kind(tokens, index)
        if kind == "LESS":
            depth += 1
        while kind == "GREATER" or [kind, _kind(tokens, index + 1)] == [
            "LBRACKET",
            "_RBRACKET",
        ]:
            depth -= len(tokens[index].text) if kind == "GREATER" else 0
            index += 1 if kind == "GREATER" else 2
            kind = _kind(tokens, index)
        if kind == "_DOT" or (depth > 0 and kind in ("LESS", "_COMMA")):
            index += 1
        elif depth == 0:
            return index
        else:
            return 0
    return 0


def _statement_end(tokens: list[Token], index: int) -> int:
    """Return the index after the statement, or the part of one, that starts here."""
    depth = 0
    while index < len(tokens):
        kind = tokens[index].type
        depth += _OPENING.get(kind, 0) - _CLOSING.get(kind, 0)
        index += 1
        if depth <= 0 and kind in ("SEMI", "RBRACE"):
            break
    return index


def _closed(tokens: list[Token], index: int) -> int:
    """Return the index after the bracket that closes the one here."""
    depth = 0
    while index < len(tokens):
        kind = tokens[index].type
        depth += _OPENING.get(kind, 0) - _CLOSING.get(kind, 0)
        index += 1
        if depth <= 0:
            break
    return index

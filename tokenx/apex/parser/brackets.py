"""Brackets and signs: casts, type arguments, and the kinds of braces."""

from ..tree import Position
from .cursor import COLLECTIONS, DEEPEST_BRACKETS, TokenCursor, TooDeepError
from .tokens import Token

# Kinds of open brackets.
_BRACES = {"type", "enum", "property", "block", "switch", "values"}
_PARENTHESES = {"other", "control", "for", "annotation", "cast", "parameters"}

# Tokens after which a name with type arguments is always a type.
_BEFORE_TYPES = {"MODIFIER", "ANNOTATION", "NEW", "INSTANCEOF", "_EXTENDS", "_IMPLEMENTS"}
# The kinds of the parentheses after these words.
_CONTROL = {"IF": "control", "WHILE": "control", "CATCH": "control"}
_CONTROL |= {"FOR": "for", "ANNOTATION": "annotation"}


def open_parenthesis(cursor: TokenCursor, token: Token) -> None:
    """Tell casts, control structures, and other parentheses apart."""
    last = cursor.last_type()
    kind = _CONTROL.get(last, "other")
    if kind == "other":
        if cursor.stack[-1] == "type" and not cursor.is_in_value:
            kind = "parameters"
        elif not cursor.is_after_value() and cursor.is_cast():
            kind = "cast"
    cursor.opens(token, kind)
    cursor.emit(token, "CAST" if kind == "cast" else "_LPAR")


def close_parenthesis(cursor: TokenCursor, token: Token) -> None:
    """Add a parenthesis that closes."""
    cursor.angles = 0
    if cursor.stack[-1] in _PARENTHESES:
        kind = token.place = cursor.stack.pop()
        if kind in ("control", "for", "annotation"):
            cursor.control_ends.add(len(cursor.out))
    cursor.out.append(token)


def open_bracket(cursor: TokenCursor, token: Token) -> None:
    """Tell the brackets of an array type and of an index apart."""
    if cursor.type_at(cursor.index) == "_RBRACKET":
        cursor.index += 1
        token.text = "[]"
        cursor.emit(token, "BRACKETS")
    else:
        cursor.opens(token, "index")
        cursor.out.append(token)


def close_bracket(cursor: TokenCursor, token: Token) -> None:
    """Add a bracket that closes."""
    if cursor.stack[-1] == "index":
        cursor.stack.pop()
    cursor.out.append(token)


def open_brace(cursor: TokenCursor, token: Token) -> None:
    """Tell the braces of types, properties, blocks, and collections apart."""
    last, top = cursor.last_type(), cursor.stack[-1]
    kind = cursor.header or "block"
    if not cursor.header and last in ("NAME", "_GT", "BRACKETS") and top != "switch":
        is_property = top == "type" and not cursor.is_in_value
        kind = "property" if is_property else "values"
    cursor.header = ""
    cursor.opens(token, kind)
    cursor.out.append(token)


def close_brace(cursor: TokenCursor, token: Token) -> None:
    """Add a brace that closes, and forget what it leaves open."""
    while len(cursor.stack) > 1 and cursor.stack[-1] not in _BRACES:
        cursor.stack.pop()
    if len(cursor.stack) > 1:
        kind = cursor.stack.pop()
        if cursor.stack[-1] == "type" and kind in ("block", "property"):
            token.place = "member"
    cursor.out.append(token)


def end_statement(cursor: TokenCursor, token: Token) -> None:
    """Add a semicolon."""
    cursor.header, cursor.angles = "", 0
    if cursor.stack[-1] == "type":
        cursor.is_in_value = False
    cursor.out.append(token)


def assign(cursor: TokenCursor, token: Token) -> None:
    """Add an equal sign."""
    if cursor.stack[-1] == "type":
        cursor.is_in_value = True
    cursor.out.append(token)


def less(cursor: TokenCursor, token: Token) -> None:
    """Tell the bracket of a type from a comparison."""
    if cursor.angles or is_type(cursor):
        cursor.angles += 1
        token.place = cursor.stack[-1]
        cursor.emit(token, "_LT")
        if cursor.angles > DEEPEST_BRACKETS:
            raise TooDeepError(token.at)
    else:
        if cursor.last_word() in COLLECTIONS:
            cursor.out[-1].type = "RESERVED"
        cursor.emit(token, "OPERATOR")


def greater(cursor: TokenCursor, token: Token) -> None:
    """Split shift operators that close several types."""
    if not cursor.angles:
        cursor.emit(token, "OPERATOR")
        return
    line, column = token.at
    for number, sign in enumerate(token.text):
        at = Position(line, column + number)
        cursor.out.append(Token("_GT", sign, at, token.offset + number))
    cursor.angles = max(0, cursor.angles - len(token.text))


def is_type(cursor: TokenCursor) -> bool:
    """Say whether the name before an angle bracket is that of a type."""
    top = cursor.stack[-1]
    if top in ("cast", "parameters") or (top == "type" and not cursor.is_in_value):
        return True
    back = 1
    while cursor.last_type(back) == "NAME" and cursor.last_type(back + 1) == "_DOT":
        back += 2
    before = cursor.last_type(back + 1)
    if before in _BEFORE_TYPES or cursor.is_start(back + 1):
        return True
    if before == "_LPAR" and top == "for":
        return True
    end = cursor.type_end(cursor.index - 2)
    return end > 0 and cursor.type_at(end - 1) == "_CLASS"

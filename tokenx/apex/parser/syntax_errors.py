"""Syntax errors in the words of Salesforce's compiler, and how to go on after them.

The compiler knows one token that must come next. It reports that token as missing if the
actual token could follow it, and the actual token as extra if the next one is what must
come. Where several tokens could come next, the actual one is unexpected.
"""

from dataclasses import dataclass

from ..problems import Problem
from ..tree import Position
from .cursor import COLLECTIONS
from .invalid_text import shortened
from .tokens import SIGNS, Token
from .viable import END, ViableTokens

# Signs and words that must come next, the first that fits. Others are optional before them.
_REQUIRED = ["SEMI", "_RPAR", "_RBRACKET", "_COLON", "RBRACE", "LBRACE", "_LPAR", "WHILE"]
_REQUIRED += ["_ARROW", "_GT", END]
_SHOWN = {kind: sign for sign, kind in SIGNS.items() if kind in _REQUIRED}
_SHOWN |= {"WHILE": "WHILE", "_ELSE": "ELSE", "_GT": ">", END: "<EOF>"}
# Tokens and words that can follow an expression somewhere.
_AFTER_EXPRESSIONS = {"SEMI", "_COMMA", "_RPAR", "_RBRACKET", "RBRACE", "LBRACE", "_COLON"}
_AFTER_EXPRESSIONS |= {"_ARROW", "NAME", "LITERAL", "NULL", "BOOLEAN", "THIS", "SUPER"}
_AFTER_EXPRESSIONS |= {"NEW", "_LPAR", "CAST", "NOT", "QUERY", "SEARCH", "FOR", "STEP", END}
_MOST_SHOWN = 20
_IN_TYPES = {"NAME", "_DOT", "_LT", "_GT", "_COMMA", "BRACKETS"}
_STARTS = {"SEMI", "LBRACE", "RBRACE", "_RPAR", "_ELSE", "MODIFIER"}
_WORDS_AFTER_EXPRESSIONS = {"and", "commit", "in", "limit", "or", "using"} | COLLECTIONS


@dataclass(frozen=True, slots=True)
class SyntaxMistake:
    """A syntax error, with the token to insert or to leave out."""

    problem: Problem
    index: int
    missing: str = ""  # The type of the token to insert.
    is_extra: bool = False


def explain(viable: ViableTokens, tokens: list[Token], index: int) -> SyntaxMistake:
    """Explain why the token at an index isn't one of the viable ones."""
    token, at = tokens[index], tokens[index].at
    if token.type == "INVALID":
        return SyntaxMistake(Problem(at, "Unexpected token."), index)
    is_after_name = viable.kinds >= {"ASSIGN", "SEMI"} and "_COLON" not in viable.kinds
    if is_after_name and (mistake := _not_declared(viable.kinds, tokens, index)):
        return mistake
    if "_GT" in viable.kinds and (mistake := _invalid_type(tokens, index - 1)):
        return mistake
    text, required = shown(tokens, index), _required(viable.kinds, tokens, index)
    if not required:
        return SyntaxMistake(Problem(at, f"Unexpected token '{text}'."), index)
    sign = _SHOWN[required]
    if index + 1 < len(tokens) and tokens[index + 1].type == required:
        return SyntaxMistake(
            Problem(at, f"Extra '{sign}', at '{text}'."), index, is_extra=True
        )
    if required == END or _can_follow(viable, token, required):
        return SyntaxMistake(
            Problem(at, f"Missing '{sign}' at '{text}'"), index, missing=required
        )
    return SyntaxMistake(Problem(at, f"Expecting '{sign}' but was: '{text}'"), index)


def _not_declared(kinds: set[str], tokens: list[Token], index: int) -> SyntaxMistake | None:
    """Explain what looked like a declaration, where the compiler sees none."""
    name, before = tokens[index - 1], tokens[index - 2].type
    if "_LPAR" not in kinds and (start := _first_modifier(tokens, index - 2)):
        message = f"Unexpected token '{shown(tokens, start)}'."
        return SyntaxMistake(Problem(tokens[start].at, message), start)
    if before == "_GT":
        return _invalid_type(tokens, index - 2)
    if before not in ("NAME", "BRACKETS"):
        return None
    if "_LPAR" in kinds:
        return SyntaxMistake(
            Problem(name.at, f"Unexpected token '{name.text}'."), index - 1
        )
    return SyntaxMistake(
        Problem(name.at, f"Missing ';' at '{name.text}'"), index - 1, "SEMI"
    )


def _first_modifier(tokens: list[Token], index: int) -> int:
    """Return the index of the first modifier of the type that ends at an index, or 0."""
    while index > 0 and tokens[index].type in _IN_TYPES:
        index -= 1
    start = 0
    while index > 0 and tokens[index].type in ("MODIFIER", "ANNOTATION"):
        start, index = index, index - 1
    return start


def _invalid_type(tokens: list[Token], index: int) -> SyntaxMistake | None:
    """Explain a type of a declaration whose brackets don't match. It ends at an index."""
    bracket = 0
    while index >= 0 and tokens[index].type in _IN_TYPES:
        bracket = index if tokens[index].type == "_LT" else bracket
        index -= 1
    if not bracket or tokens[max(index, 0)].type not in _STARTS:
        return None
    place = bracket if tokens[bracket].place == "type" else bracket - 1
    token = tokens[place]
    return SyntaxMistake(Problem(token.at, f"Unexpected token '{token.text}'."), place)


def _can_follow(viable: ViableTokens, token: Token, required: str) -> bool:
    """Say whether the code could go on with the token after the required one."""
    if token.type in ("SEMI", END) and required in ("LBRACE", "RBRACE"):
        return False
    kind = "NAME" if token.text.lower() in COLLECTIONS else token.type
    return viable.can_follow(kind, required)


def _required(kinds: set[str], tokens: list[Token], index: int) -> str:
    """Return the type of the token that must come next, or empty if several could."""
    token, last = tokens[index], tokens[index - 1].type if index else ""
    is_collection = token.type == "RESERVED" and token.text.lower() in COLLECTIONS
    if last == "WHEN":
        return "_ELSE"
    if "MODIFIER" in kinds or "LITERAL" in kinds:
        ends = ["RBRACE"] if not is_collection or last not in _STARTS else []
        if "MODIFIER" not in kinds:
            ends.append("SEMI")
        if last == "_LPAR" and "SEMI" not in kinds:
            ends.append("_RPAR")
        if "ACCESSOR" in kinds and last == "LBRACE":
            return ""
        return next((kind for kind in ends if kind in kinds), "")
    if kinds <= {"CATCH", "FINALLY", "WHEN"}:
        return "RBRACE"
    if "OPERATOR" in kinds and not _can_end_expression(token):
        return ""
    if kinds >= {"NAME", "RBRACE"}:
        return "RBRACE"
    is_name = "NAME" in kinds and "SEMI" not in kinds
    if is_name or kinds >= {"SEMI", "LBRACE"} or kinds >= {"_LPAR", "LBRACE"}:
        return ""
    return next((kind for kind in _REQUIRED if kind in kinds), "")


def _can_end_expression(token: Token) -> bool:
    """Say whether some expression could end before the token."""
    if token.type == "RESERVED":
        return token.text.lower() in _WORDS_AFTER_EXPRESSIONS
    return token.type in _AFTER_EXPRESSIONS


def shown(tokens: list[Token], index: int) -> str:
    """Return the text of a token; names with dots are shown as a whole."""
    token = tokens[index]
    if token.type in ("QUERY", "SEARCH", "ANNOTATION"):
        return token.text[0]
    words = [token.text.strip("'") if token.type == "LITERAL" else token.text]
    if token.type == "NAME":
        for dot, name in zip(tokens[index + 1 :: 2], tokens[index + 2 :: 2], strict=False):
            if dot.type != "_DOT" or name.type != "NAME":
                break
            words.append(name.text)
            if len(words) > _MOST_SHOWN:
                break
    return shortened(".".join(words))


def end_of(body: str) -> Token:
    """Return the token that stands for the end of the code."""
    line = body.count("\n") + 1
    column = len(body) - body.rfind("\n")
    return Token(END, "<EOF>", Position(line, column), len(body))

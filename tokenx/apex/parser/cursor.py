"""A cursor over the tokens, with look-ahead for types and casts."""

from ..tree import Position
from .tokens import Token

# The most brackets inside each other.
DEEPEST_BRACKETS = 100

# Inside these brackets, a statement or member starts after a semicolon or brace.
_BODIES = {"type", "property", "block", "switch"}
_STARTERS = {"LBRACE", "RBRACE", "SEMI", "_ELSE", "DO", "WHEN"}
# Types that always have type arguments.
COLLECTIONS = {"list", "map"}
# Longer types aren't looked for.
_FARTHEST = 100
# Tokens that can start the operand of a cast.
_OPERANDS = {"NAME", "LITERAL", "BOOLEAN", "NULL", "_LPAR", "NOT", "NEW", "THIS", "SUPER"}
_OPERANDS |= {"QUERY", "SEARCH"}
_NUMBERS = {"integer", "long", "decimal", "double"}


# Tokens before a parenthesis that doesn't start a cast.
_BEFORE_CALLS = {
    "NAME",
    "_RPAR",
    "_RBRACKET",
    "BRACKETS",
    "_GT",
    "THIS",
    "SUPER",
    "LITERAL",
}
_BEFORE_CALLS |= {"RUN_AS", "EVENT"}


class TooDeepError(Exception):
    """More than DEEPEST_BRACKETS brackets are inside each other."""

    def __init__(self, at: Position) -> None:
        super().__init__(at)
        self.at = at


class TokenCursor:
    """The tokens, those for the parser, and a stack of the open brackets."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.index = 0  # That of the next token.
        self.out: list[Token] = []
        self.stack = ["type"]  # Kinds of the open brackets.
        self.header = ""  # The kind of the next brace, if a word before it decides.
        self.is_in_value = False  # In the initial value of a field.
        self.angles = 0  # Open angle brackets of a type.
        self.control_ends: set[int] = set()  # Parentheses in `out` before a statement.
        self.is_trigger = bool(tokens) and tokens[0].text.lower() == "trigger"

    def type_at(self, index: int) -> str:
        """Return the type of the token at an index, which can be after the end."""
        return self.tokens[index].type if index < len(self.tokens) else "$END"

    def word_at(self, index: int) -> str:
        """Return the text at an index in lower case."""
        return self.tokens[index].text.lower() if index < len(self.tokens) else ""

    def last_type(self, back: int = 1) -> str:
        """Return the type of a token behind. Before the first one, there's a new start."""
        return self.out[-back].type if back <= len(self.out) else "SEMI"

    def last_word(self) -> str:
        """Return the text of the last token in lower case."""
        return self.out[-1].text.lower() if self.out else ""

    def emit(self, token: Token, kind: str) -> None:
        """Add a token with another type."""
        token.type = kind
        self.out.append(token)

    def merge(self, token: Token, kind: str, count: int = 1) -> None:
        """Add a token that includes the next ones."""
        words = [self.word_at(self.index + ahead) for ahead in range(count)]
        token.text = " ".join([token.text.lower(), *words])
        self.index += count
        self.emit(token, kind)

    def opens(self, token: Token, kind: str) -> None:
        """Remember an open bracket."""
        self.stack.append(kind)
        self.angles = 0
        if len(self.stack) > DEEPEST_BRACKETS:
            raise TooDeepError(token.at)

    def is_start(self, back: int) -> bool:
        """Say whether a statement or member can start after a token behind."""
        if self.stack[-1] not in _BODIES:
            return False
        return self.last_type(back) in _STARTERS or (
            len(self.out) - back in self.control_ends
        )

    def is_after_value(self) -> bool:
        """Say whether a parenthesis here is that of a call."""
        last = self.last_type()
        return last in _BEFORE_CALLS and not (
            last == "_RPAR" and self.out[-1].place == "cast"
        )

    def is_cast(self) -> bool:
        """Say whether a type, the parenthesis after it, and an operand are ahead."""
        end = self.type_end(self.index)
        if self.type_at(end) != "_RPAR":
            return False
        after = self.type_at(end + 1)
        if after == "SIGN":
            # (a) - b is a difference, unless a is surely a type.
            return end == self.index + 1 and self.word_at(self.index) in _NUMBERS
        return after in _OPERANDS

    def type_end(self, index: int) -> int:
        """Return the index after the type that starts at an index, or 0."""
        depth, needs_name, last = 0, True, index + _FARTHEST
        while index < last:
            kind = self.type_at(index)
            if needs_name:
                if kind != "NAME" and self.type_at(index - 1) != "_DOT":
                    return 0
                if kind == "_CLASS" and not depth:
                    return index + 1  # A type literal, with or without members.
                needs_name = False
            elif kind in ("_DOT", "LESS") or (kind == "_COMMA" and depth):
                depth += kind == "LESS"
                needs_name = True
            elif kind == "GREATER" and len(self.tokens[index].text) <= depth:
                depth -= len(self.tokens[index].text)
            elif kind == "LBRACKET" and self.type_at(index + 1) == "_RBRACKET":
                index += 1
            else:
                return 0 if depth else index
            index += 1
        return 0

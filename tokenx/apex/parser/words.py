"""Words that are names or keywords, by the place where they stand."""

from collections.abc import Callable

from .cursor import TokenCursor
from .tokens import Token

# The kinds of the braces after these words.
_HEADERS = {"_CLASS": "type", "_INTERFACE": "type", "_ENUM": "enum"}


def name(cursor: TokenCursor, token: Token) -> None:
    """Add a name, or a word that is a keyword here."""
    settle = _WORDS.get(token.text.lower())
    is_name = settle is None or cursor.last_type() in ("_DOT", "SAFE_DOT")
    if is_name or settle is None or not settle(cursor, token):
        cursor.out.append(token)


def keyword(cursor: TokenCursor, token: Token) -> None:
    """Add a keyword; after a dot, every word but class is a name."""
    last = cursor.last_type()
    if token.type == "_CLASS" and last == "_DOT":
        cursor.out[-1].type = "DOT_CLASS"
        return
    if last in ("_DOT", "SAFE_DOT"):
        token.type = "NAME"
    elif token.type in _HEADERS:
        cursor.header = _HEADERS[token.type]
    cursor.out.append(token)


def reserved(cursor: TokenCursor, token: Token) -> None:
    """Add a word that's only a keyword at some places, and never a name."""
    settle = _WORDS.get(token.text.lower())
    if cursor.last_type() in ("_DOT", "SAFE_DOT"):
        cursor.emit(token, "NAME")
    elif settle is None or not settle(cursor, token):
        cursor.out.append(token)


def type_only(cursor: TokenCursor, token: Token) -> bool:
    """Read List, Map, and Trigger, which are names only before some signs."""
    after = {"_DOT"} if token.text.lower() == "trigger" else {"LESS", "_DOT"}
    if cursor.type_at(cursor.index) not in after:
        cursor.emit(token, "RESERVED")
    return token.type == "RESERVED"


def sharing(cursor: TokenCursor, token: Token) -> bool:
    """Read with sharing, without sharing, or inherited sharing."""
    if cursor.word_at(cursor.index) == "sharing":
        cursor.merge(token, "MODIFIER")
    return token.type == "MODIFIER"


def switch(cursor: TokenCursor, token: Token) -> bool:
    """Read switch on."""
    if cursor.word_at(cursor.index) == "on" and cursor.type_at(cursor.index + 1) != "_DOT":
        cursor.merge(token, "SWITCH_ON")
        cursor.header = "switch"
    return token.type == "SWITCH_ON"


def when(cursor: TokenCursor, token: Token) -> bool:
    """Read a when, directly inside the braces of a switch."""
    if cursor.stack[-1] == "switch":
        cursor.emit(token, "WHEN")
    return token.type == "WHEN"


def accessor(cursor: TokenCursor, token: Token) -> bool:
    """Read get and set, directly inside the braces of a property."""
    if cursor.stack[-1] == "property":
        cursor.emit(token, "ACCESSOR")
    return token.type == "ACCESSOR"


def access(cursor: TokenCursor, token: Token) -> bool:
    """Read as user and as system after a DML word."""
    is_after_dml = cursor.last_type() in ("DML", "UPSERT", "MERGE")
    if is_after_dml and cursor.word_at(cursor.index) in ("user", "system"):
        cursor.merge(token, "ACCESS")
    return token.type == "ACCESS"


def event(cursor: TokenCursor, token: Token) -> bool:
    """Read an event in the header of a trigger, such as before insert."""
    is_in_header = cursor.is_trigger and "block" not in cursor.stack
    if is_in_header and cursor.type_at(cursor.index) == "DML":
        cursor.merge(token, "EVENT")
    return token.type == "EVENT"


def on(cursor: TokenCursor, token: Token) -> bool:
    """Read the on in the header of a trigger."""
    if cursor.is_trigger and len(cursor.out) == 2:
        cursor.emit(token, "_ON")
    return token.type == "_ON"


def run_as(cursor: TokenCursor, token: Token) -> bool:
    """Read System.runAs, which a block can follow."""
    ahead = [cursor.type_at(cursor.index), cursor.word_at(cursor.index + 1)]
    is_call = cursor.type_at(cursor.index + 2) == "_LPAR"
    if ahead == ["_DOT", "runas"] and is_call and cursor.is_start(1):
        token.at = cursor.tokens[cursor.index + 1].at
        cursor.merge(token, "RUN_AS", 2)
    return token.type == "RUN_AS"


_WORDS: dict[str, Callable[[TokenCursor, Token], bool]] = {
    **dict.fromkeys(["with", "without", "inherited"], sharing),
    **dict.fromkeys(["get", "set"], accessor),
    **dict.fromkeys(["before", "after"], event),
    **dict.fromkeys(["list", "map", "trigger"], type_only),
    "as": access,
    "on": on,
    "switch": switch,
    "system": run_as,
    "when": when,
}

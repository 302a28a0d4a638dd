"""The supported grammar of SOQL and its tree builder.

The parser is lark's LALR parser. It reads each token once and doesn't recurse, so its time
is proportional to the text's length.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import VisitError
from lark.visitors import Transformer_NonRecursive

from .binds import MASK, mask_binds
from .dates import COUNTED, PLAIN
from .tree import (
    Aggregate,
    Aliased,
    All,
    BindExpression,
    Comparison,
    Condition,
    Either,
    Fields,
    Literal,
    Not,
    Order,
    Relative,
    SemiJoin,
    SoqlPath,
    Text,
    too_complicated,
)

# Salesforce's limit, and ours, which SQLite can handle.
LONGEST_TEXT = 4_000
MOST_VALUES = 4_000
# The years that Salesforce supports; with any time zone, Python supports them too.
_FIRST_YEAR, _LAST_YEAR = 1700, 4000

_RESERVED = (
    "AND|ASC|DESC|EXCLUDES|FALSE|FOR|FROM|GROUP|HAVING|IN|INCLUDES|LIKE|LIMIT|NOT|NULL"
    "|NULLS|OFFSET|OR|ORDER|SELECT|TRUE|TYPEOF|UPDATE|USING|WHERE|WITH"
)
_DATE, _TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}", "[0-9]{2}:[0-9]{2}:[0-9]{2}"
# As in Salesforce, AND and OR can't be mixed without parentheses.
_RULES = rf"""

select: item ("," item)* | COUNT "(" ")" -> count_rows
?item: path
     | path NAME -> aliased
     | aggregate [NAME] -> named
     | "FIELDS"i "(" NAME ")" -> fields
path: NAME ("." NAME)*
aggregate: (COUNT | FUNCTION) "(" path ")"
entity: NAME -> path

?where: ["WHERE"i condition]
?condition: operand
          | operand ("AND"i operand)+ -> all_of
          | operand ("OR"i operand)+ -> either
?operand: term
        | "NOT"i term -> negated
?term: path (OPERATOR | LIKE) literal -> compared
     | path "IN"i _values -> is_in
     | path "NOT"i "IN"i _values -> is_not_in
     | path "IN"i _nested -> is_selected
     | path "NOT"i "IN"i _nested -> is_not_selected
     | "(" condition ")"

_nested: "(" "SELECT"i path "FROM"i entity [NAME] where ")"

?group: [grouped]
grouped: "GROUP"i "BY"i path ("," path)*
?order: [ordered]
ordered: "ORDER"i "BY"i ordering ("," ordering)*
ordering: (path | aggregate) [ASC | DESC] ["NULLS"i (FIRST | LAST)]
_constant: TEXT | MOMENT | DAY | NUMBER | RELATIVE | COUNTED | TRUE | FALSE | NULL

COUNT.1: "COUNT"i
FUNCTION.1: /(?:COUNT_DISTINCT|MIN|MAX)(?=\s*\()/i
LIKE.1: "LIKE"i
ASC.1: "ASC"i
DESC.1: "DESC"i
FIRST.1: "FIRST"i
LAST.1: "LAST"i
TRUE.1: "TRUE"i
FALSE.1: "FALSE"i
NULL.1: "NULL"i
NAME: /(?!(?:{_RESERVED})\b)[a-z][a-z0-9_]{{0,99}}(?!\w)/i
OPERATOR: "!=" | "<>" | "<=" | ">=" | "=" | "<" | ">"
WHOLE: /[0-9]{{1,9}}(?!\w)/
TEXT: /'[^'\\]*(?:\\.[^'\\]*)*'/s
MOMENT.4: /{_DATE}T{_TIME}(?:\.[0-9]{{1,9}})?(?:Z|[+-][0-9]{{2}}:?[0-9]{{2}})/i
DAY.3: /{_DATE}(?!\w)/
NUMBER.2: /[+-]?[0-9]{{1,18}}(?:\.[0-9]{{1,18}})?(?!\w)/
COUNTED.3: /(?:{"|".join(COUNTED)})\s*:\s*[0-9]{{1,6}}(?!\w)/i
RELATIVE.2: /(?:{"|".join(PLAIN)})(?!\w)/i

%ignore /\s+/
"""
_OF_API = """
start: "SELECT"i select "FROM"i entity [NAME] where group order limit offset
_values: "(" literal ("," literal)* ")"
?limit: ["LIMIT"i WHOLE]
?offset: ["OFFSET"i WHOLE]
?literal: _constant
"""
# Rows are never locked, deleted, or hidden from a user here, so the last clauses of an
# Apex query change nothing.
_OF_APEX = f"""
start: "SELECT"i select "FROM"i entity [NAME] where _access group order limit offset \
    _all_rows _for*
_access: "WITH"i ("USER_MODE"i | "SYSTEM_MODE"i | "SECURITY_ENFORCED"i) |
_all_rows: "ALL"i "ROWS"i |
_for: "FOR"i ("VIEW"i | "REFERENCE"i | "UPDATE"i)
_values: "(" literal ("," literal)* ")" | BIND
?limit: ["LIMIT"i (WHOLE | BIND)]
?offset: ["OFFSET"i (WHOLE | BIND)]
?literal: _constant | BIND
BIND: /:{MASK}+/
"""

_KEYWORD = re.compile(r'"([A-Z_]+)"i')


def whole_words(grammar: str) -> str:
    """Return the grammar with keywords that end where the word ends.

    In lark, a keyword also matches the beginning of a word: FROM matches that of FROMUser.
    """
    words = sorted(set(_KEYWORD.findall(grammar)))
    terminals = "\n".join(f"_{word}.1: /{word}(?!\\w)/i" for word in words)
    return f"{_KEYWORD.sub(_named, grammar)}\n{terminals}\n"


def _named(keyword: re.Match[str]) -> str:
    return f"_{keyword[1]}"


_ESCAPED = re.compile(r"\\(u[0-9a-fA-F]{4}|.)|(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_ESCAPES |= {each: each for each in "'\"\\%_"}
# Wildcards in a pattern, unless escaped with a backslash.
_SPECIAL = set("%_\\")
_Day = TypeVar("_Day", bound=date)


class MisplacedError(Exception):
    """An invalid value in a token that matches the grammar."""

    def __init__(self, token: Token, sentence: str) -> None:
        super().__init__(sentence)
        self.at = token.start_pos or 0


@v_args(inline=True)
class _Builder(Transformer):
    """A tree builder; errors have an index, and get their line later."""

    def start(
        self, select: object, entity: SoqlPath, alias: Token | None, *clauses: object
    ) -> tuple[object, ...]:
        return select, entity, str(alias) if alias else None, *clauses

    def select(
        self, *items: SoqlPath | Aliased | Aggregate | Fields
    ) -> tuple[SoqlPath | Aliased | Aggregate | Fields, ...]:
        return items

    def count_rows(self, word: Token) -> tuple[Aggregate]:
        return (Aggregate("COUNT", None, None, word.start_pos or 0),)

    def aggregate(self, word: Token, path: SoqlPath) -> Aggregate:
        return Aggregate(word.upper(), path, None, word.start_pos or 0)

    def named(self, function: Aggregate, alias: Token | None) -> Aggregate:
        return replace(function, alias=str(alias)) if alias else function

    def aliased(self, path: SoqlPath, alias: Token) -> Aliased:
        return Aliased(path, str(alias))

    def grouped(self, *paths: SoqlPath) -> tuple[SoqlPath, ...]:
        return paths

    def fields(self, which: Token) -> Fields:
        if which.upper() not in {"ALL", "STANDARD"}:
            raise MisplacedError(which, f"unexpected token: '{which}'")
        return Fields(which.upper(), which.start_pos or 0)

    def path(self, *names: Token) -> SoqlPath:
        return SoqlPath(tuple(map(str, names)), names[0].start_pos or 0)

    def all_of(self, *inner: Condition) -> All:
        return All(inner)

    def either(self, *inner: Condition) -> Either:
        return Either(inner)

    def negated(self, inner: Condition) -> Not:
        return Not((inner,))

    def compared(self, path: SoqlPath, operator: Token, value: Literal) -> Condition:
        if operator in {"!=", "<>"}:
            return Not((Comparison(path, "=", (value,)),))
        return Comparison(path, operator.upper(), (value,))

    def is_in(self, path: SoqlPath, *values: Literal) -> Comparison:
        if len(values) > MOST_VALUES:
            raise too_complicated()
        return Comparison(path, "IN", values)

    def is_not_in(self, path: SoqlPath, *values: Literal) -> Not:
        return Not((self.is_in(path, *values),))

    def is_selected(
        self,
        path: SoqlPath,
        selected: SoqlPath,
        entity: SoqlPath,
        alias: Token | None,
        where: Condition | None,
    ) -> SemiJoin:
        return SemiJoin(path, selected, entity, str(alias) if alias else None, where)

    def is_not_selected(self, path: SoqlPath, *parts: Any) -> Not:
        return Not((self.is_selected(path, *parts),))

    def ordered(self, *orders: Order) -> tuple[Order, ...]:
        return orders

    def ordering(
        self, path: SoqlPath | Aggregate, way: Token | None, nulls: Token | None
    ) -> Order:
        # Nulls come first by default, in both directions.
        is_first = nulls is None or nulls.type == "FIRST"
        return Order(path, way is not None and way.type == "DESC", is_first)

    # Values of tokens; methods have the names of the grammar's tokens.
    TRUE, FALSE, NULL = (lambda *_: True), (lambda *_: False), (lambda *_: None)

    def WHOLE(self, token: Token) -> int:  # noqa: N802
        return int(token)

    def NUMBER(self, token: Token) -> Decimal:  # noqa: N802
        return Decimal(token)

    def TEXT(self, token: Token) -> Text:  # noqa: N802
        text = _text(token) if "\\" in token else Text(token[1:-1], token[1:-1])
        if len(text.value) > LONGEST_TEXT:
            sentence = f"a string in a filter can have at most {LONGEST_TEXT:,} characters"
            raise MisplacedError(token, sentence)
        return text

    def MOMENT(self, token: Token) -> datetime:  # noqa: N802
        return _calendar(datetime.fromisoformat, token)

    def DAY(self, token: Token) -> date:  # noqa: N802
        return _calendar(date.fromisoformat, token)

    def RELATIVE(self, token: Token) -> Relative:  # noqa: N802
        return Relative(token.upper(), None)

    def COUNTED(self, token: Token) -> Relative:  # noqa: N802
        word, _, number = token.partition(":")
        return Relative(word.strip().upper(), int(number))


def _text(token: Token) -> Text:
    """Decode a string literal with escapes."""
    value, pattern = [], []
    for escape, plain in _ESCAPED.findall(token[1:-1]):
        is_code = len(escape) > 1
        letter = plain or (chr(int(escape[1:], 16)) if is_code else _ESCAPES.get(escape))
        if letter is None:
            sentence = f"Illegal character sequence '\\{escape}' in string literal"
            raise MisplacedError(token, sentence)
        value.append(letter)
        pattern.append(f"\\{letter}" if escape and letter in _SPECIAL else letter)
    return Text("".join(value), "".join(pattern))


def _calendar(read: Callable[[str], _Day], token: Token) -> _Day:
    try:
        found = read(token.upper())
    except ValueError:
        raise MisplacedError(token, f"Invalid date: {token}") from None
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise MisplacedError(token, f"Invalid date: {token}")
    return found


class _ApexBuilder(_Builder, Transformer_NonRecursive):
    """A tree builder for a query with binds."""

    def __init__(self, binds: Iterable[BindExpression]) -> None:
        super().__init__()
        # A mask begins at the bind's colon; whitespace can follow it.
        self._binds = iter(binds)

    def BIND(self, token: Token) -> BindExpression:  # noqa: N802
        return next(self._binds)


def parts_of(text: str, *, has_binds: bool) -> Any:
    """Return the clauses of a query. Raise MisplacedError or lark's UnexpectedInput."""
    if not has_binds:
        return _parser().parse(text)
    masked, binds = mask_binds(text)
    try:
        return _ApexBuilder(binds).transform(_apex_parser().parse(masked))
    except VisitError as error:
        raise error.orig_exc from None


@cache
def _parser() -> Lark:
    """Return the parser of API queries, which is built at the first query."""
    grammar = whole_words(_OF_API + _RULES)
    return Lark(grammar, parser="lalr", transformer=_Builder(), maybe_placeholders=True)


@cache
def _apex_parser() -> Lark:
    """Return the parser of Apex queries, whose binds are masked."""
    grammar = whole_words(_OF_APEX + _RULES)
    return Lark(grammar, parser="lalr", maybe_placeholders=True)

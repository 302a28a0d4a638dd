"""The whole of SOQL, as Apex code writes it in brackets.

Most of it can't run in tokenx, but it's no error in a class. This grammar tells a certain
syntax error from a clause that tokenx doesn't support, and finds the fields that a query
reads. It accepts more than Salesforce does: any function, for example.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from .binds import MASK, mask_binds
from .grammar import whole_words
from .parser import unexpected
from .tree import SoqlPath

_DATE, _TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}", "[0-9]{2}:[0-9]{2}:[0-9]{2}"
_ZONE = r"(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})"
# GROUP, ORDER, and others are also names of objects.
_RESERVED = "AND|ASC|DESC|FROM|IN|LIKE|NOT|NULL|NULLS|OR|SELECT|TRUE|FALSE|WHERE"
_GRAMMAR = rf"""
start: query
query: "SELECT"i items "FROM"i sources _scope _where _with _group _order _limit _offset \
    _all_rows lock* _tracking
_scope: scope |
_where: where |
_with: _access | with |
_group: group |
_order: order |
_limit: limit |
_offset: offset |
_all_rows: all_rows |
_tracking: tracking |

items: _item ("," _item)*
_item: _value alias? | subquery alias? | typeof
subquery: "(" query ")"
typeof: "TYPEOF"i path ("WHEN"i path "THEN"i _paths)+ ["ELSE"i _paths] "END"i
_paths: path ("," path)*
alias: NAME
_value: path | function
path: NAME ("." NAME)*
function: NAME "(" [_argument ("," _argument)*] ")"
_argument: _value | _literal | NAME "=" _literal

sources: source ("," source)*
source: path ["AS"i] [NAME]
scope: "USING"i "SCOPE"i NAME
where: "WHERE"i _condition
_condition: _operand | _operand ("AND"i _operand)+ | _operand ("OR"i _operand)+
_operand: _term | "NOT"i _term
_term: _value _compared | "(" _condition ")"
_compared: (OPERATOR | "LIKE"i | _in) _compared_with | includes _compared_with
_in: "IN"i | "NOT"i "IN"i
includes: "INCLUDES"i | "EXCLUDES"i
_compared_with: _literal | "(" _literal ("," _literal)* ")" | subquery
_access: "WITH"i ("USER_MODE"i | "SYSTEM_MODE"i | "SECURITY_ENFORCED"i)
with: "WITH"i _condition | "WITH"i _value
    | "WITH"i "DATA"i "CATEGORY"i _category ("AND"i _category)*
_category: NAME NAME (NAME | "(" NAME ("," NAME)* ")")
group: "GROUP"i "BY"i _value ("," _value)* having?
having: "HAVING"i _condition
order: "ORDER"i "BY"i _ordering ("," _ordering)*
_ordering: _value ["ASC"i | "DESC"i] ["NULLS"i ("FIRST"i | "LAST"i)]
limit: "LIMIT"i (WHOLE | BIND)
offset: "OFFSET"i (WHOLE | BIND)
all_rows: "ALL"i "ROWS"i
lock: "FOR"i ("VIEW"i | "REFERENCE"i | "UPDATE"i)
tracking: "UPDATE"i _tracked ("," _tracked)*
_tracked: "TRACKING"i | "VIEWSTAT"i

_literal: TEXT | NUMBER | DATE | BIND | "TRUE"i | "FALSE"i | "NULL"i | currency
currency: CURRENCY

NAME: /(?!(?:{_RESERVED})\b)[a-z]\w*/i
OPERATOR: "!=" | "<>" | "<=" | ">=" | "=" | "<" | ">"
WHOLE: /[0-9]+(?!\w)/
TEXT: /'''.*?'''|'[^'\\]*(?:\\.[^'\\]*)*'/s
NUMBER: /[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?!\w)/
CURRENCY: /[a-z]{{3}}[0-9]+(?:\.[0-9]*)?(?!\w)/i
DATE.2: /{_DATE}(?:T{_TIME}{_ZONE})?(?!\w)|{_TIME}{_ZONE}(?!\w)|(?:YESTERDAY|TODAY|TOMORROW
    |(?:LAST|NEXT)_N_\w+\s*:\s*[+-]?[0-9]+|N_\w+_AGO\s*:\s*[+-]?[0-9]+
    |(?:LAST|THIS|NEXT)_(?:WEEK|MONTH|90_DAYS|(?:FISCAL_)?(?:QUARTER|YEAR)))(?!\w)/ix
BIND: /:{MASK}+/

%ignore /\s+/
"""
_AGGREGATES = {"AVG", "COUNT", "COUNT_DISTINCT", "MAX", "MIN", "SUM"}
_FUNCTIONS = {"COUNT", "COUNT_DISTINCT", "FIELDS", "MAX", "MIN"}
# The parts of a query that can't run in tokenx, and their names in a warning.
_UNKNOWN = {
    "currency": "a currency value",
    "having": "HAVING",
    "includes": "INCLUDES or EXCLUDES",
    "scope": "USING SCOPE",
    "subquery": "a nested query",
    "tracking": "UPDATE",
    "typeof": "TYPEOF",
    "with": "WITH",
}


@dataclass(frozen=True)
class InlineQuery:
    """The objects and fields of an inline query, and its first unsupported part."""

    objects: tuple[str, ...]
    paths: tuple[SoqlPath, ...]
    is_count: bool
    is_aggregate: bool
    unknown: str
    unknown_at: int


def parse_inline(text: str) -> InlineQuery:
    """Parse a query of Apex. Raise SoqlError if it's certainly invalid."""
    masked, _ = mask_binds(text)
    try:
        tree = _parser().parse(masked)
    except UnexpectedInput as error:
        raise unexpected(text, error) from None
    [query] = tree.children
    assert isinstance(query, Tree)  # noqa: S101 (the grammar's first rule)
    unknown, unknown_at = _unknown(query)
    functions = [str(each.children[0]).upper() for each in _in(query, "items", "function")]
    is_grouped = any(_named(query, "group"))
    is_count = not is_grouped and functions == ["COUNT"] and _is_plain_count(query)
    is_aggregate = is_grouped or (not is_count and bool(_AGGREGATES & {*functions}))
    return InlineQuery(
        tuple(_objects(query)),
        tuple(_fields(query)),
        is_count,
        is_aggregate,
        unknown,
        unknown_at,
    )


@cache
def _parser() -> Lark:
    """Return the parser, which is built at the first query that needs it."""
    grammar = whole_words(_GRAMMAR)
    return Lark(grammar, parser="lalr", maybe_placeholders=True, propagate_positions=True)


def _named(query: Tree[Token], name: str) -> Iterator[Tree[Token]]:
    """Yield the query's own clauses of this name."""
    for each in query.children:
        if isinstance(each, Tree) and each.data == name:
            yield each


def _in(query: Tree[Token], clause: str, kind: str) -> Iterator[Tree[Token]]:
    for each in _named(query, clause):
        yield from _named(each, kind)


def _is_plain_count(query: Tree[Token]) -> bool:
    """Tell whether the query selects COUNT() alone."""
    [items] = _named(query, "items")
    [function, *others] = items.children
    return not others and isinstance(function, Tree) and len(function.children) == 1


def _objects(query: Tree[Token]) -> Iterator[str]:
    for source in _in(query, "sources", "source"):
        yield str(_path(source.children[0]))


def _fields(query: Tree[Token]) -> Iterator[SoqlPath]:
    """Yield the fields that the query itself reads; a nested query has another object."""
    [main, *_] = _in(query, "sources", "source")
    own = {
        str(each).lower() for each in (_path(main.children[0]), main.children[1]) if each
    }
    others = {str(each.children[0]).lower() for each in query.find_data("alias")}
    others |= {
        str(source.children[1] or _path(source.children[0])).lower()
        for source in list(_in(query, "sources", "source"))[1:]
    }
    waiting: list[object] = list(reversed(query.children))
    while waiting:
        each = waiting.pop()
        if not isinstance(each, Tree) or each.data in {"sources", "subquery", "with"}:
            continue
        if each.data == "function" and str(each.children[0]).upper() == "FIELDS":
            continue
        if each.data != "path":
            waiting += reversed(each.children)
            continue
        path = _path(each)
        names = path.names[1:] if path.names[0].lower() in own else path.names
        if names and path.names[0].lower() not in others:
            yield SoqlPath(names, path.at)


def _path(tree: object) -> SoqlPath:
    assert isinstance(tree, Tree)  # noqa: S101 (the grammar has a path here)
    return SoqlPath(tuple(map(str, tree.children)), tree.meta.start_pos)


def _unknown(query: Tree[Token]) -> tuple[str, int]:
    """Return the name and index of the first part that tokenx doesn't support."""
    selected = list(_in(query, "items", "subquery"))
    found = [
        (each.meta.start_pos, _UNKNOWN.get(name) or f"{each.children[0]}()")
        for each in query.iter_subtrees()
        if (name := str(each.data)) in _UNKNOWN or _is_unknown_function(each)
        if each.data != "subquery" or each in selected
    ]
    at, name = min(found, default=(0, ""))
    return name, at


def _is_unknown_function(tree: Tree[Token]) -> bool:
    return tree.data == "function" and str(tree.children[0]).upper() not in _FUNCTIONS

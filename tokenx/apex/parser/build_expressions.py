"""From the grammar's rules to types and expressions of the tree.

Each method is a rule of the grammar; lark calls it with the rule's parts.
"""

import re
from typing import Any

from .. import tree
from ..tree import Expression, TypePart, TypeReference
from .tokens import Token

PRECEDENCE = {
    "*": 10,
    "/": 10,
    # Apex has no %, which is a problem already. The rest of the code is still read.
    "%": 10,
    "+": 9,
    "-": 9,
    **dict.fromkeys(["<<", ">>", ">>>"], 8),
    **dict.fromkeys(["<", ">", "<=", ">=", "instanceof"], 7),
    **dict.fromkeys(["==", "!=", "===", "!==", "<>"], 6),
    "&": 5,
    "^": 4,
    "|": 3,
    "&&": 2,
    "||": 1,
    "??": 0,
}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}
_MULTILINE_START = re.compile(r"'''[ \t\r]*\n")


class ExpressionRules:
    """Rules for names, types, and expressions."""

    def one(self, parts: list[Any]) -> Any:
        """Return the only part."""
        return parts[0]

    def many(self, parts: list[Any]) -> tuple[Any, ...]:
        """Return all parts; an optional part that's missing is None."""
        return tuple(parts)

    def first(self, parts: list[Any]) -> list[Any]:
        """Start a list."""
        return parts

    def more(self, parts: list[Any]) -> list[Any]:
        """Extend a list."""
        parts[0].append(parts[1])
        return parts[0]

    def nothing(self, parts: list[Any]) -> None:
        """Return nothing for a semicolon."""

    # --- Types ---

    def plain_type(self, parts: list[Any]) -> TypeReference:
        names = parts[0]
        inner = tuple([TypePart(name.at, name.text) for name in names])
        return TypeReference(names[0].at, inner)

    def generic(self, parts: list[Any]) -> list[TypePart]:
        names, arguments = parts
        inner = [TypePart(name.at, name.text) for name in names[:-1]]
        return [*inner, TypePart(names[-1].at, names[-1].text, arguments)]

    def generic_inner(self, parts: list[Any]) -> list[TypePart]:
        name, arguments = parts[1], parts[2] if len(parts) == 3 else ()
        return [*parts[0], TypePart(name.at, name.text, arguments)]

    def generic_type(self, parts: list[Any]) -> TypeReference:
        return TypeReference(parts[0][0].at, tuple(parts[0]))

    def plain_array(self, parts: list[Any]) -> TypeReference:
        return self.array_of_arrays([self.plain_type(parts)])

    def generic_array(self, parts: list[Any]) -> TypeReference:
        return self.array_of_arrays([self.generic_type(parts)])

    def array_of_arrays(self, parts: list[Any]) -> TypeReference:
        inner: TypeReference = parts[0]
        return TypeReference(inner.at, inner.parts, inner.array_depth + 1)

    # --- Operands ---

    def literal(self, parts: list[Any]) -> tree.Literal:
        token: Token = parts[0]
        kind, text = literal_value(token.text)
        return tree.Literal(token.at, kind, text)

    def query(self, parts: list[Any]) -> tree.Query:
        return tree.Query(parts[0].at, parts[0].text[1:-1])

    def search(self, parts: list[Any]) -> tree.Search:
        return tree.Search(parts[0].at, parts[0].text[1:-1])

    def this(self, parts: list[Any]) -> tree.This:
        return tree.This(parts[0].at)

    def super_(self, parts: list[Any]) -> tree.Super:
        return tree.Super(parts[0].at)

    def name(self, parts: list[Any]) -> Expression:
        names: list[Token] = parts[0]
        result: Expression = tree.Name(names[0].at, names[0].text)
        for name in names[1:]:
            result = tree.FieldAccess(name.at, result, name.text)
        return result

    def plain_class(self, parts: list[Any]) -> tree.ClassLiteral:
        return self.array_class([self.plain_type(parts)])

    def generic_class(self, parts: list[Any]) -> tree.ClassLiteral:
        return self.array_class([self.generic_type(parts)])

    def array_class(self, parts: list[Any]) -> tree.ClassLiteral:
        return tree.ClassLiteral(parts[0].at, parts[0])

    # --- Members and calls ---

    def arguments(self, parts: list[Any]) -> tuple[Expression, ...]:
        return tuple(parts[0] or ())

    def own_call(self, parts: list[Any]) -> tree.Call:
        token, arguments = parts
        return tree.Call(token.at, None, token.text.lower(), arguments)

    def named_call(self, parts: list[Any]) -> tree.Call:
        names, arguments = parts
        owner = self.name([names[:-1]]) if len(names) > 1 else None
        return tree.Call(names[-1].at, owner, names[-1].text, arguments)

    def access(self, parts: list[Any]) -> tree.FieldAccess:
        owner, name = parts
        return tree.FieldAccess(name.at, owner, name.text)

    def call(self, parts: list[Any]) -> tree.Call:
        owner, name, arguments = parts
        return tree.Call(name.at, owner, name.text, arguments)

    def safe_access(self, parts: list[Any]) -> tree.FieldAccess:
        owner, _, name = parts
        return tree.FieldAccess(name.at, owner, name.text, True)

    def safe_call(self, parts: list[Any]) -> tree.Call:
        owner, _, name, arguments = parts
        return tree.Call(name.at, owner, name.text, arguments, True)

    def index(self, parts: list[Any]) -> tree.Index:
        owner, bracket, index = parts
        return tree.Index(bracket.at, owner, index)

    # --- New ---

    def new(self, parts: list[Any]) -> tree.New:
        token, kind, arguments = parts
        fields = [field for field in map(_named, arguments) if field]
        if fields and len(fields) == len(arguments):
            return tree.New(token.at, kind, (), tuple(fields))
        return tree.New(token.at, kind, arguments)

    def new_list(self, parts: list[Any]) -> tree.NewCollection:
        token, kind = parts[0], parts[1]
        values = tuple(parts[3]) if len(parts) == 5 else ()
        return tree.NewCollection(token.at, kind, values)

    def new_map(self, parts: list[Any]) -> tree.NewCollection:
        token, kind, _, pairs, _ = parts
        return tree.NewCollection(token.at, kind, (), pairs)

    def pair(self, parts: list[Any]) -> tuple[Expression, Expression]:
        return parts[0], parts[1]

    def new_array(self, parts: list[Any]) -> tree.NewArray:
        token, kind, _, size = parts
        return tree.NewArray(token.at, kind, size)

    # --- Operators ---

    def unary(self, parts: list[Any]) -> tree.Unary:
        return tree.Unary(parts[0].at, parts[0].text, parts[1])

    def postfix(self, parts: list[Any]) -> tree.Postfix:
        return tree.Postfix(parts[1].at, parts[1].text, parts[0])

    def cast(self, parts: list[Any]) -> tree.Cast:
        return tree.Cast(parts[0].at, parts[1], parts[2])

    def operators(self, parts: list[Any]) -> Expression:
        """Apply the precedence of binary operators; all of them group to the left."""
        if len(parts) == 3:
            return _combined(parts[1], parts[0], parts[2])
        operands, waiting = [parts[0]], list[tuple[int, Token]]()
        for position in range(1, len(parts), 2):
            operator = parts[position]
            level = PRECEDENCE[operator.text.lower()]
            while waiting and waiting[-1][0] >= level:
                _reduce(operands, waiting.pop()[1])
            waiting.append((level, operator))
            operands.append(parts[position + 1])
        while waiting:
            _reduce(operands, waiting.pop()[1])
        return operands[0]

    def assignment(self, parts: list[Any]) -> tree.Assignment:
        target, operator, value = parts
        return tree.Assignment(operator.at, operator.text, target, value)

    def ternary(self, parts: list[Any]) -> tree.Ternary:
        condition, sign, then, otherwise = parts
        return tree.Ternary(sign.at, condition, then, otherwise)


def _reduce(operands: list[Any], operator: Token) -> None:
    right = operands.pop()
    operands[-1] = _combined(operator, operands[-1], right)


def _combined(operator: Token, left: Any, right: Any) -> Expression:
    if operator.type == "INSTANCEOF":
        return tree.InstanceOf(operator.at, left, right)
    return tree.Binary(operator.at, operator.text, left, right)


def _named(argument: Expression) -> tree.NamedArgument | None:
    """Return the argument as a field and its value if it looks like one."""
    if not isinstance(argument, tree.Assignment) or argument.operator != "=":
        return None
    target = argument.target
    if not isinstance(target, tree.Name):
        return None
    return tree.NamedArgument(target.at, target.name, argument.value)


def literal_value(text: str) -> tuple[str, str]:
    """Return the kind and the value of a literal."""
    if text[0] == "'":
        return "String", _string_value(text)
    word = text.lower()
    if word in ("true", "false"):
        return "Boolean", word
    if word == "null":
        return "null", word
    if word[-1] in "ld":
        return ("Long" if word[-1] == "l" else "Double"), word[:-1]
    return ("Decimal" if "." in word else "Integer"), word


def _string_value(text: str) -> str:
    start = _MULTILINE_START.match(text)
    inner = text[start.end() : -3] if start else text[1:-1]
    return _ESCAPE.sub(_unescaped, inner) if "\\" in inner else inner


def _unescaped(found: re.Match[str]) -> str:
    code, sign = found.groups()
    return chr(int(code, 16)) if code else _ESCAPED.get(sign, sign)

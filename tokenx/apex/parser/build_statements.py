"""From the grammar's rules to statements of the tree."""

from typing import Any

from .. import tree
from ..problems import Problem
from ..tree import Block, Expression, Position
from .build_expressions import ExpressionRules


class MisplacedCodeError(Exception):
    """Code that the grammar allows, but Apex doesn't."""

    def __init__(self, at: Position, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(at, message)


class StatementRules(ExpressionRules):
    """Rules for statements."""

    def block(self, parts: list[Any]) -> Block:
        return Block(parts[0].at, tuple(parts[1:-1]), parts[-1].at)

    def local(self, parts: list[Any]) -> tree.LocalVariables:
        kind, declarators = parts
        return tree.LocalVariables(kind.at, (), kind, declarators)

    def modified_local(self, parts: list[Any]) -> tree.LocalVariables:
        modifiers, kind, declarators = parts
        return tree.LocalVariables(modifiers[0].at, modifiers, kind, declarators)

    def declarator(self, parts: list[Any]) -> tree.Declarator:
        name, _, value = parts
        return tree.Declarator(name.at, name.text, value)

    def expression_statement(self, parts: list[Any]) -> tree.ExpressionStatement:
        return tree.ExpressionStatement(start_of(parts[0]), parts[0])

    def if_(self, parts: list[Any]) -> tree.If:
        return tree.If(parts[0].at, *parts[1:])

    def while_(self, parts: list[Any]) -> tree.While:
        return tree.While(parts[0].at, *parts[1:])

    def do_while(self, parts: list[Any]) -> tree.DoWhile:
        return tree.DoWhile(parts[0].at, parts[1], parts[3])

    def for_each(self, parts: list[Any]) -> tree.ForEach:
        token, kind, name, iterable, body = parts
        return tree.ForEach(token.at, kind, name.text, iterable, body)

    def for_(self, parts: list[Any]) -> tree.For:
        token, initial, _, condition, _, updates, body = parts
        if not isinstance(initial, tree.LocalVariables):
            initial = tuple(initial)
        return tree.For(token.at, initial, condition, tuple(updates or ()), body)

    def switch(self, parts: list[Any]) -> tree.Switch:
        return tree.Switch(parts[0].at, parts[1], tuple(parts[3:-1]))

    def when_else(self, parts: list[Any]) -> tree.When:
        return tree.When(parts[0].at, (), None, "", parts[1])

    def when_values(self, parts: list[Any]) -> tree.When:
        return tree.When(parts[0].at, parts[1], None, "", parts[2])

    def when_type(self, parts: list[Any]) -> tree.When:
        token, kind, name, body = parts
        return tree.When(token.at, (), kind, name.text, body)

    def return_(self, parts: list[Any]) -> tree.Return:
        return tree.Return(parts[0].at, parts[1])

    def throw(self, parts: list[Any]) -> tree.Throw:
        return tree.Throw(parts[0].at, parts[1])

    def break_(self, parts: list[Any]) -> tree.Break:
        return tree.Break(parts[0].at)

    def continue_(self, parts: list[Any]) -> tree.Continue:
        return tree.Continue(parts[0].at)

    def catch(self, parts: list[Any]) -> tree.Catch:
        token, _, kind, name, body = parts
        return tree.Catch(token.at, kind, name.text, body)

    def try_(self, parts: list[Any]) -> tree.Try:
        if len(parts) == 2:
            message = "Try block must have at least one catch block or a finally block"
            raise MisplacedCodeError(parts[0].at, message)
        return tree.Try(parts[0].at, parts[1], tuple(parts[2:]), None)

    def try_finally(self, parts: list[Any]) -> tree.Try:
        token, body, *catches, _, final = parts
        return tree.Try(token.at, body, tuple(catches), final)

    def dml(self, parts: list[Any]) -> tree.Dml:
        token, access, value, _ = parts
        return tree.Dml(token.at, token.text.lower(), access.text if access else "", value)

    def upsert(self, parts: list[Any]) -> tree.Dml:
        token, access, value, names, _ = parts
        field = self.plain_type([names]) if names else None
        word = access.text if access else ""
        return tree.Dml(token.at, "upsert", word, value, None, field)

    def merge(self, parts: list[Any]) -> tree.Dml:
        token, access, value, other, _ = parts
        return tree.Dml(token.at, "merge", access.text if access else "", value, other)

    def run_as(self, parts: list[Any]) -> tree.RunAs:
        token, arguments, body = parts
        return tree.RunAs(token.at, tuple(arguments or ()), body)

    def run_as_call(self, parts: list[Any]) -> tree.ExpressionStatement:
        token, arguments, _ = parts
        owner = tree.Name(token.at, "System")
        call = tree.Call(token.at, owner, "runAs", tuple(arguments or ()))
        return tree.ExpressionStatement(token.at, call)


def start_of(expression: Expression) -> Position:
    """Return the position of an expression's first name or sign."""
    current: Any = expression
    while True:
        match current:
            case tree.FieldAccess() | tree.Index():
                current = current.object
            case tree.Call() if current.object is not None:
                current = current.object
            case tree.Assignment():
                current = current.target
            case tree.Binary():
                current = current.left
            case tree.Ternary():
                current = current.condition
            case tree.Postfix():
                current = current.operand
            case tree.InstanceOf():
                current = current.value
            case _:
                return current.at

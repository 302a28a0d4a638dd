"""Helpers for tests of the parser."""

from functools import cache

from tests.paths import ROOT
from tokenx.apex.parser import Parsed, Parser
from tokenx.apex.tree import Block, Expression, Statement


@cache
def parser() -> Parser:
    """Return the parser. The next process finds its tables in the checkout's data."""
    return Parser(ROOT / ".data" / "test-tables")


def parse(code: str) -> Parsed:
    return parser().parse(code)


def in_method(text: str) -> str:
    """Return a class with statements; they start in line 3 at column 1."""
    return f"public class Sample {{\n  void run() {{\n{text}\n  }}\n}}\n"


def statements(text: str) -> tuple[Statement, ...]:
    parsed = parse(in_method(text))
    assert not parsed.problems, (text, parsed.problems)
    body: Block = parsed.unit.members[0].body
    return body.statements


def expression(text: str) -> Expression:
    return statements(f"x = {text};")[0].expression.value


def errors(code: str) -> list[tuple[int, int, str]]:
    return [(*problem.at, problem.message) for problem in parse(code).problems]

"""The parser: from the text of a class or trigger to its tree, or to syntax errors."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lark.exceptions import UnexpectedToken

from ..problems import Problem
from ..tree import ClassDeclaration, CompilationUnit, MethodDeclaration, Position
from .anonymous import AnonymousBlock, as_class, unmatched_brace
from .build_statements import MisplacedCodeError
from .cursor import TooDeepError
from .depth import check_depth
from .lexer import lex, settle
from .recovery import without
from .syntax_errors import end_of, explain
from .tables import load_or_build
from .tokens import START, Token, read_tokens
from .viable import END, ViableTokens

# Salesforce's limit for a class.
LONGEST_BODY = 1_000_000
MOST_PROBLEMS = 10
# After so many tokens, later errors aren't looked for.
_MOST_TOKENS_READ = 200_000


@dataclass(frozen=True, slots=True)
class Parsed:
    """The tree of a class, interface, enum, or trigger, or its syntax errors."""

    unit: CompilationUnit | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class ParsedBlock:
    """Anonymous Apex, or its syntax errors."""

    block: AnonymousBlock | None
    problems: tuple[Problem, ...]


class Parser:
    """A parser with its tables, which are built or loaded once.

    It raises no exception for any text. It refuses code that's longer than LONGEST_BODY,
    more brackets inside each other than DEEPEST_BRACKETS, and a tree that's deeper than
    DEEPEST_TREE. Code with errors takes little longer, because few tokens are read again.
    """

    def __init__(self, tables_folder: Path | None) -> None:
        self._parse: Callable[[Any], Any] = load_or_build(tables_folder).parse

    def parse(self, body: str, start: Position = START) -> Parsed:
        """Parse a class, interface, enum, or trigger.

        The start is the position of the first character.
        """
        return self._parsed(body, lambda problems: lex(body, problems, start))

    def parse_anonymous(self, body: str) -> ParsedBlock:
        """Parse anonymous Apex: statements with methods and types among them."""

        def tokens_of(problems: list[Problem]) -> list[Token] | None:
            tokens = list(read_tokens(body, problems))
            if extra := unmatched_brace(tokens):
                problems.append(Problem(extra.at, f"Unexpected token '{extra.text}'."))
                return None
            return settle(as_class(tokens, end_of(body)))

        parsed = self._parsed(body, tokens_of)
        if not isinstance(parsed.unit, ClassDeclaration):
            return ParsedBlock(None, parsed.problems)
        method, *declarations = parsed.unit.members
        assert isinstance(method, MethodDeclaration)  # noqa: S101 (as_class adds it)
        assert method.body is not None  # noqa: S101 (it has braces)
        return ParsedBlock(
            AnonymousBlock(method.body.statements, tuple(declarations), parsed.unit.end), ()
        )

    def _parsed(
        self, body: str, tokens_of: Callable[[list[Problem]], list[Token] | None]
    ) -> Parsed:
        problems: list[Problem] = []
        unit: Any = None
        if len(body) > LONGEST_BODY:
            message = f"Code can't be longer than {LONGEST_BODY:,} characters."
            return Parsed(None, (Problem(START, message),))
        try:
            tokens = tokens_of(problems)
            if tokens is not None:
                unit = self._parse_tokens([*tokens, end_of(body)], problems)
            if unit is not None:
                check_depth(unit)
        except TooDeepError as error:
            problems.append(Problem(error.at, "The code is nested too deeply."))
        except MisplacedCodeError as error:
            problems.append(error.problem)
        problems.sort(key=lambda problem: problem.at)
        return Parsed(None if problems else unit, tuple(problems[:MOST_PROBLEMS]))

    def _parse_tokens(self, tokens: list[Token], problems: list[Problem]) -> Any:
        """Return the tree. After an error, go on without what caused it."""
        is_cut = any("*/" in problem.message[:25] for problem in problems)
        tokens_read = 0
        while tokens and len(problems) < MOST_PROBLEMS and tokens_read < _MOST_TOKENS_READ:
            tokens_read += len(tokens)
            try:
                return self._parse(tokens[:-1])
            except UnexpectedToken as error:
                token: Any = error.token
                index = len(tokens) - 1 if token.type == END else tokens.index(token)
                mistake = explain(ViableTokens(error), tokens, index)
            if token.type != "INVALID" and not (is_cut and token.type == END):
                problems.append(mistake.problem)
            tokens = without(mistake, tokens)
        return None

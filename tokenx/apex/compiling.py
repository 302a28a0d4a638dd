"""Compiles a class: parses and checks it."""

from .checker import check_all, check_anonymous
from .compiled import Compiled, CompileOutcome, hash_of
from .parser import AnonymousBlock, Parser
from .parser.declared import declared_name, declared_superclass
from .parser.tokens import START
from .ports import OrgClasses, Ports
from .problems import Problem, Severity
from .tree import (
    Block,
    ClassDeclaration,
    CompilationUnit,
    Expression,
    FieldDeclaration,
    Position,
)


def compile_class(
    body: str, *, parser: Parser, classes: OrgClasses, ports: Ports
) -> Compiled:
    """Parse and check a class; its tree isn't kept."""
    parsed = parser.parse(body)
    if parsed.problems or parsed.unit is None:
        return _with_syntax_errors(body, parsed.problems)
    return compile_unit(body, parsed.unit, parser=parser, classes=classes, ports=ports)


def compile_unit(
    body: str,
    unit: CompilationUnit,
    *,
    parser: Parser,
    classes: OrgClasses,
    ports: Ports,
) -> Compiled:
    """Check a class whose tree the caller has."""

    def parse_bind(text: str, at: Position) -> Expression | Problem | None:
        return parse_expression(parser, text, at)

    checked = check_all(unit, classes=classes, ports=ports, parse_expression=parse_bind)
    return Compiled(
        hash_of(body),
        _outcome(checked.problems),
        checked.problems,
        unit.name,
        checked.superclasses,
        checked.references,
    )


def compile_anonymous(
    body: str, *, parser: Parser, classes: OrgClasses, ports: Ports
) -> tuple[AnonymousBlock | None, tuple[Problem, ...]]:
    """Parse and check anonymous Apex. With errors, there's no block to run."""
    parsed = parser.parse_anonymous(body)
    block = parsed.block
    if block is None:
        return None, parsed.problems
    unit = block.as_class()

    def parse_bind(text: str, at: Position) -> Expression | Problem | None:
        return parse_expression(parser, text, at)

    problems = check_anonymous(
        unit,
        Block(START, block.statements, block.end),
        classes=classes,
        ports=ports,
        parse_expression=parse_bind,
    )
    has_errors = any(each.severity is Severity.ERROR for each in problems)
    return None if has_errors else block, problems


def _with_syntax_errors(body: str, problems: tuple[Problem, ...]) -> Compiled:
    """Return what the lexer alone can tell about a class that doesn't parse."""
    superclass = declared_superclass(body)
    return Compiled(
        hash_of(body),
        CompileOutcome.INVALID,
        problems,
        declared_name(body),
        (superclass,) if superclass else (),
        (),
    )


def _outcome(problems: tuple[Problem, ...]) -> CompileOutcome:
    severities = {problem.severity for problem in problems}
    if Severity.ERROR in severities:
        return CompileOutcome.INVALID
    if Severity.WARNING in severities:
        return CompileOutcome.NOT_RUNNABLE
    return CompileOutcome.VALID


def parse_expression(
    parser: Parser, text: str, at: Position
) -> Expression | Problem | None:
    """Parse the bind of a query, at the place where it is in its class."""
    before = "class C{Object x="
    start = Position(at.line, at.column - len(before))
    parsed = parser.parse(f"{before}{text};}}", start)
    if parsed.problems:
        return parsed.problems[0]
    unit = parsed.unit
    field = unit.members[0] if isinstance(unit, ClassDeclaration) and unit.members else None
    return field.declarators[0].value if isinstance(field, FieldDeclaration) else None

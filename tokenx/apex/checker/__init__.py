"""Checks a class that parses: its names, types, calls, and statements.

An error is what Salesforce's compiler certainly refuses. Code that depends on a type,
field, or object that tokenx doesn't know gives no error. One warning per class names those.
"""

from dataclasses import dataclass

from ..ports import OrgClasses, Ports
from ..problems import Problem
from ..tree import Block, ClassDeclaration, CompilationUnit, Position, TriggerDeclaration
from ..types import ApexType
from . import branches, calls, expressions, operators, queries  # Each registers nodes.
from .context import ParseExpression
from .declarations import Checker
from .references import Resolver
from .report import Report
from .scopes import TypeScope
from .world import World

__all__ = ["Checked", "check", "check_all", "check_anonymous"]
_TOO_LONG = "Expression is too long, please split this expression into multiple statements"
_REGISTERED = (branches, calls, expressions, operators, queries)


@dataclass(frozen=True, slots=True)
class Checked:
    """The problems of a class, its base classes, and the other classes it mentions."""

    problems: tuple[Problem, ...]
    superclasses: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


def check(
    unit: CompilationUnit, *, classes: OrgClasses, ports: Ports
) -> tuple[Problem, ...]:
    """Return the problems of a class that parses."""
    return check_all(unit, classes=classes, ports=ports).problems


def _parse_nothing(text: str, at: Position) -> None:
    return None


def check_all(
    unit: CompilationUnit,
    *,
    classes: OrgClasses,
    ports: Ports,
    parse_expression: ParseExpression = _parse_nothing,
) -> Checked:
    """Check a class; `parse_expression` reads the binds of queries that aren't names."""
    world, report = World(unit, classes, ports), Report()
    checker = Checker(world, report, Resolver(world, report), parse_expression)
    try:
        if isinstance(unit, TriggerDeclaration):
            checker.check_trigger(unit)
        else:
            checker.check_type(TypeScope(ApexType(unit.name), unit))
    except RecursionError:
        report.error(unit.at, _TOO_LONG)
    return Checked(report.problems(), _superclasses(world, unit), _references(world, unit))


def check_anonymous(
    unit: ClassDeclaration,
    block: Block,
    *,
    classes: OrgClasses,
    ports: Ports,
    parse_expression: ParseExpression,
) -> tuple[Problem, ...]:
    """Check anonymous Apex; the unit has what it declares."""
    world, report = World(unit, classes, ports), Report()
    checker = Checker(world, report, Resolver(world, report), parse_expression)
    try:
        checker.check_anonymous(unit, block)
    except RecursionError:
        report.error(unit.at, _TOO_LONG)
    return report.problems()


def _superclasses(world: World, unit: CompilationUnit) -> tuple[str, ...]:
    """Return the names of the base classes, closest first."""
    if isinstance(unit, TriggerDeclaration):
        return ()
    names, current = list[str](), ApexType(unit.name)
    while len(names) < 60:
        shape = world.shape(current)
        above = shape.superclass if shape and shape.kind == "class" else None
        if above is None or above.key == "object" or above.name in names:
            break
        names.append(above.name)
        current = above
    return tuple(names)


def _references(world: World, unit: CompilationUnit) -> tuple[str, ...]:
    mine = unit.name.lower()
    return tuple(sorted(name for key, name in world.references.items() if key != mine))

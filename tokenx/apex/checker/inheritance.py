"""Checks what a type extends and implements."""

from ..tree import ClassDeclaration, EnumDeclaration, TypeReference
from ..types import UNKNOWN, ApexType
from .model import Shape, shown
from .references import Resolver
from .report import Report
from .scopes import TypeScope
from .world import World

_EXCEPTION = "exception"


def check_supertypes(
    world: World, report: Report, resolver: Resolver, scope: TypeScope
) -> None:
    """Report a superclass or interface that a type can't have."""
    declaration = scope.declaration
    if isinstance(declaration, EnumDeclaration):
        return
    if isinstance(declaration, ClassDeclaration):
        if declaration.superclass:
            _check_superclass(world, report, resolver, scope, declaration.superclass)
        _check_exception_name(world, report, scope)
    seen = set[str]()
    for reference in declaration.interfaces:
        found = resolver.resolve(reference, scope.outer or scope)
        _check_interface(world, report, found, reference)
        if found != UNKNOWN and str(found).lower() in seen:
            message = f"Interface already implemented: {reference.name}"
            report.error(reference.at, message)
        seen.add(str(found).lower())


def _check_superclass(
    world: World,
    report: Report,
    resolver: Resolver,
    scope: TypeScope,
    reference: TypeReference,
) -> None:
    found = resolver.resolve(reference, scope.outer or scope)
    shape = _shape(world, found)
    if shape is None:
        return
    if _is_circular(world, scope.type, found):
        report.error(scope.declaration.at, f"Circular definition: {shown(found)}")
    elif shape.kind != "class":
        report.error(reference.at, f"Invalid class: {reference.name}")
    elif not shape.is_virtual:
        message = f"Non-virtual and non-abstract type cannot be extended: {shown(found)}"
        report.error(scope.declaration.at, message)


def _is_circular(world: World, mine: ApexType, above: ApexType) -> bool:
    return world.extends(above, mine.name) is True


def _shape(world: World, type_: ApexType) -> Shape | None:
    return None if type_ == UNKNOWN else world.shape(type_)


def _check_interface(
    world: World, report: Report, found: ApexType, reference: TypeReference
) -> None:
    shape = _shape(world, found)
    if shape and shape.kind != "interface":
        report.error(reference.at, f"Invalid interface: {reference.name}")


def _check_exception_name(world: World, report: Report, scope: TypeScope) -> None:
    is_exception = world.extends(scope.type, "Exception")
    name = scope.type.name
    is_named_so = name.lower().endswith(_EXCEPTION)
    if is_exception and not is_named_so:
        report.error(
            scope.declaration.at,
            f"Classes extending Exception must have a name ending in Exception: {name}",
        )
    elif is_exception is False and is_named_so:
        report.error(
            scope.declaration.at,
            f"Exception class must extend another Exception class: {name}",
        )

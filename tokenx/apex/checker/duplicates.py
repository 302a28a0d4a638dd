"""Reports members of a type that share a name or a signature."""

from collections.abc import Iterator
from dataclasses import replace

from ..tree import EnumDeclaration, FieldDeclaration, Position, PropertyDeclaration
from ..types import ApexType
from .model import TYPES, Method, is_known, listed
from .report import Report
from .scopes import TypeScope
from .world import World


def check_members(world: World, report: Report, scope: TypeScope) -> None:
    """Report a second field, method, constructor, or inner type that's the same."""
    for at, name in _repeated(_variables(scope)):
        report.error(at, f"Duplicate field: {name}")
    for at, name in _repeated(_types(scope)):
        is_outer = name.lower() == scope.declaration.name.lower()
        shown = name if is_outer else f"{scope.type}.{name}"
        report.error(at, f"Type name already in use: {shown}")
    shape = world.shape(scope.type)
    if shape is None or isinstance(scope.declaration, EnumDeclaration):
        return
    for methods in (*shape.methods.values(), shape.constructors):
        _check_methods(report, scope, methods)
    if world.extends(scope.type, "Exception"):
        _check_exception_constructors(report, shape.constructors)


_EXCEPTION_PARAMETERS = {
    (),
    ("string",),
    ("exception",),
    ("string", "exception"),
}


def _check_exception_constructors(report: Report, methods: tuple[Method, ...]) -> None:
    """Report a constructor that each exception has."""
    for each in methods:
        if tuple(type_.key for type_ in each.parameters) in _EXCEPTION_PARAMETERS:
            signature = f"void <init>({listed(each.parameters)})"
            report.error(
                each.at, f"System exception constructor already defined: {signature}"
            )


def _variables(scope: TypeScope) -> Iterator[tuple[Position, str]]:
    declaration = scope.declaration
    if isinstance(declaration, EnumDeclaration):
        yield from ((value.at, value.name) for value in declaration.values)
        return
    for member in declaration.members:
        if isinstance(member, FieldDeclaration):
            yield from ((each.at, each.name) for each in member.declarators)
        elif isinstance(member, PropertyDeclaration):
            yield member.at, member.name


def _types(scope: TypeScope) -> Iterator[tuple[Position, str]]:
    declaration = scope.declaration
    yield declaration.at, declaration.name
    if not isinstance(declaration, EnumDeclaration):
        for member in declaration.members:
            if isinstance(member, TYPES):
                yield member.at, member.name


def _repeated(names: Iterator[tuple[Position, str]]) -> Iterator[tuple[Position, str]]:
    seen = set[str]()
    for at, name in names:
        if name.lower() in seen:
            yield at, name
        seen.add(name.lower())


def _check_methods(report: Report, scope: TypeScope, methods: tuple[Method, ...]) -> None:
    seen = set[tuple[str, ...]]()
    for method in methods:
        key = tuple(map(_key_of, method.parameters))
        if key in seen and all(map(is_known, method.parameters)):
            name = "<init>" if method.name == "<Constructor>" else method.name
            called = replace(method, name=name)
            report.error(
                method.at,
                f"Method already defined: {name} {called} from the type {scope.type}",
            )
        seen.add(key)


def _key_of(type_: ApexType) -> str:
    return f"{type_.key}<{','.join(map(_key_of, type_.arguments))}>"

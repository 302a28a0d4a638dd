"""Checks overridden methods, and that a class has those that it must have."""

from collections.abc import Iterator

from ..tree import ClassDeclaration, MethodDeclaration, Position
from ..types import ApexType
from . import hints
from .model import ACCESSES, Method, Shape, is_known, shown, words_of
from .relations import is_assignable
from .report import Report
from .scopes import TypeScope
from .world import MOST_OVERLOADS, World, parameters_of

# Overrides of global methods can be public.
_PUBLIC = ACCESSES.index("public")


def check_methods(world: World, report: Report, scope: TypeScope) -> None:
    """Report invalid overrides and missing methods of a class."""
    shape = world.shape(scope.type)
    if shape is None or not isinstance(scope.declaration, ClassDeclaration):
        return
    overriding = {
        member.at
        for member in scope.declaration.members
        if isinstance(member, MethodDeclaration)
        and "override" in words_of(member.modifiers)
    }
    if shape.superclass and shape.superclass.name.lower() in hints.OTHER_BASES:
        _warn_of_base(report, shape, shape.superclass)
    for methods in shape.methods.values():
        for method in methods[:MOST_OVERLOADS]:
            if not method.is_static:
                _check_override(world, report, scope, method, method.at in overriding)
    if not shape.is_abstract:
        _check_missing(world, report, scope)


def _warn_of_base(report: Report, shape: Shape, base: ApexType) -> None:
    """Warn of a handler's method in a class that extends another platform class."""
    for key in hints.OVERRIDES:
        for method in shape.methods.get(key, ())[:1]:
            message = f"{base} never calls {method.name}. {hints.OVERRIDES[key]}"
            report.warn(method.at, message)
            return


def _check_override(
    world: World, report: Report, scope: TypeScope, method: Method, has_keyword: bool
) -> None:
    above = _inherited(world, scope.type, method.name)
    same = [each for each in above if _has_same_parameters(method, each)]
    if has_keyword and not same:
        _check_overrides_nothing(world, report, scope, method)
    for each in same:
        is_certain = all(map(is_known, (*method.parameters, *each.parameters)))
        if not is_certain or _is_of_interface(world, each):
            continue
        _check_overridden(world, report, method, each, has_keyword)
        return


def _inherited(world: World, type_: ApexType, name: str) -> list[Method]:
    """Return the methods of a name that a type's supertypes declare, closest first."""
    return [each for each in world.methods(type_, name)[0] if not each.owner.is_same(type_)]


def _check_overrides_nothing(
    world: World, report: Report, scope: TypeScope, method: Method
) -> None:
    hint = hints.OVERRIDES.get(method.name.lower(), "")
    if world.is_complete(scope.type):
        message = f"@Override specified for non-overriding method: {method}"
        report.error(method.at, message, hint)


def _check_overridden(
    world: World, report: Report, method: Method, above: Method, has_keyword: bool
) -> None:
    if above.owner.key == "object" or _is_hidden(above, method):
        return
    if above.is_static:
        if not has_keyword:
            return
        message = f"@Override specified for non-overriding method: {method}"
    elif not above.is_virtual:
        message = f"Non-virtual, non-abstract methods cannot be overridden: {method}"
    elif not has_keyword:
        message = f"Method must use the override keyword: {method}"
    elif ACCESSES.index(method.access) < ACCESSES.index(above.access) <= _PUBLIC:
        message = f"Cannot reduce the visibility of method: {method}"
    elif not is_assignable(world, method.returns, above.returns):
        message = (
            f"Method return types clash: {shown(method.returns)} vs {shown(above.returns)} "
            f"from the type {shown(method.owner)}"
        )
    else:
        return
    report.error(method.at, message)


def _is_hidden(above: Method, method: Method) -> bool:
    """Say whether a private method is in another file, which can't see it."""
    outer = above.owner.name.partition(".")[0].lower()
    return (
        above.access == "private" and outer != method.owner.name.partition(".")[0].lower()
    )


def _has_same_parameters(one: Method, other: Method) -> bool:
    """Compare parameters; those that tokenx doesn't know match all others."""
    return len(one.parameters) == len(other.parameters) and all(
        mine.is_same(theirs) or not is_known(mine) or not is_known(theirs)
        for mine, theirs in zip(one.parameters, other.parameters, strict=True)
    )


def _is_of_interface(world: World, method: Method) -> bool:
    shape = world.shape(method.owner)
    return shape is not None and shape.kind == "interface"


# --- Methods that a class must have ------------------------------------------------------


def _check_missing(world: World, report: Report, scope: TypeScope) -> None:
    """Report abstract methods and methods of interfaces that no class has."""
    if not world.is_complete(scope.type):
        return
    for method in _required(world, scope.type):
        if method.owner.is_same(scope.type):
            continue
        candidates = [
            each
            for each in world.methods(scope.type, method.name)[0]
            if not each.is_abstract and _has_same_parameters(each, method)
        ]
        is_interface = _is_of_interface(world, method)
        if not candidates:
            word = "method" if is_interface else "abstract method"
            report.error(
                _place_of_missing(scope, method, is_interface=is_interface),
                f"Class {shown(scope.type)} must implement the {word}: {method}",
            )
        elif is_interface:
            _check_implementation(world, report, scope, method, candidates[0])


def _place_of_missing(scope: TypeScope, method: Method, *, is_interface: bool) -> Position:
    """Return where the compiler reports it: at an abstract method of the same file."""
    outer = method.owner.name.partition(".")[0].lower()
    is_near = outer == scope.type.name.partition(".")[0].lower()
    return method.at if is_near and not is_interface else scope.declaration.at


def _required(world: World, type_: ApexType) -> Iterator[Method]:
    seen = set[str]()
    for current, shape in world.lineage(type_):
        if shape is None:
            continue
        names = parameters_of(shape, current)
        for methods in shape.methods.values():
            for each in methods:
                applied = each.applied(names)
                if _is_required(shape, each) and applied.signature.lower() not in seen:
                    seen.add(applied.signature.lower())
                    yield applied


def _is_required(shape: Shape, method: Method) -> bool:
    if shape.kind == "interface":
        return method.owner.key == shape.type.key
    return method.is_abstract


def _check_implementation(
    world: World, report: Report, scope: TypeScope, method: Method, found: Method
) -> None:
    if not is_assignable(world, found.returns, method.returns):
        message = f"Class {shown(scope.type)} must implement the method: {method}"
        report.error(scope.declaration.at, message)
    elif found.owner.is_same(scope.type) and found.access in ("private", "protected"):
        report.error(
            scope.declaration.at,
            f"{shown(scope.type)}: Overriding implementations of global or public "
            f"interface methods must be global or public: {method}",
        )

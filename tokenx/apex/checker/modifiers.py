"""Checks modifiers, and whether a member needs a body."""

from ..tree import (
    Annotation,
    ClassDeclaration,
    ConstructorDeclaration,
    FieldDeclaration,
    Initializer,
    InterfaceDeclaration,
    Member,
    MethodDeclaration,
    Modifier,
    Modifiers,
    Position,
    PropertyDeclaration,
    TypeDeclaration,
)
from .model import TYPES, annotations_of, words_of
from .report import Report
from .scopes import TypeScope

_SCOPES = {"private", "protected", "public", "global"}


def check_type(report: Report, scope: TypeScope) -> None:
    """Report invalid modifiers of a type."""
    declaration = scope.declaration
    _check_repeated(report, declaration.modifiers, declaration.at)
    words = words_of(declaration.modifiers)
    is_test = "istest" in annotations_of(declaration.modifiers)
    if scope.outer is None and not words & {"public", "global"} and not is_test:
        message = "Top-level type must have public or global visibility"
        report.error(declaration.at, message)
    if scope.outer is not None and scope.outer.outer is not None:
        message = "Inner types are not allowed to have inner types"
        report.error(_start_of(declaration), message)
    if {"abstract", "virtual"} <= words:
        report.error(declaration.at, "abstract are by default virtual")


def check_member(report: Report, scope: TypeScope, member: Member) -> None:
    """Report invalid modifiers of a member, and a missing or unwanted body."""
    if isinstance(member, TYPES):
        return
    if isinstance(member, Initializer):
        if member.is_static and scope.outer is not None:
            report.error(member.at, "Inner types are not allowed to have static blocks")
        return
    _check_repeated(report, member.modifiers, _place_of(member))
    if isinstance(member, ConstructorDeclaration) and member.body is None:
        report.error(member.at, "Method must have a body")
    if isinstance(member, MethodDeclaration):
        _check_method_body(report, scope, member)
    _check_static(report, scope, member)


def _start_of(declaration: TypeDeclaration) -> Position:
    """Return the position of a type's first modifier or of its keyword."""
    keyword = {ClassDeclaration: "class", InterfaceDeclaration: "interface"}
    length = len(keyword.get(type(declaration), "enum")) + 1
    at = declaration.at
    before = Position(at.line, max(at.column - length, 1))
    return min([before, *(each.at for each in declaration.modifiers)])


def _place_of(
    member: FieldDeclaration
    | PropertyDeclaration
    | MethodDeclaration
    | ConstructorDeclaration,
) -> Position:
    """Return the position of a member's name."""
    return member.declarators[0].at if isinstance(member, FieldDeclaration) else member.at


def _check_repeated(report: Report, modifiers: Modifiers, at: Position) -> None:
    seen = set[str]()
    for each in modifiers:
        name = each.word if isinstance(each, Modifier) else f"@{each.name.lower()}"
        if name in seen:
            shown = each.name if isinstance(each, Annotation) else each.word
            report.error(at, f"Duplicate modifier: {shown}")
        elif name in _SCOPES and seen & _SCOPES:
            report.error(at, "Declarations can only have one scope")
        seen.add(name)


def _check_method_body(report: Report, scope: TypeScope, node: MethodDeclaration) -> None:
    if isinstance(scope.declaration, InterfaceDeclaration):
        return
    words = words_of(node.modifiers)
    outer = words_of(scope.declaration.modifiers)
    is_abstract = "abstract" in words
    if is_abstract and "abstract" not in outer:
        message = "Defining type for abstract methods must be declared as abstract"
        report.error(node.at, message)
    is_new = "protected" in words and "override" not in words
    if is_new and not outer & {"abstract", "virtual"}:
        message = "New protected methods cannot be defined in non-virtual classes"
        report.error(node.at, message)
    if is_abstract and node.body is not None:
        report.error(node.at, "Abstract methods cannot have a body")
    elif not is_abstract and node.body is None:
        report.error(node.at, "Method must have a body")


def _check_static(
    report: Report,
    scope: TypeScope,
    node: FieldDeclaration
    | PropertyDeclaration
    | MethodDeclaration
    | ConstructorDeclaration,
) -> None:
    """Report a static member of an inner class."""
    if scope.outer is None or not isinstance(scope.declaration, ClassDeclaration):
        return
    if "static" not in words_of(node.modifiers):
        return
    plural = {
        MethodDeclaration: "methods",
        FieldDeclaration: "fields",
        PropertyDeclaration: "properties",
    }.get(type(node))
    if plural:
        report.error(
            _place_of(node), f"static can only be used on {plural} of a top level type"
        )

"""Checks a type and its members, and the bodies within them."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..tree import (
    Accessor,
    Block,
    ClassDeclaration,
    ConstructorDeclaration,
    EnumDeclaration,
    FieldDeclaration,
    Initializer,
    InterfaceDeclaration,
    Member,
    MethodDeclaration,
    Parameter,
    Position,
    PropertyDeclaration,
    TriggerDeclaration,
)
from ..types import UNKNOWN, VOID, ApexType
from . import duplicates, inheritance, modifiers, overrides
from .annotations import check_annotations
from .assignments import check_assignable
from .construction import check_constructor_body, check_implicit_constructor
from .context import Context, ParseExpression
from .identifiers import check_method_name, check_name, check_type_name
from .model import TYPES, words_of
from .references import Resolver
from .report import Report
from .scopes import TypeScope
from .statements import check_body, check_statements
from .world import World


@dataclass(frozen=True, slots=True)
class Checker:
    """Checks all types of one class."""

    world: World
    report: Report
    resolver: Resolver
    parse_expression: ParseExpression

    def check_type(self, scope: TypeScope) -> None:
        """Check a type, its members, and its inner types."""
        declaration = scope.declaration
        check_annotations(self.report, declaration.modifiers)
        check_type_name(
            self.report,
            declaration.at,
            declaration.name,
            is_top_level=scope.outer is None,
        )
        modifiers.check_type(self.report, scope)
        inheritance.check_supertypes(self.world, self.report, self.resolver, scope)
        duplicates.check_members(self.world, self.report, scope)
        overrides.check_methods(self.world, self.report, scope)
        if isinstance(declaration, EnumDeclaration):
            for value in declaration.values:
                check_name(self.report, value.at, value.name)
            return
        if isinstance(declaration, ClassDeclaration):
            check_implicit_constructor(
                self._context(scope, "constructor", is_static=False), declaration
            )
        for member in declaration.members:
            self._check_member(scope, member)

    def _check_member(self, scope: TypeScope, member: Member) -> None:
        modifiers.check_member(self.report, scope, member)
        if not isinstance(member, (*TYPES, Initializer)):
            check_annotations(self.report, member.modifiers)
        match member:
            case FieldDeclaration():
                self._check_field(scope, member)
            case PropertyDeclaration():
                self._check_property(scope, member)
            case MethodDeclaration():
                self._check_method(scope, member)
            case ConstructorDeclaration():
                self._check_constructor(scope, member)
            case Initializer():
                context = self._context(scope, "initializer", is_static=member.is_static)
                context.initializes = member.at
                check_statements(context, member.body)
            case ClassDeclaration() | InterfaceDeclaration() | EnumDeclaration():
                self.check_type(scope.inner(member))

    def check_trigger(self, trigger: TriggerDeclaration) -> None:
        """Check the body of a trigger, which is like a static method."""
        holder = ClassDeclaration(trigger.at, (), trigger.name, None, (), (), trigger.at)
        scope = TypeScope(ApexType(trigger.name), holder)
        check_name(self.report, trigger.at, trigger.name)
        context = self._context(scope, "trigger", is_static=True)
        check_statements(context, trigger.body)

    def check_anonymous(self, unit: ClassDeclaration, block: Block) -> None:
        """Check anonymous Apex: what it declares, and then its statements."""
        scope = TypeScope(ApexType(unit.name), unit)
        for member in unit.members:
            self._check_member(scope, member)
        duplicates.check_members(self.world, self.report, scope)
        context = self._context(scope, "method", is_static=False, returns=VOID)
        check_statements(context, block)

    # --- Members ----------------------------------------------------------------------

    def _context(
        self,
        scope: TypeScope,
        kind: str,
        *,
        is_static: bool,
        returns: ApexType | None = None,
    ) -> Context:
        return Context(
            self.world,
            self.report,
            self.resolver,
            scope,
            self.parse_expression,
            is_static=is_static,
            returns=returns,
            kind=kind,
        )

    def _check_field(self, scope: TypeScope, node: FieldDeclaration) -> None:
        is_static = "static" in words_of(node.modifiers)
        context = self._context(scope, "initializer", is_static=is_static)
        type_ = context.resolve(node.type)
        if type_ == VOID:
            self.report.error(node.type.at, "Variables cannot be of type void")
            type_ = UNKNOWN
        for each in node.declarators:
            check_name(self.report, each.at, each.name)
            context.initializes = each.at
            if each.value is not None:
                check_assignable(context, each.at, context.type_of(each.value), type_)

    def _check_property(self, scope: TypeScope, node: PropertyDeclaration) -> None:
        check_name(self.report, node.at, node.name)
        is_static = "static" in words_of(node.modifiers)
        type_ = self._context(scope, "accessor", is_static=is_static).resolve(node.type)
        if type_ == VOID:
            self.report.error(node.at, "Properties cannot be of type void")
            type_ = UNKNOWN
        for accessor in node.accessors:
            if accessor.body is not None:
                self._check_accessor(
                    scope, accessor, accessor.body, type_, node.at, is_static=is_static
                )

    def _check_accessor(
        self,
        scope: TypeScope,
        accessor: Accessor,
        body: Block,
        type_: ApexType,
        at: Position,
        *,
        is_static: bool,
    ) -> None:
        returns = type_ if accessor.kind == "get" else VOID
        context = self._context(scope, "accessor", is_static=is_static, returns=returns)
        if accessor.kind == "set":
            context.declare("value", type_, accessor.at)
        check_body(context, body, at)

    def _check_method(self, scope: TypeScope, node: MethodDeclaration) -> None:
        check_method_name(self.report, node.at, node.name)
        is_static = bool(words_of(node.modifiers) & {"static", "testmethod"})
        context = self._context(scope, "method", is_static=is_static)
        context.returns = context.resolve(node.returns)
        self._declare(context, node.parameters)
        if node.body is not None:
            check_body(context, node.body, node.at)

    def _check_constructor(self, scope: TypeScope, node: ConstructorDeclaration) -> None:
        if node.name.lower() != scope.declaration.name.lower():
            self.report.error(node.at, f"Invalid constructor name: {node.name}")
            return
        context = self._context(scope, "constructor", is_static=False)
        self._declare(context, node.parameters)
        if node.body is not None:
            check_constructor_body(context, node, node.body)
            check_statements(context, node.body)

    def _declare(self, context: Context, parameters: Iterable[Parameter]) -> None:
        for each in parameters:
            check_name(self.report, each.at, each.name)
            type_ = context.resolve(each.type)
            if type_ == VOID:
                self.report.error(each.at, "Parameters cannot be of type void")
                type_ = UNKNOWN
            context.declare(each.name, type_, each.at)

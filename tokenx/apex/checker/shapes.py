"""Builds the shape of a type from its declaration or from the platform's data."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache

from ..platform import PlatformType, enum_members, platform_type
from ..tree import (
    Accessor,
    ClassDeclaration,
    ConstructorDeclaration,
    EnumDeclaration,
    FieldDeclaration,
    InterfaceDeclaration,
    MethodDeclaration,
    PropertyDeclaration,
    TypeDeclaration,
    TypeReference,
)
from ..types import SOBJECT, UNKNOWN, VOID, ApexType, parse_type
from .model import (
    Method,
    Shape,
    Variable,
    access_of,
    annotations_of,
    is_static,
    words_of,
)

Resolve = Callable[[TypeReference], ApexType]


@cache
def shape_on_platform(name: str) -> Shape | None:
    """Return the shape of a platform type by name, or None."""
    declared = platform_type(name)
    return shape_of_platform(declared) if declared else None


def shape_of_platform(declared: PlatformType) -> Shape:
    """Return the shape of a platform type, whose members include inherited ones."""
    return Shape(
        declared.type,
        declared.kind,
        methods=_platform_methods(declared),
        variables={
            key: Variable(
                declared.type,
                each.name,
                each.type,
                each.is_static,
                is_writable=each.is_writable,
                write_access="public",
            )
            for key, each in declared.properties.items()
        },
        constructors=tuple(
            Method(declared.type, declared.name, each.parameters, VOID)
            for each in declared.constructors
        ),
        superclass=declared.superclass,
        interfaces=declared.interfaces,
        is_abstract=declared.is_abstract,
        is_virtual=declared.is_virtual or declared.is_abstract,
    )


def _platform_methods(declared: PlatformType) -> Mapping[str, tuple[Method, ...]]:
    is_interface = declared.kind == "interface"
    return {
        key: tuple(
            Method(
                declared.type,
                each.name,
                each.parameters,
                each.returns,
                each.is_static,
                is_virtual=each.is_virtual or each.is_abstract or is_interface,
                is_abstract=each.is_abstract,
            )
            for each in signatures
        )
        for key, signatures in declared.methods.items()
    }


def shape_of_object(name: str, fields: Mapping[str, str]) -> Shape:
    """Return the shape of an sObject; it can have fields that tokenx doesn't know."""
    type_ = ApexType(name)
    variables = {
        key: Variable(type_, key, _field_type(text)) for key, text in fields.items()
    }
    return Shape(
        type_, "sobject", variables=variables, superclass=SOBJECT, is_complete=False
    )


@cache
def _field_type(text: str) -> ApexType:
    try:
        return parse_type(text)
    except ValueError:
        return UNKNOWN


def shape_of_declaration(
    type_: ApexType, declaration: TypeDeclaration, resolve: Resolve
) -> Shape:
    """Return the shape of a class, interface, or enum of the org."""
    if isinstance(declaration, EnumDeclaration):
        values = tuple(value.name for value in declaration.values)
        members = shape_of_platform(enum_members(type_, values))
        return Shape(
            type_,
            "enum",
            methods=members.methods,
            variables=members.variables,
            is_virtual=False,
            declaration=declaration,
        )
    superclass = (
        declaration.superclass if isinstance(declaration, ClassDeclaration) else None
    )
    words = words_of(declaration.modifiers)
    return Shape(
        type_,
        "class" if isinstance(declaration, ClassDeclaration) else "interface",
        methods=_methods(type_, declaration, resolve),
        variables=_variables(type_, declaration, resolve),
        constructors=_constructors(type_, declaration, resolve),
        superclass=resolve(superclass) if superclass else ApexType("Object"),
        interfaces=tuple(map(resolve, declaration.interfaces)),
        is_abstract="abstract" in words or isinstance(declaration, InterfaceDeclaration),
        is_virtual=bool(words & {"virtual", "abstract"}),
        declaration=declaration,
    )


Declared = ClassDeclaration | InterfaceDeclaration


def _methods(
    type_: ApexType, declaration: Declared, resolve: Resolve
) -> dict[str, tuple[Method, ...]]:
    is_interface = isinstance(declaration, InterfaceDeclaration)
    found = defaultdict[str, list[Method]](list)
    for member in declaration.members:
        if isinstance(member, MethodDeclaration):
            method = method_of(type_, member, resolve, is_interface=is_interface)
            found[member.name.lower()].append(method)
    return {key: tuple(methods) for key, methods in found.items()}


def method_of(
    owner: ApexType, node: MethodDeclaration, resolve: Resolve, *, is_interface: bool
) -> Method:
    """Return a declared method."""
    words = words_of(node.modifiers)
    return Method(
        owner,
        node.name,
        tuple(resolve(each.type) for each in node.parameters),
        resolve(node.returns),
        is_static(node),
        is_virtual=is_interface or bool(words & {"virtual", "abstract", "override"}),
        is_abstract=is_interface or "abstract" in words,
        access="public" if is_interface else access_of(node.modifiers),
        is_test_visible="testvisible" in annotations_of(node.modifiers),
        at=node.at,
    )


def _constructors(
    type_: ApexType, declaration: Declared, resolve: Resolve
) -> tuple[Method, ...]:
    return tuple(
        Method(
            type_,
            "<Constructor>",
            tuple(resolve(each.type) for each in member.parameters),
            VOID,
            access=access_of(member.modifiers),
            is_test_visible="testvisible" in annotations_of(member.modifiers),
            at=member.at,
        )
        for member in declaration.members
        if isinstance(member, ConstructorDeclaration)
    )


def _variables(
    type_: ApexType, declaration: Declared, resolve: Resolve
) -> dict[str, Variable]:
    found: dict[str, Variable] = {}
    for member in declaration.members:
        if isinstance(member, FieldDeclaration):
            for each in member.declarators:
                found.setdefault(
                    each.name.lower(), _field(type_, member, each.name, resolve)
                )
        elif isinstance(member, PropertyDeclaration):
            found.setdefault(member.name.lower(), _property(type_, member, resolve))
    return found


def _field(
    type_: ApexType, node: FieldDeclaration, name: str, resolve: Resolve
) -> Variable:
    words = words_of(node.modifiers)
    access = access_of(node.modifiers)
    return Variable(
        type_,
        name,
        resolve(node.type),
        is_static="static" in words,
        is_final="final" in words,
        access=access,
        write_access=access,
        is_test_visible="testvisible" in annotations_of(node.modifiers),
    )


def _property(type_: ApexType, node: PropertyDeclaration, resolve: Resolve) -> Variable:
    words = words_of(node.modifiers)
    accessors = {each.kind: each for each in node.accessors}
    access = access_of(node.modifiers)
    return Variable(
        type_,
        node.name,
        resolve(node.type),
        is_static="static" in words,
        is_readable="get" in accessors,
        is_writable="set" in accessors,
        access=_accessor_access(accessors.get("get"), access),
        write_access=_accessor_access(accessors.get("set"), access),
        is_test_visible="testvisible" in annotations_of(node.modifiers),
    )


def _accessor_access(accessor: Accessor | None, access: str) -> str:
    return access_of(accessor.modifiers) if accessor and accessor.modifiers else access

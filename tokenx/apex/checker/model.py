"""The members of a type, wherever the type is declared."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..platform import platform_type
from ..tree import (
    ClassDeclaration,
    ConstructorDeclaration,
    EnumDeclaration,
    InterfaceDeclaration,
    MethodDeclaration,
    Modifier,
    Modifiers,
    Position,
    TypeDeclaration,
)
from ..types import NULL, UNKNOWN, ApexType, substitute

NOWHERE = Position(0, 0)
ACCESSES = ("private", "protected", "public", "global")
TYPES = (ClassDeclaration, InterfaceDeclaration, EnumDeclaration)


@dataclass(frozen=True, slots=True)
class Method:
    """A method or constructor of a type."""

    owner: ApexType
    name: str
    parameters: tuple[ApexType, ...]
    returns: ApexType
    is_static: bool = False
    is_virtual: bool = False
    is_abstract: bool = False
    access: str = "public"
    is_test_visible: bool = False
    at: Position = NOWHERE

    @property
    def signature(self) -> str:
        """Return the name and the types of the parameters: foo(String, Integer)."""
        return f"{self.name}({listed(self.parameters)})"

    def __str__(self) -> str:
        """Return the method as messages name it: String Bar.foo(Integer)."""
        return f"{shown(self.returns)} {shown(self.owner)}.{self.signature}"

    def applied(self, arguments: Mapping[str, ApexType]) -> "Method":
        """Replace type parameters in the method's types."""
        parameters = tuple(substitute(each, arguments) for each in self.parameters)
        returns = substitute(self.returns, arguments)
        owner = substitute(self.owner, arguments)
        return replace(self, owner=owner, parameters=parameters, returns=returns)


@dataclass(frozen=True, slots=True)
class Variable:
    """A field, property, or enum value of a type, or a local variable."""

    owner: ApexType
    name: str
    type: ApexType
    is_static: bool = False
    is_final: bool = False
    is_readable: bool = True
    is_writable: bool = True
    access: str = "public"
    # That of the setter; the same as `access` unless the code says otherwise.
    write_access: str = "public"
    is_test_visible: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """The members that a type declares itself; `supertypes` has the rest.

    `is_complete` says that no other member can exist, inherited ones aside.
    """

    type: ApexType
    kind: str  # class, interface, enum, or sobject
    methods: Mapping[str, tuple[Method, ...]] = field(default_factory=dict)
    variables: Mapping[str, Variable] = field(default_factory=dict)
    constructors: tuple[Method, ...] = ()
    superclass: ApexType | None = None
    interfaces: tuple[ApexType, ...] = ()
    is_abstract: bool = False
    is_virtual: bool = True
    is_complete: bool = True
    declaration: TypeDeclaration | None = None

    @property
    def supertypes(self) -> tuple[ApexType, ...]:
        """Return the superclass and the interfaces."""
        return (*((self.superclass,) if self.superclass else ()), *self.interfaces)


def listed(types: tuple[ApexType, ...]) -> str:
    """Return types as the arguments of a call."""
    return ", ".join(shown(each) for each in types)


# The types that messages write without the namespace System.
_PLAIN = frozenset(
    {"blob", "boolean", "date", "datetime", "decimal", "double", "exception", "id"}
    | {"integer", "list", "long", "map", "object", "set", "sobject", "string", "time"}
)


def shown(type_: ApexType) -> str:
    """Return a type as messages write it: List<System.HttpRequest>, or NULL for null."""
    if type_ == NULL:
        return "NULL"
    name = type_.name
    if "." not in name and name.lower() not in _PLAIN and platform_type(name):
        name = f"System.{name}"
    arguments = ",".join(map(shown, type_.arguments))
    return f"{name}<{arguments}>" if arguments else name


def is_known(type_: ApexType) -> bool:
    """Say whether no part of the type is unknown."""
    return type_ != UNKNOWN and all(map(is_known, type_.arguments))


def words_of(modifiers: Modifiers) -> frozenset[str]:
    """Return the modifiers without the annotations."""
    return frozenset(each.word for each in modifiers if isinstance(each, Modifier))


def annotations_of(modifiers: Modifiers) -> frozenset[str]:
    """Return the names of the annotations in lower case."""
    return frozenset(
        each.name.lower() for each in modifiers if not isinstance(each, Modifier)
    )


def access_of(modifiers: Modifiers) -> str:
    """Return how visible a member is; private is the default."""
    words = words_of(modifiers)
    if words & {"global", "webservice"}:
        return "global"
    return next((word for word in ("public", "protected") if word in words), "private")


def is_static(node: "MethodDeclaration | ConstructorDeclaration") -> bool:
    """Say whether a method is static; testMethod implies static."""
    return bool(words_of(node.modifiers) & {"static", "testmethod"})

"""Declarations: classes, interfaces, enums, triggers, and their members."""

from dataclasses import dataclass
from typing import TypeAlias

from .modifiers import Modifiers
from .statements import Block, Declarator
from .types import Node, Position, TypeReference


@dataclass(frozen=True, slots=True)
class ClassDeclaration(Node):
    """A class. Its position is that of its name; `end` is that of its closing brace."""

    modifiers: Modifiers
    name: str
    superclass: TypeReference | None
    interfaces: tuple[TypeReference, ...]
    members: tuple["Member", ...]
    end: Position


@dataclass(frozen=True, slots=True)
class InterfaceDeclaration(Node):
    """An interface; its methods have no body."""

    modifiers: Modifiers
    name: str
    interfaces: tuple[TypeReference, ...]
    members: tuple["Member", ...]
    end: Position


@dataclass(frozen=True, slots=True)
class EnumValue(Node):
    """A value of an enum."""

    name: str


@dataclass(frozen=True, slots=True)
class EnumDeclaration(Node):
    """An enum."""

    modifiers: Modifiers
    name: str
    values: tuple[EnumValue, ...]
    end: Position


@dataclass(frozen=True, slots=True)
class TriggerDeclaration(Node):
    """A trigger; events are in lower case, such as before insert."""

    name: str
    sobject: str
    events: tuple[str, ...]
    body: Block


@dataclass(frozen=True, slots=True)
class FieldDeclaration(Node):
    """One or more fields of a type."""

    modifiers: Modifiers
    type: TypeReference
    declarators: tuple[Declarator, ...]


@dataclass(frozen=True, slots=True)
class Accessor(Node):
    """The get or set of a property; the body is None in `get;`."""

    modifiers: Modifiers
    kind: str  # get or set
    body: Block | None


@dataclass(frozen=True, slots=True)
class PropertyDeclaration(Node):
    """A property with its accessors, in the order of the code."""

    modifiers: Modifiers
    type: TypeReference
    name: str
    accessors: tuple[Accessor, ...]


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """A parameter of a method or constructor. Its position is that of its name."""

    modifiers: Modifiers
    type: TypeReference
    name: str


@dataclass(frozen=True, slots=True)
class MethodDeclaration(Node):
    """A method. Its position is that of its name; the body is None if it ends in `;`."""

    modifiers: Modifiers
    returns: TypeReference
    name: str
    parameters: tuple[Parameter, ...]
    body: Block | None


@dataclass(frozen=True, slots=True)
class ConstructorDeclaration(Node):
    """A constructor; the body is None if it ends in `;`, which the checker refuses."""

    modifiers: Modifiers
    name: str
    parameters: tuple[Parameter, ...]
    body: Block | None


@dataclass(frozen=True, slots=True)
class Initializer(Node):
    """A block among the members that runs when the class or an instance is created."""

    is_static: bool
    body: Block


TypeDeclaration: TypeAlias = ClassDeclaration | InterfaceDeclaration | EnumDeclaration
CompilationUnit: TypeAlias = TypeDeclaration | TriggerDeclaration
Member: TypeAlias = (
    TypeDeclaration
    | FieldDeclaration
    | PropertyDeclaration
    | MethodDeclaration
    | ConstructorDeclaration
    | Initializer
)

"""The declarations of the platform's types."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..types import ApexType


@dataclass(frozen=True, slots=True)
class Signature:
    """A method or constructor: the types of its parameters and of its result.

    An abstract method is virtual, too; a class that extends or implements its type must
    have it.
    """

    name: str
    parameters: tuple[ApexType, ...]
    returns: ApexType
    is_static: bool = False
    is_virtual: bool = False
    is_abstract: bool = False


@dataclass(frozen=True, slots=True)
class PropertySignature:
    """A property or constant."""

    name: str
    type: ApexType
    is_static: bool = False
    is_writable: bool = True


@dataclass(frozen=True, slots=True)
class PlatformType:
    """A type whose members are all known, with those it inherits.

    Methods and properties are by lower-case name. A generic type's members use its
    parameters (T, K, V), which `substitute` replaces.
    """

    name: str
    kind: str  # class, interface, or enum
    parameters: tuple[str, ...] = ()
    superclass: ApexType | None = None
    interfaces: tuple[ApexType, ...] = ()
    is_abstract: bool = False
    # A class that code can extend.
    is_virtual: bool = False
    constructors: tuple[Signature, ...] = ()
    methods: Mapping[str, tuple[Signature, ...]] = field(default_factory=dict)
    properties: Mapping[str, PropertySignature] = field(default_factory=dict)
    values: tuple[str, ...] = ()

    @property
    def type(self) -> ApexType:
        """Return the type as its own declaration sees it: List<T>."""
        return ApexType(self.name, tuple(ApexType(name) for name in self.parameters))

"""The scope of a declared type: what its members and inner types are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..tree import (
    ClassDeclaration,
    FieldDeclaration,
    InterfaceDeclaration,
    Member,
    Position,
    PropertyDeclaration,
    TypeDeclaration,
)
from ..types import ApexType
from .model import TYPES


@dataclass(frozen=True)
class TypeScope:
    """A declaration of a type, and the one that it's in."""

    type: ApexType
    declaration: TypeDeclaration
    outer: "TypeScope | None" = None

    def inner(self, declaration: TypeDeclaration) -> "TypeScope":
        """Return the scope of a type declared in this one."""
        name = f"{self.type.name}.{declaration.name}"
        return TypeScope(ApexType(name), declaration, self)

    def find_inner(self, key: str) -> "TypeScope | None":
        """Return the scope of an inner type by its lower-case name."""
        return self._inner_scopes.get(key)

    @cached_property
    def places(self) -> Mapping[str, Position]:
        """Return the places of the fields and properties, by lower-case name."""
        return {name.lower(): at for each in self._members for name, at in _fields_of(each)}

    @cached_property
    def _inner_scopes(self) -> Mapping[str, "TypeScope"]:
        types = [each for each in self._members if isinstance(each, TYPES)]
        return {each.name.lower(): self.inner(each) for each in reversed(types)}

    @property
    def _members(self) -> tuple[Member, ...]:
        if isinstance(self.declaration, ClassDeclaration | InterfaceDeclaration):
            return self.declaration.members
        return ()


def _fields_of(member: Member) -> Iterator[tuple[str, Position]]:
    if isinstance(member, FieldDeclaration):
        yield from ((each.name, each.at) for each in member.declarators)
    elif isinstance(member, PropertyDeclaration):
        yield member.name, member.at

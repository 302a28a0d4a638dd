"""Positions, and types as the code writes them."""

from dataclasses import dataclass
from typing import NamedTuple


class Position(NamedTuple):
    """A place in the code; lines and columns count from 1, as the compiler's do."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Node:
    """Part of a tree."""

    at: Position


@dataclass(frozen=True, slots=True)
class TypePart(Node):
    """One name of a type and its type arguments, such as the Map of Map<Id, User>."""

    name: str
    arguments: tuple["TypeReference", ...] = ()


@dataclass(frozen=True, slots=True)
class TypeReference(Node):
    """A type as the code writes it: Auth.JWT, List<String>, String[], or void."""

    parts: tuple[TypePart, ...]
    array_depth: int = 0

    @property
    def name(self) -> str:
        """Return the dotted name without type arguments and brackets."""
        return ".".join(part.name for part in self.parts)

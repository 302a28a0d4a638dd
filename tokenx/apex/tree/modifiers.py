"""Modifiers and annotations."""

from dataclasses import dataclass
from typing import TypeAlias

from .expressions import Expression
from .types import Node


@dataclass(frozen=True, slots=True)
class AnnotationArgument(Node):
    """An argument of an annotation; the name is empty if the code gives only a value."""

    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Annotation(Node):
    """An annotation, such as @TestVisible."""

    name: str
    arguments: tuple[AnnotationArgument, ...] = ()


@dataclass(frozen=True, slots=True)
class Modifier(Node):
    """A modifier in lower case with single spaces, such as public or with sharing."""

    word: str


Modifiers: TypeAlias = tuple[Modifier | Annotation, ...]

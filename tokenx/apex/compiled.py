"""The result of compiling a class, which callers can store."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from .problems import Problem


class CompileOutcome(StrEnum):
    """The outcome of compiling a class."""

    VALID = "valid"
    INVALID = "invalid"
    # Valid, but the class uses a type, field, or object that tokenx doesn't know.
    NOT_RUNNABLE = "not_runnable"


@dataclass(frozen=True, slots=True)
class Compiled:
    """The result of compiling a class."""

    # Tells whether the result belongs to a body.
    body_hash: str
    status: CompileOutcome
    problems: tuple[Problem, ...]
    # The declared name; empty if the code declares none.
    name: str
    # The chain of base classes, closest first.
    superclasses: tuple[str, ...]
    # The names of other classes that the code mentions.
    references: tuple[str, ...]


def hash_of(body: str) -> str:
    """Return the hash that identifies a body."""
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()

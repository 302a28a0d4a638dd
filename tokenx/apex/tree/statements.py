"""Statements."""

from dataclasses import dataclass
from typing import TypeAlias

from .expressions import Expression
from .modifiers import Modifiers
from .types import Node, Position, TypeReference


@dataclass(frozen=True, slots=True)
class Declarator(Node):
    """The name of a variable or field, and its initial value."""

    name: str
    value: Expression | None


@dataclass(frozen=True, slots=True)
class Block(Node):
    """Statements in braces; `end` is the position of the closing brace."""

    statements: tuple["Statement", ...]
    end: Position


@dataclass(frozen=True, slots=True)
class LocalVariables(Node):
    """Declarations of local variables of one type."""

    modifiers: Modifiers
    type: TypeReference
    declarators: tuple[Declarator, ...]


@dataclass(frozen=True, slots=True)
class ExpressionStatement(Node):
    """An expression that is run for its effect."""

    expression: Expression


@dataclass(frozen=True, slots=True)
class If(Node):
    """An if with an optional else.

    A chain of else-ifs can be thousands long: walk it in a loop, not by recursion.
    """

    condition: Expression
    then: "Statement"
    otherwise: "Statement | None"


@dataclass(frozen=True, slots=True)
class While(Node):
    """A while loop; the body is None in `while (x);`."""

    condition: Expression
    body: "Statement | None"


@dataclass(frozen=True, slots=True)
class DoWhile(Node):
    """A do loop."""

    body: "Statement"
    condition: Expression


@dataclass(frozen=True, slots=True)
class For(Node):
    """A for loop; its initialization, condition, and update are optional."""

    initial: "LocalVariables | tuple[Expression, ...]"
    condition: Expression | None
    updates: tuple[Expression, ...]
    body: "Statement | None"


@dataclass(frozen=True, slots=True)
class ForEach(Node):
    """A for loop over a collection or a query."""

    type: TypeReference
    name: str
    iterable: Expression
    body: "Statement | None"


@dataclass(frozen=True, slots=True)
class When(Node):
    """A branch of a switch: values, a type and a variable, or else (neither)."""

    values: tuple[Expression, ...]
    type: TypeReference | None
    name: str
    body: Block


@dataclass(frozen=True, slots=True)
class Switch(Node):
    """A switch statement."""

    subject: Expression
    branches: tuple[When, ...]


@dataclass(frozen=True, slots=True)
class Return(Node):
    """A return with an optional value."""

    value: Expression | None


@dataclass(frozen=True, slots=True)
class Break(Node):
    """A break."""


@dataclass(frozen=True, slots=True)
class Continue(Node):
    """A continue."""


@dataclass(frozen=True, slots=True)
class Throw(Node):
    """A throw."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Catch(Node):
    """A catch block of a try."""

    type: TypeReference
    name: str
    body: Block


@dataclass(frozen=True, slots=True)
class Try(Node):
    """A try with catch blocks, a finally block, or both."""

    body: Block
    catches: tuple[Catch, ...]
    final: Block | None


@dataclass(frozen=True, slots=True)
class Dml(Node):
    """A DML statement.

    The operation is in lower case: insert, update, upsert, delete, undelete, or merge.
    `access` is `as user`, `as system`, or empty. `other` is the record merged into `value`.
    """

    operation: str
    access: str
    value: Expression
    other: Expression | None = None
    external_id: TypeReference | None = None


@dataclass(frozen=True, slots=True)
class RunAs(Node):
    """A System.runAs statement with its block."""

    arguments: tuple[Expression, ...]
    body: Block


Statement: TypeAlias = (
    Block
    | LocalVariables
    | ExpressionStatement
    | If
    | While
    | DoWhile
    | For
    | ForEach
    | Switch
    | Return
    | Break
    | Continue
    | Throw
    | Try
    | Dml
    | RunAs
)

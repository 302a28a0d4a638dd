"""Expressions."""

from dataclasses import dataclass
from typing import TypeAlias

from .types import Node, TypeReference


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A literal.

    `kind` is String, Integer, Long, Double, Decimal, Boolean, or null. `text` is the value:
    a string without its quotes and with its escapes replaced, a number without its suffix,
    and true, false, or null in lower case.
    """

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable, a field or property of this class, or the first name of a type."""

    name: str


@dataclass(frozen=True, slots=True)
class This(Node):
    """The keyword this."""


@dataclass(frozen=True, slots=True)
class Super(Node):
    """The keyword super."""


@dataclass(frozen=True, slots=True)
class FieldAccess(Node):
    """object.name, or object?.name. Its position is that of the name."""

    object: "Expression"
    name: str
    is_safe: bool = False


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A call of a method. Its position is that of the method's name.

    Without an object, it calls a method of this class; this(…) and super(…) have the names
    this and super.
    """

    object: "Expression | None"
    name: str
    arguments: tuple["Expression", ...]
    is_safe: bool = False


@dataclass(frozen=True, slots=True)
class NamedArgument(Node):
    """A field and its value in new Account(Name = 'A')."""

    name: str
    value: "Expression"


@dataclass(frozen=True, slots=True)
class New(Node):
    """new T(a, b), or new T(Field = a)."""

    type: TypeReference
    arguments: tuple["Expression", ...]
    fields: tuple[NamedArgument, ...] = ()


@dataclass(frozen=True, slots=True)
class NewArray(Node):
    """new T[size]; `type` is that of an element."""

    type: TypeReference
    size: "Expression"


@dataclass(frozen=True, slots=True)
class NewCollection(Node):
    """new List<T>{a, b}, new T[]{a, b}, or new Map<K, V>{a => b}."""

    type: TypeReference
    values: tuple["Expression", ...]
    pairs: tuple[tuple["Expression", "Expression"], ...] = ()


@dataclass(frozen=True, slots=True)
class Cast(Node):
    """(T) value."""

    type: TypeReference
    value: "Expression"


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """value instanceof T."""

    value: "Expression"
    type: TypeReference


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """A prefix operator: ! ~ + - ++ or --."""

    operator: str
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Postfix(Node):
    """x++ or x--."""

    operator: str
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """A binary operator, including && || and ??. Its position is that of the operator.

    a + b + c nests to the left, and can be thousands long: walk `chain_of(…)` in a loop.
    """

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Assignment(Node):
    """=, or a compound assignment such as +=. Its position is that of the operator."""

    operator: str
    target: "Expression"
    value: "Expression"


@dataclass(frozen=True, slots=True)
class Ternary(Node):
    """condition ? then : otherwise. Its position is that of the question mark."""

    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"


@dataclass(frozen=True, slots=True)
class Index(Node):
    """object[index]."""

    object: "Expression"
    index: "Expression"


@dataclass(frozen=True, slots=True)
class ClassLiteral(Node):
    """T.class."""

    type: TypeReference


@dataclass(frozen=True, slots=True)
class Query(Node):
    """An inline SOQL query; `text` is what is between the brackets."""

    text: str


@dataclass(frozen=True, slots=True)
class Search(Node):
    """An inline SOSL search; `text` is what is between the brackets."""

    text: str


Expression: TypeAlias = (
    Literal
    | Name
    | This
    | Super
    | FieldAccess
    | Call
    | New
    | NewArray
    | NewCollection
    | Cast
    | InstanceOf
    | Unary
    | Postfix
    | Binary
    | Assignment
    | Ternary
    | Index
    | ClassLiteral
    | Query
    | Search
)


def chain_of(binary: Binary) -> tuple[Expression, list[Binary]]:
    """Return the first operand of a chain such as a + b - c, and its operators in order.

    The right side of each operator is the next operand.
    """
    operators = [binary]
    while isinstance(binary.left, Binary):
        binary = binary.left
        operators.append(binary)
    return binary.left, operators[::-1]

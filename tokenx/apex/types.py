"""Types of Apex values: a canonical name and the types that it's applied to."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_TOKEN = re.compile(r"\s*([\w.?]+|[<>,]|\[\s*\])")


@dataclass(frozen=True, slots=True)
class ApexType:
    """A type, such as String, Auth.JWT, Outer.Inner, or Map<String, Object>.

    Apex ignores the case of names. A name here is canonical: that of the declaration.
    Compare types of which you aren't sure with `is_same`.
    """

    name: str
    arguments: tuple["ApexType", ...] = ()

    def __str__(self) -> str:
        """Return the type as the compiler's messages write it: Map<String,Object>."""
        if not self.arguments:
            return self.name
        return f"{self.name}<{','.join(map(str, self.arguments))}>"

    @property
    def key(self) -> str:
        """Return the name without case and without the System namespace."""
        return self.name.lower().removeprefix("system.")

    def is_same(self, other: "ApexType") -> bool:
        """Say whether both are the same type, without regard to case."""
        return (
            self.key == other.key
            and len(self.arguments) == len(other.arguments)
            and all(
                mine.is_same(theirs)
                for mine, theirs in zip(self.arguments, other.arguments, strict=True)
            )
        )


# What tokenx doesn't know: it's assignable to everything and has every member.
UNKNOWN = ApexType("?")
# What a method returns that returns nothing, and the type of the literal null.
VOID = ApexType("void")
NULL = ApexType("null")
OBJECT = ApexType("Object")
SOBJECT = ApexType("SObject")
STRING = ApexType("String")
BOOLEAN = ApexType("Boolean")
INTEGER = ApexType("Integer")
LONG = ApexType("Long")
DOUBLE = ApexType("Double")
DECIMAL = ApexType("Decimal")
DATE = ApexType("Date")
DATETIME = ApexType("Datetime")
TIME = ApexType("Time")


def list_of(element: ApexType) -> ApexType:
    """Return the type of a list."""
    return ApexType("List", (element,))


def parse_type(text: str) -> ApexType:
    """Read a type such as Map<String, List<Object>> or String[].

    Raises ValueError if the text isn't a type.
    """
    tokens = list(_tokens(text))
    found, rest = _read(tokens)
    if rest:
        raise ValueError(f"Not a type: {text!r}")
    return found


def _tokens(text: str) -> Iterator[str]:
    at = 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise ValueError(f"Not a type: {text!r}")
        yield match[1]
        at = match.end()


def _read(tokens: list[str]) -> tuple[ApexType, list[str]]:
    if not tokens or tokens[0] in ("<", ">", ",") or tokens[0].startswith("["):
        raise ValueError("A type's name is missing.")
    name, rest, arguments = tokens[0], tokens[1:], []
    if rest[:1] == ["<"]:
        rest = [",", *rest[1:]]
        while rest[:1] == [","]:
            argument, rest = _read(rest[1:])
            arguments.append(argument)
        if rest[:1] != [">"]:
            raise ValueError(f"The type arguments of {name} have no end.")
        rest = rest[1:]
    found = ApexType(name, tuple(arguments))
    while rest and rest[0].startswith("["):
        found, rest = list_of(found), rest[1:]
    return found, rest


def substitute(type_: ApexType, arguments: Mapping[str, ApexType]) -> ApexType:
    """Replace a generic type's parameters, such as T, by the types they stand for."""
    if not type_.arguments:
        return arguments.get(type_.name, type_)
    replaced = tuple(substitute(each, arguments) for each in type_.arguments)
    return ApexType(type_.name, replaced)

"""Finds the platform's types by name, and adds what they inherit."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from ..types import BOOLEAN, INTEGER, STRING, ApexType, list_of, substitute
from .declarations import PlatformType, PropertySignature, Signature
from .reader import TypeText, read_blocks, read_type

_DATA = Path(__file__).parent / "data"


def platform_type(name: str) -> PlatformType | None:
    """Return a type whose members are all known here, or None.

    The case of the name doesn't matter. A type of System is found with and without its
    namespace, and so is one of Schema; another needs its namespace, such as Auth.JWT.
    """
    key = name.lower().removeprefix("system.")
    return _load(key) or _load(f"schema.{key}")


def canonical_name(name: str) -> str | None:
    """Return the name of a namespace or type as the platform writes it, or None.

    The members of some are listed here, and others are known by name only.
    """
    key = name.lower().removeprefix("system.")
    return _names().get(key) or _names().get(f"schema.{key}")


def platform_types() -> Iterator[PlatformType]:
    """Yield each type whose members are all known."""
    return filter(None, map(_load, _blocks()))


@cache
def _blocks() -> dict[str, TypeText]:
    """Return the blocks of all data files by lower-case type name."""
    return {
        block.name.lower(): block
        for path in sorted(_DATA.glob("*.txt"))
        for block in read_blocks(path.read_text(encoding="utf-8"))
    }


@cache
def _names() -> dict[str, str]:
    """Return each known name by its lower-case form."""
    lines = (_DATA / "names.list").read_text(encoding="utf-8").splitlines()
    known = [name for line in lines if not line.startswith("#") for name in _named(line)]
    known += [block.name for block in _blocks().values()]
    return {name.lower(): name for name in known}


def _named(line: str) -> Iterator[str]:
    """Yield a namespace and the full names of its types."""
    namespace, _, types = line.partition(":")
    yield namespace
    for name in types.split():
        yield name if namespace == "System" else f"{namespace}.{name}"


@cache
def _load(key: str) -> PlatformType | None:
    block = _blocks().get(key)
    return _with_inherited(read_type(block)) if block else None


def _with_inherited(declared: PlatformType) -> PlatformType:
    if declared.kind == "enum":
        return _with_enum_members(declared)
    methods = dict(declared.methods)
    properties = dict(declared.properties)
    constructors = declared.constructors or _constructors(declared)
    for parent in _parents(declared):
        for name, signatures in parent.methods.items():
            methods[name] = _merged(methods.get(name, ()), signatures)
        properties = {**parent.properties, **properties}
    if not declared.is_abstract:
        methods = {name: _implemented(each) for name, each in methods.items()}
    return replace(
        declared, constructors=constructors, methods=methods, properties=properties
    )


def _constructors(declared: PlatformType) -> tuple[Signature, ...]:
    """Return the constructors that an exception has without declaring them."""
    parent = _load(declared.superclass.key) if declared.superclass else None
    return parent.constructors if parent else ()


def _parents(declared: PlatformType) -> list[PlatformType]:
    """Return the superclass and the interfaces, applied to the type's arguments."""
    extended = [declared.superclass] if declared.superclass else []
    if not extended and declared.name != "Object":
        extended = [ApexType("Object")]
    return [
        _applied(parent, type_.arguments)
        for type_ in (*extended, *declared.interfaces)
        if (parent := _load(type_.key))
    ]


def _merged(
    own: tuple[Signature, ...], inherited: tuple[Signature, ...]
) -> tuple[Signature, ...]:
    """Add the inherited signatures that aren't overridden."""
    parameters = {signature.parameters for signature in own}
    return own + tuple(each for each in inherited if each.parameters not in parameters)


def _implemented(signatures: tuple[Signature, ...]) -> tuple[Signature, ...]:
    """Return the methods of an interface as those of a class that has them."""
    return tuple(replace(each, is_abstract=False) for each in signatures)


def _applied(type_: PlatformType, arguments: tuple[ApexType, ...]) -> PlatformType:
    """Replace the parameters of a generic type in its methods."""
    if not arguments:
        return type_
    by_name = dict(zip(type_.parameters, arguments, strict=True))
    methods = {
        name: tuple(
            replace(
                each,
                parameters=tuple(substitute(one, by_name) for one in each.parameters),
                returns=substitute(each.returns, by_name),
            )
            for each in signatures
        )
        for name, signatures in type_.methods.items()
    }
    return replace(type_, methods=methods)


def _with_enum_members(declared: PlatformType) -> PlatformType:
    """Add the values and the methods of each enum."""
    members = enum_members(declared.type, declared.values)
    return replace(declared, methods=members.methods, properties=members.properties)


def enum_members(type_: ApexType, values: tuple[str, ...]) -> PlatformType:
    """Return an enum with its values as constants and the methods of each enum."""
    signatures = (
        Signature("values", (), list_of(type_), is_static=True),
        Signature("valueOf", (STRING,), type_, is_static=True),
        Signature("name", (), STRING),
        Signature("ordinal", (), INTEGER),
        Signature("equals", (ApexType("Object"),), BOOLEAN),
        Signature("hashCode", (), INTEGER),
        Signature("toString", (), STRING),
    )
    return PlatformType(
        name=type_.name,
        kind="enum",
        methods={each.name.lower(): (each,) for each in signatures},
        properties={
            name.lower(): PropertySignature(name, type_, True, False) for name in values
        },
        values=values,
    )

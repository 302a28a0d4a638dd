"""Chooses among methods of the same name by the types of the arguments."""

from collections.abc import Sequence

from ..types import NULL, UNKNOWN, ApexType
from .context import Context
from .model import Method
from .relations import PRIMITIVES, is_assignable


def choose(
    context: Context, methods: Sequence[Method], arguments: tuple[ApexType, ...]
) -> list[Method]:
    """Return the methods that can take the arguments."""
    return [
        each
        for each in methods
        if len(each.parameters) == len(arguments)
        and all(
            is_assignable(context.world, given, wanted)
            for given, wanted in zip(arguments, each.parameters, strict=True)
        )
    ]


def result_of(methods: list[Method], arguments: tuple[ApexType, ...]) -> ApexType:
    """Return what a call returns; UNKNOWN if several methods fit and they differ."""
    exact = [
        each for each in methods if all(map(ApexType.is_same, arguments, each.parameters))
    ]
    results = {each.returns for each in (exact[:1] or methods)}
    return results.pop() if len(results) == 1 else UNKNOWN


def is_ambiguous(
    context: Context, arguments: tuple[ApexType, ...], methods: list[Method]
) -> bool:
    """Say whether null fits parameters of unrelated simple types equally well."""
    if len(methods) < 2 or NULL not in arguments or UNKNOWN in arguments:
        return False
    index = arguments.index(NULL)
    given = [each for position, each in enumerate(arguments) if position != index]
    types = [each.parameters[index] for each in methods]
    others = [
        [each for position, each in enumerate(method.parameters) if position != index]
        for method in methods
    ]
    return (
        all(each.key in PRIMITIVES for each in types)
        and all(other == given or not given for other in others)
        and not any(
            is_assignable(context.world, one, other)
            for one in types
            for other in types
            if one is not other
        )
    )

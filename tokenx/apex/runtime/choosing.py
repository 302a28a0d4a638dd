"""Chooses the method that a call means."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..types import ApexType
from ..values import Instance, Value
from . import signatures
from .classes import OrgClass, OrgMethod
from .signatures import Where

if TYPE_CHECKING:
    from .run import ApexRun


def candidates_of(
    run: "ApexRun", loaded: OrgClass, key: str, count: int, *, with_outer: bool = False
) -> list[OrgMethod]:
    """Return the methods of a name and number of parameters that aren't overridden."""
    place = key, count, with_outer
    found = loaded.callable.get(place)
    if found is None:
        found, seen = [], set[tuple[str, ...]]()
        for method in _all_methods(loaded, key, with_outer=with_outer):
            if len(method.parameters) != count:
                continue
            types = tuple(str(each).lower() for each in run.types_of(method))
            if types not in seen:
                seen.add(types)
                found.append(method)
        loaded.callable[place] = found
    return found


def _all_methods(loaded: OrgClass, key: str, *, with_outer: bool) -> list[OrgMethod]:
    methods = list(loaded.find_methods(key))
    outer = loaded.outer if with_outer else None
    while outer:
        methods += [each for each in outer.find_methods(key) if each.is_static]
        outer = outer.outer
    return methods


def choose(
    run: "ApexRun",
    candidates: list[OrgMethod],
    arguments: Sequence[Value],
    where: "Where | None",
) -> OrgMethod | None:
    """Return the method whose parameters fit best."""
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    pairs = [(each, run.types_of(each)) for each in candidates]
    return signatures.choose(run, pairs, where, arguments) or candidates[0]


def overriding(run: "ApexRun", method: OrgMethod, this: Instance) -> OrgMethod:
    """Return the method that overrides another one in an instance's class."""
    loaded = this.loaded
    if not method.is_virtual or loaded is method.owner or not isinstance(loaded, OrgClass):
        return method
    wanted = run.types_of(method)
    key = method.name.lower()
    for each in candidates_of(run, loaded, key, len(wanted)):
        types = run.types_of(each)
        if all(map(ApexType.is_same, types, wanted)) and each.body is not None:
            return each
    return method

"""Calls methods and constructors of the platform through the library."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..library import registry
from ..platform import Signature, platform_type
from ..types import ApexType
from ..values import ApexList, ApexMap, ApexSet, QueryRows, Record, Value
from ..values.coerce import coerce
from ..values.types_of import type_of
from . import signatures
from .errors import NotRunnableError

if TYPE_CHECKING:
    from .run import ApexRun

_OBJECT = "Object"


@dataclass(frozen=True, slots=True)
class PlatformCall:
    """A method or constructor of the platform: its function and its signatures."""

    function: registry.Function
    signatures: tuple[Signature, ...]


_CALLS: dict[tuple[str, str, int, bool], PlatformCall] = {}


def find_call(
    type_name: str, key: str, count: int, *, is_static: bool
) -> PlatformCall | None:
    """Return a method of a platform type or of what it extends, or None."""
    place = type_name, key, count, is_static
    found = _CALLS.get(place)
    if found is not None:
        return found
    for name in _names(type_name):
        function = registry.find_method(name, key, count, is_static=is_static)
        if function is not None:
            declared = platform_type(type_name) or platform_type(name)
            all_of_name = declared.methods.get(key, ()) if declared else ()
            found = PlatformCall(
                function,
                tuple(
                    each
                    for each in all_of_name
                    if len(each.parameters) == count and each.is_static == is_static
                ),
            )
            _CALLS[place] = found
            return found
    return None


def _names(type_name: str) -> list[str]:
    """Return a type's name, and those of what it extends; Object is last."""
    names, declared = [type_name], platform_type(type_name)
    while declared is not None and declared.superclass is not None:
        names.append(declared.superclass.name)
        declared = platform_type(declared.superclass.name)
    if type_name == "Id":
        names.append("String")
    return [*names, _OBJECT]


def convert(
    run: "ApexRun",
    candidates: Sequence[Signature],
    arguments: list[Value],
    where: "signatures.Where | None" = None,
    receiver: Value = None,
) -> list[Value]:
    """Convert arguments to the types of the signature that fits best."""
    if not arguments or not candidates:
        return arguments
    chosen = candidates[0]
    if len(candidates) > 1:
        pairs = [(each, each.parameters) for each in candidates]
        best = signatures.choose(run, pairs, where, arguments)
        if best is None:
            return arguments
        chosen = best
    converted = arguments
    for index, type_ in enumerate(chosen.parameters):
        value = arguments[index]
        if value is None or signatures.PLAIN.get(type_.name) is type(value):
            continue
        new = _converted(run, value, type_, receiver)
        if new is not value:
            if converted is arguments:
                converted = list(arguments)
            converted[index] = new
    return converted


def _converted(run: "ApexRun", value: Value, type_: ApexType, receiver: Value) -> Value:
    name = type_.name
    if name == "Object" or name == "?":
        return coerce(run, value, type_) if type(value) is QueryRows else value
    if name in ("T", "K", "V"):
        if isinstance(receiver, ApexMap):
            return run.coerce(value, receiver.key if name == "K" else receiver.value)
        if isinstance(receiver, ApexList | ApexSet):
            return run.coerce(value, receiver.element)
        return value
    if type_.arguments:
        # What collections hold is converted when it's put into another one.
        return coerce(run, value, ApexType(name)) if type(value) is QueryRows else value
    return run.coerce(value, type_)


def call_static(
    run: "ApexRun",
    type_name: str,
    name: str,
    arguments: list[Value],
    where: "signatures.Where | None" = None,
) -> Value:
    """Call a static method of the platform."""
    call = find_call(type_name, name.lower(), len(arguments), is_static=True)
    if call is None:
        raise NotRunnableError(f"{type_name}.{name}")
    run.budget.check_time()
    return call.function(run, *convert(run, call.signatures, arguments, where))


def call_method(
    run: "ApexRun",
    receiver: Value,
    name: str,
    arguments: list[Value],
    where: "signatures.Where | None" = None,
    type_name: str = "",
) -> Value:
    """Call a method of a value of the platform that isn't null."""
    owner = type_name or name_of(receiver)
    call = find_call(owner, name.lower(), len(arguments), is_static=False)
    if call is None:
        raise NotRunnableError(f"{owner}.{name}")
    run.budget.check_time()
    converted = convert(run, call.signatures, arguments, where, receiver)
    return call.function(run, receiver, *converted)


def name_of(value: Value) -> str:
    """Return the name under which the library has a value's methods."""
    found = _NAMES.get(type(value))
    return found or type_of(value).name


_NAMES: dict[type, str] = {
    str: "String",
    int: "Integer",
    bool: "Boolean",
    ApexList: "List",
    ApexSet: "Set",
    ApexMap: "Map",
    Record: "SObject",
}

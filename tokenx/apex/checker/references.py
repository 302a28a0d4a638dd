"""Resolves the types that code names, and reports what's invalid or unknown."""

from ..platform import canonical_name, platform_type
from ..tree import Position, TypeReference
from ..types import UNKNOWN, VOID, ApexType
from . import hints
from .report import Report
from .scopes import TypeScope
from .world import World

# Words that can't be the name of a class or an object.
_RESERVED_TYPES = {"int", "float", "char", "byte", "short", "bigdecimal", "number"}
_GENERIC = {"list": 1, "set": 1, "map": 2}


class Resolver:
    """Resolves the type references of one class."""

    def __init__(self, world: World, report: Report) -> None:
        self._world = world
        self._report = report

    def resolve(
        self,
        reference: TypeReference,
        scope: TypeScope | None,
        at: Position | None = None,
    ) -> ApexType:
        """Return the type that the code names; UNKNOWN if tokenx doesn't know it.

        An invalid type is reported at `at` instead of its own place.
        """
        found = self._base(reference, scope, at or reference.at)
        for part in reference.parts[:-1]:
            for argument in part.arguments:
                self.resolve(argument, scope)
        arguments = tuple(
            self.resolve(each, scope, at or reference.at)
            for each in reference.parts[-1].arguments
        )
        found = self._with_arguments(found, arguments, reference)
        for _ in range(reference.array_depth):
            found = ApexType("List", (found,))
        return found

    def _base(
        self, reference: TypeReference, scope: TypeScope | None, at: Position
    ) -> ApexType:
        names = tuple(part.name for part in reference.parts)
        if names == ("void",) or reference.name.lower() == "void":
            return VOID
        found = self._world.find_dotted(names, scope)
        if found is not None:
            return found
        return self.unknown_type(reference.name, at, scope)

    def unknown_type(self, name: str, at: Position, scope: TypeScope | None) -> ApexType:
        """Report a type that wasn't found: an error if it's certain."""
        if hint := hints.TYPES.get(name.lower()):
            self._report.error(at, f"Invalid type: {name}", hint)
        elif self._is_impossible(name, scope):
            self._report.error(at, f"Invalid type: {name}")
        else:
            self._report.unknown(at, canonical_name(name) or name)
            if known := canonical_name(name):
                return ApexType(known)
        return UNKNOWN

    def _is_impossible(self, name: str, scope: TypeScope | None) -> bool:
        if name.lower() in _RESERVED_TYPES or name.endswith("_"):
            return True
        outer, _, inner = name.partition(".")
        if not inner or "." in inner:
            return False
        found = self._world.find(outer, scope)
        if found is None or found == UNKNOWN or canonical_name(name):
            return False
        if self._world.scope_of(found):
            return self._world.is_complete(found)
        return platform_type(found.name) is not None

    def _with_arguments(
        self, found: ApexType, arguments: tuple[ApexType, ...], reference: TypeReference
    ) -> ApexType:
        expected = _GENERIC.get(found.key)
        if expected is not None and len(arguments) != expected:
            self._refuse_arguments(found, len(arguments), expected, reference)
            return UNKNOWN
        if found == UNKNOWN or not arguments:
            return found
        if self._takes_no_arguments(found):
            name = f"Type arguments provided for a non-parameterized type: {found}"
            self._report.error(reference.at, name)
        return ApexType(found.name, arguments)

    def _takes_no_arguments(self, found: ApexType) -> bool:
        shape = self._world.shape(found)
        return shape is not None and not shape.type.arguments

    def _refuse_arguments(
        self, found: ApexType, given: int, expected: int, reference: TypeReference
    ) -> None:
        message = (
            f"Invalid type argument count for {found.name}: "
            f"expected {expected} but found {given}"
            if given
            else f"Unexpected token '{reference.name}'."
        )
        self._report.error(reference.at, message)

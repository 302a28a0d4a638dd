"""The types that a class can name: those of the org, the platform, and its objects."""

from collections.abc import Iterator

from ..platform import canonical_name, platform_type
from ..ports import OrgClasses, Ports
from ..tree import (
    CompilationUnit,
    TriggerDeclaration,
    TypeReference,
)
from ..types import UNKNOWN, VOID, ApexType
from .model import Method, Shape, Variable
from .scopes import TypeScope
from .shapes import shape_of_declaration, shape_of_object, shape_on_platform

_MOST_SUPERTYPES = 60
# A class with more methods of a name isn't checked for their overloads.
MOST_OVERLOADS = 100


class World:
    """Finds types by name, and what they declare and inherit."""

    def __init__(self, unit: CompilationUnit, classes: OrgClasses, ports: Ports) -> None:
        self._unit = unit
        self._classes = classes
        self.ports = ports
        # The names of the org's other classes that were looked up.
        self.references: dict[str, str] = {}
        self._scopes: dict[str, TypeScope | None] = {}
        self._shapes: dict[str, Shape | None] = {}
        self._superclasses: dict[str, ApexType | None] = {}
        self._lineages: dict[ApexType, tuple[tuple[ApexType, Shape | None], ...]] = {}
        self._methods: dict[tuple[ApexType, str], tuple[list[Method], bool]] = {}
        self._found: dict[tuple[str, str], ApexType | None] = {}
        self._searches = set[tuple[str, str]]()

    # --- Declarations of the org -----------------------------------------------------

    def scope_of(self, type_: ApexType) -> TypeScope | None:
        """Return the declaration of a type of the org, or None."""
        key = type_.name.lower()
        if key not in self._scopes:
            self._scopes[key] = self._find_scope(key)
        return self._scopes[key]

    def _find_scope(self, key: str) -> TypeScope | None:
        outer, _, inner = key.partition(".")
        if inner:
            scope = self.scope_of(ApexType(outer))
            return scope.find_inner(inner) if scope else None
        unit = self._unit if self._unit.name.lower() == outer else self._classes.get(outer)
        if unit is None or isinstance(unit, TriggerDeclaration):
            return None
        return TypeScope(ApexType(unit.name), unit)

    def _find_in_org(self, name: str) -> ApexType | None:
        """Return a class of the org without reading it, in case its members aren't used."""
        key = name.lower()
        is_mine = self._unit.name.lower() == key
        if not is_mine and key not in self._classes:
            return None
        self.references.setdefault(key, self._unit.name if is_mine else name)
        return UNKNOWN if self._is_ambiguous(key) else ApexType(self.references[key])

    def _is_ambiguous(self, key: str) -> bool:
        """Say whether a class has the name of a platform type or an object."""
        return canonical_name(key) is not None or self.ports.fields_of(key) is not None

    # --- Names ------------------------------------------------------------------------

    def find(self, name: str, scope: TypeScope | None) -> ApexType | None:
        """Return the type that a simple name means in a scope, or None."""
        key = (name.lower(), scope.type.key if scope else "")
        if key in self._searches:
            # A superclass isn't inherited from itself.
            return self._find_in_org(name) or self.find_on_platform(name)
        if key not in self._found:
            self._searches.add(key)
            self._found[key] = self._find(name, scope)
            self._searches.remove(key)
        return self._found[key]

    def _find(self, name: str, scope: TypeScope | None) -> ApexType | None:
        return (
            self._find_inherited_inner(name.lower(), scope)
            or self._find_in_org(name)
            or self.find_on_platform(name)
        )

    def _find_inherited_inner(self, key: str, scope: TypeScope | None) -> ApexType | None:
        while scope:
            for each in self._with_superclasses(scope):
                if inner := each.find_inner(key):
                    return inner.type
            scope = scope.outer
        return None

    def _with_superclasses(self, scope: TypeScope) -> Iterator[TypeScope]:
        yield scope
        for _ in range(_MOST_SUPERTYPES):
            type_ = self._superclass_of(scope)
            above = self.scope_of(type_) if type_ else None
            if above is None:
                return
            yield above
            scope = above

    def _superclass_of(self, scope: TypeScope) -> ApexType | None:
        """Return a declared superclass without reading the other members."""
        key = scope.type.name.lower()
        if key not in self._superclasses:
            self._superclasses[key] = None  # A class that extends its own inner type.
            declared = getattr(scope.declaration, "superclass", None)
            if declared is not None:
                self._superclasses[key] = self.quiet(declared, scope.outer)
        return self._superclasses[key]

    def find_on_platform(self, name: str) -> ApexType | None:
        """Return a platform type or an object by name; UNKNOWN if it can be either."""
        declared = platform_type(name)
        simple = name[7:] if name.lower().startswith("schema.") else name
        if simple.lower().removeprefix("system.") in self._classes:
            return UNKNOWN
        fields = None if "." in simple else self.ports.fields_of(simple)
        if declared and fields is not None:
            return UNKNOWN
        if declared:
            return ApexType(declared.name)
        return ApexType(simple) if fields is not None else None

    def find_dotted(
        self, names: tuple[str, ...], scope: TypeScope | None
    ) -> ApexType | None:
        """Return the type that a dotted name means in a scope, or None."""
        if len(names) == 1:
            return self.find(names[0], scope)
        if len(names) > 2:
            return None
        outer = self.find(names[0], scope)
        declared = self.scope_of(outer) if outer else None
        if declared:
            inner = next(
                (
                    found
                    for each in self._with_superclasses(declared)
                    if (found := each.find_inner(names[1].lower()))
                ),
                None,
            )
            if inner:
                return inner.type
        return self.find_on_platform(".".join(names))

    # --- Shapes -----------------------------------------------------------------------

    def shape(self, type_: ApexType) -> Shape | None:
        """Return what a type declares, or None if tokenx doesn't know that."""
        key = type_.name.lower()
        if key not in self._shapes:
            self._shapes[key] = None  # A class that extends itself.
            self._shapes[key] = self._read_shape(type_)
        return self._shapes[key]

    def _read_shape(self, type_: ApexType) -> Shape | None:
        outer = type_.name.partition(".")[0].lower()
        if outer in self._classes and self._is_ambiguous(outer):
            return None
        if scope := self.scope_of(type_):
            return shape_of_declaration(
                scope.type, scope.declaration, lambda each: self.quiet(each, scope)
            )
        if outer in self._classes or type_ == UNKNOWN:
            return None
        if shape := shape_on_platform(type_.name):
            return shape
        fields = self.ports.fields_of(type_.name)
        return None if fields is None else shape_of_object(type_.name, fields)

    def quiet(self, reference: TypeReference, scope: TypeScope | None) -> ApexType:
        """Return the type that another class names; what's unknown isn't reported here."""
        names = tuple(part.name for part in reference.parts)
        found = self.find_dotted(names, scope)
        if found is None:
            known = canonical_name(reference.name)
            is_void = reference.name.lower() == "void"
            found = VOID if is_void else ApexType(known) if known else UNKNOWN
        arguments = tuple(self.quiet(each, scope) for each in reference.parts[-1].arguments)
        if arguments and found != UNKNOWN:
            found = ApexType(found.name, arguments)
        for _ in range(reference.array_depth):
            found = ApexType("List", (found,))
        return found

    def lineage(self, type_: ApexType) -> tuple[tuple[ApexType, Shape | None], ...]:
        """Return a type and all its supertypes with their shapes; None ends a line."""
        if type_ not in self._lineages:
            self._lineages[type_] = tuple(self._read_lineage(type_))
        return self._lineages[type_]

    def _read_lineage(self, type_: ApexType) -> Iterator[tuple[ApexType, Shape | None]]:
        waiting, seen = [type_], set[str]()
        while waiting and len(seen) < _MOST_SUPERTYPES:
            current = waiting.pop(0)
            if current.key in seen:
                continue
            seen.add(current.key)
            shape = self.shape(current)
            yield current, shape
            if shape:
                names = parameters_of(shape, current)
                waiting += [
                    Method(current, "", (), each).applied(names).returns
                    for each in shape.supertypes
                ]

    def methods(self, type_: ApexType, name: str) -> tuple[list[Method], bool]:
        """Return a type's methods of a name, and whether no others can exist."""
        key = (type_, name.lower())
        if key not in self._methods:
            self._methods[key] = self._read_methods(*key)
        return self._methods[key]

    def _read_methods(self, type_: ApexType, key: str) -> tuple[list[Method], bool]:
        found, is_complete = list[Method](), True
        for current, shape in self.lineage(type_):
            is_complete = is_complete and shape is not None and shape.is_complete
            if shape and key in shape.methods:
                names = parameters_of(shape, current)
                methods = shape.methods[key][:MOST_OVERLOADS]
                found += [each.applied(names) for each in methods] if names else methods
        return found[:MOST_OVERLOADS], is_complete and len(found) < MOST_OVERLOADS

    def variable(self, type_: ApexType, name: str) -> tuple[Variable | None, bool]:
        """Return a type's field or property, and whether no other can exist."""
        key, is_complete = name.lower(), True
        for _, shape in self.lineage(type_):
            is_complete = is_complete and shape is not None and shape.is_complete
            if shape and key in shape.variables:
                return shape.variables[key], True
        return None, is_complete

    def is_complete(self, type_: ApexType) -> bool:
        """Say whether all members of a type are known, inherited ones too."""
        return all(shape and shape.is_complete for _, shape in self.lineage(type_))

    def extends(self, type_: ApexType, name: str) -> bool | None:
        """Say whether a type has a supertype by name; None if that isn't known."""
        target, is_complete = ApexType(name).key, True
        for current, shape in self.lineage(type_):
            if current.key == target:
                return True
            is_complete = is_complete and shape is not None
        return False if is_complete else None


def parameters_of(shape: Shape, type_: ApexType) -> dict[str, ApexType]:
    """Return what each type parameter stands for; unknown if the code doesn't say."""
    names = [each.name for each in shape.type.arguments]
    padding = [UNKNOWN] * len(names)
    return dict(zip(names, [*type_.arguments, *padding], strict=False))

"""Finds types by name, and loads the org's classes when they're first used."""

from ..platform import canonical_name, platform_type
from ..ports import OrgClasses
from ..tree import (
    ClassDeclaration,
    EnumDeclaration,
    InterfaceDeclaration,
    TriggerDeclaration,
    TypeDeclaration,
    TypeReference,
)
from ..types import VOID, ApexType, parse_type
from .classes import OrgClass, read_members
from .errors import NotRunnableError
from .ports import RunPorts


class Types:
    """The types of a run. What the code names is looked up once for each place."""

    def __init__(self, classes: OrgClasses, ports: RunPorts) -> None:
        self._org = classes
        self._ports = ports
        self.loaded: dict[str, OrgClass] = {}
        # By the identity of the node, which is kept with it.
        self._resolved: dict[int, tuple[TypeReference, ApexType]] = {}
        self._objects: dict[str, ApexType | None] = {}
        # What simple names mean in a class, by the class and the name as it's written.
        self._simple: dict[tuple[OrgClass | None, str], ApexType] = {}
        # Whether one type extends another, by their names.
        self._extending: dict[tuple[str, str], bool] = {}

    # --- The org's classes --------------------------------------------------------------

    def is_org_class(self, key: str) -> bool:
        """Say whether a lower-case name is that of a top-level class of the org."""
        return key in self.loaded or key in self._org

    def class_of(self, type_: ApexType) -> OrgClass | None:
        """Return a class of the org by its type, or None."""
        return self.find_class(type_.name.lower())

    def find_class(self, key: str) -> OrgClass | None:
        """Return a class of the org by lower-case name, such as outer.inner, or None."""
        found = self.loaded.get(key)
        if found is not None:
            return found
        name, _, inner = key.partition(".")
        if inner:
            outer = self.find_class(name)
            declaration = outer.inner.get(inner) if outer else None
            return self.load(declaration, outer) if declaration else None
        if name not in self._org:
            return None
        unit = self._org.get(name)
        if unit is None or isinstance(unit, TriggerDeclaration):
            raise NotRunnableError(key, "The class has errors.")
        return self.load(unit, None)

    def load(
        self,
        declaration: TypeDeclaration,
        outer: OrgClass | None,
        *,
        is_anonymous: bool = False,
    ) -> OrgClass:
        """Make a class ready to run."""
        name = f"{outer.type.name}.{declaration.name}" if outer else declaration.name
        loaded = OrgClass(ApexType(name), declaration, outer, is_anonymous=is_anonymous)
        self.loaded[name.lower()] = loaded
        if outer and outer.is_anonymous:
            loaded.is_anonymous = False
        read_members(loaded)
        if isinstance(declaration, ClassDeclaration) and declaration.superclass:
            self._extend(loaded, declaration.superclass)
        loaded.separate_fields()
        if isinstance(declaration, ClassDeclaration | InterfaceDeclaration):
            loaded.interfaces = tuple(
                self.resolve(each, loaded) for each in declaration.interfaces
            )
        return loaded

    def _extend(self, loaded: OrgClass, reference: TypeReference) -> None:
        type_ = self.resolve(reference, loaded)
        above = self.class_of(type_)
        if above is None:
            loaded.base = type_
        elif any(each is loaded for each in above.lineage()):
            raise NotRunnableError(loaded.type.name, "The class extends itself.")
        else:
            loaded.superclass = above

    # --- Types by name ------------------------------------------------------------------

    def resolve(self, reference: TypeReference, scope: OrgClass | None) -> ApexType:
        """Return the type that the code names."""
        found = self._resolved.get(id(reference))
        if found is None:
            found = reference, self._resolve(reference, scope)
            self._resolved[id(reference)] = found
        return found[1]

    def _resolve(self, reference: TypeReference, scope: OrgClass | None) -> ApexType:
        parts = reference.parts
        if len(parts) == 1:
            type_ = self._find_simple(parts[0].name, scope)
        else:
            type_ = self.find(tuple(each.name for each in parts), scope)
        if type_ is None:
            raise NotRunnableError(reference.name)
        arguments = parts[-1].arguments
        if arguments:
            type_ = ApexType(
                type_.name, tuple(self.resolve(each, scope) for each in arguments)
            )
        for _ in range(reference.array_depth):
            type_ = ApexType("List", (type_,))
        return type_

    def find(self, names: tuple[str, ...], scope: OrgClass | None) -> ApexType | None:
        """Return the type that a simple or dotted name means in a class, or None."""
        if len(names) == 1:
            return self._find_simple(names[0], scope)
        first = names[0].lower()
        outer = self._find_in_scope(first, scope) or self.find_class(first)
        if outer and len(names) == 2:
            inner = self.find_inner(outer, names[1].lower())
            if inner:
                return inner.type
        return self.find_on_platform(".".join(names))

    def _find_simple(self, name: str, scope: OrgClass | None) -> ApexType | None:
        found = self._simple.get((scope, name))
        if found is None:
            found = self._look_up(name, scope)
            if found is not None:
                self._simple[scope, name] = found
        return found

    def _look_up(self, name: str, scope: OrgClass | None) -> ApexType | None:
        key = name.lower()
        if key == "void":
            return VOID
        inner = self._find_in_scope(key, scope)
        if inner:
            return inner.type
        if key in self.loaded:
            return self.loaded[key].type
        if key in self._org:
            return ApexType(name)
        return self.find_on_platform(name)

    def _find_in_scope(self, key: str, scope: OrgClass | None) -> OrgClass | None:
        """Return an inner class, or a class around the code that has the name."""
        while scope:
            if inner := self.find_inner(scope, key):
                return inner
            if scope.declaration.name.lower() == key:
                return scope
            scope = scope.outer
        return None

    def find_inner(self, outer: OrgClass, key: str) -> OrgClass | None:
        """Return an inner class by lower-case name, inherited ones too, or None."""
        for each in outer.lineage():
            if key in each.inner:
                found = self.loaded.get(f"{each.type.name}.{key}".lower())
                return found or self.load(each.inner[key], each)
        return None

    def find_on_platform(self, name: str) -> ApexType | None:
        """Return a type of the platform or an object by name, or None."""
        declared = platform_type(name)
        if declared:
            return ApexType(declared.name)
        simple = name[7:] if name.lower().startswith("schema.") else name
        if "." not in simple and (found := self.find_object(simple)):
            return found
        known = canonical_name(name)
        return ApexType(known) if known else None

    def find_object(self, name: str) -> ApexType | None:
        """Return the type of an object's records, such as User, or None."""
        key = name.lower()
        if key not in self._objects:
            is_object = self._ports.records.fields_of(name) is not None or (
                key.endswith("__mdt")
                and self._ports.configuration.custom_metadata(name) is not None
            )
            known = canonical_name(name) or name
            self._objects[key] = ApexType(known) if is_object else None
        return self._objects[key]

    def object_name(self, name: str) -> str:
        """Return an object's name as the platform writes it."""
        found = self.find_object(name)
        return found.name if found else name

    def find_text(self, text: str) -> ApexType | None:
        """Return the type of a text such as Outer.Inner or Map<String, Object>, or None."""
        try:
            return self._canonical(parse_type(text.strip()))
        except ValueError:
            return None

    def _canonical(self, type_: ApexType) -> ApexType | None:
        found = self.find(tuple(type_.name.split(".")), None)
        arguments = tuple(self._canonical(each) for each in type_.arguments)
        if found is None or None in arguments:
            return None
        loaded = self.class_of(found)
        name = loaded.type.name if loaded else found.name
        return ApexType(name, tuple(filter(None, arguments)))

    # --- Supertypes ---------------------------------------------------------------------

    def extends(self, type_: ApexType, wanted: ApexType) -> bool:
        """Say whether a type of the org or the platform is, extends, or implements one."""
        names = type_.name, wanted.name
        found = self._extending.get(names)
        if found is None:
            found = self._extending[names] = self._is_above(type_, wanted)
        return found

    def _is_above(self, type_: ApexType, wanted: ApexType) -> bool:
        target = wanted.key
        waiting, seen = [type_], set[str]()
        while waiting:
            current = waiting.pop()
            if current.key == target:
                return True
            if current.key in seen:
                continue
            seen.add(current.key)
            waiting += self._supertypes(current)
        return False

    def _supertypes(self, type_: ApexType) -> list[ApexType]:
        loaded = self.class_of(type_)
        if loaded:
            above = loaded.superclass.type if loaded.superclass else loaded.base
            return [*([above] if above else []), *loaded.interfaces]
        declared = platform_type(type_.name)
        if declared is None:
            return []
        above = declared.superclass
        return [*([above] if above else []), *declared.interfaces]

    def is_enum(self, type_: ApexType) -> bool:
        """Say whether a type is an enum."""
        loaded = self.class_of(type_)
        if loaded:
            return isinstance(loaded.declaration, EnumDeclaration)
        declared = platform_type(type_.name)
        return declared is not None and declared.kind == "enum"

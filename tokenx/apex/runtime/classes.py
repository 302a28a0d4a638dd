"""Classes of the org, ready to run."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..tree import (
    Block,
    ClassDeclaration,
    ConstructorDeclaration,
    EnumDeclaration,
    Expression,
    FieldDeclaration,
    Initializer,
    InterfaceDeclaration,
    MethodDeclaration,
    Modifier,
    Modifiers,
    Parameter,
    Position,
    PropertyDeclaration,
    TypeDeclaration,
    TypeReference,
)
from ..types import VOID, ApexType
from ..values import EnumConstant, Value

_TYPES = (ClassDeclaration, InterfaceDeclaration, EnumDeclaration)
_MOST_SUPERCLASSES = 60
# The steps of an initialization: a block, or a variable and its initial value.
Initial = Block | tuple["OrgVariable", Expression]


@dataclass(slots=True, eq=False)
class OrgMethod:
    """A method, constructor, accessor, or initializer of a class of the org."""

    owner: "OrgClass"
    # As stacks name it: <init> for a constructor.
    name: str
    parameters: tuple[Parameter, ...]
    # None for void.
    returns: TypeReference | None
    is_static: bool
    body: Block | None
    at: Position
    is_virtual: bool = False
    is_constructor: bool = False
    # The types of the parameters and the result; `ApexRun.types_of` fills them.
    types: tuple[ApexType, ...] | None = None
    result: ApexType = VOID
    # As logs write it; `calls.signature_of` fills it.
    signature: str = ""

    @property
    def place(self) -> str:
        """Return the method as a line of a stack names it."""
        if self.owner.is_anonymous:
            return "AnonymousBlock"
        return f"Class.{self.owner.type.name}.{self.name}"


@dataclass(slots=True, eq=False)
class OrgVariable:
    """A field or property. Without accessors that have code, its value is stored."""

    owner: "OrgClass"
    name: str
    key: str
    declared: TypeReference
    is_static: bool
    is_property: bool = False
    is_transient: bool = False
    getter: OrgMethod | None = None
    setter: OrgMethod | None = None
    # Its key among the fields of an instance: the name, unless a superclass has it, too.
    slot: str = ""
    # `ApexRun.type_of_variable` fills it.
    type: ApexType | None = None


@dataclass(slots=True, eq=False)
class OrgClass:
    """A class, interface, or enum of the org in one run, with its static variables.

    Its superclass is either `superclass`, another class of the org, or `base`, one of the
    platform. Both are None for a class that extends nothing.
    """

    type: ApexType
    declaration: TypeDeclaration
    outer: "OrgClass | None" = None
    superclass: "OrgClass | None" = None
    base: ApexType | None = None
    interfaces: tuple[ApexType, ...] = ()
    is_anonymous: bool = False
    is_abstract: bool = False
    # What the class itself declares, by lower-case name.
    variables: dict[str, OrgVariable] = field(default_factory=dict)
    methods: dict[str, list[OrgMethod]] = field(default_factory=dict)
    constructors: list[OrgMethod] = field(default_factory=list)
    inner: dict[str, TypeDeclaration] = field(default_factory=dict)
    enum_values: dict[str, EnumConstant] = field(default_factory=dict)
    instance_initials: list[Initial] = field(default_factory=list)
    static_initials: list[Initial] = field(default_factory=list)
    statics: dict[str, Value] = field(default_factory=dict)
    # Set when the static initialization starts, which can use the class itself.
    is_started: bool = False
    # What was found, by lower-case name, inherited members included.
    _variables: dict[str, OrgVariable | None] = field(default_factory=dict)
    _methods: dict[str, list[OrgMethod]] = field(default_factory=dict)
    _names: dict[str, OrgVariable | None] = field(default_factory=dict)
    # The fields of a new instance, and whether it's an exception; `creation` sets it.
    blank: tuple[dict[str, Value], bool] | None = None
    # Methods without those that are overridden, by name and number of parameters; `calls`
    # fills it.
    callable: dict[tuple[str, int, bool], list[OrgMethod]] = field(default_factory=dict)

    @property
    def top_name(self) -> str:
        """Return the name of the top-level class, or nothing for anonymous Apex."""
        return "" if self.is_anonymous else self.type.name.partition(".")[0]

    def lineage(self) -> Iterator["OrgClass"]:
        """Yield the class and its superclasses in the org, closest first."""
        current: OrgClass | None = self
        for _ in range(_MOST_SUPERCLASSES):
            if current is None:
                return
            yield current
            current = current.superclass

    @property
    def platform_base(self) -> ApexType | None:
        """Return the class of the platform that this class extends in the end, or None."""
        return next((each.base for each in self.lineage() if each.base), None)

    def separate_fields(self) -> None:
        """Keep fields apart from those of superclasses with the same name."""
        for key, variable in self.variables.items():
            above = self.superclass.find_variable(key) if self.superclass else None
            is_same = above is None or (variable.is_property and above.is_property)
            variable.slot = key if is_same else f"{key} of {self.type.name.lower()}"

    def find_variable(self, key: str) -> OrgVariable | None:
        """Return a field or property of the class or a superclass."""
        if key not in self._variables:
            found = (
                each.variables[key] for each in self.lineage() if key in each.variables
            )
            self._variables[key] = next(found, None)
        return self._variables[key]

    def find_name(self, key: str) -> OrgVariable | None:
        """Return what a simple name means here: also static variables of outer classes."""
        if key not in self._names:
            found = self.find_variable(key)
            outer = self.outer
            while found is None and outer:
                candidate = outer.find_variable(key)
                found = candidate if candidate and candidate.is_static else None
                outer = outer.outer
            self._names[key] = found
        return self._names[key]

    def find_methods(self, key: str) -> list[OrgMethod]:
        """Return the methods of a name, of the class and its superclasses, closest first.

        Overridden ones are among them, behind those that override them.
        """
        if key not in self._methods:
            self._methods[key] = [
                method for each in self.lineage() for method in each.methods.get(key, ())
            ]
        return self._methods[key]


def words_of(modifiers: Modifiers) -> set[str]:
    """Return the modifiers without the annotations."""
    return {each.word for each in modifiers if isinstance(each, Modifier)}


def read_members(loaded: OrgClass) -> None:
    """Fill a class from its declaration, in the order of the code."""
    declaration = loaded.declaration
    if isinstance(declaration, EnumDeclaration):
        for ordinal, each in enumerate(declaration.values):
            constant = EnumConstant(loaded.type, each.name, ordinal)
            loaded.enum_values[each.name.lower()] = constant
        return
    loaded.is_abstract = "abstract" in words_of(declaration.modifiers) or isinstance(
        declaration, InterfaceDeclaration
    )
    for member in declaration.members:
        if isinstance(member, _TYPES):
            loaded.inner[member.name.lower()] = member
        elif isinstance(member, FieldDeclaration):
            _add_fields(loaded, member)
        elif isinstance(member, PropertyDeclaration):
            _add_property(loaded, member)
        elif isinstance(member, Initializer):
            steps = loaded.static_initials if member.is_static else loaded.instance_initials
            steps.append(member.body)
        else:
            _add_method(loaded, member)


def _add_fields(loaded: OrgClass, member: FieldDeclaration) -> None:
    words = words_of(member.modifiers)
    is_static = "static" in words
    for each in member.declarators:
        variable = OrgVariable(
            loaded,
            each.name,
            each.name.lower(),
            member.type,
            is_static,
            is_transient="transient" in words,
        )
        loaded.variables[variable.key] = variable
        if is_static:
            loaded.statics[variable.key] = None
        if each.value is not None:
            steps = loaded.static_initials if is_static else loaded.instance_initials
            steps.append((variable, each.value))


def _add_property(loaded: OrgClass, member: PropertyDeclaration) -> None:
    words = words_of(member.modifiers)
    is_static = "static" in words
    key = member.name.lower()
    variable = OrgVariable(
        loaded,
        member.name,
        key,
        member.type,
        is_static,
        is_property=True,
        is_transient="transient" in words,
    )
    for each in member.accessors:
        if each.body is None:
            continue
        name = f"__sfdc_{member.name}"
        if each.kind == "get":
            variable.getter = OrgMethod(
                loaded, name, (), member.type, is_static, each.body, each.at
            )
        else:
            value = Parameter(each.at, (), member.type, "value")
            variable.setter = OrgMethod(
                loaded, name, (value,), None, is_static, each.body, each.at
            )
    loaded.variables[key] = variable
    if is_static:
        loaded.statics[key] = None


def _add_method(
    loaded: OrgClass, member: MethodDeclaration | ConstructorDeclaration
) -> None:
    words = words_of(member.modifiers)
    if isinstance(member, ConstructorDeclaration):
        loaded.constructors.append(
            OrgMethod(
                loaded,
                "<init>",
                member.parameters,
                None,
                False,
                member.body,
                member.at,
                is_constructor=True,
            )
        )
        return
    is_void = member.returns.name.lower() == "void" and not member.returns.array_depth
    method = OrgMethod(
        loaded,
        member.name,
        member.parameters,
        None if is_void else member.returns,
        bool(words & {"static", "testmethod"}),
        member.body,
        member.at,
        is_virtual=member.body is None or bool(words & {"virtual", "override", "abstract"}),
    )
    loaded.methods.setdefault(member.name.lower(), []).append(method)

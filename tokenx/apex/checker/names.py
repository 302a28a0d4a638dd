"""Finds what a name means: a variable, a type, or a namespace."""

from dataclasses import dataclass

from ..platform import canonical_name
from ..tree import Expression, FieldAccess, Name, Position, Super, This
from ..types import NULL, STRING, UNKNOWN, ApexType
from . import hints
from .context import Context, handles
from .model import Variable, shown
from .relations import PRIMITIVES, QUERY, is_sobject, row_of
from .scopes import TypeScope

# Names that mean something in every class, but not to tokenx.
_GLOBAL_NAMES = {"trigger", "page", "component", "sobjecttype", "objecttype"}
_SOBJECT_TYPE = ApexType("Schema.SObjectType")
_SOBJECT_FIELD = ApexType("Schema.SObjectField")
_DESCRIPTION = ApexType("Schema.DescribeSObjectResult")
_FIELDS = ApexType("Schema.SObjectTypeFields")


@dataclass(frozen=True, slots=True)
class Subject:
    """An expression before a dot: a value, a type, a namespace, or none that's known."""

    kind: str  # value, type, namespace, or unknown
    type: ApexType = UNKNOWN
    name: str = ""


_UNKNOWN = Subject("unknown")


def subject_of(context: Context, node: Expression, following: str = "") -> Subject:
    """Return what stands before a dot.

    `following` is the name behind the dot if another dot follows, as in a.B.c.
    """
    if isinstance(node, Name):
        return _subject_of_name(context, node, following)
    if isinstance(node, FieldAccess):
        before = subject_of(context, node.object, node.name)
        return _member(context, before, node)
    return Subject("value", context.type_of(node))


def _subject_of_name(context: Context, node: Name, following: str) -> Subject:
    type_ = variable_type(context, node)
    if type_ is not None:
        return Subject("value", type_)
    found = context.world.find(node.name, context.scope)
    if found is not None:
        return Subject("type", found) if found != UNKNOWN else _UNKNOWN
    if node.name.lower() in _GLOBAL_NAMES:
        context.report.unknown(node.at, node.name)
        return _UNKNOWN
    if name := canonical_name(node.name):
        return Subject("namespace", name=name)
    if sees_all_names(context):
        _report_unknown(context, node, following)
    return _UNKNOWN


def _report_unknown(context: Context, node: Name, following: str) -> None:
    """Report a name before a dot: a variable that's missing, a type, or a namespace.

    Only a variable starts with a small letter, or the namespace of a type: ns.Type.x.
    """
    looks_local = node.name[:1].islower() and "_" not in node.name
    if looks_local and not following[:1].isupper():
        context.error(node.at, f"Variable does not exist: {node.name}")
    else:
        context.report.unknown(node.at, node.name)


# --- Variables ---------------------------------------------------------------------------


def variable_type(context: Context, node: Name) -> ApexType | None:
    """Return the type of the variable that a name means, or None."""
    local = context.local(node.name)
    if local is not None:
        return local
    variable = find_variable(context, node.name)
    if variable is None:
        return None
    check_readable(context, variable, node.at)
    return variable.type


def find_variable(context: Context, name: str) -> Variable | None:
    """Return a field of this class, or a static one of the classes around it."""
    scope: TypeScope | None = context.scope
    while scope:
        variable, _ = context.world.variable(scope.type, name)
        is_reachable = scope is context.scope and not context.is_static
        if variable and (is_reachable or variable.is_static):
            return variable
        scope = scope.outer
    return None


def sees_all_names(context: Context) -> bool:
    """Say whether all names of this class and those around it are known."""
    scope: TypeScope | None = context.scope
    while scope:
        if not context.world.is_complete(scope.type):
            return False
        scope = scope.outer
    return True


@handles(Name)
def _type_of_name(context: Context, node: Name) -> ApexType:
    type_ = variable_type(context, node)
    if type_ is not None:
        _check_forward(context, node)
        return type_
    if sees_all_names(context):
        context.error(node.at, f"Variable does not exist: {node.name}")
    return UNKNOWN


def _check_forward(context: Context, node: Name) -> None:
    """Report a field that's declared after the one that's initialized, or is that one.

    The compiler doesn't mind one before a dot, as in later.size().
    """
    start = context.initializes
    if start is None or context.local(node.name) is not None:
        return
    place = context.scope.places.get(node.name.lower())
    if place and place >= start:
        context.error(node.at, f"Illegal forward reference: {node.name}")


@handles(This)
def _type_of_this(context: Context, node: This) -> ApexType:
    if context.is_static:
        context.error(node.at, "This cannot be referenced in a static context")
    return context.scope.type


@handles(Super)
def _type_of_super(context: Context, node: Super) -> ApexType:
    if context.is_static:
        context.error(node.at, "Super cannot be referenced in a static context")
    shape = context.world.shape(context.scope.type)
    return (shape and shape.superclass) or UNKNOWN


# --- Members -----------------------------------------------------------------------------


@handles(FieldAccess)
def _type_of_access(context: Context, node: FieldAccess) -> ApexType:
    found = _member(context, subject_of(context, node.object), node)
    if found.kind == "type" and found.type != UNKNOWN:
        context.error(node.at, f"Variable does not exist: {node.name}")
    return found.type if found.kind == "value" else UNKNOWN


def _member(context: Context, before: Subject, node: FieldAccess) -> Subject:
    if before.kind == "namespace":
        return _member_of_namespace(context, before, node)
    if before.kind == "type":
        return _member_of_type(context, before.type, node)
    if before.kind == "value" and before.type != UNKNOWN:
        return _member_of_value(context, before.type, node)
    return _UNKNOWN


def _member_of_namespace(context: Context, before: Subject, node: FieldAccess) -> Subject:
    name = f"{before.name}.{node.name}"
    if _is_label(context, before.name, node):
        return Subject("value", STRING)
    found = context.world.find_on_platform(name)
    if found is not None:
        return Subject("type", found) if found != UNKNOWN else _UNKNOWN
    if known := canonical_name(name):
        return Subject("namespace", name=known)
    return Subject("unknown", context.resolver.unknown_type(name, node.at, context.scope))


def _member_of_type(context: Context, type_: ApexType, node: FieldAccess) -> Subject:
    if is_sobject(context.world, type_):
        return _token(context, type_, node)
    if type_ == _SOBJECT_TYPE:
        return _description(context, node)
    variable, is_complete = context.world.variable(type_, node.name)
    if variable and variable.is_static:
        check_readable(context, variable, node.at)
        return Subject("value", variable.type)
    inner = context.world.find_dotted((type_.name, node.name), context.scope)
    if inner is not None:
        return Subject("type", inner) if inner != UNKNOWN else _UNKNOWN
    if known := canonical_name(f"{type_.name}.{node.name}"):
        return Subject("namespace", name=known)
    if _is_label(context, type_.name, node):
        return Subject("value", STRING)
    if type_.name in ("Label", "System", "Schema"):
        # Any label exists, and the others are namespaces, too.
        context.report.unknown(node.at, f"{type_.name}.{node.name}")
    elif variable:
        context.error(node.at, f"Variable does not exist: {node.name}")
    else:
        report_missing(context, type_, node.name, node.at, is_complete=is_complete)
    return _UNKNOWN


def _description(context: Context, node: FieldAccess) -> Subject:
    """Return the description of an object, such as Schema.SObjectType.User."""
    if context.world.ports.fields_of(node.name) is None:
        context.report.unknown(node.at, f"Schema.SObjectType.{node.name}")
        return _UNKNOWN
    return Subject("value", _DESCRIPTION)


def _is_label(context: Context, owner: str, node: FieldAccess) -> bool:
    """Say whether it's a custom label that the org has, such as System.Label.Hello."""
    is_label = owner.lower().removeprefix("system.") == "label"
    return is_label and context.world.ports.has_label(node.name)


def _token(context: Context, type_: ApexType, node: FieldAccess) -> Subject:
    """Return Account.SObjectType or Account.Name, which is a field's token."""
    if node.name.lower() == "sobjecttype":
        return Subject("value", _SOBJECT_TYPE)
    if node.name.lower() in ("fields", "fieldsets"):
        context.report.unknown(node.at, f"{type_.name}.{node.name}")
        return _UNKNOWN
    variable, _ = context.world.variable(type_, node.name)
    if variable is None:
        report_missing(context, type_, node.name, node.at, is_complete=False)
    return Subject("value", _SOBJECT_FIELD if variable else UNKNOWN)


def _member_of_value(context: Context, type_: ApexType, node: FieldAccess) -> Subject:
    if type_.name == QUERY:
        type_ = row_of(type_)
    if type_ == _FIELDS:
        context.report.unknown(node.at, f"{type_}.{node.name}")
        return _UNKNOWN
    variable, is_complete = context.world.variable(type_, node.name)
    if variable is None:
        report_missing(context, type_, node.name, node.at, is_complete=is_complete)
        return _UNKNOWN
    if variable.is_static:
        context.error(
            node.at,
            "Static field cannot be referenced from a non static context: "
            f"{variable.name} from the type {shown(variable.owner)}",
        )
    check_readable(context, variable, node.at)
    return Subject("value", variable.type)


def report_missing(
    context: Context, type_: ApexType, name: str, at: Position, *, is_complete: bool
) -> None:
    """Report a field that a type doesn't have, or that tokenx doesn't know."""
    if type_ in (UNKNOWN, NULL):
        return
    hint = hints.MEMBERS.get((type_.name.lower(), name.lower()), "")
    if hint or is_complete or type_.key in PRIMITIVES:
        message = f"Variable does not exist: {name}"
        context.error(at, message, hint)
    elif _is_elsewhere(context, type_, name):
        context.report.unknown(at, f"{type_.name}.{name}")


def _is_elsewhere(context: Context, type_: ApexType, name: str) -> bool:
    """Say whether a type's members aren't listed here and no class of the org has them."""
    is_listed = context.world.shape(type_) is not None
    is_object = is_sobject(context.world, type_)
    if is_object and name.lower() in (context.world.ports.fields_of(type_.name) or ()):
        return False  # A custom field of an object without records.
    return (is_object or not is_listed) and context.world.scope_of(type_) is None


def check_readable(context: Context, variable: Variable, at: Position) -> None:
    """Report a field that this class can't see, or a property without a getter."""
    is_seen = is_visible(context, variable.owner, variable.access, variable.is_test_visible)
    if not is_seen or not variable.is_readable:
        context.error(
            at, f"Variable is not visible: {shown(variable.owner)}.{variable.name}"
        )


def is_visible(
    context: Context, owner: ApexType, access: str, is_test_visible: bool
) -> bool:
    """Say whether this class can use a member; true unless it's certain."""
    if access in ("public", "global") or is_test_visible or _is_inside(context, owner):
        return True
    if access == "private":
        return False
    scope: TypeScope | None = context.scope
    while scope:
        if context.world.extends(scope.type, owner.name) is not False:
            return True
        scope = scope.outer
    return False


def _is_inside(context: Context, owner: ApexType) -> bool:
    """Say whether two types are in the same top-level class."""
    mine, theirs = context.scope.type.name, owner.name
    return mine.partition(".")[0].lower() == theirs.partition(".")[0].lower()

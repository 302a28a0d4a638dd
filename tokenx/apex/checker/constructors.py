"""Checks how objects are created."""

from dataclasses import replace

from ..tree import NamedArgument, New, Position
from ..types import OBJECT, UNKNOWN, VOID, ApexType
from . import hints
from .context import Context, handles
from .model import Method, listed, shown
from .names import is_visible
from .overloads import choose
from .relations import PRIMITIVES, as_list, is_assignable, is_sobject
from .world import MOST_OVERLOADS

_CONSTRUCTOR = "<Constructor>"
_ABSTRACT = {"exception", "sobject", "object"}


def check_constructor(
    context: Context,
    type_: ApexType,
    arguments: tuple[ApexType, ...],
    at: Position,
    *,
    is_delegated: bool = False,
) -> None:
    """Report arguments that no constructor of a type takes.

    A delegated call is this() or super() in another constructor.
    """
    constructors = constructors_of(context, type_)
    if constructors is None:
        return
    chosen = choose(context, constructors, arguments)
    if not chosen:
        hint = hints.MEMBERS.get((type_.name.lower(), _CONSTRUCTOR.lower()), "")
        given = tuple(OBJECT if each == UNKNOWN else as_list(each) for each in arguments)
        message = (
            f"Constructor not defined: [{shown(type_)}].{_CONSTRUCTOR}({listed(given)})"
        )
        if is_delegated:
            message = f"No constructor defined: void <init>({listed(given)})"
        context.error(at, message, hint)
    elif not any(
        is_visible(context, each.owner, each.access, each.is_test_visible)
        for each in chosen
    ):
        shown_type = f"[{shown(type_)}].{_CONSTRUCTOR}({listed(chosen[0].parameters)})"
        context.error(at, f"Constructor is not visible: {shown_type}")


def constructors_of(context: Context, type_: ApexType) -> list[Method] | None:
    """Return a type's constructors; None if tokenx doesn't know them."""
    shape = context.world.shape(type_)
    if shape is None or shape.kind == "sobject":
        return None
    if len(shape.constructors) > MOST_OVERLOADS:
        return None
    names = dict(
        zip([each.name for each in shape.type.arguments], type_.arguments, strict=False)
    )
    declared = [each.applied(names) for each in shape.constructors]
    is_exception = context.world.extends(type_, "Exception")
    if shape.declaration is None and not is_exception:
        return declared or None
    if is_exception is None:
        return declared or None
    if is_exception:
        inherited = context.world.shape(ApexType("Exception"))
        declared += [
            replace(each, owner=type_)
            for each in (inherited.constructors if inherited else ())
        ]
    default = Method(type_, _CONSTRUCTOR, (), VOID)
    return declared or [default]


@handles(New)
def _type_of_new(context: Context, node: New) -> ApexType:
    type_ = context.resolver.resolve(node.type, context.scope, node.at)
    arguments = context.types_of(node.arguments)
    if node.fields:
        _check_fields(context, type_, node)
    elif type_ != UNKNOWN and _can_construct(context, type_, node.at):
        if not is_sobject(context.world, type_):
            check_constructor(context, type_, arguments, node.at)
        elif arguments:
            message = f"Type requires name=value pair construction: {shown(type_)}"
            context.error(node.at, message)
    return type_


def _can_construct(context: Context, type_: ApexType, at: Position) -> bool:
    shape = context.world.shape(type_)
    if shape is None:
        return False
    is_simple = type_.key in PRIMITIVES or type_.key in _ABSTRACT
    if is_simple or shape.kind in (
        "enum",
        "interface",
    ):
        context.error(at, f"Type cannot be constructed: {shown(type_)}")
        return False
    if shape.is_abstract:
        context.error(at, f"Abstract classes cannot be constructed: {shown(type_)}")
        return False
    return True


def _check_fields(context: Context, type_: ApexType, node: New) -> None:
    seen = set[str]()
    for each in node.fields:
        value = context.type_of(each.value)
        if each.name.lower() in seen:
            context.error(each.at, f"Duplicate field initialization: {each.name}")
        seen.add(each.name.lower())
        _check_field(context, type_, each, value, node.at)
    shape = context.world.shape(type_) if type_ != UNKNOWN else None
    if shape and shape.kind != "sobject" and type_.key != "sobject":
        context.error(
            node.at,
            "Invalid constructor syntax, name=value pairs can only be used for SObjects: "
            f"{shown(type_)}",
        )


def _check_field(
    context: Context,
    type_: ApexType,
    node: NamedArgument,
    value: ApexType,
    at: Position,
) -> None:
    if type_ == UNKNOWN or not is_sobject(context.world, type_):
        return
    variable, _ = context.world.variable(type_, node.name)
    hint = hints.MEMBERS.get((type_.name.lower(), node.name.lower()), "")
    if hint:
        message = f"Field does not exist: {node.name} on {type_.name}"
        context.error(node.at, message, hint)
    elif variable is None:
        if node.name.lower() not in (context.world.ports.fields_of(type_.name) or ()):
            context.report.unknown(node.at, f"{type_.name}.{node.name}")
    elif not is_assignable(context.world, value, variable.type):
        given = shown(as_list(value))
        context.error(at, f"Illegal assignment from {given} to {shown(variable.type)}")

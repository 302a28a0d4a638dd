"""Checks calls of methods and constructors."""

from dataclasses import replace

from ..platform import canonical_name, platform_type
from ..tree import Call, FieldAccess, Position, Super
from ..types import NULL, OBJECT, UNKNOWN, VOID, ApexType
from . import hints
from .constructors import check_constructor
from .context import Context, handles
from .model import Method, listed, shown
from .names import Subject, is_visible, sees_all_names, subject_of
from .overloads import choose, is_ambiguous, result_of
from .relations import QUERY, as_list, is_sobject, row_of
from .scopes import TypeScope


@handles(Call)
def _type_of_call(context: Context, node: Call) -> ApexType:
    if node.object is None:
        return _own_call(context, node)
    subject = subject_of(context, node.object)
    arguments = context.types_of(node.arguments)
    if subject.kind == "namespace":
        return _on_namespace(context, subject, node)
    if subject.type in (UNKNOWN, NULL):
        return UNKNOWN
    if subject.kind == "type":
        return _on_type(context, subject.type, node, arguments)
    return _on_value(context, subject.type, node, arguments)


def _on_namespace(context: Context, subject: Subject, node: Call) -> ApexType:
    """Report a call on a type that's known by name only, such as Database.insert."""
    called = f"{subject.name}.{node.name}"
    if node.object and platform_type(called) and not platform_type(subject.name):
        hint = f"{called} is a class. Write new {called}(…)."
        context.error(node.object.at, f"Variable does not exist: {subject.name}", hint=hint)
    else:
        context.report.unknown(node.at, called)
    return UNKNOWN


# --- Own methods -------------------------------------------------------------------------


def _own_call(context: Context, node: Call) -> ApexType:
    if node.name.lower() in ("this", "super"):
        return _other_constructor(context, node)
    arguments = context.types_of(node.arguments)
    methods, scope = list[Method](), context.scope
    outer: TypeScope | None = scope
    while outer:
        found, _ = context.world.methods(outer.type, node.name)
        methods += [each for each in found if outer is scope or each.is_static]
        outer = outer.outer
    chosen = choose(context, methods, arguments)
    if not chosen:
        if sees_all_names(context):
            report_missing_method(context, scope.type, node, arguments, methods)
        return UNKNOWN
    _check_own_context(context, node.at, chosen)
    _report_ambiguous(context, node, arguments, chosen)
    return result_of(chosen, arguments)


def _report_ambiguous(
    context: Context, node: Call, arguments: tuple[ApexType, ...], chosen: list[Method]
) -> None:
    if is_ambiguous(context, arguments, chosen):
        context.error(
            node.at,
            f"Ambiguous method signature: void {chosen[0].name}({listed(arguments)})",
        )


def _check_own_context(context: Context, at: Position, chosen: list[Method]) -> None:
    """Report an instance method that's called where there's no instance."""
    mine = context.scope.type
    if context.is_delegating and not any(each.is_static for each in chosen):
        message = "Cannot reference instance methods in a constructor invocation"
        context.error(at, f"{message}: {chosen[0]}")
        return
    for method in chosen:
        is_inherited = context.world.extends(mine, method.owner.name) is not False
        if method.is_static or (is_inherited and not context.is_static):
            return
    _report_non_static(context, at, chosen[0])


def _report_non_static(context: Context, at: Position, method: Method) -> None:
    plain = replace(method, owner=ApexType(method.owner.name))
    context.error(
        at, f"Non static method cannot be referenced from a static context: {plain}"
    )


def _other_constructor(context: Context, node: Call) -> ApexType:
    context.is_delegating = True
    arguments = context.types_of(node.arguments)
    context.is_delegating = False
    type_ = context.scope.type
    if node.name.lower() == "super":
        shape = context.world.shape(type_)
        type_ = (shape and shape.superclass) or UNKNOWN
    if type_ != UNKNOWN:
        check_constructor(context, type_, arguments, node.at, is_delegated=True)
    return VOID


# --- Methods of types and values ---------------------------------------------------------


def _on_type(
    context: Context, type_: ApexType, node: Call, arguments: tuple[ApexType, ...]
) -> ApexType:
    methods, is_complete = context.world.methods(type_, node.name)
    chosen = choose(context, methods, arguments)
    if not chosen:
        _report_unresolved(
            context, type_, node, arguments, methods, is_complete=is_complete
        )
        return UNKNOWN
    static = [each for each in chosen if each.is_static]
    if not static and not is_sobject(context.world, type_):
        _report_non_static(context, node.at, chosen[0])
    _check_visible(context, node.at, static)
    return result_of(static, arguments)


def _on_value(
    context: Context, type_: ApexType, node: Call, arguments: tuple[ApexType, ...]
) -> ApexType:
    methods, is_complete = _methods_of_value(context, type_, node.name)
    chosen = choose(context, methods, arguments)
    if not chosen:
        return _unresolved_on_value(
            context, as_list(type_), node, arguments, methods, is_complete=is_complete
        )
    instance = [each for each in chosen if not each.is_static]
    if not instance:
        _check_static_call(context, node, chosen[0])
    _report_ambiguous(context, node, arguments, chosen)
    if isinstance(node.object, Super) and all(each.is_abstract for each in instance):
        for each in instance[:1]:
            context.error(node.at, f"Abstract method cannot be called directly: {each}")
    _check_visible(context, node.at, instance)
    result = result_of(instance or chosen, arguments)
    is_copy = node.name.lower() == "clone" and result == UNKNOWN
    return type_ if is_copy else result


def _methods_of_value(
    context: Context, type_: ApexType, name: str
) -> tuple[list[Method], bool]:
    methods, is_complete = context.world.methods(as_list(type_), name)
    if type_.name == QUERY and not methods:
        return context.world.methods(row_of(type_), name)
    return methods, is_complete


def _check_static_call(context: Context, node: Call, method: Method) -> None:
    context.error(
        node.at,
        f"Static method cannot be referenced from a non static context: {method}",
    )


def _unresolved_on_value(
    context: Context,
    type_: ApexType,
    node: Call,
    arguments: tuple[ApexType, ...],
    methods: list[Method],
    *,
    is_complete: bool,
) -> ApexType:
    # Fields of records have the method, too: account.Name.addError('…').
    if node.name.lower() == "adderror" and isinstance(node.object, FieldAccess):
        return VOID
    if isinstance(node.object, Super) and type_ == OBJECT:
        type_ = ApexType("System.ApexBaseClass")
    _report_unresolved(context, type_, node, arguments, methods, is_complete=is_complete)
    return UNKNOWN


def _report_unresolved(
    context: Context,
    type_: ApexType,
    node: Call,
    arguments: tuple[ApexType, ...],
    methods: list[Method],
    *,
    is_complete: bool,
) -> None:
    if is_complete or type_ == VOID:
        report_missing_method(context, type_, node, arguments, methods)
    elif context.world.scope_of(type_) is None:
        known = canonical_name(type_.name) or type_.name
        context.report.unknown(node.at, f"{known}.{node.name}")


def report_missing_method(
    context: Context,
    type_: ApexType,
    node: Call,
    arguments: tuple[ApexType, ...],
    methods: list[Method],
) -> None:
    """Report a call that no method of a type takes."""
    hint = hints.MEMBERS.get((type_.name.lower(), node.name.lower()), "")
    given = tuple(OBJECT if each == UNKNOWN else as_list(each) for each in arguments)
    name = methods[0].name if methods else node.name
    message = (
        "Method does not exist or incorrect signature: "
        f"void {name}({listed(given)}) from the type {shown(type_)}"
    )
    context.error(node.at, message, hint)


def _check_visible(context: Context, at: Position, methods: list[Method]) -> None:
    hidden = [
        each
        for each in methods
        if not is_visible(context, each.owner, each.access, each.is_test_visible)
    ]
    if hidden and len(hidden) == len(methods):
        context.error(at, f"Method is not visible: {hidden[0]}")

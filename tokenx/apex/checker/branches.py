"""Checks switch statements and loops over collections."""

from ..tree import (
    Expression,
    FieldAccess,
    ForEach,
    Literal,
    Name,
    Position,
    Switch,
    Unary,
    When,
)
from ..types import (
    INTEGER,
    LONG,
    NULL,
    OBJECT,
    SOBJECT,
    STRING,
    UNKNOWN,
    VOID,
    ApexType,
)
from .context import Context
from .model import shown
from .names import find_variable, sees_all_names
from .places import start_of
from .relations import (
    PRIMITIVES,
    QUERY,
    as_list,
    is_assignable,
    is_castable,
    is_simple,
    is_sobject,
    row_of,
)
from .statements import check_statement, check_statements, runs

_SWITCHABLE = {INTEGER.key, LONG.key, STRING.key}


@runs(ForEach)
def _for_each(context: Context, node: ForEach) -> None:
    collection = context.type_of(node.iterable)
    declared = context.resolve(node.type)
    _check_element(context, node, collection, declared)
    with context.loop():
        context.declare(node.name, declared, node.at)
        check_statement(context, node.body)


def _check_element(
    context: Context, node: ForEach, collection: ApexType, declared: ApexType
) -> None:
    if UNKNOWN in (collection, declared):
        return
    if collection.name == QUERY:
        _check_row(context, node, row_of(collection), declared)
        return
    element = _element_of(context, collection)
    if element is None:
        context.error(node.at, f"Loop must iterate over collection: {shown(collection)}")
    elif not is_assignable(context.world, element, declared) and not _may_convert(
        context, element, declared
    ):
        message = (
            f"Invalid loop variable type expected {shown(element)} was {shown(declared)}"
        )
        context.error(node.at, message)


def _may_convert(context: Context, element: ApexType, declared: ApexType) -> bool:
    """Say whether a loop converts elements: records from SObject, and lists of them."""
    if as_list(declared).key == "list" or element == SOBJECT:
        return True
    return element.key not in PRIMITIVES and is_sobject(context.world, declared)


def _element_of(context: Context, collection: ApexType) -> ApexType | None:
    """Return the type of a collection's elements; None if it certainly isn't one."""
    if collection.key in ("list", "set", "iterable", "iterator"):
        return collection.arguments[0] if collection.arguments else UNKNOWN
    if collection.key in PRIMITIVES or collection.key == "map":
        return None
    iterates = context.world.extends(collection, "Iterable")
    return None if iterates is False else UNKNOWN


def _check_row(context: Context, node: ForEach, row: ApexType, declared: ApexType) -> None:
    target = declared.arguments[0] if declared.key == "list" else declared
    if not is_castable(context.world, row, target):
        context.error(
            node.at,
            "Loop variable must be a generic SObject or List or a concrete SObject "
            f"or List of: {shown(row)}",
        )


# --- Switch ------------------------------------------------------------------------------


@runs(Switch)
def _switch(context: Context, node: Switch) -> None:
    subject = context.type_of(node.subject)
    if not _is_switchable(context, subject):
        message = f"{shown(subject)} is not a valid switch expression type"
        context.error(start_of(node.subject), message)
        subject = UNKNOWN
    if not node.branches:
        context.error(node.at, "Switch statement requires at least one when block")
    seen = set[str]()
    for index, branch in enumerate(node.branches):
        is_else = not branch.values and branch.type is None
        if is_else and index + 1 < len(node.branches):
            context.error(node.at, "'when else' must be the last when block")
        _check_branch(context, node.at, subject, branch, seen)


def _is_switchable(context: Context, type_: ApexType) -> bool:
    if type_ in (UNKNOWN, NULL) or type_.key in _SWITCHABLE:
        return True
    if is_simple(type_) or type_ in (OBJECT, VOID):
        return False
    shape = context.world.shape(type_)
    return shape is None or shape.kind in ("enum", "sobject") or type_ == SOBJECT


def _check_branch(
    context: Context, at: Position, subject: ApexType, branch: When, seen: set[str]
) -> None:
    for value in branch.values:
        _check_value(context, at, subject, value)
        _check_unique(context, at, value, seen)
    with context.block():
        if branch.type is not None:
            type_ = context.resolve(branch.type)
            _check_unique_text(context, at, branch.type.name, seen)
            context.declare(branch.name, type_, branch.at)
        check_statements(context, branch.body)


def _check_value(
    context: Context, at: Position, subject: ApexType, value: Expression
) -> None:
    """Check a value; an enum's value is a name that only the subject's type knows."""
    shape = None if subject == UNKNOWN else context.world.shape(subject)
    if shape and shape.kind == "enum" and isinstance(value, Name | FieldAccess):
        if isinstance(value, FieldAccess):
            message = "Enum value used in 'when expression' should be unqualified"
            context.error(value.at, message)
        elif value.name.lower() not in shape.variables:
            context.error(value.at, f"Variable does not exist: {value.name}")
        return
    is_open = subject == UNKNOWN or (shape is None and not is_simple(subject))
    if is_open and isinstance(value, Name):
        return
    if isinstance(value, Name) and find_variable(context, value.name) is None:
        if sees_all_names(context):
            context.error(value.at, f"Variable does not exist: {value.name}")
        return
    type_ = context.type_of(value)
    if subject != UNKNOWN and not is_assignable(context.world, type_, subject):
        context.error(
            at,
            f"{shown(type_)} value in when expression cannot be implicitly converted to "
            f"the {shown(subject)} type in switch expression",
        )


def _check_unique(
    context: Context, at: Position, value: Expression, seen: set[str]
) -> None:
    sign = ""
    while isinstance(value, Unary):
        sign, value = sign + value.operator, value.operand
    if isinstance(value, Literal):
        text = value.text if value.kind == "String" else value.text.lower()
        _check_unique_text(context, at, f"{sign}{text}", seen)
    elif isinstance(value, Name):
        _check_unique_text(context, at, value.name, seen)


def _check_unique_text(context: Context, at: Position, text: str, seen: set[str]) -> None:
    """Report a value that an earlier branch has; strings are told apart by case."""
    if text in seen:
        context.error(
            at, f"{text} occurs as more than one when branch for this switch statement"
        )
    seen.add(text)

"""The declared types of expressions, as far as they decide what runs."""

from typing import TYPE_CHECKING, Any

from ..platform import platform_type
from ..tree import (
    Call,
    Cast,
    Expression,
    FieldAccess,
    Index,
    Literal,
    Name,
    New,
    NewCollection,
    This,
)
from ..types import OBJECT, ApexType, substitute
from .names import subject_of

if TYPE_CHECKING:
    from .frames import Frame

_GENERIC = {"list": ("T",), "set": ("T",), "map": ("K", "V")}


def static_type(frame: "Frame", node: Expression) -> ApexType | None:
    """Return the declared type of an expression; None if it isn't known."""
    find: Any = _FINDERS.get(type(node))
    return find(frame, node) if find else None


def _of_literal(frame: "Frame", node: Literal) -> ApexType | None:
    return None if node.kind == "null" else ApexType(node.kind)


def _of_name(frame: "Frame", node: Name) -> ApexType | None:
    key = node.name.lower()
    if key in frame.locals:
        return frame.type_of_local(key)
    variable = frame.loaded.find_name(key)
    return frame.run.type_of_variable(variable) if variable else None


def _of_type(frame: "Frame", node: Cast | New | NewCollection) -> ApexType | None:
    return frame.run.types.resolve(node.type, frame.loaded)


def _of_this(frame: "Frame", node: This) -> ApexType | None:
    return frame.loaded.type


def _of_field(frame: "Frame", node: FieldAccess) -> ApexType | None:
    if subject_of(frame, node.object) is not None:
        return None
    before = static_type(frame, node.object)
    return _member_type(frame, before, node.name) if before else None


def _member_type(frame: "Frame", type_: ApexType, name: str) -> ApexType | None:
    run, key = frame.run, name.lower()
    loaded = run.types.class_of(type_)
    if loaded:
        variable = loaded.find_variable(key)
        return run.type_of_variable(variable) if variable else None
    declared = platform_type(type_.name)
    if declared:
        found = declared.properties.get(key)
        return found.type if found else None
    fields = run.ports.records.fields_of(type_.name)
    text = fields.get(key) if fields else None
    return run.find_type(text) if text else None


def _of_index(frame: "Frame", node: Index) -> ApexType | None:
    before = static_type(frame, node.object)
    return before.arguments[0] if before and before.arguments else None


def _of_call(frame: "Frame", node: Call) -> ApexType | None:
    """Return what a call that has run returned, by its declaration."""
    found = frame.run.notes.get(id(node))
    if isinstance(found, ApexType):
        return found
    if node.object is None or subject_of(frame, node.object) is not None:
        return None
    before = static_type(frame, node.object)
    declared = platform_type(before.name) if before else None
    if before is None or declared is None:
        return None
    count = len(node.arguments)
    results = {
        each.returns
        for each in declared.methods.get(node.name.lower(), ())
        if len(each.parameters) == count
    }
    if len(results) != 1:
        return None
    result = results.pop()
    names = _GENERIC.get(before.key)
    if names and before.arguments:
        result = substitute(result, dict(zip(names, before.arguments, strict=False)))
    return None if result.name == "?" else result


def is_object_like(frame: "Frame", type_: ApexType | None) -> bool:
    """Say whether a type is that of an object's records."""
    return (
        type_ is not None
        and not type_.arguments
        and type_ != OBJECT
        and frame.run.types.find_object(type_.name) is not None
    )


_FINDERS = {
    Literal: _of_literal,
    Name: _of_name,
    Cast: _of_type,
    New: _of_type,
    NewCollection: _of_type,
    This: _of_this,
    FieldAccess: _of_field,
    Index: _of_index,
    Call: _of_call,
}

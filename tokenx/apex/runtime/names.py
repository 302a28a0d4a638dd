"""Finds what stands before a dot: a value, or a class, type, or namespace."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..platform import canonical_name, platform_type
from ..tree import Expression, FieldAccess, Name
from ..types import ApexType
from .classes import OrgClass
from .errors import NotRunnableError

if TYPE_CHECKING:
    from .frames import Frame


@dataclass(frozen=True, slots=True)
class Qualifier:
    """A class, type, or namespace before a dot.

    `loaded` is a class of the org. A namespace such as System can be a type, too.
    """

    kind: Literal["class", "platform", "object", "namespace", "label"]
    name: str
    type: ApexType
    loaded: OrgClass | None = None


# A node that was looked at, and what it is; None is a value.
_Known = tuple[Expression, Qualifier | None]


def subject_of(frame: "Frame", node: Expression) -> Qualifier | None:
    """Return the class, type, or namespace before a dot; None if it's a value."""
    if not isinstance(node, Name | FieldAccess):
        return None
    if type(node) is Name and node.name.lower() in frame.locals:
        return None
    known: _Known | None = frame.run.subjects.get(id(node))
    if known is None:
        known = node, _find(frame, node)
        frame.run.subjects[id(node)] = known
    return known[1]


def _find(frame: "Frame", node: Name | FieldAccess) -> Qualifier | None:
    if isinstance(node, Name):
        return _find_name(frame, node.name)
    before = subject_of(frame, node.object)
    return _find_member(frame, before, node.name) if before else None


def _find_name(frame: "Frame", name: str) -> Qualifier | None:
    key = name.lower()
    variable = frame.loaded.find_name(key)
    if variable is not None and (variable.is_static or frame.this is not None):
        return None
    types = frame.run.types
    type_ = types.find((name,), frame.loaded)
    loaded = types.class_of(type_) if type_ else None
    if type_ and loaded:
        return Qualifier("class", type_.name, type_, loaded)
    if key == "label":
        return Qualifier("label", "Label", ApexType("Label"))
    known = canonical_name(name)
    if type_ and platform_type(type_.name):
        return Qualifier("platform", type_.name, type_)
    if type_ and types.find_object(name):
        return Qualifier("object", type_.name, type_)
    if known:
        return Qualifier("namespace", known, ApexType(known))
    raise NotRunnableError(name)


def _find_member(frame: "Frame", before: Qualifier, name: str) -> Qualifier | None:
    key = name.lower()
    if before.kind == "label":
        return None
    if before.loaded:
        return _find_inner(frame, before.loaded, key)
    if before.name == "System" and key == "label":
        return Qualifier("label", "Label", ApexType("Label"))
    if before.kind == "platform" and _has_constant(before.type, key):
        return None
    found = frame.run.types.find_on_platform(f"{before.name}.{name}")
    if found is None or before.kind == "object":
        return None
    if platform_type(found.name):
        return Qualifier("platform", found.name, found)
    if frame.run.types.find_object(found.name):
        return Qualifier("object", found.name, found)
    return Qualifier("namespace", found.name, found)


def _has_constant(type_: ApexType, key: str) -> bool:
    declared = platform_type(type_.name)
    return declared is not None and key in declared.properties


def _find_inner(frame: "Frame", loaded: OrgClass, key: str) -> Qualifier | None:
    variable = loaded.find_variable(key)
    if key in loaded.enum_values or (variable and variable.is_static):
        return None
    inner = frame.run.types.find_inner(loaded, key)
    return Qualifier("class", inner.type.name, inner.type, inner) if inner else None

"""What types there are and what fields they have, by the declarations of definition.py.

describeMetadata and describeValueType: facts/metadata-api.md 6.
"""

from math import inf
from typing import Any

from tokenx.api.faults import Fault, FaultCode
from tokenx.metadata.format.definitions import (
    NAMESPACE,
    TYPES,
    ApexClassDefinition,
    FileKind,
)
from tokenx.metadata.format.elements import Element, elements_of
from tokenx.metadata.format.parser_messages import shown


def kind_of(name: str) -> FileKind:
    """The type of that name; the name may have its namespace before it, in braces."""
    kind = TYPES.get(name.strip().removeprefix(f"{{{NAMESPACE}}}"))
    if kind is None:
        raise Fault(FaultCode.INVALID_TYPE, f"Unknown type:{shown(name)}")
    return kind


def describe_metadata() -> dict[str, Any]:
    """The result of describeMetadata: a row for each type."""
    return {
        "metadataObjects": [_row(TYPES[name]) for name in sorted(TYPES)],
        "organizationNamespace": "",
        "partialSaveAllowed": True,
        "testRequired": False,
    }


def _row(kind: FileKind) -> dict[str, Any]:
    # No childXmlNames: CumulusCI reads the text of one without looking (5.1).
    return {
        "directoryName": kind.folder,
        "inFolder": False,
        "metaFile": _is_code(kind),
        "suffix": kind.suffix,
        "xmlName": kind.definition.type_name,
    }


def describe_value_type(name: str, version: float = inf) -> dict[str, Any]:
    """The result of describeValueType: what may be done with a type, and its fields.

    Those that are newer than the client's version are left out. Raises Fault for an
    unknown type.
    """
    kind = kind_of(name)
    # Code comes in files alone: the vendor has no CRUD calls for Apex classes.
    is_writable = not _is_code(kind)
    return {
        "apiCreatable": is_writable,
        "apiDeletable": is_writable,
        "apiReadable": True,
        "apiUpdatable": is_writable,
        "valueTypeFields": [_FULL_NAME, *_fields(kind.definition, version)],
    }


def _is_code(kind: FileKind) -> bool:
    return kind.definition is ApexClassDefinition


def _fields(definition: type, version: float) -> list[dict[str, Any]]:
    elements = elements_of(definition).values()
    return [_field(each, version) for each in elements if each.since <= version]


def _field(element: Element, version: float) -> dict[str, Any]:
    return {
        "fields": _fields(element.inner, version) if element.inner else None,
        "foreignKeyDomain": element.refers_to or None,
        "isForeignKey": bool(element.refers_to),
        "isNameField": False,
        "minOccurs": int(element.is_required),
        "name": element.name,
        "soapType": _soap_type(element),
        "valueRequired": element.is_required,
    }


def _soap_type(element: Element) -> str:
    if element.inner:
        return element.inner.type_name  # type: ignore[attr-defined]
    return "boolean" if element.is_boolean else "string"


# No definition declares it, since a file's name says it; in calls it comes first.
_FULL_NAME = {
    "isForeignKey": False,
    "isNameField": True,
    "minOccurs": 1,
    "name": "fullName",
    "soapType": "string",
    "valueRequired": True,
}

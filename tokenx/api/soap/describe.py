"""Descriptions of metadata types and their fields, from their definitions.

See docs/salesforce/metadata-api.md, describeMetadata and describeValueType.
"""

from math import inf
from typing import Any

from tokenx.api.faults import Fault, FaultCode
from tokenx.metadata.format.definitions import (
    NAMESPACE,
    TYPES,
    FileKind,
)
from tokenx.metadata.format.elements import Element, elements_of
from tokenx.metadata.format.parser_messages import shown
from tokenx.metadata.package.components import FIELD, OBJECT


def kind_of(name: str) -> FileKind:
    """Return the named type; a namespace in braces can precede the name."""
    kind = TYPES.get(name.strip().removeprefix(f"{{{NAMESPACE}}}"))
    if kind is None:
        raise Fault(FaultCode.INVALID_TYPE, f"Unknown type:{shown(name)}")
    return kind


def describe_metadata() -> dict[str, Any]:
    """Return the result of describeMetadata, with a row for each type."""
    return {
        "metadataObjects": [
            _type_row(TYPES[name]) for name in sorted(TYPES) if name != FIELD
        ],
        "organizationNamespace": "",
        "partialSaveAllowed": True,
        "testRequired": False,
    }


def _type_row(kind: FileKind) -> dict[str, Any]:
    # Leave childXmlNames out if it's empty: CumulusCI would fail
    # (docs/salesforce/metadata-api.md, SOAP responses).
    children = [FIELD] if kind.definition.type_name == OBJECT else []
    return ({"childXmlNames": children} if children else {}) | {
        "directoryName": kind.folder,
        "inFolder": False,
        "metaFile": kind.has_content,
        "suffix": kind.suffix,
        "xmlName": kind.definition.type_name,
    }


def describe_value_type(name: str, version: float = inf) -> dict[str, Any]:
    """Return the result of describeValueType: the type's operations and its fields.

    Leave out fields that are newer than the client's version. Raise a Fault for an unknown
    type.
    """
    kind = kind_of(name)
    # As in Salesforce, Apex classes can only be deployed in files. Certificates here, too.
    is_writable = not kind.has_content
    return {
        "apiCreatable": is_writable,
        "apiDeletable": is_writable,
        "apiReadable": True,
        "apiUpdatable": is_writable,
        "valueTypeFields": [_FULL_NAME, *_fields(kind.definition, version)],
    }


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
        return element.inner.type_name  # type: ignore[attr-defined]  # each definition has it
    return "boolean" if element.is_boolean else "string"


# Definitions don't declare the full name, which is the file's name; in calls it's first.
_FULL_NAME = {
    "isForeignKey": False,
    "isNameField": True,
    "minOccurs": 1,
    "name": "fullName",
    "soapType": "string",
    "valueRequired": True,
}

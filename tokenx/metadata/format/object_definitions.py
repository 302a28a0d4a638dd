"""Fields of objects, and types whose files are kept whole.

See docs/salesforce/product.md, Custom fields on User; Stored components; Permission sets.
"""

from dataclasses import dataclass
from typing import ClassVar

from .declarations import NAME_LENGTH, TEXT_LENGTH, UnknownElement, element


@dataclass(frozen=True, kw_only=True)
class CustomFieldDefinition:
    """CustomField, in a file of its own or inside the object's file."""

    type_name: ClassVar = "CustomField"

    # In a file; in calls, the component has the full name.
    full_name: str | None = element("fullName")
    description: str | None = element("description", length=1000)
    label: str | None = element("label", length=40)
    length: str | None = element("length")
    field_type: str | None = element("type")
    unknown_elements: tuple[UnknownElement, ...] = ()

    @property
    def is_text(self) -> bool:
        name = self.full_name or ""
        return (self.field_type or "").strip() == "Text" and name.lower().endswith("__c")


@dataclass(frozen=True, kw_only=True)
class CustomLabelsDefinition:
    """CustomLabels, kept whole. `body` is the file's text."""

    type_name: ClassVar = "CustomLabels"

    unknown_elements: tuple[UnknownElement, ...] = ()
    body: str = ""


@dataclass(frozen=True, kw_only=True)
class CustomMetadataDefinition:
    """CustomMetadata, kept whole. `body` is the file's text."""

    type_name: ClassVar = "CustomMetadata"

    unknown_elements: tuple[UnknownElement, ...] = ()
    body: str = ""


@dataclass(frozen=True, kw_only=True)
class NamedCredentialDefinition:
    """NamedCredential, kept whole. `body` is the file's text."""

    type_name: ClassVar = "NamedCredential"

    unknown_elements: tuple[UnknownElement, ...] = ()
    body: str = ""


@dataclass(frozen=True, kw_only=True)
class PermissionSetDefinition:
    """PermissionSet, kept whole. `body` is the file's text."""

    type_name: ClassVar = "PermissionSet"

    description: str | None = element("description", length=TEXT_LENGTH)
    label: str = element("label", length=NAME_LENGTH, is_required=True)
    unknown_elements: tuple[UnknownElement, ...] = ()
    body: str = ""


@dataclass(frozen=True, kw_only=True)
class CustomObjectDefinition:
    """CustomObject: only the text fields of User are used."""

    type_name: ClassVar = "CustomObject"

    fields: tuple[CustomFieldDefinition, ...] = element("fields", default=())
    unknown_elements: tuple[UnknownElement, ...] = ()

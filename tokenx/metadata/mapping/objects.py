"""The fields in an object's file as components of their own."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tokenx.metadata.format.errors import Problem
from tokenx.metadata.format.object_definitions import (
    CustomFieldDefinition,
    CustomObjectDefinition,
)
from tokenx.metadata.package.components import FIELD, OBJECT, Component
from tokenx.org.models.user_field import OBJECT as USER

from .components import ReadComponent

OTHER_OBJECT = "tokenx keeps custom fields of the object User only"
NOT_KEPT = "tokenx keeps text fields only. Everything else in the file wasn't kept"


@dataclass
class FieldInObject(ReadComponent):
    """A field in an object's file, with its locations there."""

    parent: ReadComponent | None = None
    index: int = 0

    @property
    def definition(self) -> Any:
        return self.parent and self.parent.definition.fields[self.index]

    def place(self, *path: str | int) -> tuple[int, int]:
        assert self.parent  # noqa: S101 (each field in an object has one)
        return self.parent.place("fields", self.index, *path)


def with_fields(components: Iterable[ReadComponent]) -> Iterator[ReadComponent]:
    """Yield all components, and the text fields inside the objects among them."""
    for read in components:
        yield read
        if read.type_name != OBJECT:
            continue
        if read.full_name.lower() != USER.lower():
            read.document, read.problems = None, [Problem(0, 0, OTHER_OBJECT)]
        elif read.definition:
            yield from _fields_in(read)


def _fields_in(read: ReadComponent) -> Iterator[FieldInObject]:
    for index, field in enumerate(read.definition.fields):
        if field.is_text:
            name = f"{USER}.{field.full_name}"
            archive, file_name = read.component.archive, read.component.file_name
            component = Component(FIELD, name, file_name, archive=archive)
            yield FieldInObject(component, parent=read, index=index)


def warning_about(definition: CustomObjectDefinition | CustomFieldDefinition) -> str:
    """Return the warning about what of the file isn't kept, or an empty string."""
    if isinstance(definition, CustomFieldDefinition):
        return "" if (definition.field_type or "").strip() == "Text" else NOT_KEPT
    is_complete = all(field.is_text for field in definition.fields)
    return "" if is_complete and not definition.unknown_elements else NOT_KEPT

"""Reads the components of packages to definitions or problems."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import ValidationError

from tokenx.apex.compiled import Compiled
from tokenx.metadata.format import reader as xml
from tokenx.metadata.format.definitions import (
    TYPES,
    ApexClassDefinition,
    CertificateDefinition,
    HandlerDefinition,
    PermissionSetDefinition,
)
from tokenx.metadata.format.errors import MetadataError, Problem
from tokenx.metadata.format.reader import Document
from tokenx.metadata.package.components import Component
from tokenx.org.apex import MAX_BODY_LENGTH
from tokenx.org.models import StoredType
from tokenx.org.models.stored_component import without_secrets
from tokenx.org.x509 import MAX_CERTIFICATE_SIZE, TOO_LARGE, read_certificate

_KEPT_WHOLE = {*StoredType.values, PermissionSetDefinition.type_name}


@dataclass
class ReadComponent:
    """A component with its document, or with problems."""

    component: Component
    document: Document[Any] | None = None
    problems: list[Problem] = field(default_factory=list)
    # Whether the problems are in the content, not in the XML.
    in_code: bool = False
    # The result of compiling a class; None if it isn't compiled.
    compiled: Compiled | None = None

    @property
    def type_name(self) -> str:
        return self.component.type_name

    @property
    def full_name(self) -> str:
        return self.component.full_name

    @property
    def definition(self) -> Any:
        return self.document.definition if self.document else None

    def place(self, *path: str | int) -> tuple[int, int]:
        return self.document.place(*path) if self.document else (0, 0)


def read_component(
    component: Component, *, definition: type | None = None
) -> ReadComponent:
    """Read the component as its type's definition, or as a less strict one."""
    found = ReadComponent(component)
    definition = definition or TYPES[component.type_name].definition
    try:
        with component.open_xml() as source:
            found.document = xml.read(definition, source)
        if definition is ApexClassDefinition:
            found.in_code = True
            body = _read_code(component)
            found.document.definition = replace(found.document.definition, body=body)
        elif definition is CertificateDefinition:
            found.in_code = True
            body = _read_certificate(component)
            found.document.definition = replace(found.document.definition, body=body)
        elif component.type_name in _KEPT_WHOLE:
            body = _read_text(component)
            found.document.definition = replace(found.document.definition, body=body)
    except MetadataError as error:
        found.document, found.problems = None, error.problems
        return found
    found.problems = list(_disagreements(found))
    if found.problems:
        found.document = None
    return found


def _read_code(component: Component) -> str:
    with component.open_code() as source:
        data = source.read(4 * MAX_BODY_LENGTH + 1)
    try:
        code = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise MetadataError([Problem(line, column, "The code is not UTF-8")]) from error
    if "\0" in code:
        raise MetadataError([Problem(0, 0, "The code contains a NUL character")])
    if len(code) > MAX_BODY_LENGTH:
        words = f"The code has more than {MAX_BODY_LENGTH:,} characters"
        raise MetadataError([Problem(0, 0, words)])
    return code


def _read_text(component: Component) -> str:
    """Return the text of a file that's kept whole, without secrets."""
    with component.open_xml() as source:
        data = source.read()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MetadataError([Problem(0, 0, "The file is not UTF-8")]) from error
    return without_secrets(text.replace("\r\n", "\n"))


def _read_certificate(component: Component) -> str:
    """Return the certificate or chain in PEM format, or nothing for an empty file."""
    with component.open_code() as source:
        data = source.read(MAX_CERTIFICATE_SIZE + 1)
    if len(data) > MAX_CERTIFICATE_SIZE:
        raise MetadataError([Problem(0, 0, TOO_LARGE)])
    try:
        return read_certificate(data).pem if data.strip() else ""
    except ValidationError as error:
        raise MetadataError([Problem(0, 0, text) for text in error.messages]) from error


def _disagreements(found: ReadComponent) -> Iterator[Problem]:
    """Require that a handler's name matches its file name."""
    definition = found.definition
    if not isinstance(definition, HandlerDefinition):
        return
    if definition.developer_name.lower() != found.full_name.lower():
        words = (
            f"The developerName {definition.developer_name} doesn't match the file name "
            f"{found.full_name}"
        )
        yield Problem(*found.place("developerName"), words)


def in_order(components: Iterable[ReadComponent]) -> list[ReadComponent]:
    """Group components of all packages by type, in deployment order."""
    order = {name: place for place, name in enumerate(TYPES)}
    return sorted(components, key=lambda found: order[found.type_name])

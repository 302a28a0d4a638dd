"""A snapshot as one zip: `package/` contains metadata, and org.json the rest.

Uploads aren't trusted. Nothing is unpacked to disk, and the limits are the same as for
deployed packages (metadata/package/archive.py).
"""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO

from django.core.exceptions import ValidationError

from tokenx.metadata.format.definitions import (
    ConnectedAppDefinition,
    ExternalAppDefinition,
    element,
)
from tokenx.metadata.format.errors import MetadataError
from tokenx.metadata.limits import MAX_PROBLEMS
from tokenx.metadata.mapping.components import ReadComponent, in_order, read_component
from tokenx.metadata.mapping.objects import with_fields
from tokenx.metadata.package.archive import open_archive
from tokenx.metadata.package.components import Component
from tokenx.metadata.package.manifests import Package, read_packages
from tokenx.metadata.package.safe_files import Archive
from tokenx.metadata.retrieve.retrieve import ALL, retrieve
from tokenx.org.models import Org
from tokenx.web.limits import IN_MEMORY

from . import document as org_json
from .document import SnapshotDocument, read_document, write_document

FOLDER = "package"
MAX_SIZE = 20 * 1024 * 1024
_TOO_LARGE = f"The file is too large. The limit is {MAX_SIZE // 1024**2} MB."


# An org's apps don't need an email address, but deployed files do.
@dataclass(frozen=True, kw_only=True)
class _ConnectedApp(ConnectedAppDefinition):
    contact_email: str = element("contactEmail", is_required=True, may_be_empty=True)


@dataclass(frozen=True, kw_only=True)
class _ExternalApp(ExternalAppDefinition):
    contact_email: str = element("contactEmail", is_required=True, may_be_empty=True)


_DEFINITIONS: dict[str, type] = {
    definition.type_name: definition for definition in (_ConnectedApp, _ExternalApp)
}


@dataclass
class ReadSnapshot:
    """A snapshot's contents, which are read before the org is changed."""

    document: SnapshotDocument
    components: list[ReadComponent]


def write_snapshot(org: Org, document: SnapshotDocument) -> bytes:
    """Return the file. Raise ValidationError if the org is too large for one."""
    with SpooledTemporaryFile(IN_MEMORY) as target:
        try:
            retrieve(org, ALL).write_zip(target, folder=FOLDER)
        except MetadataError as error:
            raise ValidationError([str(problem) for problem in error.problems]) from error
        info = zipfile.ZipInfo(org_json.NAME, (1980, 1, 1, 0, 0, 0))
        info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o100644 << 16
        info.create_system = 3  # Unix, on every system.
        with zipfile.ZipFile(target, "a") as archive:
            archive.writestr(info, write_document(document))
        if target.tell() > MAX_SIZE:
            raise ValidationError("This org is too large for a snapshot.")
        target.seek(0)
        return target.read()


def read_snapshot(stream: IO[bytes]) -> ReadSnapshot:
    """Read a snapshot's file. Raise ValidationError with all problems."""
    if stream.seek(0, io.SEEK_END) > MAX_SIZE:
        raise ValidationError(_TOO_LARGE)
    try:
        with open_archive(stream) as archive:
            document = read_document(_document_of(archive))
            package = _package_of(archive)
            components = in_order(with_fields(map(_read, package.components)))
    except MetadataError as error:
        raise ValidationError([str(problem) for problem in error.problems]) from error
    problems = [
        f"{read.component.file_name}: {problem}"
        for read in components
        for problem in read.problems
    ]
    if problems:
        raise ValidationError(problems[:MAX_PROBLEMS])
    return ReadSnapshot(document, components)


def _read(component: Component) -> ReadComponent:
    return read_component(component, definition=_DEFINITIONS.get(component.type_name))


def _document_of(archive: Archive) -> bytes:
    name = org_json.NAME
    if name not in archive:
        raise ValidationError(f"This file isn't a snapshot. It doesn't contain {name}.")
    if archive.size(name) > org_json.MAX_SIZE:
        raise ValidationError(f"{name} is too large.")
    with archive.open(name) as source:
        return source.read()


def _package_of(archive: Archive) -> Package:
    others = [name for name in archive if not name.startswith(f"{FOLDER}/")]
    others.remove(org_json.NAME)
    if others:
        raise ValidationError(
            [f"A snapshot can't contain the file {name}." for name in others[:10]]
        )
    packages = read_packages(archive, single_package=False)
    if not packages:
        raise ValidationError(f"This snapshot doesn't contain the folder {FOLDER}.")
    [package] = packages
    if problems := list(_problems_of(package)):
        raise ValidationError(problems[:MAX_PROBLEMS])
    return package


def _problems_of(package: Package) -> Iterator[str]:
    for component in package.problems:
        yield f"{component.file_name}: {component.problem}"
    for deletion in (*package.deletions_before, *package.deletions_after):
        yield f"{deletion.file_name}: A snapshot can't delete components."

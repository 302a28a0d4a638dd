"""A snapshot as one zip: `package/` is plain metadata, org.json says the rest.

What is uploaded is read as what anybody may have sent: nothing is unpacked to disk, and
the limits are those of packages that are deployed (metadata/archive.py).
"""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import BinaryIO

from django.core.exceptions import ValidationError

from tokenx.metadata.format.definitions import (
    ConnectedAppDefinition,
    ExternalAppDefinition,
    element,
)
from tokenx.metadata.format.errors import MetadataError
from tokenx.metadata.mapping.components import ReadComponent, in_order, read_component
from tokenx.metadata.package.archive import open_archive
from tokenx.metadata.package.components import Component
from tokenx.metadata.package.manifests import Package, read_packages
from tokenx.metadata.package.safe_files import Archive
from tokenx.metadata.retrieve.retrieve import ALL, retrieve
from tokenx.org.models import Org
from tokenx.web.limits import IN_MEMORY

from . import document as snapshot_document
from .document import Document, read_document, write_document
from .json_shapes import MAX_PROBLEMS

FOLDER = "package"
MAX_SIZE = 20 * 1024 * 1024
_TOO_LARGE = f"The file is too large: at most {MAX_SIZE // 1024**2} MB may be."


# Apps of an org may have no e-mail address, which a file that is deployed has to have.
@dataclass(frozen=True, kw_only=True)
class _ConnectedApp(ConnectedAppDefinition):
    contact_email: str = element("contactEmail", is_required=True, may_be_empty=True)


@dataclass(frozen=True, kw_only=True)
class _ExternalApp(ExternalAppDefinition):
    contact_email: str = element("contactEmail", is_required=True, may_be_empty=True)


_DEFINITIONS: dict[str, type] = {
    each.type_name: each for each in (_ConnectedApp, _ExternalApp)
}


@dataclass
class ReadSnapshot:
    """All that a snapshot says, read before the org is touched."""

    document: Document
    components: list[ReadComponent]


def write_snapshot(org: Org, document: Document) -> bytes:
    """The file. Raises ValidationError where the org has more than fits into one."""
    with SpooledTemporaryFile(IN_MEMORY) as target:
        try:
            retrieve(org, ALL).write_zip(target, folder=FOLDER)  # type: ignore[arg-type]
        except MetadataError as error:
            raise ValidationError([str(each) for each in error.problems]) from error
        info = zipfile.ZipInfo(snapshot_document.NAME, (1980, 1, 1, 0, 0, 0))
        info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o100644 << 16
        info.create_system = 3  # Unix, wherever it is written
        with zipfile.ZipFile(target, "a") as made:
            made.writestr(info, write_document(document))
        if target.tell() > MAX_SIZE:
            raise ValidationError("This org is too large for a snapshot.")
        target.seek(0)
        return target.read()


def read_snapshot(stream: BinaryIO) -> ReadSnapshot:
    """Raises ValidationError with all that is wrong with the file."""
    if stream.seek(0, io.SEEK_END) > MAX_SIZE:
        raise ValidationError(_TOO_LARGE)
    try:
        with open_archive(stream) as archive:
            document = read_document(_document_of(archive))
            package = _package_of(archive)
            read = in_order(map(_read, package.components))
    except MetadataError as error:
        raise ValidationError([str(each) for each in error.problems]) from error
    problems = [
        f"{each.component.file_name}: {problem}"
        for each in read
        for problem in each.problems
    ]
    if problems:
        raise ValidationError(problems[:MAX_PROBLEMS])
    return ReadSnapshot(document, read)


def _read(component: Component) -> ReadComponent:
    return read_component(component, definition=_DEFINITIONS.get(component.type_name))


def _document_of(archive: Archive) -> bytes:
    name = snapshot_document.NAME
    if name not in archive:
        raise ValidationError(f"This is no snapshot: there is no {name} in it.")
    if archive.size(name) > snapshot_document.MAX_SIZE:
        raise ValidationError(f"{name} is too large.")
    with archive.open(name) as source:
        return source.read()


def _package_of(archive: Archive) -> Package:
    others = [each for each in archive if not each.startswith(f"{FOLDER}/")]
    others.remove(snapshot_document.NAME)
    if others:
        raise ValidationError([f"A snapshot has no file {each}." for each in others[:10]])
    packages = read_packages(archive, single_package=False)
    if not packages:
        raise ValidationError(f"There is no folder {FOLDER} in this snapshot.")
    [package] = packages
    if problems := list(_problems_of(package)):
        raise ValidationError(problems[:MAX_PROBLEMS])
    return package


def _problems_of(package: Package) -> Iterator[str]:
    for found in package.problems:
        yield f"{found.file_name}: {found.problem}"
    for deletion in (*package.deletions_before, *package.deletions_after):
        yield f"{deletion.file_name}: A snapshot deletes nothing."

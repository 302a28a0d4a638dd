"""Uploads of any kind, stored as sources, and sources opened as archives."""

import io
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Protocol

from django.core.exceptions import ValidationError

from tokenx.metadata.format.errors import MetadataError
from tokenx.metadata.models import Source
from tokenx.metadata.package.archive import open_archive, open_files
from tokenx.metadata.package.components import is_component
from tokenx.metadata.package.manifests import MANIFESTS, read_packages
from tokenx.metadata.package.safe_files import Archive
from tokenx.org.models import User
from tokenx.web.limits import IN_MEMORY

from .actions import receive_files, receive_source
from .engine import ReadPackages, read_all
from .progress import Progress

HANDLER_SUFFIX = ".oauthtokenexchangehandler"
# How much of a file is searched for the handler's name, usually its second element.
_BEGINNING = 256 * 1024
# Also matches invalid names, which are reported later, but only valid file names.
_NAME = re.compile(r"<developerName>\s*([^\s<>&%:/\\.][^<>&%:/\\]{0,79}?)\s*</")


class Upload(Protocol):
    """A file of a form."""

    name: str | None
    file: IO[bytes]


def receive_uploads(*, uploads: Sequence[Upload], by: User) -> Source:
    """Store one zip, one file, or the several files of one package.

    Raises ValidationError if the files can't be stored together.
    """
    if len(uploads) == 1:
        [upload] = uploads
        return receive_source(stream=upload.file, name=_file_name(upload), by=by)
    if zips := [u.name for u in uploads if (u.name or "").lower().endswith(".zip")]:
        raise ValidationError(f"{zips[0]} is a zip file. Upload it without other files.")
    try:
        archive = open_files([(u.name or "", u.file) for u in uploads])
    except MetadataError as error:
        raise ValidationError([str(problem) for problem in error.problems]) from error
    return receive_archive(archive=archive, name=f"{len(uploads)} files.zip", by=by)


def _file_name(upload: Upload) -> str:
    """Return the file's name, or for a handler saved as .xml, the name in its XML."""
    name = upload.name or "upload"
    if name.lower().endswith(".xml") and not is_component(name) and name not in MANIFESTS:
        upload.file.seek(0)
        handler_name = _name_in(upload.file.read(_BEGINNING))
        return handler_name + HANDLER_SUFFIX if handler_name else name
    return name


def receive_text(*, text: str, by: User) -> Source:
    """Store a handler's pasted XML, under the name in it."""
    data = text.strip().encode()
    return receive_source(stream=io.BytesIO(data), name=file_name_in(data), by=by)


def file_name_in(data: bytes) -> str:
    """Return the file name for a handler's XML, by the name in it."""
    return (_name_in(data) or "Pasted") + HANDLER_SUFFIX


def _name_in(data: bytes) -> str:
    # In UTF-16, each ASCII character has a NUL byte next to it.
    match = _NAME.search(data.replace(b"\0", b"").decode(errors="replace"))
    is_usable = match and match[1].isprintable() and "\ufffd" not in match[1]
    return match[1] if match and is_usable else ""


def receive_path(*, path: Path, by: User) -> Source:
    """Store a zip, a file, or the deployable files of a folder.

    Raises MetadataError and ValidationError if the content is refused, and OSError if it
    can't be read.
    """
    if path.is_dir():
        with open_archive(path) as archive:
            return receive_archive(
                archive=archive, name=f"{path.resolve().name}.zip", by=by
            )
    with path.open("rb") as stream:
        return receive_source(stream=stream, name=path.name, by=by)


def receive_separate_files(*, paths: Sequence[Path], name: str, by: User) -> Source:
    """Store several files as one zip. Raises the same errors as receive_path()."""
    with ExitStack() as stack:
        archive = open_files((p.name, stack.enter_context(p.open("rb"))) for p in paths)
        return receive_archive(archive=archive, name=name, by=by)


def receive_archive(*, archive: Archive, name: str, by: User) -> Source:
    """Store only the components and manifests of an archive."""
    files = [
        (each, partial(archive.open, each))
        for each in archive
        if is_component(each) or each.rpartition("/")[2] in MANIFESTS
    ]
    if not files:
        folder = name.removesuffix(".zip")
        raise ValidationError(f"No metadata files of a supported type: {folder}.")
    return receive_files(files=files, name=name, by=by)


@contextmanager
def open_source(source: Source) -> Iterator[Archive]:
    """Open a source as an archive. Raises MetadataError if it isn't one."""
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as spooled:
        for piece in source.pieces():
            spooled.write(piece)
        with open_archive(spooled, name=source.name) as archive:
            yield archive


def read_source(source: Source, *, single_package: bool | None = None) -> ReadPackages:
    """Read all components of a source. Raises MetadataError if it can't be opened."""
    with open_source(source) as archive:
        packages = read_packages(archive, single_package=single_package)
        return read_all(packages, Progress())

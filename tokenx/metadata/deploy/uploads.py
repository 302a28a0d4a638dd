"""What somebody sends, in whatever form, as a source; and a source, opened again."""

import io
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, Protocol

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
# Where the name of a handler is looked for: in most files it is their second element.
_BEGINNING = 256 * 1024
# A name that is none, too, so that it is told so; but nothing that no file is called.
_NAME = re.compile(r"<developerName>\s*([^\s<>&%:/\\.][^<>&%:/\\]{0,79}?)\s*</")


class Upload(Protocol):
    """What a form has of a file."""

    name: str | None
    file: BinaryIO


def receive_uploads(*, uploads: Sequence[Upload], by: User) -> Source:
    """Keep one zip, one file, or several files that are one package.

    Raises ValidationError where they cannot be taken as they are.
    """
    if len(uploads) == 1:
        [upload] = uploads
        return receive_source(stream=upload.file, name=_called(upload), by=by)
    if zips := [u.name for u in uploads if (u.name or "").lower().endswith(".zip")]:
        raise ValidationError(f"{zips[0]} is a zip file: send it alone.")
    try:
        archive = open_files([(u.name or "", u.file) for u in uploads])
    except MetadataError as error:
        raise ValidationError([str(problem) for problem in error.problems]) from error
    return receive_archive(archive=archive, name=f"{len(uploads)} files.zip", by=by)


def _called(upload: Upload) -> str:
    """What the file is called; a handler that was saved as some .xml says it itself."""
    name = upload.name or "upload"
    if name.lower().endswith(".xml") and not is_component(name) and name not in MANIFESTS:
        upload.file.seek(0)
        said = _name_in(upload.file.read(_BEGINNING))
        return said + HANDLER_SUFFIX if said else name
    return name


def receive_text(*, text: str, by: User) -> Source:
    """Keep the XML of a handler that somebody pasted; it says its name itself."""
    data = text.strip().encode()
    return receive_source(stream=io.BytesIO(data), name=file_name_in(data), by=by)


def file_name_in(data: bytes) -> str:
    """What the file of a handler would be called, by the name that its XML says."""
    return (_name_in(data) or "Pasted") + HANDLER_SUFFIX


def _name_in(data: bytes) -> str:
    # In UTF-16 each letter of a name has a NUL beside it.
    named = _NAME.search(data.replace(b"\0", b"").decode(errors="replace"))
    is_name = named and named[1].isprintable() and "\ufffd" not in named[1]
    return named[1] if named and is_name else ""


def receive_path(*, path: Path, by: User) -> Source:
    """Keep a zip, a file, or what a folder has that can be deployed.

    Raises MetadataError and ValidationError where it cannot be taken as it is, OSError
    where it cannot be read.
    """
    if path.is_dir():
        with open_archive(path) as archive:
            return receive_archive(
                archive=archive, name=f"{path.resolve().name}.zip", by=by
            )
    with path.open("rb") as stream:
        return receive_source(stream=stream, name=path.name, by=by)


def receive_archive(*, archive: Archive, name: str, by: User) -> Source:
    """Keep the components and the manifests of an archive, and nothing else of it."""
    files = [
        (each, partial(archive.open, each))
        for each in archive
        if is_component(each) or each.rpartition("/")[2] in MANIFESTS
    ]
    if not files:
        where = name.removesuffix(".zip")
        raise ValidationError(f"No file of a type that is known here: {where}.")
    return receive_files(files=files, name=name, by=by)


@contextmanager
def opened(source: Source) -> Iterator[Archive]:
    """The archive that a source is. Raises MetadataError where it is none."""
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as sent:
        for piece in source.pieces():
            sent.write(piece)
        with open_archive(sent, name=source.name) as archive:  # type: ignore[arg-type]
            yield archive


def read_source(source: Source, *, single_package: bool | None = None) -> ReadPackages:
    """All that a source says. Raises MetadataError where it cannot be opened."""
    with opened(source) as archive:
        packages = read_packages(archive, single_package=single_package)
        return read_all(packages, Progress())

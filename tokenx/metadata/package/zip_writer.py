"""Writes zip files reproducibly."""

import io
import zipfile
from collections.abc import Iterable
from typing import IO

from tokenx.metadata.format import writer as xml_writer
from tokenx.metadata.format.definitions import Manifest
from tokenx.metadata.format.errors import MetadataError, Problem
from tokenx.metadata.limits import MAX_FILES
from tokenx.web.limits import CHUNK

from .manifests import PACKAGE_XML

_EARLIEST = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_PLAIN_FILE = 0o100644 << 16


def write_package(
    files: Iterable[tuple[str, Iterable[str | bytes]]],
    manifest: Manifest,
    target: IO[bytes],
    *,
    folder: str = "",
) -> None:
    """Write a package of files by name, with contents in chunks, and its package.xml.

    Everything is in `folder`, if there is one; a retrieval uses `unpackaged`. Contents are
    read lazily, one after the other. Raise MetadataError if there are too many files.
    """
    listed = [*files, (PACKAGE_XML, xml_writer.write(manifest))]
    if len(listed) > MAX_FILES:
        words = f"The package has more than {MAX_FILES:,} files."
        raise MetadataError([Problem(0, 0, words)])
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in sorted(listed, key=lambda file: file[0]):
            _write_file(made, f"{folder}/{name}" if folder else name, content)


def _write_file(made: zipfile.ZipFile, name: str, content: Iterable[str | bytes]) -> None:
    # ZipInfo's defaults differ by day and by system.
    info = zipfile.ZipInfo(name, _EARLIEST)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = _UNIX
    info.external_attr = _PLAIN_FILE
    with made.open(info, "w") as raw, io.BufferedWriter(raw, CHUNK) as stream:
        for piece in content:
            stream.write(piece.encode() if isinstance(piece, str) else piece)

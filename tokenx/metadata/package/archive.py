"""Archives: a zip file, a folder, or loose files, as files by name.

Everything is checked before anything is unpacked. Nothing is written to disk.
"""

import io
import os
import stat
import zipfile
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import IO

from tokenx.metadata.format.errors import MetadataError, Problem
from tokenx.metadata.limits import MAX_FILES, MAX_ZIP_SIZE, MAX_ZIP_SIZE_TEXT
from tokenx.web.limits import CHUNK

from .safe_files import BROKEN, Archive, File, Gathered

_ZIP_BEGINS = (b"PK\x03\x04", b"PK\x05\x06")
# The signature of each entry in a zip file's directory. Folders are entries, too.
_ENTRY = b"PK\x01\x02"
_MAX_ENTRIES = 2 * MAX_FILES
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# Encrypted, strongly encrypted, with an encrypted directory, or a patch.
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_PATCHED = 0x20


def open_archive(source: Path | IO[bytes], *, name: str = "") -> Archive:
    """Open a zip file, a folder, or a single file.

    `name` is the file name of a stream; a stream that isn't a zip file is the only file.
    Raise MetadataError with all problems. The archive closes what it opened.
    """
    if not isinstance(source, Path):
        return _open_stream(source, name)
    if source.is_dir():
        return _open_folder(source.resolve())
    stream = source.open("rb")
    try:
        archive = _open_stream(stream, name or source.name)
    except BaseException:
        stream.close()
        raise
    archive.close = stream.close
    return archive


def open_files(files: Iterable[tuple[str, IO[bytes]]]) -> Archive:
    """Open separate files by name. Their streams stay open."""
    gathered = Gathered("upload")
    for name, stream in files:
        if gathered.takes(name):
            gathered.add(name, File(_size_of(stream), partial(_Borrowed, stream)))
    return gathered.archive()


def _open_stream(stream: IO[bytes], name: str) -> Archive:
    stream.seek(0)
    if stream.read(4) in _ZIP_BEGINS or zipfile.is_zipfile(stream):
        return _open_zip(stream)
    if name and not name.lower().endswith(".zip"):
        return open_files([(name, stream)])
    raise MetadataError([Problem(0, 0, "The file is not a zip file.")])


def _open_zip(stream: IO[bytes]) -> Archive:
    gathered = Gathered("zip file")
    size = _size_of(stream)
    if size > MAX_ZIP_SIZE:
        gathered.say(f"The zip file has {size:,} bytes. The limit is {MAX_ZIP_SIZE_TEXT}.")
    elif _occurrences(_ENTRY, stream) > _MAX_ENTRIES:
        gathered.refuse_number()
    else:
        _gather_entries(gathered, stream, size)
    return gathered.archive()


def _gather_entries(gathered: Gathered, stream: IO[bytes], size: int) -> None:
    try:
        opened = zipfile.ZipFile(stream)
    except BROKEN as error:
        gathered.say(f"The zip file is damaged: {error}")
        return

    packed = 0
    for entry in opened.infolist():
        # Check the original name, before zipfile cut it at a NUL and replaced backslashes.
        if not (gathered.takes(entry.orig_filename) and gathered.takes(entry.filename)):
            continue
        packed += entry.compress_size
        if entry.is_dir():
            continue
        for words in _troubles(entry):
            gathered.refuse(entry.filename, words)
        gathered.add(entry.filename, File(entry.file_size, partial(opened.open, entry)))
    if packed > size:
        gathered.say("The zip file is damaged: its files overlap.")


def _troubles(entry: zipfile.ZipInfo) -> Iterator[str]:
    """Return why an entry of a zip file is refused, or an empty string."""
    if entry.flag_bits & _ENCRYPTED:
        yield "is encrypted"
    if entry.compress_type not in _METHODS or entry.flag_bits & _PATCHED:
        yield "uses an unsupported compression method"
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind == stat.S_IFLNK:
        yield "is a link"
    elif kind not in (0, stat.S_IFREG):
        yield "is not a regular file"


def _open_folder(root: Path) -> Archive:
    gathered = Gathered("folder")
    folders = [root]
    while folders and not gathered.is_full:
        for path in folders.pop().iterdir():
            name = path.relative_to(root).as_posix()
            if not gathered.takes(name):
                continue
            if not Path(os.path.realpath(path)).is_relative_to(root):
                gathered.refuse(name, "is a link that leaves the folder")
            elif path.is_dir() and not path.is_symlink():
                folders.append(path)
            elif path.is_file():
                gathered.add(name, File(path.stat().st_size, partial(_open_path, path)))
            else:
                gathered.refuse(name, "is not a regular file")
            if gathered.is_full:
                break
    return gathered.archive()


def _open_path(path: Path) -> IO[bytes]:
    return path.open("rb")


class _Borrowed(io.RawIOBase):
    """Read the caller's stream from its start, and leave it open."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.place = 0

    def read(self, size: int = -1) -> bytes:
        self.stream.seek(self.place)
        data = self.stream.read(size)
        self.place += len(data)
        return data


def _size_of(stream: IO[bytes]) -> int:
    return stream.seek(0, os.SEEK_END)


def _occurrences(wanted: bytes, stream: IO[bytes]) -> int:
    """Count the signature, which is an upper bound on the entries.

    zipfile reads the directory whole, so its entries are counted first, in chunks.
    """
    stream.seek(0)
    count, rest = 0, b""
    while piece := stream.read(CHUNK):
        count += (rest + piece).count(wanted)
        rest = piece[1 - len(wanted) :]
    return count

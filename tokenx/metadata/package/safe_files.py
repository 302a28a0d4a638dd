"""Files that are safe to read: names, limits, and streams.

Dangerous files are refused before anything is read (docs/salesforce/product.md, Deployment
limits). A stream returns as many bytes as its file declares, or reports damage.
"""

import io
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import IO, NamedTuple, Protocol, Self

from tokenx.metadata.format.errors import MetadataError, Problem
from tokenx.metadata.limits import (
    MAX_FILES,
    MAX_PROBLEMS,
    MAX_UNPACKED_SIZE,
    MAX_UNPACKED_SIZE_TEXT,
)
from tokenx.web.limits import CHUNK

# The exceptions of zipfile and its streams for a damaged file.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
# Leftovers of systems and tools, in addition to names that start with a dot.
_LITTER = {"__MACOSX", "Thumbs.db", "desktop.ini", "node_modules"}


class Stream(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...

    def close(self) -> None: ...


class File(NamedTuple):
    size: int
    open: Callable[[], Stream]


class Archive:
    """Files by name, sorted by name."""

    def __init__(self, files: dict[str, File], close: Callable[[], None]) -> None:
        self._files = dict(sorted(files.items()))
        self.close = close

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def size(self, name: str) -> int:
        return self._files[name].size

    def open(self, name: str) -> IO[bytes]:
        """Open the file's stream, which raises MetadataError if the file is damaged."""
        return io.BufferedReader(_Whole(self._files[name]), CHUNK)


class Gathered:
    """The files found so far, and their problems."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.files: dict[str, File] = {}
        self.problems: list[Problem] = []
        self._spellings: dict[str, str] = {}

    @property
    def is_full(self) -> bool:
        return len(self.files) > MAX_FILES

    def takes(self, name: str) -> bool:
        """Tell whether a name is safe and not a leftover of a system."""
        if words := _why_unsafe(name):
            self.refuse(name, words)
            return False
        parts = name.removesuffix("/").split("/")
        return not any(part[0] == "." or part in _LITTER for part in parts)

    def add(self, name: str, file: File) -> None:
        spelling = unicodedata.normalize("NFC", name).casefold()
        other = self._spellings.setdefault(spelling, name)
        if name in self.files:
            self.refuse(name, "is included twice")
        elif other != name:
            self.refuse(name, f"has almost the same name as {_shown(other)}")
        self.files[name] = file

    def refuse(self, name: str, words: str) -> None:
        self.say(f"The {self.what} can't be used: the file {_shown(name)} {words}.")

    def refuse_number(self) -> None:
        self.say(f"The {self.what} has more than {MAX_FILES:,} files.")

    def say(self, text: str) -> None:
        self.problems.append(Problem(0, 0, text))

    def archive(self, close: Callable[[], None] = lambda: None) -> Archive:
        """Return the files as an archive. Raise MetadataError with all problems."""
        if self.is_full:
            self.refuse_number()
        size = sum(file.size for file in self.files.values())
        if size > MAX_UNPACKED_SIZE:
            self.say(
                f"The {self.what} has {size:,} bytes when unpacked. "
                f"The limit is {MAX_UNPACKED_SIZE_TEXT}."
            )
        if self.problems:
            raise MetadataError(self.problems[-MAX_PROBLEMS:])
        return Archive(self.files, close)


class _Whole(io.RawIOBase):
    """A file's stream that returns exactly the declared number of bytes."""

    def __init__(self, file: File) -> None:
        self.left = file.size
        try:
            self.stream = file.open()
        except BROKEN as error:
            raise _damaged(error) from error

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # as BufferedReader calls it
        try:
            # At the end, read one more byte: there should be none.
            data = self.stream.read(min(len(buffer), self.left or 1))
        except BROKEN as error:
            raise _damaged(error) from error
        if len(data) > self.left or (self.left and not data):
            raise _damaged("its size differs from the declared size")
        self.left -= len(data)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed and hasattr(self, "stream"):
            self.stream.close()
        super().close()


def _damaged(why: object) -> MetadataError:
    if isinstance(why, OSError) and why.filename:
        # A folder's file that can't be opened; its contents may be fine.
        words = f"The file can't be read: {why.filename}: {why.strerror}"
        return MetadataError([Problem(0, 0, words)])
    return MetadataError([Problem(0, 0, f"The file is damaged: {why}")])


def _why_unsafe(name: str) -> str:
    """Return a sentence about an unsafe name, or an empty string."""
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name):
        return "has control characters in its name"
    if "\\" in name:
        return "has a backslash in its name"
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "has an absolute path"
    if {"..", ".", ""} & set(name.removesuffix("/").split("/")):
        return "has an invalid path"
    return ""


def _shown(name: str) -> str:
    return repr(name if len(name) <= 200 else f"{name[:200]}…")

"""Files by name that are safe to read: the names, the limits and the streams.

What could hurt is refused before anything is read (facts/salesforce.md 6.3), and a stream
gives what its file declared, or says that it is damaged.
"""

import io
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import BinaryIO, NamedTuple, Protocol, Self

from tokenx.metadata.format.errors import MetadataError, Problem
from tokenx.metadata.limits import (
    MAX_FILES,
    MAX_PROBLEMS,
    MAX_UNPACKED_SIZE,
    MAX_UNPACKED_SIZE_TEXT,
)
from tokenx.web.limits import CHUNK

# All that zipfile and the streams under it raise where a file is damaged.
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
# What systems and tools leave behind, beside all that begins with a dot.
_LITTER = {"__MACOSX", "Thumbs.db", "desktop.ini", "node_modules"}


class Stream(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...

    def close(self) -> None: ...


class File(NamedTuple):
    size: int
    open: Callable[[], Stream]


class Archive:
    """Files by their names, in the names' order."""

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

    def open(self, name: str) -> BinaryIO:
        """A stream of the file; it raises MetadataError where the file is damaged."""
        return io.BufferedReader(_Whole(self._files[name]), CHUNK)


class Gathered:
    """The files found so far, and what is wrong with them."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.files: dict[str, File] = {}
        self.problems: list[Problem] = []
        self._spellings: dict[str, str] = {}

    @property
    def is_full(self) -> bool:
        return len(self.files) > MAX_FILES

    def takes(self, name: str) -> bool:
        """Whether to go on with a name: safe, and not what a system leaves behind."""
        if words := _why_unsafe(name):
            self.refuse(name, words)
            return False
        parts = name.removesuffix("/").split("/")
        return not any(part[0] == "." or part in _LITTER for part in parts)

    def add(self, name: str, file: File) -> None:
        spelling = unicodedata.normalize("NFC", name).casefold()
        other = self._spellings.setdefault(spelling, name)
        if name in self.files:
            self.refuse(name, "is there twice")
        elif other != name:
            self.refuse(name, f"is spelled almost like {_shown(other)}")
        self.files[name] = file

    def refuse(self, name: str, words: str) -> None:
        self.say(f"The {self.what} cannot be taken: the file {_shown(name)} {words}.")

    def refuse_number(self) -> None:
        self.say(f"The {self.what} has more than {MAX_FILES:,} files.")

    def say(self, text: str) -> None:
        self.problems.append(Problem(0, 0, text))

    def archive(self, close: Callable[[], None] = lambda: None) -> Archive:
        """The files as an archive. Raises MetadataError where anything is wrong."""
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
    """A file's stream that gives what was declared: not a byte more, nor one less."""

    def __init__(self, file: File) -> None:
        self.left = file.size
        try:
            self.stream = file.open()
        except BROKEN as error:
            raise _damaged(error) from error

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            # At the end, one more is asked for: there should be none.
            data = self.stream.read(min(len(buffer), self.left or 1))
        except BROKEN as error:
            raise _damaged(error) from error
        if len(data) > self.left or (self.left and not data):
            raise _damaged("its size is not the one declared")
        self.left -= len(data)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed and hasattr(self, "stream"):
            self.stream.close()
        super().close()


def _damaged(why: object) -> MetadataError:
    if isinstance(why, OSError) and why.filename:
        # One of a folder, which cannot be opened: it may be as good as any.
        words = f"The file cannot be read: {why.filename}: {why.strerror}"
        return MetadataError([Problem(0, 0, words)])
    return MetadataError([Problem(0, 0, f"The file is damaged: {why}")])


def _why_unsafe(name: str) -> str:
    """What is wrong with a name, in words; empty where nothing is."""
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name):
        return "has control characters in its name"
    if "\\" in name:
        return "has a backslash in its name"
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "has an absolute name"
    if {"..", ".", ""} & set(name.removesuffix("/").split("/")):
        return "has a name that is not a plain path"
    return ""


def _shown(name: str) -> str:
    return repr(name if len(name) <= 200 else f"{name[:200]}…")

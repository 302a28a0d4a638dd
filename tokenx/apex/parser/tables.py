"""The parser's tables: built once, and kept in a folder that the caller names.

Building takes most of a second, and loading takes a few hundredths of one. The file is a
pickle, and a pickle runs code, so no other user may write it: a file that belongs to
another user, or that others can write, is ignored. It also may contain only plain data.
"""

import hashlib
import io
import os
import pickle
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import lark
from lark import Lark
from lark.lexer import Lexer

from .build_declarations import Rules
from .grammar import GRAMMAR

_OTHERS_CAN_WRITE = stat.S_IWGRP | stat.S_IWOTH
# Files that are larger aren't ours.
_LARGEST = 5_000_000


class GivenTokens(Lexer):
    """lark's view of our lexer: the parser is given the tokens."""

    def __init__(self, lexer_conf: Any) -> None:
        pass

    def lex(self, tokens: Any) -> Iterator[Any]:  # type: ignore[override]  # lark gives it what parse() got
        """Yield the tokens."""
        return iter(tokens)


class _PlainData(pickle.Unpickler):
    """Reads lists, dictionaries, numbers, and texts, but no objects."""

    def find_class(self, module: str, name: str) -> Any:
        """Refuse every class and function but the one that lark's configuration names."""
        if (module, name) == (GivenTokens.__module__, GivenTokens.__name__):
            return GivenTokens
        raise pickle.UnpicklingError(f"{module}.{name} isn't plain data.")


def tables_file(folder: Path) -> Path:
    """Return the file of the tables of this grammar and this version of lark."""
    key = hashlib.sha256(GRAMMAR.encode()).hexdigest()[:16]
    return folder / f"apex-{lark.__version__}-{key}.tables"


def load_or_build(folder: Path | None) -> Lark:
    """Return the parser. Without a writable folder, its tables are only in memory."""
    if folder is None:
        return _built()
    with suppress(Exception):
        return _loaded(tables_file(folder))
    built = _built()
    with suppress(OSError):
        _save(built, tables_file(folder))
    return built


def _built() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer=GivenTokens, transformer=Rules())


def _loaded(path: Path) -> Lark:
    """Load the tables. Raise an exception if the file doesn't exist or can't be trusted."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    with open(descriptor, "rb") as file:
        _check_owner(os.fstat(descriptor))
        saved = _PlainData(io.BytesIO(file.read(_LARGEST))).load()
    saved["data"]["options"] |= {"lexer": GivenTokens, "transformer": Rules()}
    return Lark.load(saved)


def _check_owner(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise PermissionError("The tables aren't a regular file.")
    # Windows has no user numbers, and its mode doesn't say who can write.
    if hasattr(os, "getuid") and (
        status.st_uid != os.getuid() or status.st_mode & _OTHERS_CAN_WRITE
    ):
        raise PermissionError("Another user could have written the tables.")


def _save(built: Lark, path: Path) -> None:
    """Write the tables to a new file, which only this user can read, and move it there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # mkstemp creates files with the mode 0600.
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".apex-")
    try:
        with open(descriptor, "wb") as file:
            built.save(file, {"lexer", "transformer"})
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise

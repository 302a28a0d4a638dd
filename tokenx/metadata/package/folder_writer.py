"""Writes files to a folder or a zip file: all of them or none.

Files are first written next to their targets, and moved when they're complete.
"""

import filecmp
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tokenx.metadata.format.errors import MetadataError, Problem

Files = Iterable[tuple[str, Iterable[str | bytes]]]

# The name starts with a dot, so leftovers of an interrupted run are ignored.
_STAGE = ".tokenx-"
_MAX_TOLD = 20


def write_folder(files: Files, folder: Path, *, overwrite: bool = False) -> list[str]:
    """Write files by name into a folder, and return the names of new and changed ones.

    Raise MetadataError, and write nothing, if a different file exists and `overwrite` isn't
    set, or if a name leads out of the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=_STAGE) as stage:
        names = []
        for name, content in files:
            _check_inside(folder, name)
            _write(Path(stage) / name, content)
            names.append(name)
        changed = [n for n in names if not _is_same(Path(stage) / n, folder / n)]
        taken = [n for n in changed if os.path.lexists(folder / n)]
        if folders := [n for n in taken if (folder / n).is_dir()]:
            raise _refusal(f"{n} is a folder." for n in folders)
        if taken and not overwrite:
            raise _refusal(
                f"{n} already exists. Use --force to overwrite it." for n in taken
            )
        for name in changed:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(Path(stage) / name, folder / name)
    return changed


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Return a temporary file that replaces the target when it's complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=path.parent, prefix=_STAGE) as stage:
        made = Path(stage) / path.name
        yield made
        os.replace(made, path)


def _check_inside(folder: Path, name: str) -> None:
    """Refuse a name that leads out of the folder, directly or through a link."""
    parent = (folder / name).parent
    is_plain = not {"..", ".", ""} & set(name.split("/"))
    if not is_plain or not Path(os.path.realpath(parent)).is_relative_to(folder.resolve()):
        raise _refusal([f"{name} would be outside the folder."])


def _write(path: Path, content: Iterable[str | bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as stream:
        for piece in content:
            stream.write(piece.encode() if isinstance(piece, str) else piece)


def _is_same(made: Path, there: Path) -> bool:
    is_file = there.is_file() and not there.is_symlink()
    return is_file and filecmp.cmp(made, there, shallow=False)


def _refusal(sentences: Iterable[str]) -> MetadataError:
    listed = list(sentences)
    if len(listed) > _MAX_TOLD:
        listed[_MAX_TOLD:] = [f"…and {len(listed) - _MAX_TOLD:,} more"]
    # One problem, which keeps the sentences in order.
    return MetadataError([Problem(0, 0, "\n".join(listed))])

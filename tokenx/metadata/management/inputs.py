"""Input of the metadata commands: a zip, a folder, a file, or standard input."""

import io
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser

from tokenx.metadata.deploy.actions import receive_source
from tokenx.metadata.deploy.uploads import file_name_in, receive_archive, receive_path
from tokenx.metadata.limits import MAX_ZIP_SIZE, MAX_ZIP_SIZE_TEXT
from tokenx.metadata.models import Source
from tokenx.metadata.package.archive import open_archive, open_files
from tokenx.metadata.package.components import META
from tokenx.metadata.package.safe_files import Archive
from tokenx.org.models import User

# The path that stands for standard input or output.
STANDARD = "-"
_APEX = ".cls"


def add_input_arguments(parser: CommandParser) -> None:
    parser.add_argument("path", help="zip, folder, or file; - is standard input")
    package_options = parser.add_mutually_exclusive_group()
    package_options.add_argument(
        "--single-package",
        action="store_true",
        default=None,
        help="package.xml is at the top level; detected by default",
    )
    package_options.add_argument(
        "--several-packages",
        dest="single_package",
        action="store_false",
        default=None,
        help="each top-level folder has a package.xml",
    )


def require_path(path: str) -> Path:
    """Return the path. Raises ValidationError if it's empty.

    A shell passes an empty path for an unset variable. Path("") is the current folder.
    """
    if not path:
        raise ValidationError("The path is empty.")
    return Path(path)


@contextmanager
def open_input(path: str) -> Iterator[Archive]:
    """Open the input as an archive.

    Raises MetadataError and ValidationError if it can't be opened as one.
    """
    with ExitStack() as stack:
        if path == STANDARD:
            data, name = _read_standard_input()
            yield stack.enter_context(open_archive(io.BytesIO(data), name=name))
        elif len(paths := _files_of_class(require_path(path))) > 1:
            files = [(each.name, stack.enter_context(each.open("rb"))) for each in paths]
            yield open_files(files)
        else:
            yield stack.enter_context(open_archive(Path(path)))


def receive_input(path_argument: str, *, by: User) -> Source:
    """Store the input as a source. Raises the same errors as open_input()."""
    path = require_path(path_argument)
    if path_argument == STANDARD:
        data, name = _read_standard_input()
        return receive_source(stream=io.BytesIO(data), name=name, by=by)
    if len(_files_of_class(path)) > 1:
        with open_input(path_argument) as archive:
            return receive_archive(archive=archive, name=f"{path.name}.zip", by=by)
    return receive_path(path=path, by=by)


def editor_path(path_argument: str, file_name: str) -> str:
    """Return a file's path relative to the current folder, so that editors can open it.

    Files in a zip or from standard input keep their names.
    """
    path = Path(path_argument)
    is_zip = path.is_file() and path.name.lower().endswith(".zip")
    if path_argument == STANDARD or is_zip:
        return file_name
    return str((path if path.is_dir() else path.parent) / file_name)


def _read_standard_input() -> tuple[bytes, str]:
    """Return the bytes of standard input and a file name for them."""
    data = sys.stdin.buffer.read(MAX_ZIP_SIZE + 1)
    if len(data) > MAX_ZIP_SIZE:
        limit = f"The limit is {MAX_ZIP_SIZE_TEXT}."
        raise ValidationError(f"Standard input is too large. {limit}")
    if not data:
        raise ValidationError("Standard input is empty.")
    if data.startswith(b"PK"):
        return data, "stdin.zip"
    return data, file_name_in(data)


def _files_of_class(path: Path) -> list[Path]:
    """Return both files of an Apex class, given either of them, or the path itself."""
    code = path.with_name(path.name.removesuffix(META)) if path.name else path
    meta = code.with_name(code.name + META) if code.name else code
    if code.suffix == _APEX and code.is_file() and meta.is_file():
        return [code, meta]
    return [path]

"""What a command is given: a zip, a folder, a file, or what comes on standard input."""

import io
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser

from tokenx.metadata.deploy.actions import receive_source
from tokenx.metadata.deploy.uploads import file_name_in, receive_archive, receive_path
from tokenx.metadata.models import Source
from tokenx.metadata.package.archive import MAX_ZIP_SIZE, open_archive, open_files
from tokenx.metadata.package.components import META
from tokenx.metadata.package.safe_files import Archive
from tokenx.org.models import User

STANDARD = "-"
_APEX = ".cls"


def add_input_arguments(parser: CommandParser) -> None:
    parser.add_argument("path", help="a zip, a folder, a file, or - for standard input")
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument(
        "--single-package",
        action="store_true",
        default=None,
        help="package.xml is not in a folder; otherwise that is found out",
    )
    forms.add_argument(
        "--several-packages",
        dest="single_package",
        action="store_false",
        default=None,
        help="each folder has a package.xml",
    )


def named_path(named: str) -> Path:
    """Raises ValidationError for no name at all, which would be the folder one is in.

    A shell makes one of a variable that is not set.
    """
    if not named:
        raise ValidationError("The path is empty.")
    return Path(named)


@contextmanager
def open_input(named: str) -> Iterator[Archive]:
    """It as an archive. Raises MetadataError and ValidationError where it is none."""
    with ExitStack() as stack:
        if named == STANDARD:
            data, name = _standard_input()
            yield stack.enter_context(open_archive(io.BytesIO(data), name=name))
        elif len(halves := _halves(named_path(named))) > 1:
            files = [(half.name, stack.enter_context(half.open("rb"))) for half in halves]
            yield open_files(files)
        else:
            yield stack.enter_context(open_archive(Path(named)))


def receive_input(named: str, *, by: User) -> Source:
    """Keep it as what was sent. Raises as open_input() does."""
    path = named_path(named)
    if named == STANDARD:
        data, name = _standard_input()
        return receive_source(stream=io.BytesIO(data), name=name, by=by)
    if len(_halves(path)) > 1:
        with open_input(named) as archive:
            return receive_archive(archive=archive, name=f"{path.name}.zip", by=by)
    return receive_path(path=path, by=by)


def beside(named: str, file_name: str) -> str:
    """A file of it as an editor finds it from here; in a zip none can."""
    path = Path(named)
    if named == STANDARD or (path.is_file() and path.name.lower().endswith(".zip")):
        return file_name
    return str((path if path.is_dir() else path.parent) / file_name)


def _standard_input() -> tuple[bytes, str]:
    """What is on standard input, and what its file would be called."""
    data = sys.stdin.buffer.read(MAX_ZIP_SIZE + 1)
    if len(data) > MAX_ZIP_SIZE:
        limit = f"at most {MAX_ZIP_SIZE:,} bytes (39 MB) may be"
        raise ValidationError(f"Standard input is too large: {limit}.")
    if not data:
        raise ValidationError("Standard input is empty.")
    if data.startswith(b"PK"):
        return data, "stdin.zip"
    return data, file_name_in(data)


def _halves(path: Path) -> list[Path]:
    """The file; of an Apex class the code and its XML, whichever of them is named."""
    code = path.with_name(path.name.removesuffix(META)) if path.name else path
    meta = code.with_name(code.name + META) if code.name else code
    if code.suffix == _APEX and code.is_file() and meta.is_file():
        return [code, meta]
    return [path]

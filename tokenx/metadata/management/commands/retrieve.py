"""`manage.py retrieve`: what an org has, as metadata files."""

import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser

from tokenx.metadata.deploy.actions import IN_MEMORY
from tokenx.metadata.deploy.apply import HANDLER
from tokenx.metadata.format import writer as xml_writer
from tokenx.metadata.format.definitions import TYPES
from tokenx.metadata.format.errors import MetadataError, Problem
from tokenx.metadata.management.base import NO, MetadataCommand
from tokenx.metadata.management.choices import choose_org
from tokenx.metadata.management.inputs import STANDARD, named_path
from tokenx.metadata.package.folder_writer import whole_file, write_folder
from tokenx.metadata.package.manifests import PACKAGE_XML, WILDCARD
from tokenx.metadata.package.zip_writer import write_package
from tokenx.metadata.retrieve.results import file_properties
from tokenx.metadata.retrieve.retrieve import (
    ALL,
    Found,
    Pieces,
    Retrieved,
    not_found,
    retrieve,
)
from tokenx.terminal import bar_while

File = tuple[str, Pieces]


class Command(MetadataCommand):
    help = (
        "Write what an org has as metadata files. The exit status is 0 where all of it "
        "was found, 1 where something was not, 2 where it could not be written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "names",
            nargs="*",
            help="handlers, or Type:Name, Type:* and types; without any, the whole org",
        )
        parser.add_argument(
            "--to",
            metavar="PATH",
            required=True,
            help="a folder, a .zip, or - for a zip on standard output",
        )
        parser.add_argument(
            "--source-format",
            action="store_true",
            help="as in a project of the Salesforce CLI, not as in a package",
        )
        parser.add_argument(
            "--force", action="store_true", help="replace files that differ"
        )

    def run(self, options: dict[str, Any]) -> None:
        to, is_json = options["to"], options["json"]
        named_path(to)
        if to == STANDARD and is_json:
            raise ValidationError("Standard output takes the zip or the JSON, not both.")
        found = retrieve(
            choose_org(options["org"]),
            members(options["names"]),
            source_format=options["source_format"],
        )
        if found.found or not found.missing:
            self.write(found, to, is_forced=options["force"])
        if is_json:
            self.say_json(retrieve_result(found))
        else:
            self.report(found, to)
        if found.missing:
            raise SystemExit(NO)

    # --- Writing ---------------------------------------------------------------------

    def write(self, retrieved: Retrieved, to: str, *, is_forced: bool) -> None:
        files = list(retrieved.files())
        counter = _Counter(len(files))
        with bar_while(self.stderr, lambda: ("Writing", counter.done, counter.total)):
            counted = counter.counted(files)
            if to == STANDARD:
                _write_to_standard_output(retrieved, counted)
            elif to.lower().endswith(".zip"):
                _write_zip(retrieved, counted, Path(to), is_forced=is_forced)
            else:
                # A project in source form has its manifests elsewhere, if it has any.
                if not retrieved.source_format:
                    files.append((PACKAGE_XML, xml_writer.write(retrieved.manifest)))
                write_folder(counter.counted(files), Path(to), overwrite=is_forced)

    # --- What it says ----------------------------------------------------------------

    def report(self, retrieved: Retrieved, to: str) -> None:
        for type_name, name in retrieved.missing:
            self.warn(not_found(type_name, name))
        number = len(retrieved.found)
        said = f"Retrieved {number} component{'' if number == 1 else 's'}"
        if retrieved.missing and not number:
            self.warn("Nothing was found, so nothing was written.")
        elif to == STANDARD:
            self.warn(f"{said}.")
        else:
            rows = [(e.type_name, e.full_name, name) for e, name in named_files(retrieved)]
            self.say_table(["Type", "Name", "File"], rows)
            # Of the dot that is the folder and that of the sentence, two are another one.
            where = Path(to).resolve() if to.endswith(".") else to
            self.say(f"{said} to {where}.", self.style.SUCCESS)


def members(names: Iterable[str]) -> dict[str, list[str]]:
    """The names by their types; all there is, without any."""
    wanted: dict[str, list[str]] = {}
    for named in names:
        type_name, colon, name = named.partition(":")
        if not colon:
            is_type = named in TYPES
            type_name, name = (named, WILDCARD) if is_type else (HANDLER, named)
        wanted.setdefault(type_name, []).append(name)
    return wanted or {type_name: list(names) for type_name, names in ALL.items()}


def named_files(retrieved: Retrieved) -> Iterator[tuple[Found, str]]:
    for each in retrieved.found:
        for name, _ in each.files(source_format=retrieved.source_format):
            yield each, name


def retrieve_result(retrieved: Retrieved) -> dict[str, Any]:
    """RetrieveResult without the zip: something missing does not make it fail (6.5)."""
    return {
        "done": True,
        "fileProperties": [file_properties(e, name) for e, name in named_files(retrieved)],
        "messages": [
            {"fileName": PACKAGE_XML, "problem": not_found(type_name, name)}
            for type_name, name in retrieved.missing
        ],
        "status": "Succeeded",
        "success": True,
    }


class _Counter:
    """How many files are being written already."""

    def __init__(self, total: int) -> None:
        self.done, self.total = 0, total

    def counted(self, files: Iterable[File]) -> Iterator[File]:
        for name, content in files:
            yield name, self._counted(content)

    def _counted(self, content: Pieces) -> Iterator[str | bytes]:
        yield from content
        self.done += 1


def _write_zip(
    retrieved: Retrieved, files: Iterable[File], path: Path, *, is_forced: bool
) -> None:
    if path.exists() and not is_forced:
        raise MetadataError([Problem(0, 0, f"{path} is there; --force replaces it.")])
    with whole_file(path) as made, made.open("xb") as target:
        write_package(files, retrieved.manifest, target)


def _write_to_standard_output(retrieved: Retrieved, files: Iterable[File]) -> None:
    """All at once, when it is complete: half a zip would be nothing."""
    with SpooledTemporaryFile(IN_MEMORY) as made:
        target: BinaryIO = made  # type: ignore[assignment]
        write_package(files, retrieved.manifest, target)
        target.seek(0)
        shutil.copyfileobj(target, sys.stdout.buffer)
        sys.stdout.buffer.flush()

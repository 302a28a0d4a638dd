"""`manage.py retrieve`: write an org's components as metadata files."""

import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser

from tokenx.metadata.deploy.apply import HANDLER
from tokenx.metadata.format.definitions import TYPES
from tokenx.metadata.format.errors import MetadataError, Problem
from tokenx.metadata.format.writer import write
from tokenx.metadata.management.base import FAILED, MetadataCommand
from tokenx.metadata.management.choices import choose_org
from tokenx.metadata.management.inputs import STANDARD, require_path
from tokenx.metadata.package.folder_writer import whole_file, write_folder
from tokenx.metadata.package.manifests import PACKAGE_XML, WILDCARD
from tokenx.metadata.package.zip_writer import write_package
from tokenx.metadata.retrieve.results import file_properties
from tokenx.metadata.retrieve.retrieve import (
    ALL,
    Pieces,
    Retrieved,
    RetrievedComponent,
    not_found,
    retrieve,
)
from tokenx.org.management.console import SUCCESS, followed_by_bar
from tokenx.web.limits import IN_MEMORY

File = tuple[str, Pieces]


class Command(MetadataCommand):
    help = (
        "Write an org's components as metadata files. The exit status is 0 if all of them "
        "were found, 1 if some weren't, and 2 if the files couldn't be written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "names",
            nargs="*",
            help="handlers, Type:Name, Type:*, or types; default: the whole org",
        )
        parser.add_argument(
            "--to",
            metavar="PATH",
            required=True,
            help="folder or .zip file; - writes a zip to standard output",
        )
        parser.add_argument(
            "--source-format",
            action="store_true",
            help="write source format, as in a Salesforce CLI project",
        )
        parser.add_argument(
            "--force", action="store_true", help="overwrite files that differ"
        )

    def run(self, options: dict[str, Any]) -> None:
        to, is_json = options["to"], options["json"]
        require_path(to)
        if to == STANDARD and is_json:
            raise ValidationError(
                "Standard output can't take both the zip and the JSON. Change --to."
            )
        retrieved = retrieve(
            choose_org(options["org"]),
            members(options["names"]),
            source_format=options["source_format"],
        )
        if retrieved.found or not retrieved.missing:
            self.write(retrieved, to, is_forced=options["force"])
        if is_json:
            self.say_json(retrieve_result(retrieved))
        else:
            self.report(retrieved, to)
        if retrieved.missing:
            raise SystemExit(FAILED)

    # --- Writing ---------------------------------------------------------------------

    def write(self, retrieved: Retrieved, to: str, *, is_forced: bool) -> None:
        files = list(retrieved.files())
        counter = _Counter(len(files))
        with followed_by_bar(
            self.error_console, lambda: ("Writing", counter.done, counter.total)
        ):
            counted = counter.counted(files)
            if to == STANDARD:
                _write_to_standard_output(retrieved, counted)
            elif to.lower().endswith(".zip"):
                _write_zip(retrieved, counted, Path(to), is_forced=is_forced)
            else:
                # A project in source format keeps its manifests elsewhere, if it has any.
                if not retrieved.source_format:
                    files.append((PACKAGE_XML, write(retrieved.manifest)))
                write_folder(counter.counted(files), Path(to), overwrite=is_forced)

    # --- Output ----------------------------------------------------------------------

    def report(self, retrieved: Retrieved, to: str) -> None:
        for type_name, name in retrieved.missing:
            self.warn(not_found(type_name, name))
        count = len(retrieved.found)
        summary = f"Retrieved {count} component{'' if count == 1 else 's'}"
        if retrieved.missing and not count:
            self.warn("No components found. No files were written.")
        elif to == STANDARD:
            self.warn(f"{summary}.")
        else:
            rows = [
                (each.type_name, each.full_name, file_name)
                for each, file_name in named_files(retrieved)
            ]
            self.say_table(["Type", "Name", "File"], rows)
            # With the period of the sentence, "." and ".." would read as other paths.
            target = Path(to).resolve() if to.endswith(".") else to
            self.say(f"{summary} to {target}.", SUCCESS)


def members(names: Iterable[str]) -> dict[str, list[str]]:
    """Return the names by their types, or all names of all types if none are given."""
    wanted: dict[str, list[str]] = {}
    for argument in names:
        type_name, colon, name = argument.partition(":")
        if not colon:
            is_type = argument in TYPES
            type_name, name = (argument, WILDCARD) if is_type else (HANDLER, argument)
        wanted.setdefault(type_name, []).append(name)
    return wanted or {type_name: list(names) for type_name, names in ALL.items()}


def named_files(retrieved: Retrieved) -> Iterator[tuple[RetrievedComponent, str]]:
    for each in retrieved.found:
        for name, _ in each.files(source_format=retrieved.source_format):
            yield each, name


def retrieve_result(retrieved: Retrieved) -> dict[str, Any]:
    """Return a RetrieveResult without the zip.

    A missing component doesn't make a retrieve fail; see docs/salesforce/product.md,
    Retrieve, package.xml, and destructive changes.
    """
    return {
        "done": True,
        "fileProperties": [
            file_properties(each, name) for each, name in named_files(retrieved)
        ],
        "messages": [
            {"fileName": PACKAGE_XML, "problem": not_found(type_name, name)}
            for type_name, name in retrieved.missing
        ],
        "status": "Succeeded",
        "success": True,
    }


class _Counter:
    """A count of the files written so far."""

    def __init__(self, total: int) -> None:
        self.done, self.total = 0, total

    def counted(self, files: Iterable[File]) -> Iterator[File]:
        for name, content in files:
            yield name, self._counted_pieces(content)

    def _counted_pieces(self, content: Pieces) -> Iterator[str | bytes]:
        yield from content
        self.done += 1


def _write_zip(
    retrieved: Retrieved, files: Iterable[File], path: Path, *, is_forced: bool
) -> None:
    if path.exists() and not is_forced:
        message = f"{path} already exists. Use --force to overwrite it."
        raise MetadataError([Problem(0, 0, message)])
    with whole_file(path) as temporary, temporary.open("xb") as target:
        write_package(files, retrieved.manifest, target)


def _write_to_standard_output(retrieved: Retrieved, files: Iterable[File]) -> None:
    """Write the zip only once it's complete. Half a zip is useless."""
    with SpooledTemporaryFile(IN_MEMORY) as target:
        write_package(files, retrieved.manifest, target)
        target.seek(0)
        shutil.copyfileobj(target, sys.stdout.buffer)
        sys.stdout.buffer.flush()

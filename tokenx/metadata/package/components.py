"""The components of a package, by its file names."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, NamedTuple
from urllib.parse import quote, unquote

from tokenx.metadata.format.definitions import TYPES
from tokenx.metadata.format.errors import Problem

from .safe_files import Archive

META = "-meta.xml"
SOURCE_FOLDER = "force-app/main/default"

_TYPE_OF = {kind.suffix: type_name for type_name, kind in TYPES.items()}
FIELD, OBJECT = "CustomField", "CustomObject"
_FIELD_FOLDER = re.compile(r"(?:^|/)objects/(?P<object>[^/]+)/fields/[^/]+$")
_ORDER = {type_name: place for place, type_name in enumerate(TYPES)}


@dataclass(frozen=True)
class PackageProblem:
    """A problem with its file and component.

    A problem with the package itself refers to package.xml and has no type.
    """

    file_name: str
    type_name: str
    full_name: str
    problem: Problem
    is_warning: bool = False


@dataclass(frozen=True)
class Component:
    """A component to deploy. One with content has two files: the content and the XML."""

    type_name: str
    full_name: str
    file_name: str
    meta_file_name: str | None = None
    archive: Archive = field(repr=False, compare=False, kw_only=True)

    def open_xml(self) -> IO[bytes]:
        return self.archive.open(self.meta_file_name or self.file_name)

    def open_code(self) -> IO[bytes]:
        """Return the content of a component that has two files."""
        return self.archive.open(self.file_name)


class _Named(NamedTuple):
    """The parts of a file name."""

    type_name: str
    full_name: str
    is_meta: bool


def find_components(
    archive: Archive, names: Iterable[str], problems: list[PackageProblem]
) -> tuple[list[Component], list[str]]:
    """Return the files' components in deployment order, and the remaining files."""
    found: list[Component] = []
    others: list[str] = []
    pairs: dict[tuple[str, str, str], dict[bool, str]] = {}
    for name in names:
        named = _named(name)
        if named is None:
            others.append(name)
        elif TYPES[named.type_name].has_content:
            key = (name.rpartition("/")[0], named.type_name, named.full_name)
            pairs.setdefault(key, {})[named.is_meta] = name
        else:
            found.append(Component(named.type_name, named.full_name, name, archive=archive))
    for (_, type_name, full_name), files in pairs.items():
        if len(files) == 2:
            content, meta = files[False], files[True]
            found.append(Component(type_name, full_name, content, meta, archive=archive))
        else:
            problems.append(_half(type_name, full_name, files))
    found.sort(key=lambda one: (_ORDER[one.type_name], one.full_name, one.file_name))
    return list(_once(found, problems)), others


def _named(name: str) -> _Named | None:
    stem = name.rpartition("/")[2].removesuffix(META)
    full_name, _, suffix = stem.rpartition(".")
    type_name = _TYPE_OF.get(suffix)
    if type_name is None or not full_name:
        return None
    kind = TYPES[type_name]
    if kind.suffix == "md" and f"{kind.folder}/" not in name:
        return None  # Markdown
    if type_name == FIELD:
        found = _FIELD_FOLDER.search(name)
        if found is None:
            return None
        full_name = f"{found['object']}.{full_name}"
    return _Named(type_name, decoded(full_name), name.endswith(META))


def is_component(name: str) -> bool:
    """Tell whether a file with this name has a known type."""
    return _named(name) is not None


def decoded(name: str) -> str:
    """Return the full name for a file name, in which `%28` stands for a parenthesis.

    Escapes that wouldn't be text on one line stay unchanged.
    """
    try:
        full_name = unquote(name, errors="strict")
    except UnicodeDecodeError:
        return name
    is_line = not any(unicodedata.category(letter) == "Cc" for letter in full_name)
    return full_name if is_line else name


def _half(type_name: str, full_name: str, files: dict[bool, str]) -> PackageProblem:
    """Return a problem for a component with only one of its two files."""
    [(is_meta, name)] = files.items()
    missing = name.removesuffix(META) if is_meta else name + META
    words = (
        f"An object '{full_name}' of type {type_name} needs the file {missing}, "
        "but it was not found in zipped directory"
    )
    return PackageProblem(name, type_name, full_name, Problem(0, 0, words))


def _once(
    components: Iterable[Component], problems: list[PackageProblem]
) -> Iterator[Component]:
    """Return the components without duplicates under another file name."""
    seen: dict[tuple[str, str], Component] = {}
    for one in components:
        first = seen.setdefault((one.type_name, one.full_name.casefold()), one)
        if first is one:
            yield one
            continue
        words = (
            f"An object '{one.full_name}' of type {one.type_name} was found twice in "
            f"zipped directory; the other file is {first.file_name}"
        )
        problem = Problem(0, 0, words)
        problems.append(
            PackageProblem(one.file_name, one.type_name, one.full_name, problem)
        )


def _field_file(full_name: str, source_format: bool) -> str:
    """Return a field's file: its own in source format, otherwise its object's."""
    parent, _, name = full_name.partition(".")
    if not source_format:
        return f"objects/{quote(parent)}.object"
    return f"{SOURCE_FOLDER}/objects/{quote(parent)}/fields/{quote(name)}.field{META}"


def file_names(type_name: str, full_name: str, *, source_format: bool) -> list[str]:
    """Return the paths of a component's files in a package: one, or two with content."""
    kind = TYPES[type_name]
    if type_name == FIELD:
        return [_field_file(full_name, source_format)]
    base = quote(full_name, safe=" ")
    if base.startswith("."):
        base = f"%2E{base[1:]}"
    folder = f"{SOURCE_FOLDER}/{kind.folder}" if source_format else kind.folder
    name = f"{folder}/{base}.{kind.suffix}"
    if kind.has_content:
        return [name, name + META]
    return [name + META if source_format else name]

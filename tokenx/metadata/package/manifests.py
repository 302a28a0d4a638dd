"""Packages: the components to deploy and delete, by an archive's manifests and files.

A problem with a file fails its component, not the whole archive
(docs/salesforce/product.md, Metadata API rules).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from tokenx.metadata.format import reader as xml
from tokenx.metadata.format.definitions import TYPES, Manifest
from tokenx.metadata.format.errors import MetadataError, Problem
from tokenx.metadata.limits import MAX_FILES, MAX_MANIFESTS_SIZE

from .components import (
    FIELD,
    OBJECT,
    Component,
    PackageProblem,
    decoded,
    find_components,
)
from .safe_files import Archive

PACKAGE_XML = "package.xml"
DELETIONS_BEFORE = ("destructiveChanges.xml", "destructiveChangesPre.xml")
DELETIONS_AFTER = ("destructiveChangesPost.xml",)
PROJECT = "sfdx-project.json"
WILDCARD = "*"

Place = tuple[int, int]
_DELETIONS = DELETIONS_BEFORE + DELETIONS_AFTER
# The files that control how an archive is deployed, by short names.
MANIFESTS = {PACKAGE_XML, *_DELETIONS, PROJECT}


class Deletion(NamedTuple):
    """A component to delete, and the manifest that lists it."""

    type_name: str
    full_name: str
    file_name: str


@dataclass(frozen=True, kw_only=True)
class Package:
    """A unit of deployment. Its name is its folder's name, empty at the root."""

    name: str = ""
    manifest: Manifest | None = None
    components: tuple[Component, ...] = ()
    deletions_before: tuple[Deletion, ...] = ()
    deletions_after: tuple[Deletion, ...] = ()
    problems: tuple[PackageProblem, ...] = ()

    @property
    def version(self) -> str | None:
        return self.manifest.version if self.manifest else None


def read_packages(archive: Archive, *, single_package: bool | None = None) -> list[Package]:
    """Return the packages of an archive.

    If `single_package` is true, package.xml is at the root, or the whole archive is in one
    folder. If it's false, each folder has one. If it's None, either is accepted; without a
    package.xml, everything is deployed. Only huge manifests raise MetadataError; everything
    else is a problem of a package.
    """
    folders: dict[str, list[str]] = {}
    for name in archive:
        if "/" in name:
            folders.setdefault(name.partition("/")[0], []).append(name)
    if single_package is None:
        is_single = PACKAGE_XML in archive
        is_several = PROJECT not in archive and any(
            f"{folder}/{PACKAGE_XML}" in archive for folder in folders
        )
        if not is_single and not is_several:
            return [_read_loose(archive)]
        single_package = is_single
    _check_size(archive)
    if single_package:
        return [_PackageReader(archive, _only_folder(archive), [*archive]).read()]
    if not folders:
        return [_without_package_xml("")]
    return [
        _PackageReader(archive, folder, names).read() for folder, names in folders.items()
    ]


def _only_folder(archive: Archive) -> str:
    """Return the folder that contains the whole package; empty at the root.

    `sf project deploy start --metadata-dir` uses a folder but declares a single package.
    """
    tops = {name.partition("/")[0] for name in archive}
    folder = tops.pop() if len(tops) == 1 else ""
    return folder if f"{folder}/{PACKAGE_XML}" in archive else ""


def _check_size(archive: Archive) -> None:
    """Refuse manifests that would take too much memory together."""
    manifests = {PACKAGE_XML, *_DELETIONS}
    size = sum(archive.size(n) for n in archive if n.rpartition("/")[2] in manifests)
    if size > MAX_MANIFESTS_SIZE:
        words = (
            f"The files package.xml and destructiveChanges.xml have {size:,} bytes. "
            f"The limit is {MAX_MANIFESTS_SIZE:,} bytes (5 MB)."
        )
        raise MetadataError([Problem(0, 0, words)])


def _read_loose(archive: Archive) -> Package:
    """Return a package of all files, without a manifest."""
    if any(name in archive for name in _DELETIONS):
        return _without_package_xml("")
    problems: list[PackageProblem] = []
    components, _ = find_components(archive, archive, problems)
    if not components and not problems:
        words = "No package.xml and no file of a supported type found"
        problems.append(_about(PACKAGE_XML, Problem(0, 0, words)))
    return Package(components=tuple(components), problems=tuple(problems))


def _without_package_xml(folder: str) -> Package:
    name = f"{folder}/{PACKAGE_XML}" if folder else PACKAGE_XML
    problem = Problem(0, 0, "No package.xml found")
    return Package(name=folder, problems=(_about(name, problem),))


def _about(name: str, problem: Problem, *, is_warning: bool = False) -> PackageProblem:
    """Return a problem of a manifest."""
    return PackageProblem(name, "", name.rpartition("/")[2], problem, is_warning)


@dataclass
class _Members:
    """Return the usable names in a manifest, with their locations."""

    named: dict[tuple[str, str], Place] = field(default_factory=dict)
    wild: dict[str, Place] = field(default_factory=dict)

    def __contains__(self, component: Component) -> bool:
        key = (component.type_name, component.full_name)
        if key in self.named or component.type_name in self.wild:
            return True
        if component.type_name == OBJECT:
            return self._has_fields_of(component.full_name)
        parent = component.full_name.partition(".")[0]
        is_field = component.type_name == FIELD
        return is_field and (OBJECT in self.wild or (OBJECT, parent) in self.named)

    def _has_fields_of(self, name: str) -> bool:
        """Tell whether fields of an object are listed, which are in the object's file."""
        return FIELD in self.wild or any(
            type_name == FIELD and full_name.partition(".")[0] == name
            for type_name, full_name in self.named
        )


class _PackageReader:
    """The reader of one package with a package.xml."""

    def __init__(self, archive: Archive, folder: str, names: list[str]) -> None:
        self.archive = archive
        self.folder = folder
        self.names = names
        self.root = f"{folder}/" if folder else ""
        self.problems: list[PackageProblem] = []

    def read(self) -> Package:
        package_xml = self.root + PACKAGE_XML
        if package_xml not in self.archive:
            return _without_package_xml(self.folder)
        document = self.read_manifest(package_xml)
        if document is None:
            return Package(name=self.folder, problems=tuple(self.problems))
        self.check_version(package_xml, document)
        members = self.members(package_xml, document)
        return Package(
            name=self.folder,
            manifest=document.definition,
            components=tuple(self.components(package_xml, members)),
            deletions_before=tuple(self.deletions(DELETIONS_BEFORE)),
            deletions_after=tuple(self.deletions(DELETIONS_AFTER)),
            problems=tuple(self.problems),
        )

    def say(self, name: str, problem: Problem, *, is_warning: bool = False) -> None:
        self.problems.append(_about(name, problem, is_warning=is_warning))

    def read_manifest(self, name: str) -> xml.Document[Manifest] | None:
        try:
            with self.archive.open(name) as source:
                document = xml.read(Manifest, source)
        except MetadataError as error:
            for problem in error.problems:
                self.say(name, problem)
            return None
        # Each name can become a problem, and a short name takes only a few bytes.
        if sum(len(types.members) or 1 for types in document.definition.types) > MAX_FILES:
            words = f"More than {MAX_FILES:,} components are listed in "
            place = document.place("types")
            self.say(name, Problem(*place, words + name.rpartition("/")[2]))
            return None
        return document

    def check_version(self, name: str, document: xml.Document[Manifest]) -> None:
        version = document.definition.version
        place = document.place("version")
        if version is None:
            self.say(name, Problem(*place, "Required field is missing: version"))
        elif not re.fullmatch(r"[1-9][0-9]{0,2}(\.0)?", version.strip()):
            words = f"Invalid version '{version}' specified in {PACKAGE_XML}"
            self.say(name, Problem(*place, words))

    def members(self, name: str, document: xml.Document[Manifest]) -> _Members:
        """Return a manifest's valid members."""
        members = _Members()
        short = name.rpartition("/")[2]
        for place, types in enumerate(document.definition.types):
            at = document.place("types", place)
            if types.name not in TYPES:
                words = f"Unknown type name '{types.name}' specified in {short}"
                self.say(name, Problem(*at, words))
                continue
            for member in types.members:
                key = (types.name, decoded(member))
                if member == WILDCARD:
                    members.wild[types.name] = at
                elif key in members.named:
                    words = f"'{member}' of type {types.name} is listed twice in {short}"
                    self.say(name, Problem(*at, words), is_warning=True)
                else:
                    members.named[key] = at
        return members

    def components(self, package_xml: str, members: _Members) -> Iterator[Component]:
        """Return the components that are both listed and present."""
        begun = len(self.problems)
        found, others = find_components(self.archive, self.names, self.problems)
        # Unusable files were found, too.
        there = {(each.type_name, each.full_name) for each in self.problems[begun:]}
        for component in found:
            there.add((component.type_name, component.full_name))
            if component in members:
                yield component
            else:
                self.not_named(component)
        for key, place in members.named.items():
            type_name, full_name = key
            parent = (OBJECT, full_name.partition(".")[0])
            if key not in there and not (type_name == FIELD and parent in there):
                self.not_found(package_xml, *key, place)
        self.warn_of(others)

    def not_named(self, component: Component) -> None:
        problem = Problem(0, 0, "Not in package.xml")
        about = (component.file_name, component.type_name, component.full_name)
        self.problems.append(PackageProblem(*about, problem))

    def not_found(
        self, package_xml: str, type_name: str, full_name: str, place: Place
    ) -> None:
        words = (
            f"An object '{full_name}' of type {type_name} was named in package.xml, "
            "but was not found in zipped directory"
        )
        problem = Problem(*place, words)
        self.problems.append(PackageProblem(package_xml, type_name, full_name, problem))

    def warn_of(self, names: list[str]) -> None:
        """Report ignored files, which belong to no known type."""
        own = {self.root + name for name in (PACKAGE_XML, *_DELETIONS)}
        for name in names:
            if name not in own:
                problem = Problem(0, 0, "Skipped: not a file of a supported type")
                self.say(name, problem, is_warning=True)

    def deletions(self, short_names: tuple[str, ...]) -> Iterator[Deletion]:
        for short in short_names:
            name = self.root + short
            if name not in self.archive or not (document := self.read_manifest(name)):
                continue
            members = self.members(name, document)
            for type_name, place in members.wild.items():
                words = f"Wildcard '*' of type {type_name} is not allowed in {short}"
                self.say(name, Problem(*place, words))
            for type_name, full_name in members.named:
                yield Deletion(type_name, full_name, name)

"""retrieve, and what there is to be retrieved: list and read."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from tokenx.api.caller import Caller, key_in
from tokenx.api.faults import Fault, FaultCode
from tokenx.metadata.format.definitions import TYPES
from tokenx.metadata.format.errors import MetadataError
from tokenx.metadata.models import Retrieval
from tokenx.metadata.package.components import file_names
from tokenx.metadata.package.manifests import PACKAGE_XML, WILDCARD
from tokenx.metadata.package.zip_writer import write_package
from tokenx.metadata.retrieve.results import file_properties
from tokenx.metadata.retrieve.retrieve import ALL, Found, Retrieved, components, not_found
from tokenx.metadata.retrieve.retrieve import retrieve as retrieve_components
from tokenx.org.models import Org
from tokenx.org.record_ids import RETRIEVAL
from tokenx.web.limits import IN_MEMORY

from .crud import check_number

MOST_QUERIES = 3
_FOLDER = "unpackaged"


@dataclass
class RetrieveResult:
    """What a retrieve found; `write_zip` is asked for when the zip is."""

    retrieval: Retrieval
    properties: list[dict[str, Any]]
    # File names and what is wrong.
    messages: list[tuple[str, str]]
    retrieved: Retrieved
    files: list[tuple[str, Any]]

    def open_zip(self) -> BinaryIO:
        """Raises Fault where there are more files than a package may have."""
        target = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (the answer closes it)
        folder = "" if self.retrieval.single_package else _FOLDER
        try:
            write_package(self.files, self.retrieved.manifest, target, folder=folder)  # type: ignore[arg-type]
        except MetadataError as error:
            raise Fault(FaultCode.LIMIT_EXCEEDED, str(error)) from error
        target.seek(0)
        return target  # type: ignore[return-value]


def retrieve(
    caller: Caller,
    *,
    members: Mapping[str, Sequence[str]],
    version: str,
    single_package: bool,
    specific_files: Sequence[str],
    package_names: Sequence[str],
) -> Retrieval:
    """Note what is asked for. What there is of it is looked up when the result is."""
    caller.may_read()
    return Retrieval.objects.create(
        org=caller.org,
        created_by=caller.user,
        members={name: sorted(set(names)) for name, names in members.items()},
        version=(version or caller.version_text)[:10],
        single_package=single_package,
        specific_files=list(specific_files),
        package_names=list(package_names),
    )


def find_retrieval(caller: Caller, retrieval_id: str) -> Retrieval:
    """A retrieve of the caller's org. Raises Fault for an unknown id."""
    caller.may_read()
    key = key_in(RETRIEVAL, retrieval_id)
    if found := Retrieval.objects.kept(caller.org).filter(pk=key).first():
        return found
    raise Fault(FaultCode.INVALID_CROSS_REFERENCE_KEY, "invalid cross reference id")


def retrieve_result(caller: Caller, retrieval: Retrieval) -> RetrieveResult:
    """What the org has now of what was asked for."""
    wanted = set(retrieval.specific_files)
    # Files that are named need no types.
    members = retrieval.members or (ALL if wanted else {})
    retrieved = retrieve_components(caller.org, members, version=retrieval.version)
    root = "" if retrieval.single_package else f"{_FOLDER}/"
    properties, files, taken = [], [], []
    for found in retrieved.found:
        chosen = [
            (name, content)
            for name, content in found.files(source_format=False)
            if not wanted or {name, root + name} & wanted
        ]
        files += chosen
        properties += [file_properties(found, root + name) for name, _ in chosen]
        taken += [found] if chosen else []
    retrieved.found = taken
    manifest = root + PACKAGE_XML
    properties.append(_manifest_properties(retrieval, manifest))
    messages = [(manifest, not_found(*each)) for each in retrieved.missing]
    messages += (
        (manifest, f"No package named '{name}' found") for name in retrieval.package_names
    )
    return RetrieveResult(retrieval, properties, messages, retrieved, files)


def _manifest_properties(retrieval: Retrieval, name: str) -> dict[str, Any]:
    found = Found(
        type_name="Package",
        full_name=name,
        component_id="",
        created_at=retrieval.created_at,
        modified_at=retrieval.created_at,
        created_by=retrieval.created_by,
        modified_by=retrieval.created_by,
    )
    return file_properties(found, name)


def list_metadata(caller: Caller, types: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The components of up to three types; none of a type that is not known here."""
    caller.may_read()
    if len(types) > MOST_QUERIES:
        words = f"at most {MOST_QUERIES} queries may be in one call"
        raise Fault(FaultCode.EXCEEDED_ID_LIMIT, words)
    # Only what follows is asked for while the answer is on its way, and cannot be refused.
    return _listed(caller.org, types)


def _listed(org: Org, types: Sequence[str]) -> Iterator[dict[str, Any]]:
    for type_name in types:
        if type_name in TYPES:
            for found in components(org, type_name, [WILDCARD]):
                [name, *_] = file_names(type_name, found.full_name, source_format=False)
                yield file_properties(found, name)


def read_metadata(
    caller: Caller, type_name: str, names: Sequence[str]
) -> list[Found | None]:
    """The components of these names, in their order; None where there is none."""
    caller.may_read()
    check_number(names)
    plain = [name for name in names if name != WILDCARD]
    there = {f.full_name.lower(): f for f in components(caller.org, type_name, plain)}
    return [there.get(name.lower()) for name in names]

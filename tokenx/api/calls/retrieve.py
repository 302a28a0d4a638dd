"""Retrieves, and the calls that list and read components."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from tokenx.api.caller import Caller, parse_record_id
from tokenx.api.faults import Fault, FaultCode
from tokenx.metadata.format.definitions import TYPES
from tokenx.metadata.format.errors import MetadataError
from tokenx.metadata.models import Retrieval
from tokenx.metadata.package.components import file_names
from tokenx.metadata.package.manifests import PACKAGE_XML, WILDCARD
from tokenx.metadata.package.zip_writer import write_package
from tokenx.metadata.retrieve.results import file_properties
from tokenx.metadata.retrieve.retrieve import (
    ALL,
    Retrieved,
    RetrievedComponent,
    components,
    not_found,
)
from tokenx.metadata.retrieve.retrieve import retrieve as retrieve_components
from tokenx.org.models import Org
from tokenx.org.record_ids import RETRIEVAL
from tokenx.web.limits import IN_MEMORY

from .components import check_count

MAX_QUERIES = 3
_FOLDER = "unpackaged"


@dataclass
class RetrieveResult:
    """The result of a retrieve; its zip file is written only on request."""

    retrieval: Retrieval
    properties: list[dict[str, Any]]
    # File names and problems.
    messages: list[tuple[str, str]]
    retrieved: Retrieved
    files: list[tuple[str, Any]]

    def open_zip(self) -> IO[bytes]:
        """Write the zip file; raise a Fault if a package can't have so many files."""
        target = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (the response closes it)
        folder = "" if self.retrieval.single_package else _FOLDER
        try:
            write_package(self.files, self.retrieved.manifest, target, folder=folder)
        except MetadataError as error:
            raise Fault(FaultCode.LIMIT_EXCEEDED, str(error)) from error
        target.seek(0)
        return target


def retrieve(
    caller: Caller,
    *,
    members: Mapping[str, Sequence[str]],
    version: str,
    single_package: bool,
    specific_files: Sequence[str],
    package_names: Sequence[str],
) -> Retrieval:
    """Store a retrieve; its components are looked up when the result is requested."""
    caller.check_can_view()
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
    """Return a retrieve of the caller's org; raise a Fault for an unknown ID."""
    caller.check_can_view()
    pk = parse_record_id(RETRIEVAL, retrieval_id)
    if retrieval := Retrieval.objects.kept(caller.org).filter(pk=pk).first():
        return retrieval
    raise Fault(FaultCode.INVALID_CROSS_REFERENCE_KEY, "invalid cross reference id")


def retrieve_result(caller: Caller, retrieval: Retrieval) -> RetrieveResult:
    """Look up the requested components that the org has now."""
    wanted = set(retrieval.specific_files)
    # Specific files don't need any types.
    members = retrieval.members or (ALL if wanted else {})
    retrieved = retrieve_components(caller.org, members, version=retrieval.version)
    root = "" if retrieval.single_package else f"{_FOLDER}/"
    properties, files, retrieved_components = [], [], []
    for component in retrieved.found:
        chosen = [
            (name, content)
            for name, content in component.files(source_format=False)
            if not wanted or {name, root + name} & wanted
        ]
        files += chosen
        properties += [file_properties(component, root + name) for name, _ in chosen]
        retrieved_components += [component] if chosen else []
    retrieved.found = retrieved_components
    manifest = root + PACKAGE_XML
    properties.append(_manifest_properties(retrieval, manifest))
    messages = [(manifest, not_found(*each)) for each in retrieved.missing]
    messages += (
        (manifest, f"No package named '{name}' found") for name in retrieval.package_names
    )
    return RetrieveResult(retrieval, properties, messages, retrieved, files)


def _manifest_properties(retrieval: Retrieval, name: str) -> dict[str, Any]:
    manifest = RetrievedComponent(
        type_name="Package",
        full_name=name,
        component_id="",
        created_at=retrieval.created_at,
        modified_at=retrieval.created_at,
        created_by=retrieval.created_by,
        modified_by=retrieval.created_by,
    )
    return file_properties(manifest, name)


def list_metadata(caller: Caller, types: Sequence[str]) -> Iterator[dict[str, Any]]:
    """List the components of up to three types; an unknown type has none."""
    caller.check_can_view()
    if len(types) > MAX_QUERIES:
        message = f"a call can have at most {MAX_QUERIES} queries"
        raise Fault(FaultCode.EXCEEDED_ID_LIMIT, message)
    # The rest is streamed: once the response has started, it can't become a fault.
    return _list_components(caller.org, types)


def _list_components(org: Org, types: Sequence[str]) -> Iterator[dict[str, Any]]:
    for type_name in types:
        if type_name in TYPES:
            for component in components(org, type_name, [WILDCARD]):
                names = file_names(type_name, component.full_name, source_format=False)
                yield file_properties(component, names[0])


def read_metadata(
    caller: Caller, type_name: str, names: Sequence[str]
) -> list[RetrievedComponent | None]:
    """Return the named components in order, with None for each unknown name."""
    caller.check_can_view()
    check_count(names)
    plain_names = [name for name in names if name != WILDCARD]
    by_name = {
        component.full_name.lower(): component
        for component in components(caller.org, type_name, plain_names)
    }
    return [by_name.get(name.lower()) for name in names]

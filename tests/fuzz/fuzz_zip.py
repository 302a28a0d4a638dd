"""Fuzz the reader of zips and packages.

    python tests/fuzz/fuzz_zip.py --seconds 60

See fuzzing.py. Most damaged zips fail at their checksums. Bytes that aren't a zip are
therefore a list of files to put into one: `name\\ncontent\\0name\\ncontent`.
"""

import io
from collections.abc import Iterator

from fuzzing import fuzz, instrumented

with instrumented():
    import zipfile

    from tokenx.metadata.format.definitions import TYPES, Manifest, ManifestTypes
    from tokenx.metadata.format.errors import MetadataError
    from tokenx.metadata.format.reader import read, write
    from tokenx.metadata.limits import MAX_FILES, MAX_UNPACKED_SIZE
    from tokenx.metadata.package.archive import open_archive
    from tokenx.metadata.package.components import Component, PackageProblem, file_names
    from tokenx.metadata.package.manifests import Package, read_packages
    from tokenx.metadata.package.safe_files import Archive

METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]
SINGLE_PACKAGE = [None, True, False]
WORDS = [
    *(b"PK\x01\x02 PK\x03\x04 PK\x05\x06 PK\x06\x06 PK\x06\x07 PK\x07\x08".split()),
    *(b"/ ../ \\ C: % %2F %00 %C3 \xff\xff\xff\xff \x01\x00\x08\x00 \x75\x70".split()),
    *(b"package.xml destructiveChanges.xml destructiveChangesPost.xml".split()),
    *(b"sfdx-project.json __MACOSX/ .oauthtokenexchangehandler .cls -meta.xml".split()),
    *(b"<types> </types> <members>*</members> <name>ApexClass</name> <version>".split()),
    b"\0",
    b"\n",
]


def check(data: bytes) -> None:
    """Check that any bytes are packages, or an error with a message."""
    if not data.startswith(b"PK"):
        data = zipped(data, METHODS[len(data) % len(METHODS)])
    # Each input's length selects an option, and inputs have all lengths.
    single_package = SINGLE_PACKAGE[len(data) % len(SINGLE_PACKAGE)]
    try:
        archive = open_archive(io.BytesIO(data))
        check_archive(archive)
        for package in read_packages(archive, single_package=single_package):
            check_package(package, archive)
    except MetadataError as error:
        check_message(error)


def check_message(error: MetadataError) -> None:
    """Check that the error has problems and no lone surrogates, which can't be encoded."""
    assert error.problems
    str(error).encode()


def check_archive(archive: Archive) -> None:
    assert len(archive) <= MAX_FILES
    assert sum(archive.size(name) for name in archive) <= MAX_UNPACKED_SIZE
    for name in archive:
        assert not {"", ".", ".."} & set(name.split("/"))


def check_package(package: Package, archive: Archive) -> None:
    assert not package.name or any(name.startswith(package.name) for name in archive)
    for problem in package.problems:
        check_problem(problem)
    for component in package.components:
        assert component.file_name in archive
        component.full_name.encode()
        read_component(component)
    for deletion in package.deletions_before + package.deletions_after:
        assert deletion.type_name in TYPES
        assert deletion.file_name in archive


def check_problem(problem: PackageProblem) -> None:
    assert problem.file_name
    assert problem.full_name
    check_message(MetadataError([problem.problem]))
    f"{problem.file_name} {problem.full_name}".encode()


def read_component(component: Component) -> None:
    """Read a component. A damaged one raises an error, and the next one can be read."""
    try:
        with component.open_code() as source:
            while source.read(65_536):
                pass
        with component.open_xml() as source:
            read(TYPES[component.type_name].definition, source)
    except MetadataError as error:
        check_message(error)


def zipped(data: bytes, method: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for file in data.split(b"\0"):
            name, _, content = file.partition(b"\n")
            # zipfile can't write a file without a name.
            archive.writestr(name.decode(errors="replace") or "?", content)
    return target.getvalue()


def listings() -> Iterator[bytes]:
    """Yield packages as lists of files, with all types and in all forms."""
    for source_format in (True, False):
        files, types = [], []
        for type_name in TYPES:
            names = file_names(type_name, "A (B)", source_format=source_format)
            files += [f"{name}\n<{type_name}/>" for name in names]
            types.append(ManifestTypes(name=type_name, members=("A (B)",)))
        manifest = "".join(write(Manifest(types=tuple(types), version="66.0")))
        files.append(f"package.xml\n{manifest}")
        for folder in ("", "zip/"):
            yield "\0".join(folder + file for file in files).encode()
    deletions = "".join(write(Manifest(types=tuple(types[:1]))))
    for part in ("", "Pre", "Post"):
        name = f"destructiveChanges{part}.xml"
        yield f"a/package.xml\n{manifest}\0a/{name}\n{deletions}\0b/\0b/{name}\n".encode()


def samples() -> list[bytes]:
    lists = [*listings()]
    return [*lists, *(zipped(each, method) for each in lists for method in METHODS)]


fuzz(check, samples(), WORDS)

"""Sample files: valid ones, and invalid ones with their expected problems."""

import io
from pathlib import Path

from tokenx.metadata.format.definitions import TYPES, Manifest
from tokenx.metadata.format.errors import MetadataError
from tokenx.metadata.format.reader import read, write

SAMPLES = Path(__file__).parent / "samples"
GOOD = sorted((SAMPLES / "good").iterdir())
BAD = sorted(p for p in (SAMPLES / "bad").iterdir() if p.suffix != ".expected")

_BY_SUFFIX = {kind.suffix: kind.definition for kind in TYPES.values()}
DEFINITIONS = [*_BY_SUFFIX.values(), Manifest]


def name_of(path):
    return path.name


def definition_of(path):
    """Return the class of the definition in a file with this name."""
    name = path.name.removesuffix("-meta.xml")
    return _BY_SUFFIX.get(name.rpartition(".")[2], Manifest)


def content(definition, data):
    """Read bytes into a definition."""
    return read(definition, io.BytesIO(data)).definition


def problems(definition, source):
    """Return a file's problems as lines with their positions."""
    source = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        read(definition, source)
    except MetadataError as error:
        return [f"{each.line}:{each.column} {each.text}" for each in error.problems]
    return []


def written(definition):
    return "".join(write(definition)).encode()

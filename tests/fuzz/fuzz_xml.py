"""Feed the reader of metadata files with bytes, until one makes it fail.

    python tests/fuzz/fuzz_xml.py --seconds 60

fuzzing.py says how.
"""

import io

from fuzzing import ROOT, fuzz, instrumented

with instrumented():
    from tokenx.metadata.format.definitions import TYPES, Manifest
    from tokenx.metadata.format.errors import MetadataError
    from tokenx.metadata.format.reader import read, write

DEFINITIONS = [*(kind.definition for kind in TYPES.values()), Manifest]
ROOTS = [f"<{each.type_name}".encode() for each in DEFINITIONS]
SAMPLES = sorted((ROOT / "tests" / "metadata" / "format" / "samples").rglob("*.*"))
WORDS = [
    *(b"< > / & ; ' \" = <!-- --> <![CDATA[ ]]> <? ?> <!DOCTYPE".split()),
    *(b"&#x &#0; &lt; xmlns: xmlns= encoding= UTF-16 \xff\xfe".split()),
    *(b"enablements connectedApp externalClientApp isDefault members types".split()),
    b"\r\n",
    b"\0",
]


def check(data: bytes) -> None:
    """Whatever the bytes are, they are a definition or problems with places."""
    named = (each for each, root in zip(DEFINITIONS, ROOTS, strict=True) if root in data)
    definition = next(named, Manifest)
    problems = []
    try:
        found = read(definition, io.BytesIO(data)).definition
    except MetadataError as error:
        problems = error.problems
        found = None
    assert all(each.line > 0 and each.column > 0 for each in problems)
    assert (found is None) == bool(problems)
    if found:
        # A secret is read, and never written: what was written is compared.
        file = "".join(write(found))
        again = read(definition, io.BytesIO(file.encode())).definition
        assert "".join(write(again)) == file


fuzz(check, [path.read_bytes() for path in SAMPLES], WORDS)

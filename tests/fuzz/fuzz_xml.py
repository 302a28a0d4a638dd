"""Fuzz the reader of metadata files.

    python tests/fuzz/fuzz_xml.py --seconds 60

See fuzzing.py.
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
    """Check that any bytes are a definition, or problems with positions."""
    candidates = (
        each for each, root in zip(DEFINITIONS, ROOTS, strict=True) if root in data
    )
    definition = next(candidates, Manifest)
    problems = []
    try:
        result = read(definition, io.BytesIO(data)).definition
    except MetadataError as error:
        problems = error.problems
        result = None
    assert all(each.line > 0 and each.column > 0 for each in problems)
    assert (result is None) == bool(problems)
    if result:
        # Compare what was written, because secrets are read but never written.
        file = "".join(write(result))
        again = read(definition, io.BytesIO(file.encode())).definition
        assert "".join(write(again)) == file


fuzz(check, [path.read_bytes() for path in SAMPLES], WORDS)

"""Feed the reader of metadata files with bytes, until one makes it fail.

    python tests/fuzz/fuzz_xml.py --seconds 60

With atheris (`pip install atheris`; no other test needs it), the bytes are led by what
they reach in the reader; without it, they are the samples, damaged at random. What fails
is left in a file beside the samples, to be looked at and given a better name.
"""

import argparse
import hashlib
import io
import random
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests" / "metadata" / "samples"
sys.path.insert(0, str(ROOT))

try:
    import atheris
except ImportError:
    atheris = None

with atheris.instrument_imports(include=["tokenx.metadata"]) if atheris else nullcontext():
    from tokenx.metadata.definition import TYPES, Manifest
    from tokenx.metadata.errors import MetadataError
    from tokenx.metadata.xml import read, write

DEFINITIONS = [*(kind.definition for kind in TYPES.values()), Manifest]
ROOTS = [f"<{each.type_name}".encode() for each in DEFINITIONS]
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


def keep(data: bytes) -> Path:
    path = SAMPLES / "bad" / f"fuzz-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    return path


def checked(data: bytes) -> None:
    try:
        check(data)
    except BaseException:
        print(f"\nLeft in {keep(data)}", file=sys.stderr)
        raise


def mutated(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        begin = chance.randint(0, len(changed))
        end = min(len(changed), begin + chance.choice([0, 0, 1, 2, 8, 60]))
        source = chance.randint(0, len(changed))
        piece = chance.choice(
            [
                b"",
                chance.choice(WORDS),
                chance.randbytes(chance.randint(1, 4)),
                bytes(changed[source : source + chance.randint(1, 200)]),
            ]
        )
        changed[begin:end] = piece
    return bytes(changed)


def mutate(seconds: int, seed: int) -> None:
    chance = random.Random(seed)
    samples = [path.read_bytes() for path in sorted(SAMPLES.rglob("*.*"))]
    count, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        checked(mutated(chance.choice(samples), chance))
        count += 1
    print(f"{count:,} files with seed {seed}; none failed.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10_000)
    options = parser.parse_args()
    if atheris is None:
        mutate(options.seconds, options.seed)
        return
    limits = [
        f"-max_total_time={options.seconds}",
        f"-seed={options.seed}",
        "-max_len=4096",
    ]
    with tempfile.TemporaryDirectory() as found:
        # What leads to new places is written into the first folder; the others are read.
        folders = [found, str(SAMPLES / "good"), str(SAMPLES / "bad")]
        limits.append(f"-artifact_prefix={found}/")
        atheris.Setup([sys.argv[0], *limits, *folders], checked)
        atheris.Fuzz()


main()

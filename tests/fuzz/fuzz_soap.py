"""Feed the reader of SOAP requests with bytes, until one makes it fail.

    python tests/fuzz/fuzz_soap.py --seconds 60

With atheris (`pip install atheris`; no other test needs it), the bytes are led by what
they reach in the reader; without it, they are the requests of real clients, damaged at
random. What fails is left in a file beside them, to be looked at and given a better name.
"""

import argparse
import hashlib
import io
import random
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

ROOT = Path(__file__).parents[2]
REQUESTS = ROOT / "tests" / "metadata" / "soap_requests"
sys.path.insert(0, str(ROOT))

try:
    import atheris
except ImportError:
    atheris = None

with atheris.instrument_imports(include=["tokenx.metadata"]) if atheris else nullcontext():
    from tokenx.metadata.definition import TYPES, HandlerDefinition
    from tokenx.metadata.errors import MetadataError
    from tokenx.metadata.soap import MAX_DEPTH, Fault, read_request
    from tokenx.metadata.soap_component import read_component
    from tokenx.metadata.soap_writer import NIL, Record, write_fault, write_response

WORDS = [
    *(b"< > / & ; ' \" = : <!-- --> <![CDATA[ ]]> <? ?> <!DOCTYPE".split()),
    *(b"&#x &#0; &lt; xmlns: xmlns= encoding= UTF-16 \xff\xfe None QQ== =".split()),
    *(b'xsi:nil="true" xsi:type= <a> </a> <b/> Envelope Header Body ZipFile'.split()),
    *(b"<metadata> </metadata> fullName enablements isDefault sessionId".split()),
    b"\r\n",
    b"\0",
]
outcomes: Counter[str] = Counter()


def check(data: bytes) -> None:
    """Whatever the bytes are, they are a request or a fault that can be written."""
    try:
        request = read_request(io.BytesIO(data))
    except Fault as fault:
        outcomes["faults"] += 1
        root = ET.fromstring(write_fault(fault))
        assert root[0][0][1].text
        return
    outcomes["requests"] += 1
    assert request.operation
    check_tree(request.parameters)
    if request.zip_file:
        assert request.zip_file.tell() == 0
        request.zip_file.close()
    for node in request.parameters.children:
        check_component(node)


def check_tree(node, depth=1) -> None:
    """An element has a place, and either text or elements."""
    assert depth <= MAX_DEPTH
    assert node.line > 0
    assert node.column > 0
    assert not (node.text and node.children)
    for child in node.children:
        check_tree(child, depth + 1)


def check_component(node) -> None:
    """What can be read can be answered, and the answer says the same."""
    kind = TYPES.get(node.type)
    definition = kind.definition if kind else HandlerDefinition
    problems = []
    try:
        name, found = read_component(node, definition)
    except MetadataError as error:
        problems = error.problems
    assert all(each.line > 0 and each.column > 0 for each in problems)
    outcomes["wrong components" if problems else "components"] += 1
    if problems:
        return
    answer = "".join(write_response("x", {"records": [Record(name, found), NIL]}))
    record = read_request(io.BytesIO(answer.encode())).parameters.sole().sole()
    again = read_component(record, definition)
    assert "".join(write_response("x", {"records": [Record(*again), NIL]})) == answer


def keep(data: bytes) -> Path:
    path = REQUESTS / f"fuzz-{hashlib.sha256(data).hexdigest()[:12]}"
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
    for _ in range(chance.randint(1, 4)):
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
    samples = [path.read_bytes() for path in sorted(REQUESTS.iterdir())]
    samples += [sample.decode().encode("utf-16") for sample in samples]
    count, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        checked(mutated(chance.choice(samples), chance))
        count += 1
    print(f"{count:,} requests with seed {seed}; none failed. {dict(outcomes)}")


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
        # What leads to new places is written into the first folder; the other is read.
        limits.append(f"-artifact_prefix={found}/")
        atheris.Setup([sys.argv[0], *limits, found, str(REQUESTS)], checked)
        atheris.Fuzz()


main()

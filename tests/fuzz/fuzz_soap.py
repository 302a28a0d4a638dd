"""Fuzz the reader of SOAP requests.

    python tests/fuzz/fuzz_soap.py --seconds 60

See fuzzing.py. The samples are requests recorded from real clients.
"""

import io
import xml.etree.ElementTree as ET

from fuzzing import ROOT, fuzz, instrumented

with instrumented():
    from tokenx.api.faults import Fault
    from tokenx.api.soap.components import read_component
    from tokenx.api.soap.reader import MAX_DEPTH, read_request
    from tokenx.api.soap.writer import NIL, MetadataRecord, write_fault, write_response
    from tokenx.metadata.format.definitions import TYPES, HandlerDefinition
    from tokenx.metadata.format.errors import MetadataError

REQUESTS = sorted((ROOT / "tests" / "api" / "soap" / "requests").iterdir())
WORDS = [
    *(b"< > / & ; ' \" = : <!-- --> <![CDATA[ ]]> <? ?> <!DOCTYPE".split()),
    *(b"&#x &#0; &lt; xmlns: xmlns= encoding= UTF-16 \xff\xfe None QQ== =".split()),
    *(b'xsi:nil="true" xsi:type= <a> </a> <b/> Envelope Header Body ZipFile'.split()),
    *(b"<metadata> </metadata> fullName enablements isDefault sessionId".split()),
    b"\r\n",
    b"\0",
]


def check(data: bytes) -> None:
    """Check that any bytes are a request, or a fault that can be written."""
    try:
        request = read_request(io.BytesIO(data))
    except Fault as fault:
        root = ET.fromstring(write_fault(fault))
        assert root[0][0][1].text
        return
    assert request.operation
    check_tree(request.parameters)
    if request.zip_file:
        assert request.zip_file.tell() == 0
        request.zip_file.close()
    for node in request.parameters.children:
        check_component(node)


def check_tree(node, depth=1) -> None:
    """Check that each element has a position, and either text or elements."""
    assert depth <= MAX_DEPTH
    assert node.line > 0
    assert node.column > 0
    assert not (node.text and node.children)
    for child in node.children:
        check_tree(child, depth + 1)


def check_component(node) -> None:
    """Check that a component that can be read round-trips through a response."""
    kind = TYPES.get(node.type)
    definition = kind.definition if kind else HandlerDefinition
    problems = []
    try:
        name, component = read_component(node, definition)
    except MetadataError as error:
        problems = error.problems
    assert all(each.line > 0 and each.column > 0 for each in problems)
    if problems:
        return
    response = "".join(
        write_response("x", {"records": [MetadataRecord(name, component), NIL]})
    )
    record = read_request(io.BytesIO(response.encode())).parameters.sole().sole()
    again = read_component(record, definition)
    assert (
        "".join(write_response("x", {"records": [MetadataRecord(*again), NIL]})) == response
    )


samples = [path.read_bytes() for path in REQUESTS]
samples += [sample.decode().encode("utf-16") for sample in samples]
fuzz(check, samples, WORDS)

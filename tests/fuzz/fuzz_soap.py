"""Feed the reader of SOAP requests with bytes, until one makes it fail.

    python tests/fuzz/fuzz_soap.py --seconds 60

fuzzing.py says how. The samples are requests of real clients.
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
    """Whatever the bytes are, they are a request or a fault that can be written."""
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
    if problems:
        return
    answer = "".join(write_response("x", {"records": [MetadataRecord(name, found), NIL]}))
    record = read_request(io.BytesIO(answer.encode())).parameters.sole().sole()
    again = read_component(record, definition)
    assert (
        "".join(write_response("x", {"records": [MetadataRecord(*again), NIL]})) == answer
    )


samples = [path.read_bytes() for path in REQUESTS]
samples += [sample.decode().encode("utf-16") for sample in samples]
fuzz(check, samples, WORDS)

"""SOAP requests of every client are read, and invalid ones are refused."""

import io
import itertools
import tracemalloc
from base64 import b64encode
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokenx.api.faults import Fault, FaultCode
from tokenx.api.soap.reader import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_ELEMENTS,
    open_spooled_file,
    read_request,
)
from tokenx.metadata.limits import MAX_TAG, MAX_TEXT, MAX_ZIP_SIZE
from tokenx.web.limits import CHUNK, MAX_BODY

from .calls import REQUESTS, SESSION_ID, envelope, read, refused, sample

EMPTY_ZIP = b"PK\x05\x06" + bytes(18)


# --- Requests of clients ---------------------------------------------------------------


def test_finds_the_operation_and_the_session(subtests):
    for path in REQUESTS:
        with subtests.test(path.name):
            request = read(path.read_bytes())

            name = path.stem.partition("-")[0]
            assert request.operation.lower().startswith(name)
            assert request.session_id == (None if name == "login" else SESSION_ID)


def test_reads_a_login(subtests):
    for name in ["login-default", "login-n1", "login-urn"]:
        with subtests.test(name=name):
            request = sample(name)

            assert request.parameters.text_of("username") == "admin@mycompany.example"
            assert request.parameters.text_of("password") == "p&ss word "


def test_reads_a_deploy(subtests):
    for name in ["deploy-default", "deploy-met-stray-text", "deploy-soap-unknown-option"]:
        with subtests.test(name=name):
            request = sample(name)

            options = request.parameters.child("DeployOptions")
            assert request.zip_file.read() == EMPTY_ZIP
            assert options.flag("checkOnly")
            assert options.flag("rollbackOnError")
            assert options.flag("singlePackage")
            assert not options.flag("ignoreWarnings")
            assert not options.flag("purgeOnDelete")
            assert options.text_of("testLevel") == "RunSpecifiedTests"
            tests = [each.text for each in options.children_named("runTests")]
            assert tests == ["OneTest", "OtherTest"]


def test_keeps_no_text_of_a_zip_file():
    request = sample("deploy-default")

    assert request.parameters.text_of("ZipFile") == ""


def test_reads_a_retrieve(subtests):
    for name in ["retrieve-request", "retrieve-no-namespace"]:
        with subtests.test(name=name):
            unpackaged = sample(name).parameters.sole().child("unpackaged")
            [types] = unpackaged.children_named("types")

            assert types.text_of("name") == "OauthTokenExchangeHandler"
            assert [each.text for each in types.children_named("members")] == ["One", "Two"]


def test_reads_a_sole_parameter_with_any_name(subtests):
    for name in ["cancel-id", "cancel-string"]:
        with subtests.test(name=name):
            assert sample(name).parameters.sole().text == "0Af000000000001AAA"


def test_reads_a_parameter_in_no_namespace():
    parameters = sample("describe-no-namespace").parameters

    assert parameters.text_of("asOfVersion") == "62.0"


def test_reads_the_type_of_a_component(subtests):
    for name in ["create-unprefixed-type", "create-ns0-type-and-nil"]:
        with subtests.test(name=name):
            request = sample(name)

            assert request.parameters.sole().type == "OauthTokenExchangeHandler"
            assert request.all_or_none


def test_is_not_all_or_none_by_default():
    assert not sample("cancel-id").all_or_none


def test_reads_every_encoding(subtests):
    data = envelope("<listMetadata><type>Füchse 🦊</type></listMetadata>")

    for encoding in ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]:
        with subtests.test(encoding=encoding):
            request = read(data.encode(encoding))

            assert request.parameters.text_of("type") == "Füchse 🦊"


def test_positions_are_those_of_the_request():
    node = read('<?xml version="1.0"?>\n' + envelope("\n  <a>\n<b/></a>")).parameters

    assert (node.line, node.column) == (3, 3)
    assert (node.sole().line, node.sole().column) == (4, 1)


# --- Nodes -----------------------------------------------------------------------------


def parameters(inside):
    return read(envelope(f"<call>{inside}</call>")).parameters


def test_a_flag_is_true(subtests):
    for text in ["true", "True", "TRUE", "1", " true\n"]:
        with subtests.test(text=text):
            assert parameters(f"<is>{text}</is>").flag("is")


def test_a_flag_is_false(subtests):
    for text in ["false", "False", "0"]:
        with subtests.test(text=text):
            assert not parameters(f"<is>{text}</is>").flag("is", default=True)


def test_a_flag_without_a_value_is_the_default(subtests):
    for inside in ["", "<is/>", "<is> </is>", '<is xsi:nil="true">false</is>']:
        with subtests.test(inside=inside):
            assert parameters(inside).flag("is", default=True)


def test_an_invalid_flag_is_refused():
    with pytest.raises(Fault, match="is: 'maybe' is not a valid value") as caught:
        parameters("<is>maybe</is>").flag("is")

    assert caught.value.code is FaultCode.CLIENT


def test_a_text_that_is_nil_or_missing_is_the_default():
    node = parameters('<a xsi:nil="1"/>')

    assert node.text_of("a", "other") == "other"
    assert node.text_of("b", "other") == "other"
    assert node.child("b") is None


def test_a_text_includes_cdata_and_references():
    assert parameters("<a>1<!-- 2 -->3<![CDATA[<4>]]>&#53;</a>").text_of("a") == "13<4>5"


def test_text_between_elements_is_ignored():
    node = parameters("None<a>1</a>None")

    assert node.text == ""
    assert node.text_of("a") == "1"


def test_a_missing_parameter_is_refused():
    with pytest.raises(Fault, match="call: a parameter is missing"):
        parameters("").sole()


def test_the_first_parameter_can_have_any_name():
    assert parameters("<type> a </type><names>b</names>").first("type") == "a"
    assert parameters("<names>b</names><type>a</type>").first("type") == "a"
    assert parameters("<metadataType>a</metadataType><names>b</names>").first("type") == "a"
    assert parameters("").first("type") == ""


# --- Session check ---------------------------------------------------------------------

SESSION = f"<SessionHeader><sessionId>\n{SESSION_ID} </sessionId></SessionHeader>"


def test_checks_the_session_before_it_reads_the_body():
    class StrangerError(Exception):
        pass

    def admit(session_id):
        raise StrangerError(session_id)

    with pytest.raises(StrangerError, match=SESSION_ID):
        read(envelope("<a>&nothing;", SESSION), admit=admit)


def test_checks_once_even_without_a_session():
    admitted = []

    read(envelope("<Body><Body/></Body>"), admit=admitted.append)

    assert admitted == [None]


# --- Invalid requests ------------------------------------------------------------------

BOMB = '<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]>'


def test_refuses_anything_but_a_request(subtests):
    for data, message in [
        (b"", "Premature end of file"),
        (b"username=admin", "Content is not allowed in prolog."),
        (b"\0", "Error parsing request: "),
        (b"\xff\xfe\xff", "Error parsing request: "),
        (b"<a/>", "The root element must be Envelope, not a"),
        (b"<Envelope/>", "Body contains no operation"),
        (b"<Envelope><Body/></Envelope>", "Body contains no operation"),
        (b"<Envelope><Body>", "must start and end within the same entity"),
        (b"<Envelope><Body></Envelope>", 'The element type "Body" must be terminated'),
        (b"<Envelope><e:Body/></Envelope>", "Unbound prefix"),
        (BOMB.encode() + b"<Envelope>", "A DOCTYPE isn't allowed (1:"),
        (b"<Envelope>&b;</Envelope>", "An entity was referenced, but not declared."),
        (b"<Envelope>\0</Envelope>", "must consist of well-formed character data"),
        (b"<Envelope>&#0;</Envelope>", "Reference to invalid character number"),
        (b"<Envelope>\xe4</Envelope>", "must consist of well-formed character data"),
        (
            b'<?xml version="1.0" encoding="ISO-8859-1"?><Envelope/>',
            "The encoding ISO-8859-1 is not UTF-8 or UTF-16",
        ),
        (b'<?xml version="1.0" encoding="UTF-16"?><Envelope/>', "Encoding specified in"),
    ]:
        with subtests.test(data=data):
            fault = refused(data)

            assert fault.code is FaultCode.CLIENT
            assert message in fault.text


def test_refuses_an_invalid_header():
    header = "<AllOrNoneHeader><allOrNone>perhaps</allOrNone></AllOrNoneHeader>"

    assert refused(envelope("<a/>", header)).text.startswith("allOrNone: 'perhaps' is not")


class Pieces(io.RawIOBase):
    """A body in any number of pieces, which counts the bytes that were read."""

    def __init__(self, *pieces):
        self.pieces = itertools.chain(*pieces)
        self.rest = b""
        self.read_so_far = 0

    def read(self, size=-1):
        gathered, length = [self.rest], len(self.rest)
        while length < size and (piece := next(self.pieces, b"")):
            gathered.append(piece)
            length += len(piece)
        data = b"".join(gathered)
        data, self.rest = data[:size], data[size:]
        self.read_so_far += len(data)
        return data


OPEN = envelope("<call>").partition("</e:Body>")[0].encode()


def test_stops_if_a_part_is_too_large(subtests):
    for piece, limit in [
        (b"<a>", f"nesting is {MAX_DEPTH} elements"),
        (b"<a/>" * 500, f"{MAX_ELEMENTS} elements"),
        (b"text" * 500, f"text is {MAX_TEXT} characters"),
        (b"<!--" + b"x" * 2_000_000, f"tag is {MAX_TAG} bytes"),
        (b"<" + b"x" * 2_000_000, f"tag is {MAX_TAG} bytes"),
        (b"<a>" + b"x" * 5_000 + b"</a>", f"{MAX_CHARACTERS} characters"),
        (b" " * 5_000 + b"<a/>", f"{MAX_CHARACTERS} characters"),
        (b"<!-- x -->" * 500, f"request is {MAX_BODY} bytes"),
    ]:
        with subtests.test(piece=piece):
            source = Pieces([OPEN], itertools.repeat(piece))

            with pytest.raises(Fault, match=limit) as caught:
                read_request(source)

            assert caught.value.code is FaultCode.LIMIT_EXCEEDED
            assert source.read_so_far <= MAX_BODY + CHUNK


def test_unique_names_count_toward_the_maximum_characters():
    names = (f"<n{number:0>300}/>".encode() for number in itertools.count())

    with pytest.raises(Fault, match=f"{MAX_CHARACTERS} characters"):
        read_request(Pieces([OPEN], names))


# --- Zip files -------------------------------------------------------------------------


def deploy(text):
    return envelope(f"<deploy><ZipFile>{text}</ZipFile></deploy>")


def test_refuses_invalid_base64(subtests):
    for text in [
        "QQ",
        "QQ=",
        "Q",
        "=",
        "Q===",
        "QQ==QQ==",
        "QQ==QQ",
        "QQ-_",
        "Qü==",
        "QQ..",
        "QQ=Q",
    ]:
        with subtests.test(text=text):
            fault = refused(deploy(text))

            assert fault.code is FaultCode.CLIENT
            assert "xsd:base64Binary" in fault.text


def test_refuses_text_after_the_end_in_two_pieces():
    # A comment, so that the text comes in two pieces.
    assert "xsd:base64Binary" in refused(deploy("QQ==<!-- -->QQ==")).text


def test_reads_an_empty_zip_file():
    assert read(deploy("")).zip_file.read() == b""


def test_ignores_line_breaks(subtests):
    data = bytes(range(256)) * 600
    text = b64encode(data).decode()

    for length in [1, 57, 76]:
        lines = [text[begin : begin + length] for begin in range(0, len(text), length)]
        for ending in ["\n", "\r\n", "&#13;\n", " "]:
            with subtests.test(length=length, ending=ending):
                assert read(deploy(ending.join(lines))).zip_file.read() == data


def test_refuses_nested_or_repeated_zip_files(subtests):
    for inside in [
        "<ZipFile>QQ==<a/></ZipFile>",
        "<ZipFile>QQ==</ZipFile><ZipFile>QQ==</ZipFile>",
    ]:
        with subtests.test(inside=inside):
            assert refused(envelope(f"<deploy>{inside}</deploy>")).code is FaultCode.CLIENT


def test_reads_a_zip_file_only_from_the_operation(subtests):
    for body in ["<a><b><ZipFile>Q</ZipFile></b></a>", "<a/><b><ZipFile>Q</ZipFile></b>"]:
        with subtests.test(body=body):
            assert read(envelope(body)).zip_file is None


def test_refuses_a_zip_file_over_the_limit_before_its_end():
    piece = b64encode(bytes(3_000))
    source = Pieces([OPEN, b"<ZipFile>"], itertools.repeat(piece))

    with pytest.raises(
        Fault, match=f"Maximum size of zip file is {MAX_ZIP_SIZE}"
    ) as caught:
        read_request(source)

    assert caught.value.code is FaultCode.LIMIT_EXCEEDED
    assert source.read_so_far < MAX_ZIP_SIZE * 1.34


def test_closes_the_file_of_a_refused_request():
    files = []

    def spool():
        files.append(open_spooled_file())
        return files[0]

    refused(deploy("QQ==")[:-10], spool=spool)

    assert files[0].closed


def test_reads_the_largest_zip_file_in_little_memory():
    data = bytes(range(252)) * 13
    times = MAX_ZIP_SIZE // len(data)
    beginning, _, end = deploy("|").encode().partition(b"|")
    source = Pieces([beginning], itertools.repeat(b64encode(data), times), [end])

    tracemalloc.start()
    request = read_request(source)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert source.read_so_far > 54_000_000
    assert peak < 4_000_000
    assert request.zip_file.seek(0, io.SEEK_END) == len(data) * times


# --- Fuzzing ---------------------------------------------------------------------------

WORDS = st.sampled_from(
    [
        *(b"<Envelope> </Envelope> <Body> </Body> <ZipFile> </ZipFile> <a> </a>".split()),
        *(b"<Header> </Header> <b/> QQ== text & &lt; <!-- --> <![CDATA[ ]]> <?".split()),
        *(b'xmlns= xsi:nil="true" xmlns:xsi= <!DOCTYPE \xff\xfe \0'.split()),
        b" ",
    ]
)


@pytest.mark.slow
@settings(max_examples=150)
@given(data=st.binary(max_size=300) | st.lists(WORDS, max_size=60).map(b"".join))
def test_any_bytes_are_a_request_or_a_fault(data):
    with suppress(Fault):
        assert read(data).operation


def test_a_request_truncated_anywhere_is_a_fault(subtests):
    for path in REQUESTS:
        with subtests.test(path.name):
            whole = path.read_bytes().rstrip()
            for length in range(0, len(whole), 7):
                assert refused(whole[:length]).code is FaultCode.CLIENT


@pytest.mark.slow
@settings(max_examples=150)
@given(path=st.sampled_from(REQUESTS), data=st.data())
def test_a_damaged_request_is_a_request_or_a_fault(path, data):
    changed = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        begin = data.draw(st.integers(0, len(changed)))
        length = data.draw(st.integers(0, 20))
        changed[begin : begin + length] = data.draw(st.binary(max_size=6) | WORDS)

    with suppress(Fault):
        assert read(bytes(changed)).operation

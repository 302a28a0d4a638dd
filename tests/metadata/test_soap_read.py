"""SOAP requests to trees: every client's are taken, and what is none is refused."""

import io
import itertools
import tracemalloc
from base64 import b64encode
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.metadata.soap_calls import (
    REQUESTS,
    SESSION_ID,
    asked,
    envelope,
    refused,
    sample,
)
from tokenx.metadata import soap
from tokenx.metadata.archive import MAX_ZIP_SIZE
from tokenx.metadata.soap import Fault, FaultCode, read_request, spooled

EMPTY_ZIP = b"PK\x05\x06" + bytes(18)


# --- What clients send -----------------------------------------------------------------


@pytest.mark.parametrize("path", REQUESTS, ids=lambda path: path.stem)
def test_finds_the_operation_and_the_session(path):
    request = asked(path.read_bytes())

    name = path.stem.partition("-")[0]
    assert request.operation.lower().startswith(name)
    assert request.session_id == (None if name == "login" else SESSION_ID)


@pytest.mark.parametrize("name", ["login-default", "login-n1", "login-urn"])
def test_reads_a_login(name):
    request = sample(name)

    assert request.parameters.text_of("username") == "admin@mycompany.example"
    assert request.parameters.text_of("password") == "p&ss word "


@pytest.mark.parametrize(
    "name", ["deploy-default", "deploy-met-stray-text", "deploy-soap-unknown-option"]
)
def test_reads_a_deploy(name):
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


@pytest.mark.parametrize("name", ["retrieve-request", "retrieve-no-namespace"])
def test_reads_a_retrieve(name):
    [types] = sample(name).parameters.sole().child("unpackaged").children_named("types")

    assert types.text_of("name") == "OauthTokenExchangeHandler"
    assert [each.text for each in types.children_named("members")] == ["One", "Two"]


@pytest.mark.parametrize("name", ["cancel-id", "cancel-string"])
def test_reads_a_sole_parameter_whatever_it_is_called(name):
    assert sample(name).parameters.sole().text == "0Af000000000001AAA"


def test_reads_a_parameter_in_no_namespace():
    parameters = sample("describe-no-namespace").parameters

    assert parameters.text_of("asOfVersion") == "62.0"


@pytest.mark.parametrize("name", ["create-unprefixed-type", "create-ns0-type-and-nil"])
def test_reads_the_type_of_a_component(name):
    request = sample(name)

    assert request.parameters.sole().type == "OauthTokenExchangeHandler"
    assert request.all_or_none


def test_is_not_all_or_none_unless_asked():
    assert not sample("cancel-id").all_or_none


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_reads_every_encoding(encoding):
    data = envelope("<listMetadata><type>Füchse 🦊</type></listMetadata>")

    request = asked(data.encode(encoding))

    assert request.parameters.text_of("type") == "Füchse 🦊"


def test_places_are_those_of_the_request():
    node = asked('<?xml version="1.0"?>\n' + envelope("\n  <a>\n<b/></a>")).parameters

    assert (node.line, node.column) == (3, 3)
    assert (node.sole().line, node.sole().column) == (4, 1)


# --- Nodes -----------------------------------------------------------------------------


def parameters(inside):
    return asked(envelope(f"<call>{inside}</call>")).parameters


@pytest.mark.parametrize("text", ["true", "True", "TRUE", "1", " true\n"])
def test_a_flag_is_true(text):
    assert parameters(f"<is>{text}</is>").flag("is")


@pytest.mark.parametrize("text", ["false", "False", "0"])
def test_a_flag_is_false(text):
    assert not parameters(f"<is>{text}</is>").flag("is", default=True)


@pytest.mark.parametrize(
    "inside", ["", "<is/>", "<is> </is>", '<is xsi:nil="true">false</is>']
)
def test_a_flag_without_a_value_is_the_default(inside):
    assert parameters(inside).flag("is", default=True)


def test_a_flag_that_is_nonsense_is_refused():
    with pytest.raises(Fault, match="is: 'maybe' is not a valid value") as caught:
        parameters("<is>maybe</is>").flag("is")

    assert caught.value.code is FaultCode.CLIENT


def test_a_text_that_is_nil_or_missing_is_the_default():
    found = parameters('<a xsi:nil="1"/>')

    assert found.text_of("a", "other") == "other"
    assert found.text_of("b", "other") == "other"
    assert found.child("b") is None


def test_a_text_is_all_of_it():
    assert parameters("<a>1<!-- 2 -->3<![CDATA[<4>]]>&#53;</a>").text_of("a") == "13<4>5"


def test_text_between_elements_is_stray():
    found = parameters("None<a>1</a>None")

    assert found.text == ""
    assert found.text_of("a") == "1"


def test_a_missing_parameter_is_refused():
    with pytest.raises(Fault, match="call: a parameter is missing"):
        parameters("").sole()


def test_the_first_parameter_may_have_another_name():
    assert parameters("<type> a </type><names>b</names>").first("type") == "a"
    assert parameters("<names>b</names><type>a</type>").first("type") == "a"
    assert parameters("<metadataType>a</metadataType><names>b</names>").first("type") == "a"
    assert parameters("").first("type") == ""


# --- The session first -----------------------------------------------------------------

SESSION = f"<SessionHeader><sessionId>\n{SESSION_ID} </sessionId></SessionHeader>"


def test_admits_before_the_body_is_read():
    class StrangerError(Exception):
        pass

    def admit(session_id):
        raise StrangerError(session_id)

    with pytest.raises(StrangerError, match=SESSION_ID):
        asked(envelope("<a>&nothing;", SESSION), admit=admit)


def test_admits_once_and_without_a_session_too():
    admitted = []

    asked(envelope("<Body><Body/></Body>"), admit=admitted.append)

    assert admitted == [None]


# --- What is no request ----------------------------------------------------------------

BOMB = '<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]>'


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "Premature end of file"),
        (b"username=admin", "Content is not allowed in prolog."),
        (b"\0", "Error parsing request: "),
        (b"\xff\xfe\xff", "Error parsing request: "),
        (b"<a/>", "The root element is a; it has to be Envelope"),
        (b"<Envelope/>", "Body holds no operation"),
        (b"<Envelope><Body/></Envelope>", "Body holds no operation"),
        (b"<Envelope><Body>", "must start and end within the same entity"),
        (b"<Envelope><Body></Envelope>", 'The element type "Body" must be terminated'),
        (b"<Envelope><e:Body/></Envelope>", "Unbound prefix"),
        (BOMB.encode() + b"<Envelope>", "A DOCTYPE is not allowed (1:"),
        (b"<Envelope>&b;</Envelope>", "An entity was referenced, but not declared."),
        (b"<Envelope>\0</Envelope>", "must consist of well-formed character data"),
        (b"<Envelope>&#0;</Envelope>", "Reference to invalid character number"),
        (b"<Envelope>\xe4</Envelope>", "must consist of well-formed character data"),
        (
            b'<?xml version="1.0" encoding="ISO-8859-1"?><Envelope/>',
            "The encoding ISO-8859-1 is not UTF-8 or UTF-16",
        ),
        (b'<?xml version="1.0" encoding="UTF-16"?><Envelope/>', "Encoding specified in"),
    ],
)
def test_refuses_what_is_no_request(data, words):
    fault = refused(data)

    assert fault.code is FaultCode.CLIENT
    assert words in fault.text


def test_refuses_a_header_that_is_nonsense():
    header = "<AllOrNoneHeader><allOrNone>perhaps</allOrNone></AllOrNoneHeader>"

    assert refused(envelope("<a/>", header)).text.startswith("allOrNone: 'perhaps' is not")


class Pieces(io.RawIOBase):
    """A body that comes in pieces, for ever if they do; it counts what is read."""

    def __init__(self, *pieces):
        self.pieces = itertools.chain(*pieces)
        self.rest = b""
        self.given = 0

    def read(self, size=-1):
        gathered, length = [self.rest], len(self.rest)
        while length < size and (piece := next(self.pieces, b"")):
            gathered.append(piece)
            length += len(piece)
        data = b"".join(gathered)
        data, self.rest = data[:size], data[size:]
        self.given += len(data)
        return data


OPEN = envelope("<call>").partition("</e:Body>")[0].encode()


@pytest.mark.parametrize(
    ("piece", "most"),
    [
        (b"<a>", f"nesting is {soap.MAX_DEPTH} elements"),
        (b"<a/>" * 500, f"{soap.MAX_ELEMENTS} elements"),
        (b"text" * 500, f"text is {soap.MAX_TEXT} characters"),
        (b"<!--" + b"x" * 2_000_000, f"tag is {soap.MAX_TAG} bytes"),
        (b"<" + b"x" * 2_000_000, f"tag is {soap.MAX_TAG} bytes"),
        (b"<a>" + b"x" * 5_000 + b"</a>", f"{soap.MAX_LETTERS} characters"),
        (b" " * 5_000 + b"<a/>", f"{soap.MAX_LETTERS} characters"),
        (b"<!-- x -->" * 500, f"request is {soap.MAX_SIZE} bytes"),
    ],
)
def test_stops_at_what_is_too_large(piece, most):
    source = Pieces([OPEN], itertools.repeat(piece))

    with pytest.raises(Fault, match=most) as caught:
        read_request(source)

    assert caught.value.code is FaultCode.LIMIT_EXCEEDED
    assert source.given <= soap.MAX_SIZE + soap.CHUNK


def test_names_that_never_repeat_count_as_text():
    names = (f"<n{number:0>300}/>".encode() for number in itertools.count())

    with pytest.raises(Fault, match=f"{soap.MAX_LETTERS} characters"):
        read_request(Pieces([OPEN], names))


# --- Zip files -------------------------------------------------------------------------


def deploy(text):
    return envelope(f"<deploy><ZipFile>{text}</ZipFile></deploy>")


@pytest.mark.parametrize(
    "text",
    ["QQ", "QQ=", "Q", "=", "Q===", "QQ==QQ==", "QQ==QQ", "QQ-_", "Qü==", "QQ..", "QQ=Q"],
)
def test_refuses_what_is_not_base64(text):
    fault = refused(deploy(text))

    assert fault.code is FaultCode.CLIENT
    assert "xsd:base64Binary" in fault.text


def test_refuses_text_after_the_end_however_it_comes():
    # A comment, so that the text comes in two pieces.
    assert "xsd:base64Binary" in refused(deploy("QQ==<!-- -->QQ==")).text


def test_takes_an_empty_zip_file():
    assert asked(deploy("")).zip_file.read() == b""


@pytest.mark.parametrize("ending", ["\n", "\r\n", "&#13;\n", " "])
@pytest.mark.parametrize("length", [1, 57, 76])
def test_ignores_line_breaks(ending, length):
    data = bytes(range(256)) * 600
    text = b64encode(data).decode()
    lines = (text[begin : begin + length] for begin in range(0, len(text), length))

    assert asked(deploy(ending.join(lines))).zip_file.read() == data


@pytest.mark.parametrize(
    "inside",
    ["<ZipFile>QQ==<a/></ZipFile>", "<ZipFile>QQ==</ZipFile><ZipFile>QQ==</ZipFile>"],
)
def test_refuses_a_zip_file_in_no_usual_form(inside):
    assert refused(envelope(f"<deploy>{inside}</deploy>")).code is FaultCode.CLIENT


@pytest.mark.parametrize(
    "body",
    ["<a><b><ZipFile>Q</ZipFile></b></a>", "<a/><b><ZipFile>Q</ZipFile></b>"],
)
def test_a_zip_file_is_that_of_the_operation_alone(body):
    assert asked(envelope(body)).zip_file is None


def test_refuses_a_zip_file_over_the_limit_before_its_end():
    piece = b64encode(bytes(3_000))
    source = Pieces([OPEN, b"<ZipFile>"], itertools.repeat(piece))

    with pytest.raises(
        Fault, match=f"Maximum size of zip file is {MAX_ZIP_SIZE}"
    ) as caught:
        read_request(source)

    assert caught.value.code is FaultCode.LIMIT_EXCEEDED
    assert source.given < MAX_ZIP_SIZE * 1.34


def test_closes_the_file_of_a_refused_request():
    made = []

    def spool():
        made.append(spooled())
        return made[0]

    refused(deploy("QQ==")[:-10], spool=spool)

    assert made[0].closed


def test_reads_the_largest_zip_file_in_little_memory():
    data = bytes(range(252)) * 13
    times = MAX_ZIP_SIZE // len(data)
    beginning, _, end = deploy("|").encode().partition(b"|")
    source = Pieces([beginning], itertools.repeat(b64encode(data), times), [end])

    tracemalloc.start()
    request = read_request(source)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert source.given > 54_000_000
    assert peak < 4_000_000
    assert request.zip_file.seek(0, io.SEEK_END) == len(data) * times


# --- Any bytes -------------------------------------------------------------------------

WORDS = st.sampled_from(
    [
        *(b"<Envelope> </Envelope> <Body> </Body> <ZipFile> </ZipFile> <a> </a>".split()),
        *(b"<Header> </Header> <b/> QQ== text & &lt; <!-- --> <![CDATA[ ]]> <?".split()),
        *(b'xmlns= xsi:nil="true" xmlns:xsi= <!DOCTYPE \xff\xfe \0'.split()),
        b" ",
    ]
)


@settings(max_examples=150)
@given(data=st.binary(max_size=300) | st.lists(WORDS, max_size=60).map(b"".join))
def test_any_bytes_are_a_request_or_a_fault(data):
    with suppress(Fault):
        assert asked(data).operation


@settings(max_examples=150)
@given(path=st.sampled_from(REQUESTS), data=st.data())
def test_a_damaged_request_is_a_request_or_a_fault(path, data):
    changed = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        begin = data.draw(st.integers(0, len(changed)))
        length = data.draw(st.integers(0, 20))
        changed[begin : begin + length] = data.draw(st.binary(max_size=6) | WORDS)

    with suppress(Fault):
        assert asked(bytes(changed)).operation

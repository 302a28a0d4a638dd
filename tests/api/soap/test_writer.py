"""SOAP responses, as clients read them."""

import io
import itertools
import re
import tracemalloc
import xml.etree.ElementTree as ET
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.metadata.format.samples import SAMPLES, content, definition_of
from tokenx.api.faults import Fault, FaultCode
from tokenx.api.soap.writer import (
    NIL,
    Login,
    LoginUser,
    MetadataRecord,
    write_fault,
    write_login,
    write_login_fault,
    write_logout,
    write_response,
)
from tokenx.metadata.format.definitions import (
    ConnectedAppDefinition,
    EnablementDefinition,
    HandlerDefinition,
    OauthConfig,
    UnknownElement,
)

MD = "http://soap.sforce.com/2006/04/metadata"
BEGIN = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
)
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
HANDLER = SAMPLES / "good" / "canonical.oauthtokenexchangehandler"


def answer(results):
    """Return the text inside the response element."""
    text = "".join(write_response("call", results))
    ET.fromstring(text)
    return text.partition("<callResponse>")[2].partition("</callResponse>")[0]


def test_a_complete_response():
    assert "".join(write_response("deploy", {"id": "0Af1", "done": False})) == (
        f'{BEGIN} xmlns="{MD}" {XSI}><soapenv:Body><deployResponse>'
        "<result><done>false</done><id>0Af1</id></result>"
        "</deployResponse></soapenv:Body></soapenv:Envelope>"
    )


def test_a_response_without_results_is_empty():
    for results in (None, [], iter(())):
        assert answer(results) == ""


def test_several_results_are_several_elements():
    assert answer([{"a": "1"}, {"a": "2"}]) == (
        "<result><a>1</a></result><result><a>2</a></result>"
    )


def test_a_value_is_written_in_the_form_of_the_schema(subtests):
    for value, text in [
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (0.0, "0.0"),
        ("", ""),
        ("a & <b>'\r\n\0", "a &amp; &lt;b&gt;&apos;&#xd;\n\ufffd"),
        (FaultCode.INVALID_TYPE, "INVALID_TYPE"),
        (datetime(2026, 1, 31, 12, tzinfo=UTC), "2026-01-31T12:00:00.000Z"),
        (
            datetime(2026, 1, 31, 12, 0, 0, 5999, timezone(timedelta(hours=2))),
            "2026-01-31T10:00:00.005Z",
        ),
    ]:
        with subtests.test(value=value):
            assert answer(value) == f"<result>{text}</result>"


def test_elements_come_in_the_order_of_the_schema():
    result = {"success": True, "fullName": "One", "errors": [{"b": 1, "a": 2}]}

    assert answer(result) == (
        "<result><errors><a>2</a><b>1</b></errors>"
        "<fullName>One</fullName><success>true</success></result>"
    )


def test_lists_are_repeated_elements_and_none_is_left_out():
    result = {"a": ["1", None, "2"], "b": [], "c": None, "d": {}}

    assert answer(result) == "<result><a>1</a><a>2</a><d></d></result>"


# --- Records ---------------------------------------------------------------------------


def test_a_record_has_its_type_and_its_full_name_first():
    definition = content(definition_of(HANDLER), HANDLER.read_bytes())

    text = answer({"records": [MetadataRecord("One & Co", definition), NIL]})

    begin = (
        '<result><records xsi:type="OauthTokenExchangeHandler">'
        "<fullName>One &amp; Co</fullName>\n"
    )
    assert text.startswith(begin)
    assert text.endswith('</records><records xsi:nil="true"/></result>')
    # The elements of its file follow in the same order.
    file = HANDLER.read_text()
    inside = re.findall(r"<(\w+)>([^<]*)<", file.partition("\n")[2].partition("\n")[2])
    assert re.findall(r"<(\w+)>([^<]*)<", text[len(begin) :]) == inside


def test_a_record_has_no_secret_and_its_name_only_once():
    definition = ConnectedAppDefinition(
        contact_email="a@b.example",
        label="Shop",
        oauth_config=OauthConfig(consumer_key="key", consumer_secret="hush"),
        unknown_elements=(
            UnknownElement("fullName", "Other"),
            UnknownElement("iconUrl", "x"),
        ),
    )

    text = answer({"records": MetadataRecord("Shop", definition)})

    assert "hush" not in text
    assert text.count("fullName") == 2
    assert "<iconUrl>x</iconUrl>" in text


@pytest.mark.parametrize(("version", "is_visible"), [(64.0, False), (65.0, True)])
def test_a_record_hides_new_fields_from_older_clients(version, is_visible):
    definition = content(definition_of(HANDLER), HANDLER.read_bytes())
    newer = replace(definition, allows_contact_creation=True)

    text = answer({"records": MetadataRecord("One", newer, version)})

    assert ("isContactCreationAllowed" in text) == is_visible


@pytest.mark.parametrize("number", [10_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_a_record_of_many_apps_is_streamed_lazily(number):
    definition = content(definition_of(HANDLER), HANDLER.read_bytes())
    one = EnablementDefinition(run_as="a@b.example", connected_app="x", is_default=True)
    fields = dict(vars(definition), enablements=itertools.repeat(one, number))
    record = MetadataRecord("One", HandlerDefinition(**fields))

    tracemalloc.start()
    length = sum(map(len, write_response("readMetadata", {"records": record})))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert length > 150 * number
    assert peak < 1_000_000


# --- Zip files -------------------------------------------------------------------------


def test_a_file_is_base64(subtests):
    for length in [0, 1, 2, 3, 49_151, 49_152, 49_153, 200_000]:
        with subtests.test(length=length):
            data = bytes(range(256)) * (length // 256 + 1)
            data = data[:length]

            text = answer({"zipFile": io.BytesIO(data)})

            match = re.fullmatch("<result><zipFile>(.*)</zipFile></result>", text)
            assert b64decode(match[1], validate=True) == data


def test_a_file_can_be_read_in_small_pieces():
    class Slow(io.BytesIO):
        def read(self, size=-1):
            return super().read(min(size, 7))

    text = answer({"zipFile": Slow(bytes(100))})

    assert b64decode(text[17:-19], validate=True) == bytes(100)


def test_a_large_file_is_never_in_memory():
    class Zeros(io.RawIOBase):
        remaining = 39 * 1024 * 1024

        def read(self, size=-1):
            size = min(size, self.remaining)
            self.remaining -= size
            return bytes(size)

    tracemalloc.start()
    pieces = [len(piece) for piece in write_response("a", {"zipFile": Zeros()})]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert sum(pieces) > 54_000_000
    assert max(pieces) < 200_000
    assert peak < 1_000_000


def test_small_pieces_are_sent_together():
    rows = ({"fullName": f"Row {number}"} for number in range(10_000))

    pieces = list(write_response("listMetadata", rows))

    assert len(pieces) < 20


# --- Faults ----------------------------------------------------------------------------


def test_a_complete_fault():
    fault = Fault(FaultCode.INVALID_TYPE, "Unknown type:<X>")

    assert write_fault(fault) == (
        f'{BEGIN} xmlns:sf="{MD}" {XSI}><soapenv:Body><soapenv:Fault>'
        "<faultcode>sf:INVALID_TYPE</faultcode>"
        "<faultstring>INVALID_TYPE: Unknown type:&lt;X&gt;</faultstring>"
        "</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )


def test_faultcode_and_faultstring_are_in_no_namespace():
    root = ET.fromstring(write_fault(Fault(FaultCode.INVALID_ID_FIELD, "text")))

    assert [each.tag for each in root[0][0]] == ["faultcode", "faultstring"]


def test_an_invalid_session_has_the_fault_code_that_clients_look_for():
    text = write_fault(Fault(FaultCode.INVALID_SESSION_ID, "Invalid Session ID found"))

    assert re.search(r"<faultcode>[a-zA-Z]+:INVALID_SESSION_ID</faultcode>", text)


def test_a_malformed_request_has_the_client_fault_code():
    text = write_fault(Fault(FaultCode.CLIENT, "Body contains no operation"))

    assert "<faultcode>soapenv:Client</faultcode>" in text
    assert "<faultstring>Body contains no operation</faultstring>" in text


def test_a_complete_login_fault():
    text = write_login_fault(Fault(FaultCode.INVALID_LOGIN, "Invalid username & co."))

    assert text == (
        f'{BEGIN} xmlns:sf="urn:fault.partner.soap.sforce.com" {XSI}>'
        "<soapenv:Body><soapenv:Fault><faultcode>INVALID_LOGIN</faultcode>"
        "<faultstring>INVALID_LOGIN: Invalid username &amp; co.</faultstring>"
        '<detail><sf:LoginFault xsi:type="sf:LoginFault">'
        "<sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode>"
        "<sf:exceptionMessage>Invalid username &amp; co.</sf:exceptionMessage>"
        "</sf:LoginFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )


# --- Login -----------------------------------------------------------------------------

LOGIN = Login(
    server_url="http://localhost:8000",
    api="u",
    version="62.0",
    session_id="00D000000000001!AQ.abc",
    user=LoginUser(
        id="005000000000001AAA",
        name="admin@mycompany.example",
        full_name="Ada Admin",
        email="ada@mycompany.example",
        organization_id="00D000000000001EAA",
        organization_name="Acme & Sons",
    ),
)


def test_a_login_is_found_by_plain_tags(subtests):
    response = "".join(write_login(LOGIN))

    for name, text in [
        ("serverUrl", "http://localhost:8000/services/Soap/u/62.0/00D000000000001"),
        ("metadataServerUrl", "http://localhost:8000/services/Soap/m/62.0/00D000000000001"),
        ("sessionId", LOGIN.session_id),
        ("userId", LOGIN.user.id),
        ("organizationId", LOGIN.user.organization_id),
        ("organizationName", "Acme &amp; Sons"),
        ("passwordExpired", "false"),
    ]:
        with subtests.test(name=name):
            assert re.search(f"<{name}>(.*?)</{name}>", response)[1] == text


def test_a_login_is_in_the_partner_namespace():
    root = ET.fromstring("".join(write_login(LOGIN)))

    partner = "{urn:partner.soap.sforce.com}"
    assert root[0].attrib == {}
    assert root.find(f"*/{partner}loginResponse/{partner}result/{partner}sessionId").text


def test_a_logout_is_empty():
    assert "".join(write_logout("u")).endswith(
        "<soapenv:Body><logoutResponse></logoutResponse></soapenv:Body></soapenv:Envelope>"
    )

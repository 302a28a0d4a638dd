"""Requests that are wrong, too large, cut off or meant to hurt: a fault, never a page."""

import io
import json

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory
from django.urls import resolve

from tests.metadata.api.calling import (
    HANDLER,
    Soap,
    error_of,
    fault_of,
    header,
    many,
)
from tests.metadata.api.test_deploy import deploy, request
from tests.metadata.api.test_rest_deploy import BOUNDARY, GOOD, options_part, zip_part
from tests.metadata.deploying import EVERYTHING, files_of, handler
from tests.metadata.soap_calls import REQUESTS, SOAP, envelope
from tests.metadata.zips import zip_of
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.models import Deployment
from tokenx.wire import MAX_BODY

LIST = f"<listMetadata><queries><type>{HANDLER}</type></queries></listMetadata>"


class Broken(io.RawIOBase):
    """A body whose sender goes away in the middle of it."""

    def __init__(self, data):
        self.data = io.BytesIO(data)

    def readable(self):
        return True

    def readinto(self, buffer):
        data = self.data.read(len(buffer))
        if not data:
            raise ConnectionResetError("gone")
        buffer[: len(data)] = data
        return len(data)


def send(path, stream, length, session, kind="text/xml", method="POST", encoding=""):
    """The answer to a body that comes from a stream, with any length said of it."""
    environ = RequestFactory().generic(method, path, b"x", kind).environ
    environ |= {
        "wsgi.input": io.BufferedReader(stream),
        "CONTENT_LENGTH": str(length),
        "HTTP_AUTHORIZATION": f"Bearer {session}",
        "HTTP_CONTENT_ENCODING": encoding,
    }
    asked = WSGIRequest(environ)
    found = resolve(path)
    return found.func(asked, *found.args, **found.kwargs)


# --- SOAP ------------------------------------------------------------------------------


def test_every_request_that_clients_were_seen_to_send_is_read(soap, session):
    for path in REQUESTS:
        body = path.read_bytes().replace(b"00D000000000001!AQ.abc_DEF", session.encode())
        text = soap.post(body).getvalue().decode()
        assert "Error parsing request" not in text
        assert "UNKNOWN_EXCEPTION" not in text


@pytest.mark.parametrize("prefix", ["soapenv", "soap", "soap-env", "se", "env"])
@pytest.mark.parametrize("operation_prefix", ["", "met:", "ns0:", "tns:"])
def test_prefixes_say_nothing(soap, session, prefix, operation_prefix):
    name = f"{operation_prefix}describeMetadata"
    body = (
        f'<{prefix}:Envelope xmlns:{prefix}="{SOAP}" xmlns:met="m" xmlns:ns0="n"'
        f' xmlns:tns="t"><{prefix}:Header>{header(session)}</{prefix}:Header>'
        f"<{prefix}:Body><{name}><asOfVersion>62.0</asOfVersion></{name}></{prefix}:Body>"
        f"</{prefix}:Envelope>"
    )

    assert soap.post(body, SOAPAction="anything").status_code == 200


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_other_encodings_of_unicode_are_read(soap, session, encoding):
    body = envelope(LIST, header(session)).encode(encoding)

    assert soap.post(body).status_code == 200


@pytest.mark.parametrize(
    "body, words",
    [
        (b"", "Premature end of file"),
        (b"\0", ""),
        (b"nonsense", ""),
        (b"{}", ""),
        (b"<html/>", "it has to be Envelope"),
        (b"\xff\xfe<\0", ""),
        (b"\x1f\x8b\x08\0\0\0", ""),
        (b'<?xml version="1.0" encoding="latin-1"?><Envelope/>', "is not UTF-8 or UTF-16"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><Envelope>&b;</Envelope>", "DOCTYPE"),
        (b"<Envelope><Header/>", ""),
        (b"<Envelope><Header>&#0;</Header></Envelope>", ""),
        (b"<Envelope><Header>&#xD800;</Header></Envelope>", ""),
        (b"<Envelope><Header>\xed\xa0\x80</Header></Envelope>", ""),
        (b"<Envelope>" * 5_000, ""),
        (b"<Envelope " + b"x" * 2_000_000, ""),
        (b"<Envelope>" + b"<a/>" * 200_000, ""),
    ],
)
@pytest.mark.parametrize("path", ["/services/Soap/m/62.0", "/services/Soap/u/62.0"])
def test_what_is_no_request_is_a_fault(client, db, path, body, words):
    response = client.post(path, body, content_type="text/xml")

    code, told = fault_of(response)
    assert code in {"soapenv:Client", "sf:LIMIT_EXCEEDED"}
    assert words in told


@pytest.mark.parametrize("body", ["<Envelope/>", "<Envelope><Body/></Envelope>"])
def test_a_body_without_an_operation_is_a_fault(soap, session, body):
    response = soap.post(body, Authorization=f"Bearer {session}")

    assert fault_of(response)[0] == "soapenv:Client"


@pytest.mark.parametrize(
    "operation",
    [
        "noSuchOperation",
        "DEPLOY",
        "_",
        "x" * 5_000,
        "describeMetadata’",
        "query",
        "executeAnonymous",
    ],
)
def test_an_unknown_operation_is_a_fault(soap, operation):
    code, words = soap.fault(f"<{operation}/>")

    assert code in {"sf:INVALID_OPERATION", "soapenv:Client"}
    assert len(words) < 300


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch", "head", "options"])
def test_soap_comes_by_post(soap, method):
    response = getattr(soap.client, method)(soap.path)

    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert response["Content-Type"] == "text/xml; charset=UTF-8"


@pytest.mark.parametrize(
    "version", ["62", "62.5", "6.0", "1000.0", "v62.0", "62.0.0", "", "06.0"]
)
def test_what_is_no_version_is_not_there(soap, session, version):
    body = envelope(LIST, header(session))

    response = soap.post(
        body, f"/services/Soap/m/{version}", Authorization=f"Bearer {session}"
    )

    assert error_of(response)[0] == 404


# --- Bodies that end too soon, or never ------------------------------------------------

WHOLE = envelope(LIST).encode()


@pytest.mark.parametrize("length", [len(WHOLE) + 100, 10**9])
@pytest.mark.parametrize("path", ["/services/Soap/m/62.0", "/services/Soap/u/62.0"])
def test_whoever_goes_away_in_the_middle_of_soap(session, path, length):
    response = send(path, Broken(WHOLE[:-20]), length, session)

    assert fault_of(response)[0] == "soapenv:Client"


@pytest.mark.parametrize(
    "path, method",
    [
        ("/services/data/v62.0/sobjects/OauthTokenExchangeHandler", "POST"),
        ("/services/data/v62.0/metadata/deployRequest", "POST"),
        ("/services/data/v62.0/metadata/deployRequest/0Af000000000001", "PATCH"),
    ],
)
def test_whoever_goes_away_in_the_middle_of_json(session, path, method):
    response = send(path, Broken(b'{"a": '), 100, session, "application/json", method)

    assert error_response(response) == (400, "JSON_PARSER_ERROR")


@pytest.mark.parametrize("is_whole", [False, True])
def test_whoever_goes_away_in_the_middle_of_a_zip(session, is_whole):
    parts = [options_part(GOOD), zip_part(b"PK" + b"x" * 200_000)]
    body = b"".join(b"--" + BOUNDARY.encode() + b"\r\n" + part for part in parts)
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    path = "/services/data/v62.0/metadata/deployRequest"
    stream = io.BytesIO(body) if is_whole else Broken(body)

    response = send(path, stream, 1_000_000, session, kind)

    assert response.status_code in {201, 400}
    if response.status_code == 400:
        assert error_response(response)[0] == 400


def test_whoever_goes_away_while_revoking(session):
    kind = "application/x-www-form-urlencoded"

    response = send("/services/oauth2/revoke", Broken(b"token="), 100, session, kind)

    assert error_response(response) == (400, "JSON_PARSER_ERROR")


def error_response(response):
    [error] = json.loads(response.content)
    return response.status_code, error["errorCode"]


@pytest.mark.parametrize("length", ["", "-1", "nonsense", "5"])
@pytest.mark.parametrize("path", ["sobjects/OauthTokenExchangeHandler", "Soap"])
def test_a_wrong_length_is_no_trouble_of_ours(session, path, length):
    is_soap = path == "Soap"
    path = "/services/Soap/m/62.0" if is_soap else f"/services/data/v62.0/{path}"
    kind = "text/xml" if is_soap else "application/json"

    response = send(path, io.BytesIO(WHOLE if is_soap else b"{}"), length, session, kind)

    if is_soap:
        assert fault_of(response)[0] == "soapenv:Client"
    else:
        assert error_response(response)[0] in {400, 413}


@pytest.mark.parametrize(
    "path", ["metadata/deployRequest", "sobjects/OauthTokenExchangeHandler"]
)
def test_what_says_that_it_is_too_large_is_not_even_read(session, path):
    path = f"/services/data/v62.0/{path}"

    response = send(path, Broken(b""), 10**9, session, "application/json")

    assert error_response(response) == (413, "REQUEST_LIMIT_EXCEEDED")


class Endless(io.RawIOBase):
    """A body without an end, of which it is counted how much was read."""

    read_so_far = 0

    def __init__(self, begin):
        self.begin = io.BytesIO(begin)

    def readable(self):
        return True

    def readinto(self, buffer):
        data = self.begin.read(len(buffer)) or b"A" * len(buffer)
        buffer[: len(data)] = data
        self.read_so_far += len(data)
        return len(data)


@pytest.mark.parametrize(
    "begin",
    ["<deploy><ZipFile>", "<listMetadata><queries><type>", "<deploy><x ", "<!-- "],
)
def test_soap_without_an_end_is_refused_when_it_is_too_much(session, begin):
    whole = envelope(begin)
    stream = Endless(whole[: whole.index(begin) + len(begin)].encode())

    response = send("/services/Soap/m/62.0", stream, 10**9, session)

    assert fault_of(response)[0] == "sf:LIMIT_EXCEEDED"
    assert stream.read_so_far <= MAX_BODY


@pytest.mark.parametrize(
    "path, code",
    [
        ("/services/Soap/m/62.0", "sf:INVALID_SESSION_ID"),
        ("/services/Soap/u/62.0", "soapenv:Client"),
    ],
)
def test_a_stranger_sends_no_zip_file(db, path, code):
    whole = envelope("<login><ZipFile>")
    stream = Endless(whole[: whole.index("<ZipFile>") + 9].encode())

    response = send(path, stream, 10**9, "")

    assert fault_of(response)[0] == code
    assert stream.read_so_far < 200_000


# --- Many files --------------------------------------------------------------------------


def many_files(number):
    """A package of that number of files, of which one is a handler."""
    files = {"package.xml": EVERYTHING, **files_of(handler())}
    files |= {f"other/{n}.txt": b"" for n in range(number - len(files))}
    return zip_of(files).getvalue()


def test_ten_thousand_files_may_be(soap, apps):
    result = deploy(
        soap, many_files(10_000), ignoreWarnings="true", rollbackOnError="false"
    )

    assert "errorMessage" not in result
    assert TokenExchangeHandler.objects.get().developer_name == "Mine"


def test_more_may_not(soap, apps):
    result = deploy(soap, many_files(10_001))

    assert (result["status"], result["done"]) == ("Failed", "true")
    assert "has more than 10,000 files" in result["errorMessage"]
    assert many(result["details"], "componentFailures") == []


@pytest.mark.parametrize(
    "name",
    ["../x", "/x", "a\\b", "c:x", "a\0b", "\ud83d".encode("utf-8", "replace").decode()],
)
def test_a_zip_with_names_that_hurt(soap, apps, name):
    result = deploy(soap, {"package.xml": EVERYTHING, name: b"x"})

    assert (result["status"], result["success"]) == ("Failed", "false")


def test_a_zip_that_is_too_large_cannot_even_be_kept(soap, org):
    code, words = soap.fault(request(b"PK\3\4" + b"\0" * (39 * 1024 * 1024)))

    assert code == "sf:LIMIT_EXCEEDED"
    assert "Maximum size of zip file" in words
    assert not Deployment.objects.exists()


def test_a_zip_as_large_as_may_be(soap, session, org):
    begin = zip_of({"package.xml": EVERYTHING}).getvalue()
    data = b"\0" * (39 * 1024 * 1024 - len(begin)) + begin

    made = Soap(session).result(request(data))

    assert made["state"] == "Queued"
    assert Deployment.objects.get().source.size == 39 * 1024 * 1024

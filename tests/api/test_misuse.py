"""Invalid, oversized, truncated, and hostile requests: each gets a fault, never a page."""

import io
import json
from itertools import product

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory
from django.urls import resolve

from tests.metadata.deploy.deploying import EVERYTHING, files_of, handler
from tests.metadata.package.zips import zip_of
from tests.rollback import rolled_back
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.limits import MAX_FILES, MAX_ZIP_SIZE
from tokenx.metadata.models import Deployment
from tokenx.web.limits import MAX_BODY

from .calling import HANDLER, SOAP_PATHS, error_of, fault_of, header, many
from .soap.calls import REQUESTS, SOAP, envelope
from .test_deploy import deploy, request
from .test_rest_deploy import BOUNDARY, GOOD, options_part, post, zip_part

LIST = f"<listMetadata><queries><type>{HANDLER}</type></queries></listMetadata>"


class Truncated(io.RawIOBase):
    """A body whose sender disconnects in the middle of it."""

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
    """Return the response to a body from a stream, with any Content-Length."""
    environ = RequestFactory().generic(method, path, b"x", kind).environ
    environ |= {
        "wsgi.input": io.BufferedReader(stream),
        "CONTENT_LENGTH": str(length),
        "HTTP_AUTHORIZATION": f"Bearer {session}",
        "HTTP_CONTENT_ENCODING": encoding,
    }
    match = resolve(path)
    return match.func(WSGIRequest(environ), *match.args, **match.kwargs)


# --- SOAP ------------------------------------------------------------------------------


def test_requests_recorded_from_real_clients_are_parsed(soap, session, subtests):
    for path in REQUESTS:
        with subtests.test(path=path.name), rolled_back():
            body = path.read_bytes().replace(
                b"00D000000000001!AQ.abc_DEF", session.encode()
            )
            text = soap.post(body).getvalue().decode()
            assert "Error parsing request" not in text
            assert "UNKNOWN_EXCEPTION" not in text


def test_any_namespace_prefixes_are_accepted(soap, session, subtests):
    prefixes = ["soapenv", "soap", "soap-env", "se", "env"]
    for prefix, operation_prefix in product(prefixes, ["", "met:", "ns0:", "tns:"]):
        with subtests.test(prefix=prefix, operation_prefix=operation_prefix):
            name = f"{operation_prefix}describeMetadata"
            body = (
                f'<{prefix}:Envelope xmlns:{prefix}="{SOAP}" xmlns:met="m" xmlns:ns0="n"'
                f' xmlns:tns="t"><{prefix}:Header>{header(session)}</{prefix}:Header>'
                f"<{prefix}:Body><{name}><asOfVersion>62.0</asOfVersion></{name}>"
                f"</{prefix}:Body></{prefix}:Envelope>"
            )

            assert soap.post(body, SOAPAction="anything").status_code == 200


def test_other_unicode_encodings_are_read(soap, session, subtests):
    for encoding in ["utf-8", "utf-8-sig", "utf-16"]:
        with subtests.test(encoding=encoding):
            body = envelope(LIST, header(session)).encode(encoding)

            assert soap.post(body).status_code == 200


NO_REQUESTS = [
    (b"", "Premature end of file"),
    (b"\0", ""),
    (b"nonsense", ""),
    (b"{}", ""),
    (b"<html/>", "must be Envelope"),
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
]


def test_a_body_that_is_not_a_soap_request_is_a_fault(client, db, subtests):
    for path in SOAP_PATHS:
        for body, expected in NO_REQUESTS:
            with subtests.test(path=path, body=body[:60]):
                response = client.post(path, body, content_type="text/xml")

                code, message = fault_of(response)
                assert code in {"soapenv:Client", "sf:LIMIT_EXCEEDED"}
                assert expected in message


def test_a_body_without_an_operation_is_a_fault(soap, session, subtests):
    for body in ["<Envelope/>", "<Envelope><Body/></Envelope>"]:
        with subtests.test(body=body):
            response = soap.post(body, Authorization=f"Bearer {session}")

            assert fault_of(response)[0] == "soapenv:Client"


def test_an_unknown_operation_is_a_fault(soap, subtests):
    for operation in [
        "noSuchOperation",
        "DEPLOY",
        "_",
        "x" * 5_000,
        "describeMetadata’",
        "query",
        "executeAnonymous",
    ]:
        with subtests.test(operation=operation):
            code, message = soap.fault(f"<{operation}/>")

            assert code in {"sf:INVALID_OPERATION", "soapenv:Client"}
            assert len(message) < 300


def test_soap_needs_a_post(soap, subtests):
    for method in ["get", "put", "delete", "patch", "head", "options"]:
        with subtests.test(method=method):
            response = getattr(soap.client, method)(soap.path)

            assert response.status_code == 405
            assert response["Allow"] == "POST"
            assert response["Content-Type"] == "text/xml; charset=UTF-8"


def test_an_invalid_version_is_not_found(soap, session, subtests):
    body = envelope(LIST, header(session))
    for version in ["62", "62.5", "6.0", "1000.0", "v62.0", "62.0.0", "", "06.0"]:
        with subtests.test(version=version):
            path = f"/services/Soap/m/{version}"

            response = soap.post(body, path, Authorization=f"Bearer {session}")

            assert error_of(response)[0] == 404


# --- Truncated and endless bodies ------------------------------------------------------

WHOLE = envelope(LIST).encode()


def test_a_client_that_disconnects_during_soap_gets_a_fault(session, subtests):
    for path in SOAP_PATHS:
        for length in [len(WHOLE) + 100, 10**9]:
            with subtests.test(path=path, length=length):
                response = send(path, Truncated(WHOLE[:-20]), length, session)

                assert fault_of(response)[0] == "soapenv:Client"


def test_a_client_that_disconnects_during_json_gets_an_error(session, subtests):
    for path, method in [
        ("/services/data/v62.0/sobjects/OauthTokenExchangeHandler", "POST"),
        ("/services/data/v62.0/metadata/deployRequest", "POST"),
        ("/services/data/v62.0/metadata/deployRequest/0Af000000000001", "PATCH"),
    ]:
        with subtests.test(path=path):
            response = send(
                path, Truncated(b'{"a": '), 100, session, "application/json", method
            )

            assert error_response(response) == (400, "JSON_PARSER_ERROR")


@pytest.mark.parametrize("is_whole", [False, True])
def test_a_client_that_disconnects_during_a_zip_gets_an_error(session, is_whole):
    parts = [options_part(GOOD), zip_part(b"PK" + b"x" * 200_000)]
    body = b"".join(b"--" + BOUNDARY.encode() + b"\r\n" + part for part in parts)
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    path = "/services/data/v62.0/metadata/deployRequest"
    stream = io.BytesIO(body) if is_whole else Truncated(body)

    response = send(path, stream, 1_000_000, session, kind)

    assert response.status_code in {201, 400}
    if response.status_code == 400:
        assert error_response(response)[0] == 400


def test_a_client_that_disconnects_during_revoke_gets_an_error(session):
    kind = "application/x-www-form-urlencoded"

    response = send("/services/oauth2/revoke", Truncated(b"token="), 100, session, kind)

    assert response.status_code == 400
    assert json.loads(response.content)["error"] == "invalid_request"


def error_response(response):
    [error] = json.loads(response.content)
    return response.status_code, error["errorCode"]


def test_an_invalid_content_length_is_refused(session, subtests):
    for length in ["", "-1", "nonsense", "5"]:
        with subtests.test(length=length):
            soap = send("/services/Soap/m/62.0", io.BytesIO(WHOLE), length, session)
            path = "/services/data/v62.0/sobjects/OauthTokenExchangeHandler"
            rest = send(path, io.BytesIO(b"{}"), length, session, "application/json")

            assert fault_of(soap)[0] == "soapenv:Client"
            assert error_response(rest)[0] in {400, 413}


def test_a_body_that_declares_too_large_a_size_is_not_read(session, subtests):
    for resource in ["metadata/deployRequest", "sobjects/OauthTokenExchangeHandler"]:
        with subtests.test(resource=resource):
            path = f"/services/data/v62.0/{resource}"

            response = send(path, Truncated(b""), 10**9, session, "application/json")

            assert error_response(response) == (413, "REQUEST_LIMIT_EXCEEDED")


# Large input that's refused without the database is the same on PostgreSQL.
REFUSED = [pytest.mark.slow, pytest.mark.sqlite]


class Endless(io.RawIOBase):
    """An endless body, which counts how many bytes were read."""

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
    [
        pytest.param("<deploy><ZipFile>", marks=REFUSED),
        "<listMetadata><queries><type>",
        "<deploy><x ",
        "<!-- ",
    ],
)
def test_endless_soap_is_refused_at_the_maximum_size(session, begin):
    whole = envelope(begin)
    stream = Endless(whole[: whole.index(begin) + len(begin)].encode())

    response = send("/services/Soap/m/62.0", stream, 10**9, session)

    assert fault_of(response)[0] == "sf:LIMIT_EXCEEDED"
    assert stream.read_so_far <= MAX_BODY


def test_a_zip_without_a_session_is_not_read(db, subtests):
    for path, code in [
        ("/services/Soap/m/62.0", "sf:INVALID_SESSION_ID"),
        ("/services/Soap/u/62.0", "soapenv:Client"),
        ("/services/Soap/s/62.0", "soapenv:Client"),
    ]:
        with subtests.test(path=path):
            whole = envelope("<login><ZipFile>")
            stream = Endless(whole[: whole.index("<ZipFile>") + 9].encode())

            response = send(path, stream, 10**9, "")

            assert fault_of(response)[0] == code
            assert stream.read_so_far < 200_000


# --- Many files and large ones -----------------------------------------------------------

# The maximum itself is in slow tests. 300 files fill more than one piece of a response.
FILES = [300, pytest.param(MAX_FILES, marks=pytest.mark.slow)]
SIZES = [100_000, pytest.param(MAX_ZIP_SIZE, marks=pytest.mark.slow)]
REFUSED_FILES = [300, pytest.param(MAX_FILES, marks=REFUSED)]
REFUSED_SIZES = [100_000, pytest.param(MAX_ZIP_SIZE, marks=REFUSED)]


def many_files(number):
    """Return a package with that number of files, one of which is a handler."""
    files = {"package.xml": EVERYTHING, **files_of(handler())}
    files |= {f"other/{n}.txt": b"" for n in range(number - len(files))}
    return zip_of(files).getvalue()


@pytest.mark.parametrize("maximum", FILES)
def test_a_zip_can_have_the_maximum_number_of_files(soap, apps, maximum, monkeypatch):
    monkeypatch.setattr("tokenx.metadata.package.safe_files.MAX_FILES", maximum)

    result = deploy(
        soap, many_files(maximum), ignoreWarnings="true", rollbackOnError="false"
    )

    assert "errorMessage" not in result
    assert TokenExchangeHandler.objects.get().developer_name == "Mine"


@pytest.mark.parametrize("maximum", REFUSED_FILES)
def test_a_zip_with_more_files_fails(soap, apps, maximum, monkeypatch):
    monkeypatch.setattr("tokenx.metadata.package.safe_files.MAX_FILES", maximum)

    result = deploy(soap, many_files(maximum + 1))

    assert (result["status"], result["done"]) == ("Failed", "true")
    assert f"has more than {maximum:,} files" in result["errorMessage"]
    assert many(result["details"], "componentFailures") == []


def test_a_zip_with_unsafe_names_fails(soap, apps, subtests):
    surrogate = "\ud83d".encode("utf-8", "replace").decode()
    for name in ["../x", "/x", "a\\b", "c:x", "a\0b", surrogate]:
        with subtests.test(name=name):
            result = deploy(soap, {"package.xml": EVERYTHING, name: b"x"})

            assert (result["status"], result["success"]) == ("Failed", "false")


@pytest.mark.parametrize("maximum", REFUSED_SIZES)
def test_a_zip_that_is_too_large_is_refused(soap, rest, org, maximum, monkeypatch):
    monkeypatch.setattr("tokenx.api.soap.reader.MAX_ZIP_SIZE", maximum)
    monkeypatch.setattr("tokenx.metadata.deploy.actions.MAX_ZIP_SIZE", maximum)
    data = b"PK\3\4" + b"\0" * (maximum - 3)

    code, message = soap.fault(request(data))
    response = post(rest, options_part(GOOD), zip_part(data))

    assert code == "sf:LIMIT_EXCEEDED"
    assert "Maximum size of zip file" in message
    assert error_of(response)[:2] == (413, "LIMIT_EXCEEDED")
    assert not Deployment.objects.exists()


@pytest.mark.parametrize("maximum", SIZES)
def test_a_zip_can_have_the_maximum_size(soap, rest, org, maximum, monkeypatch):
    monkeypatch.setattr("tokenx.api.soap.reader.MAX_ZIP_SIZE", maximum)
    monkeypatch.setattr("tokenx.metadata.deploy.actions.MAX_ZIP_SIZE", maximum)
    begin = zip_of({"package.xml": EVERYTHING}).getvalue()
    data = b"\0" * (maximum - len(begin)) + begin

    result = soap.result(request(data))
    response = post(rest, options_part(GOOD), zip_part(data))

    assert result["state"] == "Queued"
    assert response.status_code == 201
    assert [each.source.size for each in Deployment.objects.all()] == [maximum] * 2

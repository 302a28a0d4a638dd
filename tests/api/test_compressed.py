"""Compressed requests, as the Ant Migration Tool and other WSC clients send them."""

import gzip
import json
import random
import re

from django.test import RequestFactory

from tests.metadata.deploy.deploying import handler as handler_file
from tests.metadata.deploy.deploying import package
from tokenx.api.request_body import body_stream
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org.record_ids import HANDLER as HANDLER_PREFIX
from tokenx.org.record_ids import record_id
from tokenx.web.limits import MAX_BODY

from .calling import HANDLER, SOAP_PATHS, error_of, fault_of, header
from .soap.calls import envelope
from .test_deploy import request as deploy
from .test_deploy import status_of
from .test_misuse import Endless
from .test_misuse import send as send_stream

DESCRIBE = "<describeMetadata><asOfVersion>62.0</asOfVersion></describeMetadata>"


def send(soap, body, encoding="gzip", path=""):
    return soap.post(body, path, **{"Content-Encoding": encoding})


def request(session, operation=DESCRIBE):
    return envelope(operation, header(session)).encode()


def too_much(data):
    """Return a request that's small until it's decompressed."""
    return gzip.compress(data + b" " * MAX_BODY, 1)


def test_a_compressed_call_is_read(soap, session, subtests):
    for encoding in ["gzip", "GZIP", "x-gzip"]:
        with subtests.test(encoding=encoding):
            response = send(soap, gzip.compress(request(session)), encoding)

            assert response.status_code == 200
            assert b"<describeMetadataResponse>" in response.content


def test_a_deployment_can_be_compressed(soap, session, apps):
    operation = deploy(package(handler_file()))

    response = send(soap, gzip.compress(request(session, operation)))

    queued = re.search("<id>(.+)</id>", response.content.decode())[1]
    assert status_of(soap, queued)["status"] == "Succeeded"


def test_a_compressed_login_is_answered(soap):
    body = envelope("<login><username>nobody</username><password>x</password></login>")

    response = send(soap, gzip.compress(body.encode()), path="/services/Soap/u/62.0")

    assert fault_of(response)[0] == "INVALID_LOGIN"


def test_damaged_compression_is_a_fault(soap, subtests):
    truncated = gzip.compress(b"<a/>")[:-9]
    for body in [b"no gzip", b"\x1f\x8b\x08\x00", truncated]:
        with subtests.test(body=body):
            code, message = fault_of(send(soap, body))

            assert code == "soapenv:Client"
            assert "The request body isn't valid gzip data" in message


def test_nothing_can_follow_the_compressed_data(soap, session, subtests):
    for more in [b"\0", b"\0" * 200_000, b"x", gzip.compress(b"", mtime=0)]:
        with subtests.test(more=more[:20], size=len(more)):
            code, message = fault_of(send(soap, gzip.compress(request(session)) + more))

            assert code == "soapenv:Client"
            assert "The request body isn't valid gzip data" in message


def test_many_empty_streams_are_not_decompressed_without_a_session(db, subtests):
    nothing = gzip.compress(b"") * 100_000
    for path in SOAP_PATHS:
        with subtests.test(path=path):
            stream = Endless(nothing)

            response = send_stream(path, stream, len(nothing), "", encoding="gzip")

            assert fault_of(response)[0] == "soapenv:Client"
            assert stream.read_so_far < 200_000


def test_bodies_of_any_size_are_decompressed_whole(subtests):
    for size in [1, 7, 65_535, 65_536, 65_537, 131_072, 1_000_000]:
        data = random.Random(size).randbytes(size)
        for sent in [data, data[:1] * size]:
            with subtests.test(size=size, is_random=sent is data):
                request = RequestFactory().post(
                    "/",
                    gzip.compress(sent),
                    "text/xml",
                    headers={"Content-Encoding": "gzip"},
                )
                assert body_stream(request).read() == sent


def test_no_more_is_decompressed_than_a_request_can_have(soap, session):
    code, message = fault_of(send(soap, too_much(request(session))))

    assert code == "sf:LIMIT_EXCEEDED"
    assert "Maximum size of request" in message


def test_a_body_without_a_session_is_not_decompressed(soap):
    response = send(soap, too_much(request("nonsense")))

    assert fault_of(response)[0] == "sf:INVALID_SESSION_ID"


def test_a_record_can_be_compressed(rest, handler):
    path = rest.path(f"sobjects/{HANDLER}/{record_id(HANDLER_PREFIX, handler.pk)}")
    fields = {"Description": "From a program"}

    response = rest.client.patch(
        path,
        gzip.compress(json.dumps(fields).encode()),
        content_type="application/json",
        headers={"Content-Encoding": "gzip"},
    )

    assert response.status_code == 204
    assert TokenExchangeHandler.objects.get().description == "From a program"


def test_a_record_with_damaged_compression_is_refused(rest):
    response = rest.client.post(
        rest.path(f"sobjects/{HANDLER}"),
        b"{}",
        content_type="application/json",
        headers={"Content-Encoding": "gzip"},
    )

    assert error_of(response)[:2] == (400, "JSON_PARSER_ERROR")

"""Requests that come compressed, as the Ant Migration Tool and all of its kin send them."""

import gzip
import json
import random
import re

import pytest
from django.test import RequestFactory

from tests.metadata.api.calling import HANDLER, error_of, fault_of, header
from tests.metadata.api.test_deploy import request as deploy
from tests.metadata.api.test_deploy import status_of
from tests.metadata.api.test_misuse import Endless
from tests.metadata.api.test_misuse import send as send_stream
from tests.metadata.deploying import handler as handler_file
from tests.metadata.deploying import package
from tests.metadata.soap_calls import envelope
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.soap import MAX_SIZE
from tokenx.metadata.views.bodies import body_of
from tokenx.org.record_ids import HANDLER as HANDLER_PREFIX
from tokenx.org.record_ids import record_id

DESCRIBE = "<describeMetadata><asOfVersion>62.0</asOfVersion></describeMetadata>"


def send(soap, body, encoding="gzip", path=""):
    return soap.post(body, path, **{"Content-Encoding": encoding})


def request(session, operation=DESCRIBE):
    return envelope(operation, header(session)).encode()


def too_much(data):
    """A request that is small until it is unpacked."""
    return gzip.compress(data + b" " * MAX_SIZE, 1)


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
def test_a_compressed_call_is_read(soap, session, encoding):
    response = send(soap, gzip.compress(request(session)), encoding)

    assert response.status_code == 200
    assert b"<describeMetadataResponse>" in response.content


def test_what_is_deployed_may_come_compressed(soap, session, apps):
    operation = deploy(package(handler_file()))

    response = send(soap, gzip.compress(request(session, operation)))

    queued = re.search("<id>(.+)</id>", response.content.decode())[1]
    assert status_of(soap, queued)["status"] == "Succeeded"


def test_a_compressed_login_is_answered(soap):
    body = envelope("<login><username>nobody</username><password>x</password></login>")

    response = send(soap, gzip.compress(body.encode()), path="/services/Soap/u/62.0")

    assert fault_of(response)[0] == "INVALID_LOGIN"


@pytest.mark.parametrize("damage", [b"no gzip", b"\x1f\x8b\x08\x00", b""])
def test_what_is_not_compressed_as_it_says_is_a_fault(soap, damage):
    code, words = fault_of(send(soap, damage or gzip.compress(b"<a/>")[:-9]))

    assert code == "soapenv:Client"
    assert "The request is not compressed as it says" in words


@pytest.mark.parametrize(
    "more", [b"\0", b"\0" * 200_000, b"x", gzip.compress(b"", mtime=0)]
)
def test_nothing_comes_after_what_is_compressed(soap, session, more):
    code, words = fault_of(send(soap, gzip.compress(request(session)) + more))

    assert code == "soapenv:Client"
    assert "The request is not compressed as it says" in words


@pytest.mark.parametrize("path", ["/services/Soap/m/62.0", "/services/Soap/u/62.0"])
def test_a_stranger_cannot_have_many_streams_of_nothing_unpacked(db, path):
    nothing = gzip.compress(b"") * 100_000
    stream = Endless(nothing)

    response = send_stream(path, stream, len(nothing), "", encoding="gzip")

    assert fault_of(response)[0] == "soapenv:Client"
    assert stream.read_so_far < 200_000


@pytest.mark.parametrize("size", [1, 7, 65_535, 65_536, 65_537, 131_072, 1_000_000])
def test_what_is_unpacked_is_whole_whatever_its_size(size):
    sent = random.Random(size).randbytes(size)
    for data in [sent, sent[:1] * size]:
        request = RequestFactory().post(
            "/", gzip.compress(data), "text/xml", headers={"Content-Encoding": "gzip"}
        )
        assert body_of(request).read() == data


def test_no_more_is_unpacked_than_a_request_may_have(soap, session):
    code, words = fault_of(send(soap, too_much(request(session))))

    assert code == "sf:LIMIT_EXCEEDED"
    assert "Maximum size of request" in words


def test_nothing_is_unpacked_for_a_stranger_but_who_it_is(soap):
    response = send(soap, too_much(request("nonsense")))

    assert fault_of(response)[0] == "sf:INVALID_SESSION_ID"


def test_a_record_may_come_compressed(rest, handler):
    path = rest.path(f"sobjects/{HANDLER}/{record_id(HANDLER_PREFIX, handler.pk)}")
    said = {"Description": "From a program"}

    response = rest.client.patch(
        path,
        gzip.compress(json.dumps(said).encode()),
        content_type="application/json",
        headers={"Content-Encoding": "gzip"},
    )

    assert response.status_code == 204
    assert TokenExchangeHandler.objects.get().description == "From a program"


def test_a_record_that_is_not_compressed_as_it_says_is_refused(rest):
    response = rest.client.post(
        rest.path(f"sobjects/{HANDLER}"),
        b"{}",
        content_type="application/json",
        headers={"Content-Encoding": "gzip"},
    )

    assert error_of(response)[:2] == (400, "JSON_PARSER_ERROR")

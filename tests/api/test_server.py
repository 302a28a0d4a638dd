"""The API on the server of `manage.py demo`: concurrent, large, and truncated requests."""

import json
import os
import re
import resource
import select
import socket
import subprocess
import sys
import time
from base64 import b64encode
from contextlib import suppress
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from tests.metadata.deploy.deploying import EVERYTHING
from tests.metadata.package.zips import zip_of
from tests.template_database import copy_migrated_database
from tests.web.test_request_normalizer import ROOT, connect, free_port

from .calling import HANDLER, header
from .soap.calls import envelope
from .test_rest_deploy import BOUNDARY, options_part

# The demo always has its own SQLite file, also when other tests use PostgreSQL.
pytestmark = pytest.mark.sqlite

SOAP_PATH = "//services/Soap/m/62.0"
ADMIN = "admin@tokenx.example"
PASSWORD = "correct horse battery"
MAX_ZIP = 39 * 1024 * 1024
LIST = f"<listMetadata><queries><type>{HANDLER}</type></queries></listMetadata>"
# The Salesforce CLI lists each type that it knows, all concurrently.
TYPES_OF_THE_CLI = 532

on_linux = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="memory is measured on Linux"
)


class Server:
    def __init__(self, process, port):
        self.process, self.port = process, port
        self.session = ""

    def post(self, path, body, kind="text/xml", **headers):
        """Return the status, the content type, and the text of the response."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", path, body, {"Content-Type": kind, **headers})
            return _parts_of(connection.getresponse())
        finally:
            connection.close()

    def call(self, operation):
        return self.post(SOAP_PATH, envelope(operation, header(self.session)))

    def sent(self, data, *, is_whole=True):
        """Send bytes, and return the response; or disconnect if they aren't whole."""
        with connect(self.port) as connection:
            connection.sendall(data)
            if not is_whole:
                return None
            response = HTTPResponse(connection)
            response.begin()
            return _parts_of(response)

    def peak(self):
        """Return the server's peak memory in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) // 1024


def _parts_of(response):
    text = response.read().decode()
    return response.status, response.getheader("Content-Type"), text


def head(path, **headers):
    lines = "".join(f"{k.replace('_', '-')}: {v}\r\n" for k, v in headers.items())
    return f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode()


@pytest.fixture(scope="module")
def server(tmp_path_factory, django_db_setup):
    port = free_port()
    data = tmp_path_factory.mktemp("demo")
    copy_migrated_database(data / "tokenx.sqlite3")
    environment = os.environ | {
        "TOKENX_DATA_DIR": str(data),
        "TOKENX_ADMIN_PASSWORD": PASSWORD,
        "DJANGO_SETTINGS_MODULE": "tokenx.settings",
    }
    environment.pop("DATABASE_URL", None)
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo", f"--port={port}"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        connect(port, 90).close()
        demo = Server(process, port)
        credentials = f"<username>{ADMIN}</username><password>{PASSWORD}</password>"
        body = envelope(f"<login>{credentials}</login>")
        response = demo.post("/services/Soap/u/62.0", body)
        demo.session = re.search("<sessionId>(.+?)</sessionId>", response[2])[1]
        yield demo
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(autouse=True)
def still_answers(server):
    """Check that the server still answers after each test."""
    yield
    assert server.call(LIST)[0] == 200


@pytest.mark.parametrize(
    "number", [60, pytest.param(TYPES_OF_THE_CLI, marks=pytest.mark.slow)]
)
def test_concurrent_calls_are_all_answered(server, number):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4_096, hard), hard))
    body = envelope(LIST, header(server.session)).encode()
    request = head(SOAP_PATH, Content_Length=len(body), Connection="close") + body
    waiting = {}
    statuses = []
    try:
        for _ in range(number):
            connection = connect(server.port)
            waiting[connection.fileno()] = connection
        for connection in waiting.values():
            connection.sendall(request)
        until = time.monotonic() + 120
        while waiting and time.monotonic() < until:
            for number_of_file in select_readable(waiting):
                with waiting.pop(number_of_file) as connection:
                    response = HTTPResponse(connection)
                    response.begin()
                    statuses.append(response.status)
                    assert b"listMetadataResponse" in response.read()
    finally:
        for connection in waiting.values():
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert statuses == [200] * number


def select_readable(connections):
    poll = select.poll()
    for number in connections:
        poll.register(number, select.POLLIN)
    return [number for number, _ in poll.poll(1_000)]


# --- Large bodies ----------------------------------------------------------------------


def zip_of_size(size):
    """Return a zip of that size, with random bytes before its first file."""
    begin = zip_of({"package.xml": EVERYTHING}).getvalue()
    return os.urandom(size - len(begin)) + begin


def soap_deploy(data):
    text = b64encode(data).decode()
    return f"<deploy><ZipFile>{text}</ZipFile></deploy>"


def rest_deploy(server, data):
    line = f"--{BOUNDARY}".encode()
    parts = [
        line,
        options_part({}),
        line,
        b'Content-Disposition: form-data; name="file"; filename="a.zip"\r\n',
        data,
        line + b"--\r\n",
    ]
    return server.post(
        "/services/data/v62.0/metadata/deployRequest",
        b"\r\n".join(parts),
        f"multipart/form-data; boundary={BOUNDARY}",
        Authorization=f"Bearer {server.session}",
    )


def done(server, text):
    """Wait until a deployment is done, and return its status."""
    [deployment_id] = set(re.findall("0Af[0-9A-Za-z]{15}", text))
    call = f"<checkDeployStatus><asyncProcessId>{deployment_id}</asyncProcessId>"
    until = time.monotonic() + 60
    while time.monotonic() < until:
        status = server.call(f"{call}</checkDeployStatus>")[2]
        if "<done>true</done>" in status:
            return status
        time.sleep(0.1)
    raise AssertionError(status)


@on_linux
@pytest.mark.slow
def test_reading_a_zip_takes_no_memory(server):
    before = server.peak()

    server.call(soap_deploy(zip_of_size(MAX_ZIP + 1)))

    assert server.peak() - before < 16


@on_linux
@pytest.mark.slow
def test_deploying_the_largest_zip_takes_bounded_memory(server):
    data = zip_of_size(MAX_ZIP)
    before = server.peak()

    for _ in range(3):
        soap, rest = server.call(soap_deploy(data)), rest_deploy(server, data)
        assert (soap[0], rest[0]) == (200, 201)
        assert "<status>Failed</status>" not in done(server, soap[2])
        done(server, rest[2])

    # SQLite keeps 32 MB for each of five connections, and maps the file of the database.
    assert server.peak() - before < 5 * 32 + 60


@pytest.mark.slow
def test_a_zip_that_is_too_large_is_refused(server):
    data = zip_of_size(MAX_ZIP + 1)

    soap = server.call(soap_deploy(data))
    rest = rest_deploy(server, data)

    assert soap[0] == 500
    assert "<faultcode>sf:LIMIT_EXCEEDED</faultcode>" in soap[2]
    assert rest[0] == 413
    assert json.loads(rest[2])[0]["errorCode"] == "LIMIT_EXCEEDED"


def test_a_declared_gigabyte_is_refused_before_it_is_sent(server, subtests):
    for path in [SOAP_PATH, "/services/data/v62.0/metadata/deployRequest"]:
        with subtests.test(path=path):
            begin = head(path, Content_Length=10**9) + b"x" * 1_000

            status, kind, text = server.sent(begin)

            assert (status, kind) == (413, "text/plain; charset=utf-8")
            assert "<html" not in text


@pytest.mark.slow
def test_a_gigabyte_in_chunks_is_refused_before_it_is_whole(server):
    before = server.peak()
    chunk = b"100000\r\n" + b"A" * 0x100000 + b"\r\n"
    begin = head(SOAP_PATH, Transfer_Encoding="chunked")

    sent_chunks = 0
    with connect(server.port) as connection, suppress(OSError):
        connection.sendall(begin)
        while sent_chunks < 1_000:
            connection.sendall(chunk)
            sent_chunks += 1

    assert sent_chunks < 500
    assert server.peak() - before < 32


# --- Truncated and invalid requests ----------------------------------------------------


def test_clients_that_disconnect_do_no_harm(server, subtests):
    body = envelope(LIST, header(server.session)).encode()
    for data in [
        head(SOAP_PATH, Content_Length=10_000) + b"<Envelope>",
        head(SOAP_PATH, Content_Length=10_000),
        head(SOAP_PATH, Transfer_Encoding="chunked") + b"5\r\n<Env",
        b"POST /services/Soap/m/62.0 HTTP/1.1\r\nHost: loc",
        # Whole, but the client doesn't wait for the response.
        head(SOAP_PATH, Content_Length=len(body)) + body,
    ]:
        with subtests.test(data=data):
            for _ in range(20):
                server.sent(data, is_whole=False)
            assert server.call(LIST)[0] == 200


INVALID = [
    (head(SOAP_PATH, Content_Length="x") + b"<a/>", 400),
    (head(SOAP_PATH, Content_Length="-1") + b"<a/>", 400),
    (head(SOAP_PATH, Content_Length=0), 500),
    (head(SOAP_PATH), 500),
    (head(SOAP_PATH, Transfer_Encoding="chunked") + b"z\r\n", 400),
    (head(SOAP_PATH, Transfer_Encoding="gzip") + b"z\r\n", 501),
    (b"GET //services/data/v62.0 HTTP/1.1\r\nHost: evil.example\r\n\r\n", 400),
    (b"GET /services/data/v62.0 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    (b"GET /services/%00%ff HTTP/1.1\r\nHost: localhost\r\n\r\n", 401),
    (b"nonsense\r\n\r\n", 400),
]


def test_an_invalid_request_gets_an_error_and_no_page(server, subtests):
    for data, expected in INVALID:
        with subtests.test(data=data):
            status, kind, text = server.sent(data)

            assert status == expected
            assert "html" not in kind
            assert "<html" not in text.lower()
            assert server.call(LIST)[0] == 200


def test_a_truncated_body_with_its_length_is_a_fault(server):
    body = envelope(LIST, header(server.session)).encode()[:-30]

    status, kind, text = server.sent(head(SOAP_PATH, Content_Length=len(body)) + body)

    assert (status, kind) == (500, "text/xml; charset=UTF-8")
    assert "<faultcode>soapenv:Client</faultcode>" in text


def test_another_connection_is_answered_while_one_is_slow(server):
    with socket.create_connection(("127.0.0.1", server.port)) as slow:
        slow.sendall(head(SOAP_PATH, Content_Length=50_000_000) + b"<Envelope>")
        assert server.call(LIST)[0] == 200

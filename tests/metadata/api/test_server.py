"""The API as `manage.py demo` serves it: many at once, large bodies, and half ones."""

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

from tests.metadata.api.calling import HANDLER, header
from tests.metadata.api.test_rest_deploy import BOUNDARY, options_part
from tests.metadata.deploying import EVERYTHING
from tests.metadata.soap_calls import envelope
from tests.metadata.zips import zip_of
from tests.test_wire import ROOT, connect, free_port

# The demo keeps its org in a file of its own, whatever the other tests keep theirs in.
pytestmark = pytest.mark.sqlite

SOAP_PATH = "//services/Soap/m/62.0"
ADMIN = "admin@tokenx.example"
PASSWORD = "correct horse battery"
MAX_ZIP = 39 * 1024 * 1024
LIST = f"<listMetadata><queries><type>{HANDLER}</type></queries></listMetadata>"
# The Salesforce CLI asks for each type that it knows, all at once (3.3).
AT_ONCE = 532


on_linux = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="memory is measured on Linux"
)


class Server:
    def __init__(self, process, port):
        self.process, self.port = process, port
        self.session = ""

    def post(self, path, body, kind="text/xml", **headers):
        """The status, the type and the text of the answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", path, body, {"Content-Type": kind, **headers})
            return _told(connection.getresponse())
        finally:
            connection.close()

    def call(self, operation):
        return self.post(SOAP_PATH, envelope(operation, header(self.session)))

    def sent(self, data, *, is_whole=True):
        """What is answered to bytes, after which the client hangs up."""
        with connect(self.port) as connection:
            connection.sendall(data)
            if not is_whole:
                return None
            response = HTTPResponse(connection)
            response.begin()
            return _told(response)

    def peak(self):
        """The most memory that it has had, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) // 1024


def _told(response):
    text = response.read().decode()
    return response.status, response.getheader("Content-Type"), text


def head(path, **headers):
    lines = "".join(f"{k.replace('_', '-')}: {v}\r\n" for k, v in headers.items())
    return f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    port = free_port()
    environment = os.environ | {
        "TOKENX_DATA_DIR": str(tmp_path_factory.mktemp("demo")),
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
        made = Server(process, port)
        words = f"<username>{ADMIN}</username><password>{PASSWORD}</password>"
        answer = made.post("/services/Soap/u/62.0", envelope(f"<login>{words}</login>"))
        made.session = re.search("<sessionId>(.+?)</sessionId>", answer[2])[1]
        yield made
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(autouse=True)
def lives_on(server):
    """Whatever was sent, the next request is answered."""
    yield
    assert server.call(LIST)[0] == 200


def test_as_many_as_the_salesforce_cli_asks_at_once_are_all_answered(server):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4_096, hard), hard))
    body = envelope(LIST, header(server.session)).encode()
    request = head(SOAP_PATH, Content_Length=len(body), Connection="close") + body
    waiting = {}
    statuses = []
    try:
        for _ in range(AT_ONCE):
            connection = connect(server.port)
            waiting[connection.fileno()] = connection
        for connection in waiting.values():
            connection.sendall(request)
        until = time.monotonic() + 120
        while waiting and time.monotonic() < until:
            for found in select_readable(waiting):
                with waiting.pop(found) as connection:
                    response = HTTPResponse(connection)
                    response.begin()
                    statuses.append(response.status)
                    assert b"listMetadataResponse" in response.read()
    finally:
        for connection in waiting.values():
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert statuses == [200] * AT_ONCE


def select_readable(connections):
    poll = select.poll()
    for number in connections:
        poll.register(number, select.POLLIN)
    return [number for number, _ in poll.poll(1_000)]


# --- Large bodies ----------------------------------------------------------------------


def zip_of_size(size):
    """A zip that is as large as that: it has room before it."""
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
    """Wait until a deployment is done; what is said of it then."""
    [deployment_id] = set(re.findall("0Af[0-9A-Za-z]{15}", text))
    call = f"<checkDeployStatus><asyncProcessId>{deployment_id}</asyncProcessId>"
    until = time.monotonic() + 60
    while time.monotonic() < until:
        told = server.call(f"{call}</checkDeployStatus>")[2]
        if "<done>true</done>" in told:
            return told
        time.sleep(0.1)
    raise AssertionError(told)


@on_linux
def test_reading_a_zip_takes_no_memory(server):
    before = server.peak()

    server.call(soap_deploy(zip_of_size(MAX_ZIP + 1)))

    assert server.peak() - before < 16


@on_linux
def test_a_zip_as_large_as_may_be_takes_a_bounded_memory(server):
    data = zip_of_size(MAX_ZIP)
    before = server.peak()

    for _ in range(3):
        soap, rest = server.call(soap_deploy(data)), rest_deploy(server, data)
        assert (soap[0], rest[0]) == (200, 201)
        assert "<status>Failed</status>" not in done(server, soap[2])
        done(server, rest[2])

    # SQLite keeps 32 MB for each of five connections, and maps the file of the database.
    assert server.peak() - before < 5 * 32 + 60


def test_a_zip_that_is_larger_is_refused(server):
    data = zip_of_size(MAX_ZIP + 1)

    soap = server.call(soap_deploy(data))
    rest = rest_deploy(server, data)

    assert soap[0] == 500
    assert "<faultcode>sf:LIMIT_EXCEEDED</faultcode>" in soap[2]
    assert rest[0] == 413
    assert json.loads(rest[2])[0]["errorCode"] == "LIMIT_EXCEEDED"


@pytest.mark.parametrize("path", [SOAP_PATH, "/services/data/v62.0/metadata/deployRequest"])
def test_whoever_says_a_gigabyte_is_refused_at_once(server, path):
    begin = head(path, Content_Length=10**9) + b"x" * 1_000

    status, kind, text = server.sent(begin)

    assert (status, kind) == (413, "text/plain; charset=utf-8")
    assert "<html" not in text


def test_a_gigabyte_in_chunks_is_refused_before_it_is_there(server):
    before = server.peak()
    chunk = b"100000\r\n" + b"A" * 0x100000 + b"\r\n"
    begin = head(SOAP_PATH, Transfer_Encoding="chunked")

    sent = 0
    with connect(server.port) as connection, suppress(OSError):
        connection.sendall(begin)
        while sent < 1_000:
            connection.sendall(chunk)
            sent += 1

    assert sent < 500
    assert server.peak() - before < 32


# --- Half ones -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        head(SOAP_PATH, Content_Length=10_000) + b"<Envelope>",
        head(SOAP_PATH, Content_Length=10_000),
        head(SOAP_PATH, Transfer_Encoding="chunked") + b"5\r\n<Env",
        b"POST /services/Soap/m/62.0 HTTP/1.1\r\nHost: loc",
    ],
)
def test_whoever_goes_away_harms_nobody(server, data):
    for _ in range(20):
        server.sent(data, is_whole=False)


def test_whoever_goes_away_before_the_answer_harms_nobody(server):
    body = envelope(LIST, header(server.session)).encode()
    for _ in range(20):
        request = head(SOAP_PATH, Content_Length=len(body)) + body
        server.sent(request, is_whole=False)


@pytest.mark.parametrize(
    "data, status",
    [
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
    ],
)
def test_a_request_that_is_wrong_is_told_so_and_not_by_a_page(server, data, status):
    told = server.sent(data)

    assert told[0] == status
    assert "html" not in told[1]
    assert "<html" not in told[2].lower()


def test_half_a_body_that_says_that_it_is_whole_is_a_fault(server):
    body = envelope(LIST, header(server.session)).encode()[:-30]

    status, kind, text = server.sent(head(SOAP_PATH, Content_Length=len(body)) + body)

    assert (status, kind) == (500, "text/xml; charset=UTF-8")
    assert "<faultcode>soapenv:Client</faultcode>" in text


def test_another_connection_is_answered_while_one_is_slow(server):
    with socket.create_connection(("127.0.0.1", server.port)) as slow:
        slow.sendall(head(SOAP_PATH, Content_Length=50_000_000) + b"<Envelope>")
        assert server.call(LIST)[0] == 200

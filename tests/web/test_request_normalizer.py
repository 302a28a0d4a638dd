"""Requests of real clients, through real servers."""

import io
import json
import socket
import subprocess
import sys
import time
from http.client import HTTPResponse

import pytest
from django.test import RequestFactory

from tests.paths import ROOT
from tokenx.web.request_normalizer import normalize_requests
from tokenx.wsgi import application

APPLICATION = "tests.web.normalizer_server:application"
GUNICORN = ["gunicorn", "--bind=127.0.0.1:{port}", "--no-control-socket", "--threads"]
SERVERS = {
    "waitress": ["waitress", "--listen=127.0.0.1:{port}", APPLICATION],
    "gunicorn": [*GUNICORN, "1", APPLICATION],
    "gunicorn-threads": [*GUNICORN, "2", APPLICATION],
    "runserver": [
        "tests.web.normalizer_server",
        "runserver",
        "--noreload",
        "127.0.0.1:{port}",
    ],
}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def connect(port: int, seconds: float = 20) -> socket.socket:
    """Connect to a server that may still be starting."""
    until = time.monotonic() + seconds
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=seconds)
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


@pytest.fixture(scope="module")
def server(request):
    """Start one of SERVERS, and return its port."""
    if request.param.startswith("gunicorn"):
        pytest.importorskip("gunicorn", reason="gunicorn does not run on Windows")
    port = free_port()
    command = [part.format(port=port) for part in SERVERS[request.param]]
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        connect(port).close()
        yield port
    finally:
        process.terminate()
        process.wait()


def of_servers(*names):
    return pytest.mark.parametrize("server", names, indirect=True)


every_server = of_servers(*SERVERS)
# runserver doesn't decode chunks: docs/salesforce/metadata-api.md, Request bodies.
for_chunks = of_servers("waitress", "gunicorn", "gunicorn-threads")


def get(path):
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def post(path, body, header):
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{header}\r\n\r\n"
    return head.encode() + body


def chunked(path, *chunks):
    parts = (b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in [*chunks, b""])
    return post(path, b"".join(parts), "Transfer-Encoding: chunked")


def answers(port, *requests):
    """Send requests on one connection, one after the other, and return the answers."""
    payloads = []
    with connect(port) as connection:
        for request in requests:
            connection.sendall(request)
            response = HTTPResponse(connection)
            response.begin()
            assert response.status == 200
            payloads.append(json.loads(response.read()))
    return payloads


@every_server
def test_leading_slashes_are_merged(server, subtests):
    for path, expected in [
        ("/services/data", "/services/data"),
        ("//services/data/v67.0", "/services/data/v67.0"),
        ("///services//data/", "/services//data/"),
        ("//", "/"),
        ("//services/data/v62.0/query/?q=//x", "/services/data/v62.0/query/"),
    ]:
        with subtests.test(path=path):
            [answer] = answers(server, get(path))

            assert answer["path"] == expected


@every_server
def test_a_body_with_a_content_length_is_unchanged(server):
    [answer] = answers(server, post("//a", b"hello", "Content-Length: 5"))

    assert answer == {"path": "/a", "body": "hello"}


@for_chunks
def test_reads_a_chunked_body(server, subtests):
    # The second is too large to keep in memory.
    for chunks in [[b"<a>", b"\xe4" * 9, b"x"], [b"x" * 70_000] * 40, []]:
        with subtests.test(number=len(chunks)):
            [answer] = answers(server, chunked("//services/Soap/u/62.0", *chunks))

            assert answer["path"] == "/services/Soap/u/62.0"
            assert answer["body"] == b"".join(chunks).decode("latin-1")


@of_servers("waitress", "gunicorn-threads")
def test_a_connection_serves_several_requests(server):
    requests = [
        chunked("//a", b"one", b"two"),
        get("//b"),
        post("/c", b"three", "Content-Length: 5"),
        chunked("/d", b"four"),
    ]

    received = answers(server, *requests)

    assert [each["path"] for each in received] == ["/a", "/b", "/c", "/d"]
    assert [each["body"] for each in received] == ["onetwo", "", "three", "four"]


@of_servers("waitress", "gunicorn-threads")
def test_a_response_to_head_has_no_content(server):
    with connect(server) as connection:
        connection.sendall(get("/a").replace(b"GET", b"HEAD"))
        head = HTTPResponse(connection, method="HEAD")
        head.begin()
        connection.sendall(get("/b"))
        following = HTTPResponse(connection)
        following.begin()

        assert int(head.headers["Content-Length"]) > 0
        assert json.loads(following.read())["path"] == "/b"


# --- Without a server ------------------------------------------------------------------


def echo(environ, start_response):
    start_response("200 OK", [])
    length = int(environ.get("CONTENT_LENGTH") or 0)
    return [environ["wsgi.input"].read(length)]


def called(body, **environ):
    """Return the status and the body from an application with a limit of 100 bytes."""
    statuses = []
    environ = {"PATH_INFO": "/", "wsgi.input": io.BytesIO(body), **environ}
    wired = normalize_requests(echo, max_body=100)
    answer = b"".join(wired(environ, lambda status, headers: statuses.append(status)))
    return statuses[0], answer


CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}


def test_accepts_a_body_of_the_maximum_size():
    assert called(b"x" * 100, **CHUNKED) == ("200 OK", b"x" * 100)


def test_refuses_a_body_that_is_too_large():
    status, answer = called(b"x" * 101, **CHUNKED)

    assert status == "413 Content Too Large"
    assert answer == b"The request is too large.\n"


def test_ignores_a_body_without_an_end():
    environ = {"HTTP_TRANSFER_ENCODING": "chunked"}

    assert called(b"for ever", **environ) == ("200 OK", b"")


def test_leaves_a_body_with_a_content_length_alone():
    body = b"x" * 200

    assert called(body, CONTENT_LENGTH="150", **CHUNKED) == ("200 OK", b"x" * 150)


def content_type(environ, start_response):
    start_response("200 OK", [])
    return [environ["CONTENT_TYPE"].encode()]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("text/xml; charset=UTF-8", "text/xml"),
        ("application/json;charset=zlib", "application/json"),
        ("text/xml; CHARSET = utf-16; action=a", "text/xml; action=a"),
        (
            "multipart/form-data; charset=idna; boundary=abc",
            "multipart/form-data; boundary=abc",
        ),
        ("multipart/form-data; boundary=abc", "multipart/form-data; boundary=abc"),
        ("multipart/form-data; boundary='*a*'", "multipart/form-data; boundary='*a*'"),
        ("multipart/form-data; boundary*=x''%41", "multipart/form-data"),
        ("text/xml; a*0*=none''%41; b=c", "text/xml; b=c"),
        ("text/*", "text/*"),
        ("charset=x", "charset=x"),
        ("", ""),
    ],
)
def test_the_charset_parameter_is_removed(header, expected):
    environ = {"PATH_INFO": "/", "CONTENT_TYPE": header}

    [received] = normalize_requests(content_type)(environ, lambda status, headers: None)

    assert received.decode() == expected


def product(request, **environ):
    """Return the status of the product's response."""
    statuses = []
    environ = request.environ | environ
    b"".join(application(environ, lambda status, headers: statuses.append(status)))
    return statuses[0]


@pytest.mark.django_db
def test_the_product_is_served_through_the_middleware():
    request = RequestFactory().get("/sign-in/")

    assert product(request, PATH_INFO="//sign-in/") == "200 OK"


@pytest.mark.django_db
def test_unknown_charsets_are_ignored(subtests):
    for parameter in ["charset=zlib", "charset=idna", "charset*=none''%41"]:
        with subtests.test(parameter=parameter):
            data = {"username": b"\xff..".decode("latin-1")}
            form = RequestFactory().post("/sign-in/?next=%ff..a", data)
            boundary = f"boundary={form.content_params['boundary']}"
            kind = f"{form.content_type}; {parameter}; {boundary}"

            # The form was read, but it has no CSRF token.
            assert product(form, CONTENT_TYPE=kind) == "403 Forbidden"
            page = RequestFactory().get("/sign-in/?a=%ff")
            assert product(page, CONTENT_TYPE=kind) == "200 OK"


def test_a_session_key_with_a_nul_is_no_session():
    """Send what PostgreSQL refuses as text; it must not end in an error page."""
    request = RequestFactory().get("/", HTTP_COOKIE='sessionid="abcdefgh\\000ij"')

    def view(environ, start_response):
        return [environ["HTTP_COOKIE"].encode()]

    assert normalize_requests(view)(request.environ, None) == [b'sessionid="abcdefghij"']

"""Requests as real clients send them, through real servers."""

import io
import json
import socket
import subprocess
import sys
import time
from http.client import HTTPResponse
from pathlib import Path

import pytest
from django.test import RequestFactory

from tokenx.wire import wire
from tokenx.wsgi import application

ROOT = Path(__file__).parents[1]
APPLICATION = "tests.wire_server:application"
GUNICORN = ["gunicorn", "--bind=127.0.0.1:{port}", "--no-control-socket", "--threads"]
SERVERS = {
    "waitress": ["waitress", "--listen=127.0.0.1:{port}", APPLICATION],
    "gunicorn": [*GUNICORN, "1", APPLICATION],
    "gunicorn-threads": [*GUNICORN, "2", APPLICATION],
    "runserver": ["tests.wire_server", "runserver", "--noreload", "127.0.0.1:{port}"],
}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def connect(port: int, seconds: float = 20) -> socket.socket:
    """A connection to a server that may only just be starting."""
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
    """The port of a server, which is one of those of SERVERS."""
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
# What the others do with chunks: facts/metadata-api.md 3.2.
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
    """What is answered to requests on one connection, one after the other."""
    found = []
    with connect(port) as connection:
        for request in requests:
            connection.sendall(request)
            response = HTTPResponse(connection)
            response.begin()
            assert response.status == 200
            found.append(json.loads(response.read()))
    return found


@every_server
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/services/data", "/services/data"),
        ("//services/data/v67.0", "/services/data/v67.0"),
        ("///services//data/", "/services//data/"),
        ("//", "/"),
        ("//services/data/v62.0/query/?q=//x", "/services/data/v62.0/query/"),
    ],
)
def test_a_path_begins_with_one_slash(server, path, expected):
    [found] = answers(server, get(path))

    assert found["path"] == expected


@every_server
def test_a_body_of_known_length_is_as_it_was(server):
    [found] = answers(server, post("//a", b"hello", "Content-Length: 5"))

    assert found == {"path": "/a", "body": "hello"}


@for_chunks
def test_reads_a_body_in_chunks(server):
    [found] = answers(server, chunked("//services/Soap/u/62.0", b"<a>", b"\xe4" * 9, b"x"))

    assert found == {"path": "/services/Soap/u/62.0", "body": "<a>" + "ä" * 9 + "x"}


@for_chunks
def test_reads_a_body_in_chunks_that_is_not_kept_in_memory(server):
    [found] = answers(server, chunked("/a", *[b"x" * 70_000] * 40))

    assert found["body"] == "x" * 2_800_000


@for_chunks
def test_reads_a_body_in_chunks_that_is_empty(server):
    [found] = answers(server, chunked("/a"))

    assert found["body"] == ""


@of_servers("waitress", "gunicorn-threads")
def test_a_connection_serves_request_after_request(server):
    requests = [
        chunked("//a", b"one", b"two"),
        get("//b"),
        post("/c", b"three", "Content-Length: 5"),
        chunked("/d", b"four"),
    ]

    found = answers(server, *requests)

    assert [each["path"] for each in found] == ["/a", "/b", "/c", "/d"]
    assert [each["body"] for each in found] == ["onetwo", "", "three", "four"]


@of_servers("waitress", "gunicorn-threads")
def test_an_answer_to_head_has_no_content(server):
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
    """The status and the answer of an application that takes a hundred bytes."""
    statuses = []
    environ = {"PATH_INFO": "/", "wsgi.input": io.BytesIO(body), **environ}
    wired = wire(echo, max_body=100)
    answer = b"".join(wired(environ, lambda status, headers: statuses.append(status)))
    return statuses[0], answer


CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}


def test_takes_a_body_of_as_many_bytes_as_may_be():
    assert called(b"x" * 100, **CHUNKED) == ("200 OK", b"x" * 100)


def test_refuses_a_body_that_is_too_large():
    status, answer = called(b"x" * 101, **CHUNKED)

    assert status == "413 Content Too Large"
    assert answer == b"The request is too large.\n"


def test_reads_no_body_that_has_no_end():
    environ = {"HTTP_TRANSFER_ENCODING": "chunked"}

    assert called(b"for ever", **environ) == ("200 OK", b"")


def test_leaves_a_body_of_known_length_alone():
    body = b"x" * 200

    assert called(body, CONTENT_LENGTH="150", **CHUNKED) == ("200 OK", b"x" * 150)


def kind_of(environ, start_response):
    start_response("200 OK", [])
    return [environ["CONTENT_TYPE"].encode()]


@pytest.mark.parametrize(
    ("said", "left"),
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
def test_what_is_said_of_letters_is_left_out(said, left):
    environ = {"PATH_INFO": "/", "CONTENT_TYPE": said}

    [kind] = wire(kind_of)(environ, lambda status, headers: None)

    assert kind.decode() == left


def product(request, **environ):
    """The status of the product's answer."""
    statuses = []
    environ = request.environ | environ
    b"".join(application(environ, lambda status, headers: statuses.append(status)))
    return statuses[0]


@pytest.mark.django_db
def test_the_product_is_served_through_it():
    request = RequestFactory().get("/sign-in/")

    assert product(request, PATH_INFO="//sign-in/") == "200 OK"


@pytest.mark.django_db
@pytest.mark.parametrize("letters", ["charset=zlib", "charset=idna", "charset*=none''%41"])
def test_letters_that_there_are_not_are_no_trouble_of_ours(letters):
    data = {"username": b"\xff..".decode("latin-1")}
    form = RequestFactory().post("/sign-in/?next=%ff..a", data)
    kind = f"{form.content_type}; {letters}; boundary={form.content_params['boundary']}"

    # Without the token of a form of ours: but it was read.
    assert product(form, CONTENT_TYPE=kind) == "403 Forbidden"
    assert product(RequestFactory().get("/sign-in/?a=%ff"), CONTENT_TYPE=kind) == "200 OK"

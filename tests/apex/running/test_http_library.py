"""Tests Http, HttpRequest, and HttpResponse."""

import pytest

from tokenx.apex.runtime.budget import MAX_CALLOUTS
from tokenx.apex.runtime.errors import LimitExceededError, thrown
from tokenx.apex.runtime.ports import CalloutResponse
from tokenx.apex.runtime.trace import CalloutFailed, CalloutFinished, CalloutStarted

from .library_calls import FakePorts, FakeRun, call, new, plain, thrown_by

URL = "https://issuer.example/introspect"


def prepared(run, **values):
    request = new(run, "HttpRequest")
    for name, value in {"setEndpoint": URL, "setMethod": "POST", **values}.items():
        call(run, request, name, value)
    return request


def send(run, request):
    return call(run, new(run, "Http"), "send", request)


def answering(**values):
    headers = {"Content-Type": "application/json", "X-One": "1"}
    body = '{"active": "j\u00e4"}'.encode()
    answer = CalloutResponse(200, "OK", headers, body, **values)
    return FakeRun(FakePorts(responses={URL: answer}))


def test_a_request_is_sent_and_its_answer_read():
    run = answering(source="A simulated issuer answered.")
    request = prepared(run, setBody="token=\u00e4", setTimeout=5_000)
    call(run, request, "setHeader", "Content-Type", "application/x-www-form-urlencoded")
    response = send(run, request)

    [sent] = run.ports.sent
    assert (sent.method, sent.endpoint, sent.timeout) == ("POST", URL, 5_000)
    assert sent.body == "token=\u00e4".encode()
    assert sent.headers == {"Content-Type": "application/x-www-form-urlencoded"}
    assert call(run, response, "getStatusCode") == 200
    assert call(run, response, "getBody") == '{"active": "j\u00e4"}'
    assert call(run, response, "getBodyAsBlob") == '{"active": "j\u00e4"}'.encode()
    assert call(run, response, "getHeader", "x-ONE") == "1"
    assert call(run, response, "getHeader", "nope") is None
    assert plain(call(run, response, "getHeaderKeys")) == ["Content-Type", "X-One"]
    assert response.text() == "System.HttpResponse[Status=OK, StatusCode=200]"
    started, finished = run.trace.events
    assert (type(started), type(finished)) == (CalloutStarted, CalloutFinished)
    assert finished.source == "A simulated issuer answered."


def test_a_get_with_a_body_is_sent_as_a_post():
    run = answering()
    send(run, prepared(run, setMethod="GET", setBody="x"))
    send(run, prepared(run, setMethod="GET"))

    assert [request.method for request in run.ports.sent] == ["POST", "GET"]


UNSENDABLE = [
    ("setEndpoint", None, ("CalloutException", "Missing endpoint")),
    ("setEndpoint", "example.com", ("CalloutException", "no protocol: example.com")),
    ("setEndpoint", "file:///etc", ("CalloutException", "no protocol: file:///etc")),
    ("setMethod", None, ("CalloutException", "Missing method")),
    ("setMethod", "get", ("CalloutException", "Invalid HTTP method: get")),
]  # fmt: skip


def test_a_request_that_cant_be_sent(subtests):
    for name, value, expected in UNSENDABLE:
        with subtests.test(name=name, value=value):
            run = answering()
            assert thrown_by(send, run, prepared(run, **{name: value})) == expected
            assert run.budget.callouts == 0


TIMEOUTS = [0, -1, 120_001]


def test_a_timeout_out_of_range(subtests):
    for timeout in TIMEOUTS:
        with subtests.test(timeout=timeout):
            run = answering()
            request = prepared(run)
            kind, _ = thrown_by(call, run, request, "setTimeout", timeout)
            assert kind == "CalloutException"


HEADERS = [("a b", "c"), ("", "c"), ("a", "b\r\nc: d"), ("a\n", "b"), ("\u00e4", "b")]


def test_a_header_cant_add_another_one(subtests):
    for name, value in HEADERS:
        with subtests.test(name=name, value=value):
            run = answering()
            kind, _ = thrown_by(call, run, prepared(run), "setHeader", name, value)
            assert kind == "InvalidHeaderException"


def test_a_callout_after_dml_is_refused():
    run = answering()
    run.budget.count_dml(1)

    assert thrown_by(send, run, prepared(run)) == (
        "CalloutException",
        "You have uncommitted work pending. Please commit or rollback before calling out",
    )


def test_a_failed_callout_is_in_the_trace():
    run = answering()

    def fail(_):
        raise thrown("CalloutException", "Unauthorized endpoint")

    run.ports.callouts.send = fail
    assert thrown_by(send, run, prepared(run)) == (
        "CalloutException",
        "Unauthorized endpoint",
    )
    assert isinstance(run.trace.events[-1], CalloutFailed)


def test_a_callout_takes_no_more_than_what_is_left_of_120_seconds():
    run = answering()
    send(run, prepared(run))
    run.budget.callout_seconds = 118.5
    send(run, prepared(run, setTimeout=120_000))
    assert [each.timeout for each in run.ports.sent] == [10_000, 1_500]

    run.budget.callout_seconds = 120
    with pytest.raises(LimitExceededError, match="limit for callouts: 120000 ms"):
        send(run, prepared(run))


def test_callouts_are_counted():
    run = answering()
    request = prepared(run, setTimeout=1)
    for _ in range(MAX_CALLOUTS):
        send(run, request)
    with pytest.raises(LimitExceededError, match="Too many callouts: 101"):
        send(run, request)


def test_null_is_refused_without_a_python_error():
    run = answering()
    request = prepared(run)
    for name, arguments in {
        "setBody": [None],
        "setHeader": ["a", None],
        "getHeader": [None],
    }.items():
        assert thrown_by(call, run, request, name, *arguments)[0] == "NullPointerException"
    assert thrown_by(send, run, None)[0] == "NullPointerException"

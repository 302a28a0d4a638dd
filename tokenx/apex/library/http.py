"""Http, HttpRequest, and HttpResponse.

Like Java, which Salesforce runs on, a GET with a body is sent as a POST.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..runtime.api import Run
from ..runtime.budget import MAX_HEAP
from ..runtime.errors import ThrownError, thrown
from ..runtime.ports import CalloutRequest
from ..runtime.trace import CalloutFailed, CalloutFinished, CalloutStarted, short
from ..types import ApexType
from ..values import ApexList, PlatformObject, Value
from .allocation import encode, list_of_texts
from .checks import null_argument
from .encoding import CODECS
from .exceptions import message_of
from .registry import constructor, method

_METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"}
_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,1000}")
MAX_TIMEOUT = 120_000
_MOST_HEADERS = 1_000


class Headers:
    """Headers by name. Reading ignores the case; the last case that's set is kept."""

    __slots__ = ("_by_key",)

    def __init__(self, headers: dict[str, str] | None = None) -> None:
        self._by_key = {key.lower(): (key, each) for key, each in (headers or {}).items()}

    def get(self, name: str) -> str | None:
        """Return a header's value, or None."""
        found = self._by_key.get(name.lower())
        return found[1] if found else None

    def set(self, run: Run, name: str | None, value: str | None) -> None:
        """Set a header."""
        if name is None or value is None:
            raise null_argument()
        if not _HEADER_NAME.fullmatch(name) or "\r" in value or "\n" in value:
            raise thrown("InvalidHeaderException", f"Invalid header: {name[:200]}")
        if len(self._by_key) >= _MOST_HEADERS:
            raise thrown("CalloutException", "Too many headers")
        run.allocate(len(name) + len(value) + 32)
        self._by_key[name.lower()] = (name, value)

    def as_dict(self) -> dict[str, str]:
        """Return the headers by name."""
        return dict(self._by_key.values())

    def children(self) -> Iterator[Value]:
        """Yield names and values, from which the heap is measured."""
        for name, value in self._by_key.values():
            yield name
            yield value


@dataclass(slots=True, eq=False, kw_only=True)
class HttpRequest(PlatformObject):
    """A request to be sent."""

    endpoint: str | None = None
    method: str | None = None
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""
    timeout: int = 10_000
    is_compressed: bool = False
    certificate_name: str = ""

    def children(self) -> Iterator[Value]:
        """Yield what it holds."""
        yield from (self.endpoint, self.method, self.body)
        yield from self.headers.children()

    def text(self) -> str:
        """Return what System.debug writes."""
        endpoint, method = self.endpoint or "null", self.method or "null"
        return f"System.HttpRequest[Endpoint={endpoint}, Method={method}]"


@dataclass(slots=True, eq=False, kw_only=True)
class HttpResponse(PlatformObject):
    """A response."""

    status_code: int = 0
    status: str | None = None
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""

    def children(self) -> Iterator[Value]:
        """Yield what it holds."""
        yield from (self.status, self.body)
        yield from self.headers.children()

    def text(self) -> str:
        """Return what System.debug writes."""
        status = "null" if self.status is None else self.status
        return f"System.HttpResponse[Status={status}, StatusCode={self.status_code}]"


@constructor("Http")
def new_http(run: Run, type_: ApexType) -> PlatformObject:
    """Make an Http."""
    return PlatformObject(type=type_)


@constructor("HttpRequest")
def new_request(run: Run, type_: ApexType) -> HttpRequest:
    """Make a request without an endpoint."""
    run.allocate(128)
    return HttpRequest(type=type_)


@constructor("HttpResponse")
def new_response(run: Run, type_: ApexType) -> HttpResponse:
    """Make an empty response."""
    run.allocate(128)
    return HttpResponse(type=type_)


# --- Sending ---------------------------------------------------------------------------


@method("Http", "send")
def send(run: Run, receiver: PlatformObject, request: HttpRequest | None) -> HttpResponse:
    """Send a request through the port, and count it as a callout."""
    if request is None:
        raise null_argument()
    return send_request(run, request)


def send_request(run: Run, request: HttpRequest) -> HttpResponse:
    """Check a request, send it, and return the response; both are in the trace."""
    outgoing = _checked(request)
    if run.budget.dml:
        rest = "Please commit or rollback before calling out"
        raise thrown("CalloutException", f"You have uncommitted work pending. {rest}")
    seconds = run.budget.count_callout(outgoing.timeout / 1_000)
    outgoing.timeout = max(1, int(seconds * 1_000))
    run.budget.charge_for(len(outgoing.body))
    shown = short(outgoing.body[:4_000].decode("utf-8", "replace"))
    size = len(outgoing.endpoint) + len(shown)
    run.record(CalloutStarted, outgoing.method, outgoing.endpoint, shown, text_size=size)
    return _answer(run, outgoing)


def _answer(run: Run, outgoing: CalloutRequest) -> HttpResponse:
    clock = run.ports.clock
    started = clock.now()
    try:
        answer = run.ports.callouts.send(outgoing)
        if len(answer.body) > MAX_HEAP:
            words = f"IO Exception: Exceeded max size limit of {MAX_HEAP}"
            raise thrown("CalloutException", words)
    except ThrownError as error:
        message = message_of(error.value)
        run.record(CalloutFailed, short(message), text_size=min(len(message), 1_000))
        raise
    finally:
        seconds = (clock.now() - started).total_seconds()
        run.budget.callout_seconds += max(seconds, 0)
    run.allocate(len(answer.body) + 256)
    run.budget.charge_for(len(answer.body))
    shown = short(answer.body[:4_000].decode("utf-8", "replace"))
    run.record(
        CalloutFinished,
        answer.status_code,
        answer.status,
        shown,
        answer.source,
        text_size=len(shown),
    )
    return HttpResponse(
        type=ApexType("HttpResponse"),
        status_code=answer.status_code,
        status=answer.status,
        headers=Headers(answer.headers),
        body=answer.body,
    )


def _checked(request: HttpRequest) -> CalloutRequest:
    if not request.endpoint or not request.endpoint.strip():
        raise thrown("CalloutException", "Missing endpoint")
    verb = request.method
    if verb is None:
        raise thrown("CalloutException", "Missing method")
    if verb not in _METHODS:
        raise thrown("CalloutException", f"Invalid HTTP method: {verb[:100]}")
    if len(request.body) > MAX_HEAP:
        words = f"IO Exception: Exceeded max size limit of {MAX_HEAP}"
        raise thrown("CalloutException", words)
    if not request.endpoint.lower().startswith(("http://", "https://", "callout:")):
        raise thrown("CalloutException", f"no protocol: {request.endpoint[:1_000]}")
    return CalloutRequest(
        method="POST" if verb == "GET" and request.body else verb,
        endpoint=request.endpoint,
        headers=request.headers.as_dict(),
        body=request.body,
        timeout=request.timeout,
        certificate_name=request.certificate_name,
    )


# --- HttpRequest -----------------------------------------------------------------------


@method("HttpRequest", "setEndpoint")
def set_endpoint(run: Run, receiver: HttpRequest, endpoint: str | None) -> None:
    """Set the address."""
    receiver.endpoint = endpoint


@method("HttpRequest", "getEndpoint")
def get_endpoint(run: Run, receiver: HttpRequest) -> str | None:
    """Return the address."""
    return receiver.endpoint


@method("HttpRequest", "setMethod")
def set_method(run: Run, receiver: HttpRequest, name: str | None) -> None:
    """Set the method."""
    receiver.method = name


@method("HttpRequest", "getMethod")
def get_method(run: Run, receiver: HttpRequest) -> str | None:
    """Return the method."""
    return receiver.method


@method("HttpRequest", "setTimeout")
def set_timeout(run: Run, receiver: HttpRequest, timeout: int | None) -> None:
    """Set the timeout in milliseconds."""
    if timeout is None:
        raise null_argument()
    if not 1 <= timeout <= MAX_TIMEOUT:
        words = f"timeout must be between 1 and {MAX_TIMEOUT}"
        raise thrown("CalloutException", words)
    receiver.timeout = timeout


@method("HttpRequest", "setCompressed")
def set_compressed(run: Run, receiver: HttpRequest, flag: bool | None) -> None:
    """Remember the flag. Bodies aren't compressed, because no network is involved."""
    receiver.is_compressed = bool(flag)


@method("HttpRequest", "getCompressed")
def get_compressed(run: Run, receiver: HttpRequest) -> bool:
    """Return the flag."""
    return receiver.is_compressed


@method("HttpRequest", "setClientCertificateName")
def set_client_certificate_name(run: Run, receiver: HttpRequest, name: str | None) -> None:
    """Set the certificate with which the org authenticates."""
    receiver.certificate_name = name or ""


# --- Both ------------------------------------------------------------------------------

Message = HttpRequest | HttpResponse


@method("HttpRequest", "setHeader")
@method("HttpResponse", "setHeader")
def set_header(run: Run, receiver: Message, name: str | None, value: str | None) -> None:
    """Set a header."""
    receiver.headers.set(run, name, value)


@method("HttpRequest", "getHeader")
@method("HttpResponse", "getHeader")
def get_header(run: Run, receiver: Message, name: str | None) -> str | None:
    """Return a header by its name without case, or null."""
    if name is None:
        raise null_argument()
    return receiver.headers.get(name)


@method("HttpRequest", "setBody")
@method("HttpResponse", "setBody")
def set_body(run: Run, receiver: Message, body: str | None) -> None:
    """Set the body to a text in UTF-8."""
    if body is None:
        raise null_argument()
    receiver.body = encode(run, body)


@method("HttpRequest", "setBodyAsBlob")
@method("HttpResponse", "setBodyAsBlob")
def set_body_as_blob(run: Run, receiver: Message, body: bytes | None) -> None:
    """Set the body."""
    if body is None:
        raise null_argument()
    receiver.body = body


@method("HttpRequest", "getBody")
@method("HttpResponse", "getBody")
def get_body(run: Run, receiver: Message) -> str:
    """Return the body as text in the character set of its Content-Type."""
    run.budget.charge_for(len(receiver.body))
    run.allocate(len(receiver.body))
    content_type = receiver.headers.get("content-type") or ""
    match = re.search(r"charset\s*=\s*\"?([\w.:-]{1,40})", content_type[:1_000])
    codec = CODECS.get(match[1].lower() if match else "", "utf-8")
    return receiver.body.decode(codec, "replace")


@method("HttpRequest", "getBodyAsBlob")
@method("HttpResponse", "getBodyAsBlob")
def get_body_as_blob(run: Run, receiver: Message) -> bytes:
    """Return the body."""
    return receiver.body


# --- HttpResponse ----------------------------------------------------------------------


@method("HttpResponse", "getHeaderKeys")
def get_header_keys(run: Run, receiver: HttpResponse) -> ApexList:
    """Return the names of the headers."""
    return list_of_texts(run, list(receiver.headers.as_dict()))


@method("HttpResponse", "getStatus")
def get_status(run: Run, receiver: HttpResponse) -> str | None:
    """Return the status as text, such as OK."""
    return receiver.status


@method("HttpResponse", "setStatus")
def set_status(run: Run, receiver: HttpResponse, status: str | None) -> None:
    """Set the status's text."""
    receiver.status = status


@method("HttpResponse", "getStatusCode")
def get_status_code(run: Run, receiver: HttpResponse) -> int:
    """Return the status code."""
    return receiver.status_code


@method("HttpResponse", "setStatusCode")
def set_status_code(run: Run, receiver: HttpResponse, code: int | None) -> None:
    """Set the status code."""
    if code is None:
        raise null_argument()
    receiver.status_code = code

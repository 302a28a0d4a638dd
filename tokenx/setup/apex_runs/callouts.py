"""Callouts of code: to what the org simulates, and elsewhere only if the server allows it.

A callout needs an active remote site or a named credential, as in Salesforce. Then the
org's simulated issuers answer. The real network is for hosts that the server's operator
lists in TOKENX_CALLOUT_HOSTS: docs/serving.md.
"""

import re
import socket
import ssl
from collections.abc import Mapping
from functools import lru_cache
from http.client import HTTPException, HTTPResponse
from time import monotonic
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.db.models import QuerySet

from tokenx.apex.runtime.errors import NotRunnableError, ThrownError, thrown
from tokenx.apex.runtime.ports import CalloutRequest, CalloutResponse
from tokenx.org.models import Org, RemoteSite
from tokenx.org.search.prepared import prepared
from tokenx.web import public_addresses
from tokenx.web.public_addresses import NotPublicError

from . import issuers
from .configuration import OrgConfiguration
from .transactions import RunTransaction

MAX_BODY = 6_000_000
METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"}
_NAMED_CREDENTIAL = re.compile(
    r"callout:(?P<name>\w+)(?P<path>.*)", re.IGNORECASE | re.DOTALL
)
_PORTS = {"http": 80, "https": 443}
_CHUNK = 65_536
_TIMED_OUT = "Read timed out"
# The connection sets these; code could confuse the other side with them.
_OWN_HEADERS = {
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}


@prepared
def _active_sites(org: int) -> QuerySet:
    return RemoteSite.objects.filter(org=org, is_active=True).values_list("url")


class Origin(NamedTuple):
    """A scheme, a host, and a port, which a remote site allows."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        is_default = self.port == _PORTS[self.scheme]
        return f"{self.scheme}://{host}" + ("" if is_default else f":{self.port}")


class OrgCallouts:
    """Sends the callouts of a run."""

    def __init__(
        self, org: Org, *, transaction: RunTransaction, configuration: OrgConfiguration
    ) -> None:
        self._org, self._transaction = org, transaction
        self._configuration = configuration

    def send(self, request: CalloutRequest) -> CalloutResponse:
        """Send a request. Raise ThrownError with a CalloutException if that fails."""
        if self._transaction.has_changes:
            raise _exception(
                "You have uncommitted work pending. Please commit or rollback before "
                "calling out"
            )
        method = request.method.upper()
        if method not in METHODS:
            raise _exception(f"Invalid HTTP method: {request.method}")
        url = self._allowed_url(request.endpoint)
        self._check_certificate(request.certificate_name)
        headers = dict(request.headers)
        answer = issuers.answer(self._org, method, url, headers, request.body)
        if answer is not None:
            return answer
        parts, origin = _split(url)
        if origin in allowed_origins():
            return _call(parts, origin, request)
        address = url.partition("?")[0].partition("#")[0]
        raise _exception(
            f"No simulated issuer has the URL {address[:500]}. In Setup, on Simulated "
            "Issuers, add this URL to an issuer."
        )

    def _allowed_url(self, endpoint: str) -> str:
        """Return the URL that a callout reaches. Raise ThrownError if it isn't allowed."""
        if match := _NAMED_CREDENTIAL.fullmatch(endpoint):
            return self._url_of_credential(match["name"], match["path"])
        _, origin = _split(endpoint)
        if origin not in allowed_by_remote_sites(self._org):
            raise _exception(
                "Unauthorized endpoint, please check Setup->Security->Remote site "
                f"settings. endpoint = {endpoint[:2_000]}"
            )
        return endpoint

    def _check_certificate(self, name: str) -> None:
        if name and self._configuration.certificate(name) is None:
            raise _exception(
                f"There's no certificate with the unique name {name[:100]!r} in "
                "Certificate and Key Management."
            )

    def _url_of_credential(self, name: str, path: str) -> str:
        base = self._configuration.endpoint(name)
        if not base:
            raise _exception(
                "The callout couldn't access the endpoint. You might not have the required "
                f'permissions, or the named credential "{name}" might not exist.'
            )
        url = base.rstrip("/") + path if path.startswith("/") else base + path
        # A path can't lead to another host, as in `callout:Idp@evil.example`.
        if _split(url)[1] != _split(base)[1]:
            raise _exception(f"Invalid path of a named credential: {path[:500]}")
        return url


def allowed_by_remote_sites(org: Org) -> set[Origin | None]:
    """Return the origins of the org's active remote sites."""
    return {origin_of(site) for (site,) in _active_sites(org.pk)}


def allowed_origins() -> set[Origin]:
    """Return the origins that the server's setting allows. HTTPS is the default."""
    entries = (each.strip() for each in settings.CALLOUT_HOSTS)
    urls = (each if "://" in each else f"https://{each}" for each in entries if each)
    return {origin for url in urls if (origin := origin_of(url))}


@lru_cache(maxsize=4096)
def origin_of(url: str) -> Origin | None:
    """Return the origin of a remote site or setting; None for an invalid URL."""
    try:
        return _split(url)[1]
    except ThrownError:
        return None


def _split(url: str) -> tuple[SplitResult, Origin]:
    """Split a URL, or raise a CalloutException in Java's words."""
    scheme, separator, _ = url.partition(":")
    if not separator or not scheme.isalpha():
        raise _exception(f"no protocol: {url[:500]}")
    if scheme.lower() not in _PORTS:
        raise _exception(f"unknown protocol: {scheme[:50].lower()}")
    # What parsers read in different ways isn't sent.
    if any(ord(each) < 33 or ord(each) > 126 or each in '\\<>^`{|}"' for each in url):
        raise _exception(f"Illegal character in the URL: {url[:500]}")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _exception(f"Invalid URL: {url[:500]}") from None
    host = (parts.hostname or "").rstrip(".")
    if not host or port == 0 or "@" in parts.netloc:
        raise _exception(f"Invalid URL: {url[:500]}")
    return parts, Origin(parts.scheme, host, port or _PORTS[parts.scheme])


# --- The network -------------------------------------------------------------------------


def _call(parts: SplitResult, origin: Origin, request: CalloutRequest) -> CalloutResponse:
    """Call a host that the operator allows. It never follows redirects."""
    if request.certificate_name:
        raise NotRunnableError(
            "HttpRequest.setClientCertificateName", "Only simulated issuers accept it."
        )
    seconds = request.timeout / 1_000
    deadline = monotonic() + seconds
    try:
        with public_addresses.connected(parts, timeout=seconds, longest=seconds) as to:
            target = parts.path or "/"
            target += f"?{parts.query}" if parts.query else ""
            body = request.body or None
            to.request(request.method.upper(), target, body, _sent_headers(request.headers))
            response = to.getresponse()
            return CalloutResponse(
                response.status,
                response.reason,
                _received_headers(response),
                _read(response, deadline),
                source=f"{origin} answered over the network.",
            )
    except NotPublicError:
        raise _exception(
            f"{origin.host} isn't on the public internet. Apex can call public hosts only."
        ) from None
    except (OSError, HTTPException, ValueError) as error:
        is_late = monotonic() >= deadline
        message = _TIMED_OUT if is_late else _why_not_connected(error, origin.host)
        raise _exception(message) from error


def _why_not_connected(error: Exception, host: str) -> str:
    if isinstance(error, ssl.SSLError):
        return f"The certificate of {host} isn't valid."
    if isinstance(error, TimeoutError):
        return _TIMED_OUT
    # An invalid host name, such as one with two consecutive dots, is a UnicodeError.
    if isinstance(error, socket.gaierror | UnicodeError):
        return f"Unknown host: {host}"
    return f"We couldn't reach {host}, or it closed the connection."


def _sent_headers(headers: Mapping[str, str]) -> dict[str, str]:
    allowed = {
        name: value for name, value in headers.items() if name.lower() not in _OWN_HEADERS
    }
    return allowed | {"Accept-Encoding": "identity", "Connection": "close"}


def _received_headers(response: HTTPResponse) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in response.getheaders():
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _read(response: HTTPResponse, deadline: float) -> bytes:
    """Read the body, but no more than Apex allows."""
    body = bytearray()
    while part := response.read1(_CHUNK):
        body += part
        if len(body) > MAX_BODY:
            raise _exception(
                f"Exceeded max size limit of {MAX_BODY} with response size {len(body)}"
            )
    # A connection that's shut down at the deadline can look like the end of the body.
    if monotonic() >= deadline:
        raise _exception(_TIMED_OUT)
    return bytes(body)


def _exception(message: str) -> ThrownError:
    return thrown("CalloutException", message)

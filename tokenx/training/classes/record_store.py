"""Sending statements to a learning record store, wherever a trainer says it is.

That is a request of this server to an address somebody typed, so it goes to public
addresses only, and to hosts that whoever runs the server has named. It connects to the
very address that was looked at, follows no redirect, and shows nothing of the answer but
its status. docs/decisions/classes.md
"""

import base64
import http.client
import json
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from ipaddress import IPv6Network, ip_address
from threading import Timer
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from .xapi import VERSION

TIMEOUT = 10
# However slowly a store answers, nobody waits longer for a part.
LONGEST = 30
AT_ONCE = 250
# All of IPv6 that is public is in it; besides, there are ways to write other addresses.
_PUBLIC = IPv6Network("2000::/3")


class StoreError(Exception):
    """Why statements did not arrive, as a sentence."""


class Store(NamedTuple):
    """Where statements go, and with what they are let in."""

    url: str
    username: str
    password: str


def send(store: Store, statements: Sequence[dict[str, Any]]) -> int:
    """Send statements, some at once; how many the store has now. Raises StoreError."""
    parts = _parts(store.url)
    sent = 0
    for start in range(0, len(statements), AT_ONCE):
        some = statements[start : start + AT_ONCE]
        try:
            _post(store, parts, json.dumps(some, ensure_ascii=False).encode())
        except StoreError as error:
            raise StoreError(f"{error} {sent} of {len(statements)} were sent.") from error
        sent += len(some)
    return sent


def _parts(url: str) -> SplitResult:
    """The address, if it is one that statements can be sent to. Raises StoreError."""
    try:
        parts = urlsplit(url.strip())
        is_right = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        is_right = False
    if not is_right:
        raise StoreError("Enter an address that begins with https:// or http://.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise StoreError("The address holds no name, no password, and nothing after a ?.")
    if any(ord(letter) < 33 or ord(letter) > 126 for letter in parts.path):
        raise StoreError("Write the path of the address in plain letters.")
    return parts


def _post(store: Store, parts: SplitResult, body: bytes) -> None:
    login = f"{store.username}:{store.password}".encode()
    headers = {
        "Authorization": f"Basic {base64.b64encode(login).decode()}",
        "Content-Type": "application/json",
        "X-Experience-API-Version": VERSION,
    }
    path = parts.path.rstrip("/")
    resource = path if path.endswith("/statements") else f"{path}/statements"
    try:
        with _connected(parts) as connection:
            connection.request("POST", resource, body, headers)
            status = connection.getresponse().status
    # UnicodeError: of what is no name of a host, as where two dots follow each other.
    except (OSError, UnicodeError, http.client.HTTPException) as error:
        raise StoreError(_why(parts, error)) from error
    # 409: the store has the statements already, which it says in this way or with 200.
    if status not in {200, 204, 409}:
        raise StoreError(_refusal(status))


@contextmanager
def _connected(parts: SplitResult) -> Iterator[http.client.HTTPConnection]:
    host = str(parts.hostname)
    is_secure = parts.scheme == "https"
    port = parts.port or (443 if is_secure else 80)
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
    connection.sock = socket.create_connection((_address(host, port), port), TIMEOUT)
    end = Timer(LONGEST, _cut, [connection])
    end.daemon = True
    end.start()
    try:
        if is_secure:
            secure = ssl.create_default_context().wrap_socket(
                connection.sock, server_hostname=host, do_handshake_on_connect=False
            )
            connection.sock = secure
            secure.do_handshake()
        yield connection
    finally:
        end.cancel()
        connection.close()


def _cut(connection: http.client.HTTPConnection) -> None:
    """End what takes too long, wherever it is; whoever waits for it is told."""
    with suppress(OSError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _address(host: str, port: int) -> str:
    """The address to connect to: that which was looked at, not one asked for again."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    if host in settings.RECORD_STORES:
        return addresses[0]
    for address in addresses:
        if not is_public(address):
            raise StoreError(
                f"{host} is not in the public internet. Whoever runs this server can "
                f"allow it with TOKENX_RECORD_STORES."
            )
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an address is nobody's own network, in whatever way it is written."""
    ip: Any = ip_address(address.partition("%")[0])
    if ip.version == 6:
        if ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        elif ip.sixtofour or ip.teredo or ip not in _PUBLIC:
            return False
    return bool(ip.is_global and not ip.is_multicast)


def _why(parts: SplitResult, error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return f"The certificate of {parts.hostname} is not in order."
    if isinstance(error, TimeoutError):
        return f"{parts.hostname} did not answer in {TIMEOUT} seconds."
    if isinstance(error, socket.gaierror | UnicodeError):
        return f"No server is known as {parts.hostname}."
    return f"{parts.hostname} could not be reached, or ended the connection."


def _refusal(status: int) -> str:
    if 300 <= status < 400:
        return f"The store answered {status}: it is at another address. Enter that one."
    if status in {401, 403}:
        return f"The store answered {status}: it does not take this name and password."
    if status == 404:
        return "The store answered 404: there is no statements resource at this address."
    return f"The store answered {status}, and took nothing."

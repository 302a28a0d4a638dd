"""Connections from the server to hosts that users name, such as record stores.

The server connects to the address that it checked, and sends nothing elsewhere.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import IPv6Network, ip_address
from queue import Empty, SimpleQueue
from threading import Timer
from time import monotonic
from typing import Any
from urllib.parse import SplitResult

# The public IPv6 range. It includes notations of IPv4 addresses, which are checked too.
_PUBLIC = IPv6Network("2000::/3")


# The most lookups at a time, of those that are waited for and those that aren't.
_LOOKUPS = threading.BoundedSemaphore(20)


class NotPublicError(Exception):
    """The host has an address that isn't public."""


def is_public(address: str) -> bool:
    """Return whether an address is public, in any notation."""
    ip: Any = ip_address(address.partition("%")[0])
    if ip.version == 6:
        if ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        elif ip.sixtofour or ip.teredo or ip not in _PUBLIC:
            return False
    return bool(ip.is_global and not ip.is_multicast)


def addresses_of(host: str, port: int) -> list[str]:
    """Resolve a host. Raise OSError or UnicodeError if that isn't possible."""
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in entries]


def public_address(host: str, port: int) -> str:
    """Resolve a host, and return an address. Raise NotPublicError if one isn't public."""
    addresses = addresses_of(host, port)
    if not addresses or not all(map(is_public, addresses)):
        raise NotPublicError(host)
    return addresses[0]


@contextmanager
def connected(
    parts: SplitResult,
    *,
    find_address: Callable[[str, int], str] = public_address,
    timeout: float,
    longest: float,
) -> Iterator[http.client.HTTPConnection]:
    """Connect to the host of a URL, by the address that `find_address` returns.

    `timeout` is for each step. After `longest` seconds, the socket is shut down: a waiting
    thread gets an error, or the end of the response. Looking up the address counts.
    """
    deadline = monotonic() + longest
    host = str(parts.hostname)
    is_secure = parts.scheme == "https"
    port = parts.port or (443 if is_secure else 80)
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    # Never look the host up again.
    connection.auto_open = 0
    address = _looked_up(lambda: find_address(host, port), longest)
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    connection.sock = socket.create_connection((address, port), min(timeout, left))
    # The connection forgets its socket when a response's headers end it.
    sockets = [connection.sock]
    timer = Timer(max(0, deadline - monotonic()), _shut_down, [sockets])
    timer.daemon = True
    timer.start()
    try:
        if is_secure:
            secure = ssl.create_default_context().wrap_socket(
                connection.sock, server_hostname=host, do_handshake_on_connect=False
            )
            connection.sock = secure
            sockets.append(secure)
            secure.do_handshake()
        yield connection
    finally:
        timer.cancel()
        connection.close()


def _looked_up(find: Callable[[], str], seconds: float) -> str:
    """Return an address, or raise what looking it up raises, or TimeoutError.

    A lookup can't be stopped: a thread goes on until the system gives up.
    """
    deadline = monotonic() + seconds
    if not _LOOKUPS.acquire(timeout=seconds):
        raise TimeoutError
    results: SimpleQueue[str | BaseException] = SimpleQueue()

    def look_up() -> None:
        try:
            results.put(find())
        except BaseException as error:
            results.put(error)
        finally:
            _LOOKUPS.release()

    threading.Thread(target=look_up, daemon=True).start()
    try:
        found = results.get(timeout=max(0, deadline - monotonic()))
    except Empty:
        raise TimeoutError from None
    if isinstance(found, BaseException):
        raise found
    return found


def _shut_down(sockets: list[socket.socket]) -> None:
    # SSLSocket.shutdown() would also drop the encryption, which another thread is using.
    with suppress(OSError):
        socket.socket.shutdown(sockets[-1], socket.SHUT_RDWR)

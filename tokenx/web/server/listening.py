"""Taking a port, before anything else is done."""

import errno
import socket
from contextlib import suppress

BACKLOG = 2_048
# How many ports after the one in use are tried.
_TRIED = 100


class ListenError(Exception):
    """The server can't listen there. The message says what to do."""


def listen(host: str, port: int) -> list[socket.socket]:
    """Listen on each address of the host, at one port; 0 selects a free one.

    A socket that's only bound doesn't keep others from the port, so these listen already.
    Clients that connect wait until the server runs.
    """
    try:
        return _listen(host, port)
    except OSError as error:
        raise ListenError(_sentence(error, host, port)) from error


def port_of(sockets: list[socket.socket]) -> int:
    return int(sockets[0].getsockname()[1])


def _listen(host: str, port: int) -> list[socket.socket]:
    sockets: list[socket.socket] = []
    failed: OSError | None = None
    for family, address in _addresses(host, port):
        # All addresses get the port that was selected for the first one.
        wanted = port_of(sockets) if sockets else port
        try:
            sockets.append(_socket(family, (address[0], wanted, *address[2:])))
        except OSError as error:
            failed = error
            if error.errno != errno.EADDRNOTAVAIL:
                break
    # A name can have an IPv6 address on a computer without IPv6.
    if failed and (not sockets or failed.errno != errno.EADDRNOTAVAIL):
        for each in sockets:
            each.close()
        raise failed
    return sockets


def _addresses(host: str, port: int) -> list[tuple[int, tuple]]:
    try:
        found = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except UnicodeError as error:  # A label of the name is too long.
        raise socket.gaierror(socket.EAI_NONAME, "unknown") from error
    return list(dict.fromkeys((family, address) for family, _, _, _, address in found))


def _socket(family: int, address: tuple) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if not hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows would share the port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _sentence(error: OSError, host: str, port: int) -> str:
    if isinstance(error, socket.gaierror):
        return f"The host {host} is unknown. Use --host 127.0.0.1, or 0.0.0.0 for everyone."
    if error.errno == errno.EADDRNOTAVAIL:
        return (
            f"{host} isn't an address of this computer. Use --host 127.0.0.1, or 0.0.0.0 "
            "for everyone."
        )
    if error.errno in {errno.EADDRINUSE, errno.EACCES}:
        reason = "is in use" if error.errno == errno.EADDRINUSE else "isn't allowed"
        free = _free_port(host, max(port + 1, 1_024))
        advice = f"Use --port {free}, which is free." if free else "Use another --port."
        return f"Port {port} {reason}. {advice}"
    return f"Can't listen on {host}, port {port}: {error.strerror or error}."


def _free_port(host: str, first: int) -> int | None:
    for port in range(first, min(first + _TRIED, 65_536)):
        with suppress(OSError):
            for each in _listen(host, port):
                each.close()
            return port
    return None

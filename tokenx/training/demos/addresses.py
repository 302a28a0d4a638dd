"""Addresses at which others can reach this machine's server."""

import socket
from ipaddress import ip_address

# Reserved for documentation (RFC 5737). Connecting a datagram socket sends nothing.
_UNREACHABLE = ("192.0.2.1", 9)


def hosts_of(listens_on: str) -> list[str]:
    """Return the URL hosts of a server that listens on an address, best first."""
    try:
        ip = ip_address(listens_on)
    except ValueError:
        return [listens_on]
    if not ip.is_unspecified:
        return [f"[{ip}]" if ip.version == 6 else str(ip)]
    hosts = [_network_address(), socket.gethostname().lower()]
    return [*dict.fromkeys(filter(None, hosts)), "localhost"]


def _network_address() -> str:
    """Return this machine's address in its network, or an empty string without one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outward:
        try:
            outward.connect(_UNREACHABLE)
        except OSError:
            return ""
        return str(outward.getsockname()[0])

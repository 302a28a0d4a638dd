"""Under which addresses others reach a server that this machine runs."""

import socket
from ipaddress import ip_address

# For documentation (RFC 5737): nobody is there, and connecting a datagram sends nothing.
_ELSEWHERE = ("192.0.2.1", 9)


def hosts_of(listens_on: str) -> list[str]:
    """The hosts of URLs for a server that listens on an address, the best one first."""
    try:
        ip = ip_address(listens_on)
    except ValueError:
        return [listens_on]
    if not ip.is_unspecified:
        return [f"[{ip}]" if ip.version == 6 else str(ip)]
    found = [_outward_address(), socket.gethostname().lower()]
    return [*dict.fromkeys(filter(None, found)), "localhost"]


def _outward_address() -> str:
    """What this machine is called in its network; empty where it is in none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outward:
        try:
            outward.connect(_ELSEWHERE)
        except OSError:
            return ""
        return str(outward.getsockname()[0])

"""Simulators answer at an address instead of the network: the org's issuers."""

from collections.abc import Callable, Mapping

from tokenx.apex.runtime.ports import CalloutResponse
from tokenx.org.models import Org

# Takes the org, method, URL, headers, and body. Returns None if it isn't at that address.
Simulator = Callable[[Org, str, str, Mapping[str, str], bytes], CalloutResponse | None]

_simulators: list[Simulator] = []


def register(simulator: Simulator) -> Simulator:
    """Add a simulator, as a decorator."""
    _simulators.append(simulator)
    return simulator


def answer(
    org: Org, method: str, url: str, headers: Mapping[str, str], body: bytes
) -> CalloutResponse | None:
    """Return the answer of the org's simulator at the address, or None."""
    for simulator in _simulators:
        if response := simulator(org, method, url, headers, body):
            return response
    return None

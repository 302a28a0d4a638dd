"""Recorded requests of real clients, and helpers that read requests."""

import io
from pathlib import Path

from tokenx.api.faults import Fault
from tokenx.api.soap.reader import read_request
from tokenx.metadata.format.definitions import NAMESPACE

REQUESTS = sorted((Path(__file__).parent / "requests").iterdir())
SESSION_ID = "00D000000000001!AQ.abc_DEF"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"


def sample(name):
    path = next(path for path in REQUESTS if path.stem == name)
    return read(path.read_bytes())


def read(data, **options):
    """Read a request from bytes or text."""
    data = data.encode() if isinstance(data, str) else data
    return read_request(io.BytesIO(data), **options)


def envelope(operation, header=""):
    """Return a request with the operation in its Body, without a line break before it."""
    return (
        f'<e:Envelope xmlns:e="{SOAP}" xmlns:xsi="{XSI}" xmlns="{NAMESPACE}">'
        f"<e:Header>{header}</e:Header><e:Body>{operation}</e:Body></e:Envelope>"
    )


def refused(data, **options):
    """Return the fault of an invalid request."""
    try:
        read(data, **options)
    except Fault as fault:
        return fault
    raise AssertionError("This request is valid.")

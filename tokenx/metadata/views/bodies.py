"""The body of a call, as it was before its sender compressed it."""

import gzip
import zlib
from typing import IO

from django.http import HttpRequest

# What reading ends in where a body is not what its header says.
BROKEN = (gzip.BadGzipFile, EOFError, zlib.error)


def body_of(request: HttpRequest) -> HttpRequest | IO[bytes]:
    """What to read: programs in Java compress all that they send.

    It is taken apart while it is read, so that no more of it is kept than of any other.
    """
    said = request.headers.get("Content-Encoding", "").strip().lower()
    if said not in ("gzip", "x-gzip"):
        return request
    return gzip.GzipFile(fileobj=request)  # type: ignore[call-overload]

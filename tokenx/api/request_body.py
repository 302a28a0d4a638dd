"""The body of a call, as it was before its sender compressed it."""

import io
import zlib
from typing import IO

from django.http import HttpRequest

from tokenx.web.limits import CHUNK

# What reading ends in where a body is not what its header says.
BROKEN = (EOFError, zlib.error)

# zlib's number for the largest window, and the head and the end that gzip puts around.
_GZIP = 31


def body_of(request: HttpRequest) -> HttpRequest | IO[bytes]:
    """What to read: programs in Java compress all that they send.

    It is taken apart while it is read, so that no more of it is kept than of any other.
    """
    said = request.headers.get("Content-Encoding", "").strip().lower()
    if said not in ("gzip", "x-gzip"):
        return request
    return io.BufferedReader(_Unpacked(request), CHUNK)


class _Unpacked(io.RawIOBase):
    """What one compressed stream was.

    Python's GzipFile goes through the head, and through what is between several streams,
    byte by byte: a minute of work for whoever sends nothing else, without a session.
    """

    def __init__(self, packed: HttpRequest) -> None:
        self.packed = packed
        self.unpacker = zlib.decompressobj(_GZIP)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self.unpacker.eof:
            packed = self.unpacker.unconsumed_tail or self.packed.read(CHUNK)
            if data := self.unpacker.decompress(packed, len(buffer)):
                buffer[: len(data)] = data
                return len(data)
            if not packed and not self.unpacker.eof:
                raise EOFError("The compressed body has no end.")
        if self.unpacker.unused_data or self.packed.read(1):
            raise zlib.error("Something follows the compressed body.")
        return 0

"""Request bodies, decompressed while they're read."""

import io
import zlib
from typing import IO

from django.http import HttpRequest

from tokenx.web.limits import CHUNK

# Reading raises these if a body isn't valid gzip data.
DECOMPRESSION_ERRORS = (EOFError, zlib.error)

# This window size makes zlib expect a gzip header and trailer.
_GZIP = 31


def body_stream(request: HttpRequest) -> HttpRequest | IO[bytes]:
    """Return the request's body as a stream; clients in Java compress every request.

    A compressed body is decompressed while it's read, so the limits for a request apply
    to the decompressed data.
    """
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("gzip", "x-gzip"):
        return request
    return io.BufferedReader(_GzipStream(request), CHUNK)


class _GzipStream(io.RawIOBase):
    """The decompressed data of a single gzip stream.

    Python's GzipFile parses headers and the gaps between streams byte by byte. A request
    that contains nothing else would take a minute of work without a session.
    """

    def __init__(self, compressed: HttpRequest) -> None:
        self.compressed = compressed
        self.decompressor = zlib.decompressobj(_GZIP)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # as BufferedReader calls it
        while not self.decompressor.eof:
            chunk = self.decompressor.unconsumed_tail or self.compressed.read(CHUNK)
            if data := self.decompressor.decompress(chunk, len(buffer)):
                buffer[: len(data)] = data
                return len(data)
            if not chunk and not self.decompressor.eof:
                raise EOFError("The compressed body is truncated.")
        if self.decompressor.unused_data or self.compressed.read(1):
            raise zlib.error("Unexpected data follows the compressed body.")
        return 0

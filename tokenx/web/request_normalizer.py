"""WSGI middleware that normalizes requests for every server.

Salesforce CLI requests paths that begin with two slashes, and jsforce logs in with a
chunked body (docs/salesforce/metadata-api.md, Transport). waitress handles both, gunicorn
neither. A request's charset is ignored: Django would believe it, and fail on one that it
can't decode. All requests are UTF-8, or say in their XML what they are.
"""

import re
from collections.abc import Iterable
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any

from .limits import CHUNK, IN_MEMORY, MAX_BODY

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# A charset, or a parameter with its own one: x*=latin-1''%e4
_CHARSET = re.compile(r";\s*(?:charset\b|[^;=]*\*)[^;]*", re.IGNORECASE)


class _TooLargeError(Exception):
    """A request body is larger than allowed."""


def normalize_requests(
    application: "WSGIApplication", *, max_body: int = MAX_BODY
) -> "WSGIApplication":
    """Wrap an application so that it works on every server."""

    def normalized(
        environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith("//"):
            environ["PATH_INFO"] = f"/{path.lstrip('/')}"
        if cookie := environ.get("HTTP_COOKIE"):
            # A quoted cookie can contain a NUL, which PostgreSQL doesn't take as a key.
            environ["HTTP_COOKIE"] = cookie.replace("\\000", "")
        if content_type := environ.get("CONTENT_TYPE"):
            environ["CONTENT_TYPE"] = _CHARSET.sub("", content_type)
        if environ.get("REQUEST_METHOD") == "HEAD":
            return _without_content(application(environ, start_response))
        if not _is_unmeasured(environ):
            return application(environ, start_response)
        try:
            body, length = _spooled(environ["wsgi.input"], max_body)
        except _TooLargeError:
            return _too_large(start_response)
        # The server has decoded the chunks; from here on, it's a body like any other.
        del environ["HTTP_TRANSFER_ENCODING"]
        environ["CONTENT_LENGTH"] = str(length)
        environ["wsgi.input"] = body
        return application(environ, start_response)

    return normalized


def _without_content(response: Iterable[bytes]) -> Iterable[bytes]:
    """Drop the response body of a HEAD request.

    Waitress would send it, and clients would read it as the start of the next response.
    """
    if hasattr(response, "close"):
        response.close()
    return []


def _is_unmeasured(environ: "WSGIEnvironment") -> bool:
    """Tell whether the body is chunked and the server marks its end.

    Without a length, Django would treat it as empty. `runserver` doesn't mark the end and
    provides no data, so jsforce can't log in there.
    """
    return (
        environ.get("HTTP_TRANSFER_ENCODING", "").strip().lower() == "chunked"
        and not environ.get("CONTENT_LENGTH")
        and bool(environ.get("wsgi.input_terminated"))
    )


def _spooled(source: Any, limit: int) -> tuple[IO[bytes], int]:
    """Return the body as a file, at its start, and its length."""
    body: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (handed on)
    length = 0
    while data := source.read(CHUNK):
        length += len(data)
        if length > limit:
            body.close()
            raise _TooLargeError
        body.write(data)
    body.seek(0)
    return body, length


def _too_large(start_response: "StartResponse") -> Iterable[bytes]:
    body = b"The request is too large.\n"
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
    start_response("413 Content Too Large", headers)
    return [body]

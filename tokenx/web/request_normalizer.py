"""What servers leave undone of a request, done before Django sees it.

The Salesforce CLI asks at paths that begin with two slashes, and jsforce logs in with a
body in chunks: facts/metadata-api.md 3. waitress copes with both, gunicorn with neither.
And what a request says of its letters is left out: Django would take it at its word, also
where no text can be read so, and fail. All that comes here is UTF-8, or says itself in XML
what it is.
"""

import re
from collections.abc import Iterable
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# What a deployment may have at most: 39 MB of zip, as base64 and with line breaks.
MAX_BODY = 64 * 1024 * 1024

_IN_MEMORY = 1024 * 1024
_CHUNK = 65_536
# A charset, and what is written in one of its own: x*=latin-1''%e4
_OF_LETTERS = re.compile(r";\s*(?:charset\b|[^;=]*\*)[^;]*", re.IGNORECASE)


class _TooLargeError(Exception):
    """A body has more bytes than are taken."""


def wire(application: "WSGIApplication", *, max_body: int = MAX_BODY) -> "WSGIApplication":
    """The application, for any server."""

    def wired(
        environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith("//"):
            environ["PATH_INFO"] = f"/{path.lstrip('/')}"
        if cookie := environ.get("HTTP_COOKIE"):
            # A quoted cookie can contain a NUL, which PostgreSQL doesn't take as a key.
            environ["HTTP_COOKIE"] = cookie.replace("\\000", "")
        if kind := environ.get("CONTENT_TYPE"):
            environ["CONTENT_TYPE"] = _OF_LETTERS.sub("", kind)
        if environ.get("REQUEST_METHOD") == "HEAD":
            return _without_content(application(environ, start_response))
        if not _is_unmeasured(environ):
            return application(environ, start_response)
        try:
            body, length = _spooled(environ["wsgi.input"], max_body)
        except _TooLargeError:
            return _too_large(start_response)
        # The server has put the chunks together: from here on it is a body as any other.
        del environ["HTTP_TRANSFER_ENCODING"]
        environ["CONTENT_LENGTH"] = str(length)
        environ["wsgi.input"] = body
        return application(environ, start_response)

    return wired


def _without_content(answer: Iterable[bytes]) -> Iterable[bytes]:
    """What HEAD has: waitress would send all, and that be read as the next answer."""
    if hasattr(answer, "close"):
        answer.close()
    return []


def _is_unmeasured(environ: "WSGIEnvironment") -> bool:
    """Whether a body came in chunks, and the server says that it has an end.

    Without a length Django takes it for empty. `runserver` knows no end and gives no byte
    of it, so jsforce cannot log in there.
    """
    return (
        environ.get("HTTP_TRANSFER_ENCODING", "").strip().lower() == "chunked"
        and not environ.get("CONTENT_LENGTH")
        and bool(environ.get("wsgi.input_terminated"))
    )


def _spooled(source: Any, most: int) -> tuple[IO[bytes], int]:
    """All that comes, in a file at its beginning, and how much it is."""
    body: IO[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 (handed on)
    length = 0
    while data := source.read(_CHUNK):
        length += len(data)
        if length > most:
            body.close()
            raise _TooLargeError
        body.write(data)
    body.seek(0)
    return body, length


def _too_large(start_response: "StartResponse") -> Iterable[bytes]:
    answer = b"The request is too large.\n"
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(answer)))]
    start_response("413 Content Too Large", headers)
    return [answer]

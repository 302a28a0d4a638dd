"""A token request as text: as HTTP, and as a curl command."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote_plus, urljoin, urlsplit

from django.urls import reverse

from .redaction import shortened

# In a command, the secret is a variable of the shell.
_VARIABLES = {"client_secret": "CLIENT_SECRET"}
_SHORTENED = {"subject_token", "refresh_token"}
# Shorter tokens are shown.
_SHORTEST = 40


@dataclass(frozen=True)
class ShownRequest:
    """The texts of a request. Only `full_curl` has the whole token; none has a secret."""

    http: str
    curl: str
    full_curl: str
    has_secret: bool


def shown_request(parameters: Sequence[tuple[str, str]], server_url: str) -> ShownRequest:
    """Return the texts of a request with these parameters."""
    path = reverse("oauth:token")
    body = "\n&".join(
        f"{quote_plus(name)}={_encoded(name, text)}" for name, text in parameters
    )
    http = (
        f"POST {path} HTTP/1.1\nHost: {urlsplit(server_url).netloc}\n"
        f"Content-Type: application/x-www-form-urlencoded\n\n{body}"
    )
    url = urljoin(server_url, path)
    return ShownRequest(
        http,
        _curl(url, parameters, is_full=False),
        _curl(url, parameters, is_full=True),
        any(name in _VARIABLES for name, _ in parameters),
    )


def _encoded(name: str, text: str) -> str:
    if name in _VARIABLES:
        return f"${_VARIABLES[name]}"
    if name in _SHORTENED and len(text) > _SHORTEST:
        return f"{quote_plus(text[:8])}…"
    return quote_plus(text)


def _curl(url: str, parameters: Sequence[tuple[str, str]], *, is_full: bool) -> str:
    lines = [f"curl {shlex.quote(url)}"]
    for name, text in parameters:
        if name in _VARIABLES:
            lines.append(f'  --data-urlencode "{name}=${_VARIABLES[name]}"')
            continue
        is_short = is_full or name not in _SHORTENED or len(text) <= _SHORTEST
        shown = text if is_short else shortened(text)
        lines.append(f"  --data-urlencode {shlex.quote(f'{name}={shown}')}")
    return " \\\n".join(lines)

"""The access token and the server URL of a request."""

import re

from django.http import HttpRequest


def bearer_token(request: HttpRequest) -> str | None:
    """Return the token of `Authorization: Bearer …`, or `OAuth …` from older clients."""
    header = request.headers.get("Authorization", "")
    match = re.fullmatch(r"(?:Bearer|OAuth)\s+(\S+)", header, re.IGNORECASE)
    return match[1] if match else None


def server_url(request: HttpRequest) -> str:
    """Return the URL of the server as the client reached it.

    Clients continue at this URL (docs/salesforce/metadata-api.md, Addresses).
    """
    return f"{request.scheme}://{request.get_host()}"

"""What a call says of itself outside its body: its token, its address, its server."""

import re

from django.http import HttpRequest


def bearer(request: HttpRequest) -> str | None:
    """The token of `Authorization: Bearer …`, or of `OAuth …` as older clients write it."""
    said = request.headers.get("Authorization", "")
    found = re.fullmatch(r"(?:Bearer|OAuth)\s+(\S+)", said, re.IGNORECASE)
    return found[1] if found else None


def server_of(request: HttpRequest) -> str:
    """The address that the client reached: it goes on there (facts/metadata-api.md 3.1)."""
    return f"{request.scheme}://{request.get_host()}"

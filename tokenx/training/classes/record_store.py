"""Sending statements to a learning record store at a URL that a trainer enters.

The server makes the request, so it connects only to public addresses and to hosts that
its operator has allowed. It connects to the address that it checked, follows no
redirects, and shows only the status of the response. See docs/decisions/classes.md.
"""

import base64
import http.client
import json
import socket
import ssl
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from tokenx.web.public_addresses import (
    NotPublicError,
    addresses_of,
    connected,
    public_address,
)

from .xapi import VERSION

TIMEOUT = 10
# The limit for one batch, even if the store responds slowly.
LONGEST = 30
BATCH_SIZE = 250


class RecordStoreError(Exception):
    """A message that explains why statements weren't sent."""


class RecordStore(NamedTuple):
    """The URL and login of a record store."""

    url: str
    username: str
    password: str


def send(store: RecordStore, statements: Sequence[dict[str, Any]]) -> int:
    """Send statements in batches. Return their number, or raise RecordStoreError."""
    parts = _split_url(store.url)
    sent = 0
    for start in range(0, len(statements), BATCH_SIZE):
        batch = statements[start : start + BATCH_SIZE]
        try:
            _post(store, parts, json.dumps(batch, ensure_ascii=False).encode())
        except RecordStoreError as error:
            raise RecordStoreError(
                f"{error} {sent} of {len(statements)} were sent."
            ) from error
        sent += len(batch)
    return sent


def _split_url(url: str) -> SplitResult:
    """Split a valid URL of a store, or raise RecordStoreError."""
    try:
        parts = urlsplit(url.strip())
        is_valid = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid:
        raise RecordStoreError("Enter a URL that starts with https:// or http://.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise RecordStoreError("Enter a URL without a username, a password, and a query.")
    if any(ord(character) < 33 or ord(character) > 126 for character in parts.path):
        raise RecordStoreError("Enter a URL whose path has only ASCII characters.")
    return parts


def _post(store: RecordStore, parts: SplitResult, body: bytes) -> None:
    login = f"{store.username}:{store.password}".encode()
    headers = {
        "Authorization": f"Basic {base64.b64encode(login).decode()}",
        "Content-Type": "application/json",
        "X-Experience-API-Version": VERSION,
    }
    path = parts.path.rstrip("/")
    resource = path if path.endswith("/statements") else f"{path}/statements"
    try:
        with connected(
            parts, find_address=_address, timeout=TIMEOUT, longest=LONGEST
        ) as connection:
            connection.request("POST", resource, body, headers)
            status = connection.getresponse().status
    # An invalid host name, such as one with two consecutive dots, is a UnicodeError.
    except (OSError, UnicodeError, http.client.HTTPException) as error:
        raise RecordStoreError(_connection_problem(parts, error)) from error
    # Stores answer 409 or 200 for statements that they already have.
    if status not in {200, 204, 409}:
        raise RecordStoreError(_status_problem(status))


def _address(host: str, port: int) -> str:
    """Return an address of a store: a public one, unless the operator allows the host."""
    if host in settings.RECORD_STORES:
        return addresses_of(host, port)[0]
    try:
        return public_address(host, port)
    except NotPublicError as error:
        raise RecordStoreError(
            f"{host} isn't on the public internet. The server's operator can allow it "
            f"with TOKENX_RECORD_STORES."
        ) from error


def _connection_problem(parts: SplitResult, error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return f"The certificate of {parts.hostname} isn't valid."
    if isinstance(error, TimeoutError):
        return f"{parts.hostname} didn't respond within {TIMEOUT} seconds."
    if isinstance(error, socket.gaierror | UnicodeError):
        return f"We couldn't find the server {parts.hostname}."
    return f"We couldn't reach {parts.hostname}, or it closed the connection."


def _status_problem(status: int) -> str:
    if 300 <= status < 400:
        return f"The store returned {status} because it has another URL. Enter that URL."
    if status in {401, 403}:
        return f"The store returned {status}. Check the username and password."
    if status == 404:
        return "The store returned 404. Check the URL of the xAPI endpoint."
    return f"The store returned {status} and didn't accept the statements."

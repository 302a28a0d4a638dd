"""Token requests: what a client sends, or what a person enters on Try It."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote_plus

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError

from tokenx.org.login_throttle import address_of, network_of

# Bytes of a request's body. A token has at most 10,000 characters.
MAX_BODY = 100_000
_TOO_LARGE = f"The body is larger than {MAX_BODY:,} bytes."
_FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
# Reading a body raises these if the client sent nonsense or disconnected.
UNREADABLE = (
    BadRequest,
    MultiPartParserError,
    RequestDataTooBig,
    SuspiciousOperation,
    UnreadablePostError,
)
# The parameters that the endpoint reads; a client can send others, but these only once.
_PARAMETERS = (
    "grant_type",
    "client_id",
    "client_secret",
    "subject_token",
    "subject_token_type",
    "token_handler",
    "scope",
    "scopes",
    "refresh_token",
    "token",
)


@dataclass(frozen=True)
class Client:
    """The program that sends a request, as the login history shows it."""

    # This server, as the client reached it.
    server_url: str
    address: str = ""
    user_agent: str = ""
    method: str = "POST"

    @property
    def network(self) -> str:
        """Return the network that counts as one client, or an empty string."""
        return network_of(self.address) if self.address else ""


@dataclass(frozen=True)
class TokenRequest:
    """The parameters of a token request; a missing parameter is an empty string.

    `problem` is a sentence if the request can't be read at all.
    """

    client: Client
    grant_type: str = ""
    client_id: str = ""
    client_secret: str = ""
    # The secret of a Basic header that isn't URL-encoded, if that makes a difference.
    other_secret: str = ""
    subject_token: str = ""
    subject_token_type: str = ""
    token_handler: str = ""
    scope: str = ""
    refresh_token: str = ""
    # The token that a client revokes or introspects.
    token: str = ""
    uses_basic: bool = False
    # The org whose administrator sends the request, by Try It or the regression list. It
    # finds only this org's apps, and is never throttled: docs/decisions/try-it.md.
    setup_org: int | None = None
    # The administrator acts for the app, so the app's secret isn't needed.
    acts_for_app: bool = False
    problem: str = ""

    @property
    def is_from_setup(self) -> bool:
        return self.setup_org is not None


def client_of(request: HttpRequest) -> Client:
    """Return the client that a request describes."""
    return Client(
        server_url=f"{request.scheme}://{request.get_host()}",
        address=address_of(request),
        user_agent=request.headers.get("User-Agent", "")[:500],
        method=request.method or "",
    )


def read_token_request(request: HttpRequest) -> TokenRequest:
    """Read a request. Set `problem` if it can't be read."""
    found = TokenRequest(client_of(request))
    if request.method != "POST":
        return replace(found, problem=f"Send a POST request, not {request.method}.")
    if request.content_type not in _FORMS:
        return replace(found, problem="Send the parameters as a form in the body.")
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MAX_BODY:
        return replace(found, problem=_TOO_LARGE)
    try:
        form = request.POST
    except UNREADABLE:
        return replace(found, problem="The body isn't a valid form.")
    return read_parameters(found, form, request.headers.get("Authorization", ""))


def read_pairs(found: TokenRequest, parameters: Sequence[tuple[str, str]]) -> TokenRequest:
    """Add parameters as if they were a form in a body."""
    form = QueryDict(mutable=True)
    for name, value in parameters:
        form.appendlist(name, value)
    if len(form.urlencode()) > MAX_BODY:
        return replace(found, problem=_TOO_LARGE)
    return read_parameters(found, form)


def read_parameters(
    found: TokenRequest, form: QueryDict, authorization: str = ""
) -> TokenRequest:
    """Add the parameters of a form, and the client of the Authorization header."""
    # RFC 6749, section 3.2: parameters aren't repeated, and an empty one is absent.
    if repeated := [name for name in _PARAMETERS if len(form.getlist(name)) > 1]:
        return replace(found, problem=f"The parameter {repeated[0]} is repeated.")
    values: dict[str, Any] = {name: _text(form.get(name, "")) for name in _PARAMETERS}
    # Salesforce's help has both spellings.
    other_spelling = values.pop("scopes")
    values["scope"] = values["scope"] or other_spelling
    found = replace(found, **values)
    scheme, _, credentials = authorization.partition(" ")
    return _with_basic(found, credentials) if scheme.lower() == "basic" else found


def _with_basic(found: TokenRequest, credentials: str) -> TokenRequest:
    """Add the client of the Authorization header (RFC 6749, section 2.3.1)."""
    try:
        text = base64.b64decode(credentials.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return replace(found, problem="The Authorization header isn't valid.")
    name, separator, secret = text.partition(":")
    if not separator or not name:
        return replace(found, problem="The Authorization header isn't valid.")
    # Many clients don't encode the secret, as they should.
    raw, client_id, secret = _text(secret), _text(unquote_plus(name)), unquote_plus(secret)
    secret = _text(secret)
    is_twice = found.client_secret not in {"", secret, raw}
    if is_twice or found.client_id not in {"", client_id}:
        return replace(
            found, problem="The Authorization header and the body name different clients."
        )
    return replace(
        found,
        client_id=client_id,
        client_secret=secret,
        other_secret=raw if raw != secret else "",
        uses_basic=True,
    )


def _text(value: object) -> str:
    """Return a value without NUL, which PostgreSQL refuses even in a condition."""
    return str(value).replace("\0", "\ufffd")

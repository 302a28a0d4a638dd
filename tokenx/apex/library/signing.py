"""Auth.JWS and Auth.JWTBearerTokenExchange: tokens that the org signs."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc.errors import JoseError

from ..runtime.api import Run
from ..runtime.errors import ThrownError, thrown
from ..types import ApexType
from ..values import ApexMap, PlatformObject, Value
from .checks import given
from .crypto import private_key_of, signing_steps
from .exceptions import message_of
from .http import HttpRequest, HttpResponse, get_body, send_request
from .json_building import read_untyped
from .jwt import Jwt, to_json_string
from .keys import PrivateKey
from .registry import constructor, method
from .tokens import sign_token

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
_FAILURE = "Auth.JWTBearerTokenExchange.JWTBearerTokenExchangeException"


@dataclass(slots=True, eq=False, kw_only=True)
class SignedToken(PlatformObject):
    """An Auth.JWS: a token and its signature."""

    compact: str

    def children(self) -> Iterator[Value]:
        """Yield the token."""
        yield self.compact


@dataclass(slots=True, eq=False, kw_only=True)
class TokenExchange(PlatformObject):
    """An Auth.JWTBearerTokenExchange."""

    endpoint: str | None = None
    grant_type: str = _GRANT
    token: SignedToken | None = None
    response: HttpResponse | None = None

    def children(self) -> Iterator[Value]:
        """Yield what it holds."""
        yield from (self.endpoint, self.grant_type, self.token, self.response)


def _algorithm(key: PrivateKey) -> str | None:
    if isinstance(key, rsa.RSAPrivateKey):
        return "RS256" if key.key_size >= 2_048 else None
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return _CURVES.get(key.curve.name)
    return None


@constructor("Auth.JWS")
def new_jws(run: Run, type_: ApexType, payload: Value, name: str | None) -> SignedToken:
    """Sign a JWT, or a text, with the private key of a certificate of the org."""
    payload, name = given(payload), given(name)
    text = to_json_string(run, payload) if isinstance(payload, Jwt) else payload
    key = private_key_of(run, name)
    algorithm = _algorithm(key)
    if algorithm is None:
        words = f"The key of the certificate {name[:100]} can't sign a token"
        raise thrown("SecurityException", words)
    run.budget.charge(signing_steps(key))
    run.budget.charge_for(len(text))
    run.allocate(4 * len(text) + 2_000)
    try:
        compact = sign_token({"alg": algorithm, "typ": "JWT"}, text, key)
    except (JoseError, ValueError, TypeError) as error:
        raise thrown("SecurityException", "The token can't be signed") from error
    return SignedToken(type=type_, compact=compact)


@method("Auth.JWS", "getCompactSerialization")
def get_compact_serialization(run: Run, receiver: SignedToken) -> str:
    """Return the token as text."""
    return receiver.compact


# --- Auth.JWTBearerTokenExchange -------------------------------------------------------


@constructor("Auth.JWTBearerTokenExchange")
def new_exchange(
    run: Run,
    type_: ApexType,
    endpoint: str | None = None,
    token: SignedToken | None = None,
) -> TokenExchange:
    """Make an exchange, with an endpoint and a token or without."""
    run.allocate(64)
    return TokenExchange(type=type_, endpoint=endpoint, token=token)


@method("Auth.JWTBearerTokenExchange", "getTokenEndpoint")
def get_token_endpoint(run: Run, receiver: TokenExchange) -> str | None:
    """Return the address that exchanges the token."""
    return receiver.endpoint


@method("Auth.JWTBearerTokenExchange", "setTokenEndpoint")
def set_token_endpoint(run: Run, receiver: TokenExchange, endpoint: str | None) -> None:
    """Set the address that exchanges the token."""
    receiver.endpoint = endpoint


@method("Auth.JWTBearerTokenExchange", "getGrantType")
def get_grant_type(run: Run, receiver: TokenExchange) -> str:
    """Return the grant type."""
    return receiver.grant_type


@method("Auth.JWTBearerTokenExchange", "setGrantType")
def set_grant_type(run: Run, receiver: TokenExchange, grant_type: str | None) -> None:
    """Set the grant type."""
    receiver.grant_type = given(grant_type)


@method("Auth.JWTBearerTokenExchange", "getJWS")
def get_jws(run: Run, receiver: TokenExchange) -> SignedToken | None:
    """Return the token."""
    return receiver.token


@method("Auth.JWTBearerTokenExchange", "setJWS")
def set_jws(run: Run, receiver: TokenExchange, token: SignedToken | None) -> None:
    """Set the token."""
    receiver.token = token


@method("Auth.JWTBearerTokenExchange", "getHttpResponse")
def get_http_response(run: Run, receiver: TokenExchange) -> HttpResponse | None:
    """Return the response to the exchange."""
    if receiver.response is None:
        receiver.response = _exchange(run, receiver)
    return receiver.response


@method("Auth.JWTBearerTokenExchange", "getAccessToken")
def get_access_token(run: Run, receiver: TokenExchange) -> str | None:
    """Exchange the token, which is a callout, and return the access token."""
    receiver.response = _exchange(run, receiver)
    body = get_body(run, receiver.response)
    if receiver.response.status_code != 200:
        raise thrown(_FAILURE, body[:1_000])
    try:
        found = read_untyped(run, body)
    except ThrownError as error:
        raise thrown(_FAILURE, message_of(error.value)) from error
    pair = found.items.get("access_token") if isinstance(found, ApexMap) else None
    if pair is None or not isinstance(pair[1], str):
        raise thrown(_FAILURE, "The response has no access_token")
    return pair[1]


def _exchange(run: Run, receiver: TokenExchange) -> HttpResponse:
    if receiver.endpoint is None or receiver.token is None:
        raise thrown(_FAILURE, "The token endpoint and the JWS are required")
    fields = {"grant_type": receiver.grant_type, "assertion": receiver.token.compact}
    request = HttpRequest(
        type=ApexType("HttpRequest"),
        endpoint=receiver.endpoint,
        method="POST",
        body=urlencode(fields, errors="replace").encode("ascii"),
    )
    request.headers.set(run, "Content-Type", "application/x-www-form-urlencoded")
    return send_request(run, request)

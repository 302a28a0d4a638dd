"""Auth.JWTUtil and Auth.JWT, with the surprises of the real ones.

In a JWT that Auth.JWTUtil returns, times and lists are texts, several audiences are
one text in brackets, and two getters throw: docs/salesforce/apex.md, "Auth.JWT". Only the
signature is checked; no source says that Salesforce checks more.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..runtime.api import Run
from ..runtime.errors import ThrownError, thrown
from ..runtime.trace import ClaimRead, TokenRead, short
from ..types import OBJECT, ApexType
from ..values import ApexList, ApexMap, Long, PlatformObject, Value
from .allocation import map_of
from .checks import given
from .exceptions import message_of, state_of
from .http import HttpRequest, get_body, send_request
from .json_emitter import Emitter, emit
from .keys import (
    InvalidKeyError,
    PublicKey,
    public_key_from_text,
    public_key_of_certificate,
)
from .registry import constructor, method, static_method
from .tokens import (
    InvalidTokenError,
    JsonWebToken,
    check_signature,
    keys_of_set,
    read_token,
)

_JWT = ApexType("Auth.JWT")
_DEEPEST_TEXT = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True, eq=False, kw_only=True)
class Jwt(PlatformObject):
    """An Auth.JWT: one to be signed, or one that Auth.JWTUtil returned."""

    subject: str | None = None
    issuer: str | None = None
    audience: str | None = None
    claims: ApexMap | None = None
    clock_skew: int | None = None
    validity: int | None = None
    is_received: bool = False

    def children(self) -> Iterator[Value]:
        """Yield what it holds."""
        yield from (self.subject, self.issuer, self.audience, self.claims)


# --- Auth.JWTUtil ----------------------------------------------------------------------


@static_method("Auth.JWTUtil", "parseJWTFromStringWithoutValidation")
def parse_without_validation(run: Run, text: str | None) -> Jwt:
    """Read a token without checking its signature."""
    name = "parseJWTFromStringWithoutValidation"
    return _validate(run, name, given(text), None)


@static_method("Auth.JWTUtil", "validateJWTWithCert")
def validate_with_certificate(run: Run, text: str | None, name: str | None) -> Jwt:
    """Read a token that a certificate's key signed."""
    text, name = given(text), given(name)

    def keys(token: JsonWebToken) -> list[PublicKey]:
        found = run.ports.configuration.certificate(name)
        if found is None:
            words = f"There's no certificate with the unique name {name[:100]!r}"
            raise InvalidTokenError(f"{words} in Certificate and Key Management.")
        return [public_key_of_certificate(found.certificate)]

    return _validate(run, "validateJWTWithCert", text, keys)


@static_method("Auth.JWTUtil", "validateJWTWithKey")
def validate_with_key(run: Run, text: str | None, key: str | None) -> Jwt:
    """Read a token that a public key's owner signed; the key is base64 of an SPKI."""
    text, key = given(text), given(key)
    return _validate(
        run, "validateJWTWithKey", text, lambda token: [public_key_from_text(key)]
    )


@static_method("Auth.JWTUtil", "validateJWTWithKeysEndpoint")
def validate_with_endpoint(
    run: Run, text: str | None, endpoint: str | None, use_cache: bool | None
) -> Jwt:
    """Read a token that a key of a JWKS signed. Fetching the keys is a callout."""
    text, endpoint = given(text), given(endpoint)

    def keys(token: JsonWebToken) -> list[PublicKey]:
        body = _fetch_keys(run, endpoint, use_cache=bool(use_cache))
        return keys_of_set(run, body, token)

    return _validate(run, "validateJWTWithKeysEndpoint", text, keys)


def _fetch_keys(run: Run, endpoint: str, *, use_cache: bool) -> str:
    """Return a JWKS; within a run, it's fetched once if the code allows the cache."""
    place = f"jwks {endpoint}"
    if use_cache and place in run.memo:
        return str(run.memo[place])
    request = HttpRequest(type=ApexType("HttpRequest"), endpoint=endpoint, method="GET")
    response = send_request(run, request)
    if response.status_code != 200:
        status = f"{response.status_code} {response.status or ''}".strip()
        raise InvalidTokenError(f"The keys' endpoint answered with {status}.")
    body = get_body(run, response)
    run.memo[place] = body
    return body


def _validate(
    run: Run,
    name: str,
    text: str,
    keys: Callable[[JsonWebToken], Iterable[PublicKey]] | None,
) -> Jwt:
    """Read a token, check its signature with the keys, and record the outcome."""
    token = None
    try:
        token = read_token(run, text)
        if keys is not None:
            check_signature(run, token, keys(token))
    except (InvalidTokenError, InvalidKeyError) as error:
        _record(run, name, str(error), token, is_valid=False)
        raise thrown("Auth.JWTValidationException", str(error)) from error
    except ThrownError as error:
        message = message_of(error.value)
        _record(run, name, f"The keys weren't read: {message}", token, is_valid=False)
        wrapped = thrown("Auth.JWTValidationException", message)
        state_of(wrapped.value).cause = error.value
        raise wrapped from error
    _record(run, name, _summary(run, token, is_checked=keys is not None), token)
    return _received(run, token)


def _record(
    run: Run, name: str, summary: str, token: JsonWebToken | None, *, is_valid: bool = True
) -> None:
    claims = token.claims if token else {}
    shown = tuple(
        (short(key), short(run.to_text(value))) for key, value in list(claims.items())[:200]
    )
    size = sum(len(key) + len(value) for key, value in shown)
    run.budget.charge_for(size)
    run.record(TokenRead, name, short(summary), is_valid, shown, text_size=size)


def _summary(run: Run, token: JsonWebToken, *, is_checked: bool) -> str:
    """Return a sentence on what was checked, and one if the token expired."""
    words = "The signature is valid." if is_checked else "The signature wasn't checked."
    expiry = _moment(token.claims.get("exp"))
    if expiry and expiry <= run.ports.clock.now():
        words += f" The token expired at {expiry:%Y-%m-%d %H:%M:%S} UTC, and"
        return f"{words} Auth.JWTUtil doesn't check that."
    return f"{words} Auth.JWTUtil doesn't check the expiry, audience, or issuer."


def _received(run: Run, token: JsonWebToken) -> Jwt:
    """Return a JWT with the claims as Salesforce gives them."""
    claims = token.claims
    rest = {
        name: _claim(name, value)
        for name, value in claims.items()
        if name not in ("sub", "iss", "aud")
    }
    return Jwt(
        type=_JWT,
        subject=_text(claims.get("sub")),
        issuer=_text(claims.get("iss")),
        audience=_text(claims.get("aud")),
        claims=map_of(run, OBJECT, rest),
        is_received=True,
    )


# The NumericDates of RFC 7519.
_TIMES = {"exp", "nbf", "iat"}


def _claim(name: str, value: Value) -> Value:
    if name in _TIMES and (moment := _moment(value)):
        return f"{moment:%Y-%m-%d %H:%M:%S}"
    return _text(value) if isinstance(value, ApexList) else value


def _moment(value: Value) -> datetime | None:
    """Return the time of a NumericDate, or None."""
    if isinstance(value, bool | str) or not isinstance(value, int):
        try:
            value = int(value) if not isinstance(value, bool | str) else None
        except (TypeError, ValueError, OverflowError):
            value = None
    if value is None or not 0 <= value < 253_402_300_800:
        return None
    return _EPOCH + timedelta(seconds=int(value))


def _text(value: Value) -> str | None:
    """Return a claim as text, or null."""
    return None if value is None else _java_text(value, 0)


def _java_text(value: Value, depth: int) -> str:
    """Return a claim as Java writes it: lists in brackets, objects in braces."""
    if depth > _DEEPEST_TEXT:
        return "…"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, ApexList):
        return f"[{', '.join(_java_text(each, depth + 1) for each in value.items)}]"
    if isinstance(value, ApexMap):
        pairs = (
            f"{key}={_java_text(each, depth + 1)}" for key, each in value.items.values()
        )
        return f"{{{', '.join(pairs)}}}"
    return str(value)


# --- Auth.JWT --------------------------------------------------------------------------


@constructor("Auth.JWT")
def new_jwt(run: Run, type_: ApexType) -> Jwt:
    """Make a JWT without claims."""
    run.allocate(64)
    return Jwt(type=type_)


def _read(run: Run, receiver: Jwt, name: str, value: str | None) -> str | None:
    if receiver.is_received:
        shown = short("null" if value is None else value)
        run.record(ClaimRead, name, shown, text_size=len(shown))
    return value


@method("Auth.JWT", "getSub")
def get_sub(run: Run, receiver: Jwt) -> str | None:
    """Return the subject."""
    return _read(run, receiver, "sub", receiver.subject)


@method("Auth.JWT", "getIss")
def get_iss(run: Run, receiver: Jwt) -> str | None:
    """Return the issuer."""
    return _read(run, receiver, "iss", receiver.issuer)


@method("Auth.JWT", "getAud")
def get_aud(run: Run, receiver: Jwt) -> str | None:
    """Return the audience; several are one text in brackets."""
    return _read(run, receiver, "aud", receiver.audience)


@method("Auth.JWT", "setSub")
def set_sub(run: Run, receiver: Jwt, value: str | None) -> None:
    """Set the subject."""
    receiver.subject = value


@method("Auth.JWT", "setIss")
def set_iss(run: Run, receiver: Jwt, value: str | None) -> None:
    """Set the issuer."""
    receiver.issuer = value


@method("Auth.JWT", "setAud")
def set_aud(run: Run, receiver: Jwt, value: str | None) -> None:
    """Set the audience."""
    receiver.audience = value


@method("Auth.JWT", "getAdditionalClaims")
def get_additional_claims(run: Run, receiver: Jwt) -> ApexMap | None:
    """Return all claims but aud, iss, and sub."""
    return receiver.claims


@method("Auth.JWT", "setAdditionalClaims")
def set_additional_claims(run: Run, receiver: Jwt, claims: ApexMap | None) -> None:
    """Set the other claims."""
    receiver.claims = claims


def _refuse_if_received(receiver: Jwt, name: str) -> None:
    if receiver.is_received:
        words = f"{name} isn't available for a JWT that Auth.JWTUtil returned"
        raise thrown("NoAccessException", words)


@method("Auth.JWT", "getNbfClockSkew")
def get_nbf_clock_skew(run: Run, receiver: Jwt) -> int | None:
    """Return by how many seconds the token is valid before now."""
    _refuse_if_received(receiver, "getNbfClockSkew")
    return receiver.clock_skew


@method("Auth.JWT", "setNbfClockSkew")
def set_nbf_clock_skew(run: Run, receiver: Jwt, seconds: int | None) -> None:
    """Set by how many seconds the token is valid before now."""
    receiver.clock_skew = seconds


@method("Auth.JWT", "getValidityLength")
def get_validity_length(run: Run, receiver: Jwt) -> int | None:
    """Return for how many seconds the token is valid."""
    _refuse_if_received(receiver, "getValidityLength")
    return receiver.validity


@method("Auth.JWT", "setValidityLength")
def set_validity_length(run: Run, receiver: Jwt, seconds: int | None) -> None:
    """Set for how many seconds the token is valid."""
    receiver.validity = seconds


@method("Auth.JWT", "toJSONString")
def to_json_string(run: Run, receiver: Jwt) -> str:
    """Return the claims as JSON, with times that start now."""
    emitter = Emitter(run, is_pretty=False)
    emit(emitter, map_of(run, OBJECT, _claims_to_sign(run, receiver)))
    return emitter.text


# For how long a token is valid if the code doesn't say it.
_VALIDITY = 300


def _claims_to_sign(run: Run, jwt: Jwt) -> dict[str, Value]:
    claims: dict[str, Value] = {
        "iss": jwt.issuer,
        "sub": jwt.subject,
        "aud": jwt.audience,
    }
    if not jwt.is_received:
        now = int(run.ports.clock.now().timestamp())
        validity = _VALIDITY if jwt.validity is None else jwt.validity
        claims["nbf"] = Long(now - (jwt.clock_skew or 0))
        claims["iat"] = Long(now)
        claims["exp"] = Long(now + validity)
    for key, value in (jwt.claims.items if jwt.claims else {}).values():
        claims[str(key)] = value
    return {name: value for name, value in claims.items() if value is not None}

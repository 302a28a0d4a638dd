"""Tokens of simulated issuers: signs them, breaks them, and reads them again.

An opaque token is its claims, sealed by tokenx.org.sealing. For this reason, no table has
tokens, and a token is valid until it expires or its issuer's key isn't published anymore.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.exceptions import ValidationError
from django.utils import timezone
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, RSAKey

from tokenx.org.claims import check_claims
from tokenx.org.models import Issuer
from tokenx.org.sealing import SealError, seal, unseal
from tokenx.setup.provider_shapes import EXPIRES, RANDOM, STARTS

from .saml import sign_assertion, tampered_assertion, without_signature
from .signers import (
    CURRENT,
    HS256,
    NONE,
    confused_signer,
    forger,
    jwt_part,
    key_id_of,
    published_jwks,
    secret_of,
    signer_of,
)

__all__ = [
    "Broken",
    "Mint",
    "TokenKind",
    "claims_of",
    "complete_claims",
    "is_current",
    "key_id_of",
    "mint",
    "published_jwks",
]

# How far off the times of expired and early tokens are. Classes allow for a clock that's
# minutes off.
_EXPIRED_FOR = timedelta(hours=1)
_STARTS_IN = timedelta(hours=1)
_OPAQUE = b"tokenx.opaque:"
_ELSEWHERE = "https://elsewhere.example"
# One more than the token endpoint takes: docs/salesforce/product.md, "Token request".
TOO_LONG = 10_001


class TokenKind(StrEnum):
    """The form of a token."""

    JWT = "jwt"
    OPAQUE = "opaque"
    SAML = "saml"


class Broken(StrEnum):
    """The ways to break a token. A handler must refuse each broken token."""

    EXPIRED = "expired"
    EARLY = "not_yet_valid"
    OTHER_AUDIENCE = "other_audience"
    OTHER_ISSUER = "other_issuer"
    FORGED = "forged_signature"
    UNKNOWN_KEY = "unknown_kid"
    UNSIGNED = "alg_none"
    CONFUSED = "algorithm_confusion"
    TAMPERED = "tampered_payload"
    OTHER_TYPE = "other_type"
    OPAQUE = "opaque"
    TOO_LONG = "too_long"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Broken.EXPIRED: "Expired",
    Broken.EARLY: "Not yet valid",
    Broken.OTHER_AUDIENCE: "For another audience",
    Broken.OTHER_ISSUER: "From another issuer",
    Broken.FORGED: "Forged signature (another key with the same key ID)",
    Broken.UNKNOWN_KEY: "Unknown key ID",
    Broken.UNSIGNED: "Unsigned (alg: none)",
    Broken.CONFUSED: "Algorithm confusion (HS256 with the public key)",
    Broken.TAMPERED: "Tampered payload",
    Broken.OTHER_TYPE: "Another type of token",
    Broken.OPAQUE: "Opaque instead of a JWT",
    Broken.TOO_LONG: "Too long (10,001 characters)",
}


@dataclass(frozen=True)
class Mint:
    """Options of a new token: its lifetime, form, signature, and what's broken."""

    lifetime: timedelta = timedelta(minutes=5)
    kind: TokenKind = TokenKind.JWT
    broken: Broken | None = None
    # Of a JWT. Blank: the key's algorithm.
    algorithm: str = ""
    # A name of tokenx.setup.apex_runs.signers.
    key: str = CURRENT
    # None: the key's own ID. Blank: no key ID.
    key_id: str | None = None
    # More names in a JWT's header, such as its type.
    header: tuple[tuple[str, str], ...] = (("typ", "JWT"),)
    # Claims that are new in each token: their times and IDs.
    added: tuple[tuple[str, str], ...] = (
        ("iat", STARTS),
        ("nbf", STARTS),
        ("exp", EXPIRES),
        ("jti", RANDOM),
    )


def mint(
    issuer: Issuer, claims: dict[str, Any], how: Mint | None = None, *, now: Any = None
) -> str:
    """Return a signed token. Raise ValidationError if the issuer can't sign it.

    The issuer's own claims and the times are added. A claim that's None is left out.
    """
    how = how or Mint()
    complete = complete_claims(issuer, claims, how, now or timezone.now())
    check_claims(complete)
    match _kind_of(how):
        case TokenKind.OPAQUE:
            return _opaque(issuer, complete, how)
        case TokenKind.SAML:
            return _assertion(issuer, complete, how)
        case TokenKind.JWT:
            return _jwt(issuer, complete, how)


def complete_claims(
    issuer: Issuer, claims: dict[str, Any], how: Mint, now: datetime
) -> dict[str, Any]:
    """Return the claims of a token, with the issuer, the times, and an ID."""
    starts = now
    if how.broken == Broken.EXPIRED:
        starts = now - _EXPIRED_FOR - how.lifetime
    elif how.broken == Broken.EARLY:
        starts = now + _STARTS_IN
    times = {STARTS: starts, EXPIRES: starts + how.lifetime}
    seconds = {name: int(time.timestamp()) for name, time in times.items()}
    added = {name: _new_value(value, seconds) for name, value in how.added}
    complete = {"iss": issuer.iss, **added, **claims}
    match how.broken:
        case Broken.EXPIRED:
            complete["exp"] = seconds[EXPIRES]
        case Broken.EARLY:
            complete |= {"iat": seconds[STARTS], "nbf": seconds[STARTS]}
            complete["exp"] = seconds[EXPIRES]
        case Broken.OTHER_AUDIENCE:
            complete["aud"] = _ELSEWHERE
        case Broken.OTHER_ISSUER:
            complete["iss"] = _ELSEWHERE
    return {name: value for name, value in complete.items() if value is not None}


def _new_value(value: str, seconds: dict[str, int]) -> Any:
    if value in seconds:
        return seconds[value]
    return value.replace(RANDOM, secrets.token_urlsafe(12))


def claims_of(issuer: Issuer, token: str) -> dict[str, Any] | None:
    """Return the claims of a token that the issuer signed, or None. Times don't matter."""
    if token.count(".") == 2:
        return _claims_of_jwt(issuer, token)
    try:
        text = unseal(token)
        if not text.startswith(_OPAQUE):
            return None
        content = json.loads(text.removeprefix(_OPAQUE))
    except (SealError, ValueError):
        return None
    if content["issuer"] not in _identities(issuer):
        return None
    claims: dict[str, Any] = content["claims"]
    return claims


def is_current(claims: dict[str, Any], now: datetime | None = None) -> bool:
    """Tell whether a token with these claims is valid at a time."""
    seconds = (now or timezone.now()).timestamp()
    expires, starts = claims.get("exp"), claims.get("nbf")
    has_started = not isinstance(starts, int | float) or starts <= seconds
    return has_started and not (isinstance(expires, int | float) and expires <= seconds)


def _kind_of(how: Mint) -> TokenKind:
    if how.broken == Broken.OPAQUE:
        return TokenKind.OPAQUE
    if how.broken == Broken.OTHER_TYPE:
        return TokenKind.JWT if how.kind == TokenKind.SAML else TokenKind.SAML
    return how.kind


# --- JWTs --------------------------------------------------------------------------------


def _jwt(issuer: Issuer, claims: dict[str, Any], how: Mint) -> str:
    if how.broken == Broken.TOO_LONG:
        return _long_jwt(issuer, claims, how)
    return _signed_jwt(issuer, claims, how)


def _signed_jwt(
    issuer: Issuer, claims: dict[str, Any], how: Mint, padding: str = ""
) -> str:
    algorithm = NONE if how.broken == Broken.UNSIGNED else how.algorithm
    match how.broken:
        case Broken.FORGED | Broken.UNKNOWN_KEY:
            signer = forger(issuer, how.key, algorithm)
        case Broken.CONFUSED:
            signer = confused_signer(issuer)
        case _:
            signer = signer_of(issuer, how.key, algorithm)
    key_id = signer.key_id if how.key_id is None else how.key_id
    if how.broken == Broken.UNKNOWN_KEY:
        key_id = f"unknown-{secrets.token_hex(8)}"
    header = dict(how.header) | {
        name: text for name, text in (("kid", key_id), ("pad", padding)) if text
    }
    token = signer.sign(header, claims)
    return _tampered_jwt(token, claims) if how.broken == Broken.TAMPERED else token


def _tampered_jwt(token: str, claims: dict[str, Any]) -> str:
    """Return a token whose payload was changed after it was signed."""
    header, _, signature = token.split(".")
    expires = claims.get("exp")
    later = {"exp": int(expires) + 3600} if isinstance(expires, int | float) else {}
    return f"{header}.{jwt_part({**claims, **later, 'tampered': True})}.{signature}"


def _long_jwt(issuer: Issuer, claims: dict[str, Any], how: Mint) -> str:
    """Return a token with exactly TOO_LONG characters, whose signature is valid.

    A part of a token can't have every length, so the header has padding, too.
    """
    token = ""
    for padding in ("", "x", "xx", "xxx"):
        count = 0
        for _ in range(4):
            padded = {**claims, "padding": "x" * count}
            token = _signed_jwt(issuer, padded, how, padding)
            if len(token) == TOO_LONG:
                return token
            count = max(count + (TOO_LONG - len(token)) * 3 // 4, 0)
    return token


def _claims_of_jwt(issuer: Issuer, token: str) -> dict[str, Any] | None:
    for public in published_jwks(issuer):
        key = (
            ECKey.import_key(public) if public["kty"] == "EC" else RSAKey.import_key(public)
        )
        claims = _decoded(token, key, public["alg"])
        if claims is not None:
            return claims
    secret = secret_of(issuer)
    return _decoded(token, OctKey.import_key(secret), HS256) if secret else None


def _decoded(token: str, key: Any, algorithm: str) -> dict[str, Any] | None:
    try:
        claims: dict[str, Any] = jwt.decode(token, key, [algorithm]).claims
    # joserfc reads a header such as {"crit": 1} without checking its type.
    except (JoseError, ValueError, TypeError):
        return None
    return claims


# --- Opaque tokens and assertions --------------------------------------------------------


def _opaque(issuer: Issuer, claims: dict[str, Any], how: Mint) -> str:
    _refuse_jwt_options(how, "An opaque token")
    identity = _identities(issuer)[0]
    if how.broken == Broken.TOO_LONG:
        claims = {**claims, "padding": "x" * TOO_LONG}
    content = _OPAQUE + json.dumps({"issuer": identity, "claims": claims}).encode()
    match how.broken:
        case Broken.FORGED:
            return Fernet(Fernet.generate_key()).encrypt(content).decode()
        case Broken.TAMPERED:
            token = seal(content)
            middle = len(token) // 2
            other = "A" if token[middle] != "A" else "B"
            return f"{token[:middle]}{other}{token[middle + 1 :]}"
    return seal(content)


def _identities(issuer: Issuer) -> list[list[Any]]:
    """Return what an opaque token must match; another org's issuer never does."""
    start = [issuer.org_id, issuer.name]
    previous = issuer.previous_key.get("kid")
    current = [*start, issuer.key_id, issuer.certificate_name]
    return [current, *([[*start, previous, ""]] if previous else [])]


def _assertion(issuer: Issuer, claims: dict[str, Any], how: Mint) -> str:
    if how.broken != Broken.UNSIGNED:
        _refuse_jwt_options(how, "A SAML assertion")
    if how.broken == Broken.TOO_LONG:
        claims = {**claims, "padding": "x" * TOO_LONG}
    is_other = how.broken in (Broken.FORGED, Broken.OTHER_TYPE)
    signer = forger(issuer, how.key, "RS256") if is_other else signer_of(issuer, how.key)
    if not isinstance(signer.private, rsa.RSAPrivateKey):
        raise ValidationError(
            f"{issuer.label} has an ES256 key. SAML assertions need RS256: edit the issuer."
        )
    token = sign_assertion(claims, signer.private)
    match how.broken:
        case Broken.UNSIGNED:
            return without_signature(token)
        case Broken.TAMPERED:
            return tampered_assertion(token)
    return token


def _refuse_jwt_options(how: Mint, subject: str) -> None:
    if how.broken in (Broken.UNKNOWN_KEY, Broken.UNSIGNED, Broken.CONFUSED):
        raise ValidationError(
            f"{subject} has no JWT header. Select the format JWT for a token that's "
            f"broken this way: {how.broken.label}."
        )

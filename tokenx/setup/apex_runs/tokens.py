"""Tokens of simulated issuers: signs them, forges them, and reads them again.

An opaque token is its claims, sealed by tokenx.org.sealing. For this reason, no table has
tokens, and a token is valid until it expires or its issuer gets another key.
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
from joserfc.jwk import ECKey, RSAKey

from tokenx.org.claims import check_claims
from tokenx.org.issuer_keys import PrivateKey, another_key, jwk_of, load_sealed_key
from tokenx.org.models import Certificate, Issuer
from tokenx.org.sealing import SealError, seal, unseal

from .saml import sign_assertion

# How long ago an expired token expired. Classes allow for a clock that's minutes off.
_EXPIRED_FOR = timedelta(hours=1)
_OPAQUE = b"tokenx.opaque:"


class TokenKind(StrEnum):
    """The form of a token."""

    JWT = "jwt"
    OPAQUE = "opaque"
    SAML = "saml"


@dataclass(frozen=True)
class Mint:
    """Options of a new token: its lifetime, its form, and whether it's a bad one."""

    lifetime: timedelta = timedelta(minutes=5)
    kind: TokenKind = TokenKind.JWT
    is_forged: bool = False
    is_expired: bool = False


def mint(
    issuer: Issuer, claims: dict[str, Any], how: Mint | None = None, *, now: Any = None
) -> str:
    """Return a signed token. Raise ValidationError if the issuer can't sign it.

    The issuer's own claims and the times are added. A claim that's None is left out. A
    forged token has another key's signature under the issuer's key ID.
    """
    how = how or Mint()
    complete = complete_claims(issuer, claims, how, now or timezone.now())
    check_claims(complete)
    match how.kind:
        case TokenKind.OPAQUE:
            return _opaque(issuer, complete, is_forged=how.is_forged)
        case TokenKind.SAML:
            return sign_assertion(complete, _saml_key(issuer, is_forged=how.is_forged))
        case TokenKind.JWT:
            return _jwt(issuer, complete, is_forged=how.is_forged)


def complete_claims(
    issuer: Issuer, claims: dict[str, Any], how: Mint, now: datetime
) -> dict[str, Any]:
    """Return the claims of a token, with the issuer, the times, and an ID."""
    starts = now - _EXPIRED_FOR - how.lifetime if how.is_expired else now
    times = {"iat": starts, "nbf": starts, "exp": starts + how.lifetime}
    added = {
        "iss": issuer.iss,
        **{name: int(time.timestamp()) for name, time in times.items()},
        "jti": secrets.token_urlsafe(12),
    }
    return {name: value for name, value in {**added, **claims}.items() if value is not None}


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
    if content["issuer"] != _identity(issuer):
        return None
    claims: dict[str, Any] = content["claims"]
    return claims


def is_current(claims: dict[str, Any], now: datetime | None = None) -> bool:
    """Tell whether a token with these claims is valid at a time."""
    seconds = (now or timezone.now()).timestamp()
    expires, starts = claims.get("exp"), claims.get("nbf")
    has_started = not isinstance(starts, int | float) or starts <= seconds
    return has_started and not (isinstance(expires, int | float) and expires <= seconds)


def public_jwk(issuer: Issuer) -> dict[str, Any]:
    """Return the public key as the keys URL has it. Raise ValidationError without one."""
    public = issuer.public_key
    if issuer.certificate_name:
        public = dict(jwk_of(_private_key(issuer)).as_dict(private=False))
    key_id = key_id_of(issuer)
    return {**public, "use": "sig", "alg": issuer.algorithm, "kid": key_id}


def key_id_of(issuer: Issuer) -> str:
    """Return the key ID in tokens and at the keys URL."""
    return issuer.key_id or issuer.certificate_name


def _jwt(issuer: Issuer, claims: dict[str, Any], *, is_forged: bool) -> str:
    private = another_key(issuer.algorithm) if is_forged else _private_key(issuer)
    header = {"typ": "JWT", "alg": issuer.algorithm, "kid": key_id_of(issuer)}
    return jwt.encode(header, claims, jwk_of(private), algorithms=[issuer.algorithm])


def _opaque(issuer: Issuer, claims: dict[str, Any], *, is_forged: bool) -> str:
    content = json.dumps({"issuer": _identity(issuer), "claims": claims}).encode()
    if is_forged:
        return Fernet(Fernet.generate_key()).encrypt(_OPAQUE + content).decode()
    return seal(_OPAQUE + content)


def _identity(issuer: Issuer) -> list[Any]:
    """Return what an opaque token must match; another org's issuer never does."""
    return [issuer.org_id, issuer.name, issuer.key_id, issuer.certificate_name]


def _saml_key(issuer: Issuer, *, is_forged: bool) -> rsa.RSAPrivateKey:
    private = another_key(issuer.algorithm) if is_forged else _private_key(issuer)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise ValidationError(
            f"{issuer.label} has an ES256 key. SAML assertions need RS256: edit the issuer."
        )
    return private


def _private_key(issuer: Issuer) -> PrivateKey:
    sealed_key = issuer.sealed_key
    if issuer.certificate_name:
        named = Certificate.objects.filter(
            org=issuer.org_id, name__iexact=issuer.certificate_name
        )
        certificate = named.first()
        sealed_key = certificate.sealed_key if certificate else ""
    if not sealed_key:
        raise ValidationError(
            f"The certificate {issuer.certificate_name} has no private key or doesn't "
            f"exist. Edit {issuer.label} and select another one."
        )
    try:
        return load_sealed_key(sealed_key)
    except SealError as error:
        raise ValidationError(
            f"The server's secret key has changed. Generate a new key for {issuer.label}."
        ) from error


def _claims_of_jwt(issuer: Issuer, token: str) -> dict[str, Any] | None:
    public = public_jwk(issuer)
    key = ECKey.import_key(public) if public["kty"] == "EC" else RSAKey.import_key(public)
    try:
        claims: dict[str, Any] = jwt.decode(token, key, [issuer.algorithm]).claims
    # joserfc reads a header such as {"crit": 1} without checking its type.
    except (JoseError, ValueError, TypeError):
        return None
    return claims

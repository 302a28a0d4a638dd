"""The keys with which a simulated issuer signs: its own, its previous one, and others."""

import base64
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.exceptions import ValidationError
from joserfc import jws

from tokenx.org.issuer_keys import PrivateKey, another_key, jwk_of, load_sealed_key
from tokenx.org.models import Certificate, Issuer
from tokenx.org.models.issuer import Algorithm
from tokenx.org.sealing import SealError, unseal

HS256, NONE = "HS256", "none"
# The algorithms of a mint. The first two are those of an issuer's key.
ALGORITHMS = (*Algorithm.values, HS256, NONE)
# The keys of a mint. A certificate's key is "certificate:" and the certificate's name.
CURRENT, PREVIOUS, ANOTHER, CERTIFICATE = "current", "previous", "another", "certificate:"


# A header can have any names: a verifier must ignore those that it doesn't know.
_HEADERS = jws.JWSRegistry(algorithms=[*Algorithm.values], strict_check_header=False)


@dataclass(frozen=True)
class Signer:
    """A key, its ID, and the algorithm of its signatures."""

    key_id: str
    algorithm: str
    # None for HS256 and "none".
    private: PrivateKey | None = None
    # The shared secret of HS256.
    secret: bytes = b""

    def sign(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """Return a JWT. Its header gets the algorithm."""
        header = {**header, "alg": self.algorithm}
        if self.private is not None:
            # joserfc.jwt adds the type, which some products leave out.
            content = json.dumps(claims, ensure_ascii=False, separators=(",", ":"))
            return jws.serialize_compact(
                header, content.encode(), jwk_of(self.private), [self.algorithm], _HEADERS
            )
        signed = f"{jwt_part(header)}.{jwt_part(claims)}"
        if self.algorithm == NONE:
            return f"{signed}."
        return f"{signed}.{base64url(hmac.digest(self.secret, signed.encode(), 'sha256'))}"


def jwt_part(content: dict[str, Any]) -> str:
    """Return a part of a JWT: an object as JSON in base64url."""
    return base64url(json.dumps(content, separators=(",", ":")).encode())


def base64url(content: bytes) -> str:
    """Return bytes in base64url without padding (RFC 7515, appendix C)."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def signer_of(issuer: Issuer, key: str = CURRENT, algorithm: str = "") -> Signer:
    """Return a key of the issuer. Raise ValidationError if it can't sign that way."""
    if algorithm == NONE:
        return Signer(key_id_of(issuer), NONE)
    if key == ANOTHER:
        return forger(issuer, CURRENT, algorithm)
    if algorithm == HS256:
        secret = secret_of(issuer)
        if not secret:
            raise ValidationError(
                f"{issuer.label} has no shared secret. Open the issuer, and select "
                "Shared Secret."
            )
        return Signer(key_id_of(issuer), HS256, secret=secret.encode())
    signer = _own_signer(issuer, key)
    if algorithm and algorithm != signer.algorithm:
        raise ValidationError(
            f"This key of {issuer.label} signs with {signer.algorithm}. To sign with "
            f"{algorithm}, edit the issuer or select another key."
        )
    return signer


def forger(issuer: Issuer, key: str = CURRENT, algorithm: str = "") -> Signer:
    """Return a key that isn't the issuer's, under the ID of one that is."""
    named = CURRENT if key == ANOTHER else key
    key_id = issuer.previous_key.get("kid", "") if named == PREVIOUS else key_id_of(issuer)
    if named.startswith(CERTIFICATE):
        key_id = named.removeprefix(CERTIFICATE)
    algorithm = algorithm or issuer.algorithm
    if algorithm == NONE:
        return Signer(key_id, NONE)
    if algorithm == HS256:
        return Signer(key_id, HS256, secret=secrets.token_bytes(32))
    private = another_key(algorithm)
    return Signer(key_id, algorithm, private)


def confused_signer(issuer: Issuer) -> Signer:
    """Return the public key as a shared secret.

    A verifier that lets the token's header choose the algorithm takes its signature.
    """
    public = _private_key(issuer).public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return Signer(key_id_of(issuer), HS256, secret=pem)


def public_jwk(issuer: Issuer) -> dict[str, Any]:
    """Return the public key as the keys URL has it. Raise ValidationError without one."""
    public = issuer.public_key
    if issuer.certificate_name:
        public = dict(jwk_of(_private_key(issuer)).as_dict(private=False))
    key_id = key_id_of(issuer)
    return {**public, "use": "sig", "alg": issuer.algorithm, "kid": key_id}


def published_jwks(issuer: Issuer) -> list[dict[str, Any]]:
    """Return the keys at the keys URL: the current one, and the previous one."""
    keys = [public_jwk(issuer)]
    if previous := issuer.previous_key:
        about = {"use": "sig", "alg": previous["alg"], "kid": previous["kid"]}
        keys.append({**previous["public"], **about})
    return keys


def key_id_of(issuer: Issuer) -> str:
    """Return the key ID in tokens and at the keys URL."""
    return issuer.key_id or issuer.certificate_name


def secret_of(issuer: Issuer) -> str:
    """Return the shared secret of HS256 signatures, or nothing."""
    if not issuer.sealed_secret:
        return ""
    try:
        return unseal(issuer.sealed_secret).decode()
    except SealError:
        return ""


def _own_signer(issuer: Issuer, key: str) -> Signer:
    if key == PREVIOUS:
        previous = issuer.previous_key
        if not previous:
            raise ValidationError(
                f"{issuer.label} has no previous key. Rotate its key first."
            )
        private = _load(issuer, previous["sealed"])
        return Signer(previous["kid"], previous["alg"], private)
    if key.startswith(CERTIFICATE):
        name = key.removeprefix(CERTIFICATE)
        private = _key_of_certificate(issuer, name)
        return Signer(name, Algorithm.RS256, private)
    private = _private_key(issuer)
    return Signer(key_id_of(issuer), issuer.algorithm, private)


def _private_key(issuer: Issuer) -> PrivateKey:
    if issuer.certificate_name:
        return _key_of_certificate(issuer, issuer.certificate_name)
    return _load(issuer, issuer.sealed_key)


def _key_of_certificate(issuer: Issuer, name: str) -> PrivateKey:
    named = Certificate.objects.filter(org=issuer.org_id, name__iexact=name)
    certificate = named.first()
    if certificate is None or not certificate.sealed_key:
        raise ValidationError(
            f"The certificate {name} has no private key or doesn't "
            f"exist. Edit {issuer.label} and select another one."
        )
    return _load(issuer, certificate.sealed_key)


def _load(issuer: Issuer, sealed_key: str) -> PrivateKey:
    try:
        return load_sealed_key(sealed_key)
    except SealError as error:
        raise ValidationError(
            f"The server's secret key has changed. Rotate the key of {issuer.label}."
        ) from error

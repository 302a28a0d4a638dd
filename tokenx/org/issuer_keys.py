"""The keys of simulated issuers: generates, seals, and loads them."""

from functools import cache
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from joserfc.jwk import ECKey, RSAKey

from .sealing import seal, unseal

_KEY_SIZE = 2048

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
Jwk = RSAKey | ECKey


class IssuerKey(NamedTuple):
    """A new key: its thumbprint, its public part as a JWK, and its sealed private part."""

    thumbprint: str
    public_key: dict[str, Any]
    sealed_key: str


def generate_issuer_key(algorithm: str) -> IssuerKey:
    """Generate a key for an algorithm, RS256 or ES256."""
    private = generate_private_key(algorithm)
    jwk = jwk_of(private)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return IssuerKey(jwk.thumbprint(), dict(jwk.as_dict(private=False)), seal(pem))


def generate_private_key(algorithm: str) -> PrivateKey:
    """Generate a private key that isn't sealed."""
    if algorithm == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=_KEY_SIZE)


def load_sealed_key(sealed_key: str) -> PrivateKey:
    """Return a sealed private key. Raise SealError if the server's secret key changed."""
    pem = unseal(sealed_key)
    # The check takes longer than signing, and only this server could have sealed the key.
    key: Any = load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
    return key


def jwk_of(private: PrivateKey) -> Jwk:
    """Return a private key as joserfc needs it."""
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return ECKey(private, private)
    return RSAKey(private, private)


@cache
def another_key(algorithm: str) -> PrivateKey:
    """Return a key that no issuer has, for forged tokens. It's the same in a process."""
    return generate_private_key(algorithm)

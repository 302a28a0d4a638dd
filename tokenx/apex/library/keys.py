"""Reads public and private keys, in DER, PEM, or as a JWK. Sizes are bounded.

A problem is an InvalidKeyError with a sentence; callers turn it into their own exception.
"""

import base64
import binascii
import re
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

MAX_ENCODED = 20_000
MAX_PRIVATE = 10_000
MAX_RSA_BITS = 8_192
MIN_RSA_BITS = 1_024
MAX_EXPONENT_BITS = 33
_PEM_START = re.compile(r"-----BEGIN ([A-Z ]{1,40})-----")

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


class InvalidKeyError(Exception):
    """A key can't be used; the message is a sentence."""


def _checked(key: Any) -> Any:
    kinds = (
        rsa.RSAPublicKey,
        rsa.RSAPrivateKey,
        ec.EllipticCurvePublicKey,
        ec.EllipticCurvePrivateKey,
        ed25519.Ed25519PublicKey,
        ed25519.Ed25519PrivateKey,
    )
    if not isinstance(key, kinds):
        raise InvalidKeyError("The key is neither an RSA key nor an elliptic curve key.")
    if isinstance(key, rsa.RSAPublicKey | rsa.RSAPrivateKey):
        if key.key_size > MAX_RSA_BITS:
            raise InvalidKeyError(f"The key has more than {MAX_RSA_BITS:,} bits.")
        if key.key_size < MIN_RSA_BITS:
            raise InvalidKeyError(f"The key has fewer than {MIN_RSA_BITS:,} bits.")
    # A longer exponent makes a check as slow as a signature.
    if isinstance(key, rsa.RSAPublicKey):
        exponent = key.public_numbers().e
        if exponent.bit_length() > MAX_EXPONENT_BITS:
            raise InvalidKeyError("The key's exponent is too large.")
    return key


def public_key_from_der(der: bytes) -> PublicKey:
    """Read an SPKI, a certificate, or a PKCS #1 public key."""
    if len(der) > MAX_ENCODED:
        raise InvalidKeyError(f"The key has more than {MAX_ENCODED:,} bytes.")
    try:
        return _checked(serialization.load_der_public_key(der))
    except (ValueError, UnsupportedAlgorithm, TypeError):
        pass
    return public_key_of_certificate(der)


def public_key_of_certificate(content: bytes) -> PublicKey:
    """Return the key of a certificate in DER or PEM."""
    if len(content) > MAX_ENCODED:
        raise InvalidKeyError(f"The certificate has more than {MAX_ENCODED:,} bytes.")
    try:
        if content.lstrip().startswith(b"-----"):
            certificate = x509.load_pem_x509_certificate(content)
        else:
            certificate = x509.load_der_x509_certificate(content)
        return _checked(certificate.public_key())
    except (ValueError, UnsupportedAlgorithm, TypeError) as error:
        raise InvalidKeyError("It isn't a public key or a certificate.") from error


def public_key_from_text(text: str) -> PublicKey:
    """Read a public key or certificate in PEM, or the base64 of its DER."""
    if len(text) > 2 * MAX_ENCODED:
        raise InvalidKeyError(f"The key has more than {2 * MAX_ENCODED:,} characters.")
    return public_key_from_der(decode_base64(_without_pem_lines(text)))


def _without_pem_lines(text: str) -> str:
    """Return the base64 of the first PEM block, or all text if it has no block."""
    start = _PEM_START.search(text)
    end = text.find(f"-----END {start[1]}-----", start.end()) if start else -1
    return text[start.end() : end] if start and end >= 0 else text


def decode_base64(text: str) -> bytes:
    """Read base64 in either alphabet, with white space and without padding."""
    compact = "".join(text.split()).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidKeyError("It isn't base64.") from error


def is_pkcs8(der: bytes) -> bool:
    """Say whether bytes look like PKCS #8: a sequence of 0, an algorithm, and the key."""
    index = der[:12].find(b"\x02\x01\x00")
    return der[:1] == b"\x30" and index > 0 and der[index + 3 : index + 4] == b"\x30"


def private_key_from_der(der: bytes) -> PrivateKey:
    """Read a private key in PKCS #8. An RSA key is checked, which takes long."""
    if len(der) > MAX_PRIVATE or not is_pkcs8(der):
        raise InvalidKeyError("It isn't a private key in PKCS #8.")
    try:
        return _checked(serialization.load_der_private_key(der, None))
    except (ValueError, UnsupportedAlgorithm, TypeError) as error:
        raise InvalidKeyError("It isn't a private key in PKCS #8.") from error


def private_key_from_pem(pem: bytes) -> PrivateKey:
    """Read a private key of the org, which was checked when it was stored."""
    try:
        return _checked(
            serialization.load_pem_private_key(
                pem, None, unsafe_skip_rsa_key_validation=True
            )
        )
    except (ValueError, UnsupportedAlgorithm, TypeError) as error:
        raise InvalidKeyError("It isn't a private key in PKCS #8.") from error


_CURVES: dict[str, ec.EllipticCurve] = {
    "P-256": ec.SECP256R1(),
    "P-384": ec.SECP384R1(),
    "P-521": ec.SECP521R1(),
}


def public_key_from_jwk(jwk: dict[str, Any]) -> PublicKey:
    """Read a JWK's public key; the private part, if any, isn't read."""
    kind = jwk.get("kty")
    try:
        if kind == "RSA":
            numbers = rsa.RSAPublicNumbers(_number(jwk, "e"), _number(jwk, "n"))
            if numbers.n.bit_length() > MAX_RSA_BITS:
                raise InvalidKeyError(f"The key has more than {MAX_RSA_BITS:,} bits.")
            return _checked(numbers.public_key())
        if kind == "EC":
            curve = _CURVES.get(str(jwk.get("crv")))
            if curve is None:
                raise InvalidKeyError("The key's curve isn't P-256, P-384, or P-521.")
            x, y = _number(jwk, "x"), _number(jwk, "y")
            return ec.EllipticCurvePublicNumbers(x, y, curve).public_key()
        if kind == "OKP" and jwk.get("crv") == "Ed25519":
            return ed25519.Ed25519PublicKey.from_public_bytes(_bytes(jwk, "x"))
    except (ValueError, UnsupportedAlgorithm, TypeError, OverflowError) as error:
        raise InvalidKeyError("The key's numbers aren't valid.") from error
    raise InvalidKeyError(f"The key type {str(kind)[:40]!r} isn't RSA, EC, or Ed25519.")


def _bytes(jwk: dict[str, Any], name: str) -> bytes:
    text = jwk.get(name)
    if not isinstance(text, str) or len(text) > 2_000:
        raise InvalidKeyError(f"The key has no {name!r}.")
    return decode_base64(text)


def _number(jwk: dict[str, Any], name: str) -> int:
    return int.from_bytes(_bytes(jwk, name), "big")

"""Crypto: digests, message authentication codes, and signatures."""

import hashlib
import hmac as hmac_module
from collections.abc import Callable

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from ..runtime.api import Run
from ..runtime.errors import NotRunnableError, ThrownError, thrown
from ..values import Long, Value
from .checks import given
from .keys import (
    MAX_PRIVATE,
    InvalidKeyError,
    PrivateKey,
    PublicKey,
    is_pkcs8,
    private_key_from_der,
    private_key_from_pem,
    public_key_from_der,
    public_key_of_certificate,
)
from .registry import static_method
from .tokens import SIGN_STEPS, VERIFY_STEPS

_DIGESTS: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "MD5": hashes.MD5,
    "SHA1": hashes.SHA1,
    "SHA-1": hashes.SHA1,
    "SHA256": hashes.SHA256,
    "SHA-256": hashes.SHA256,
    "SHA384": hashes.SHA384,
    "SHA-384": hashes.SHA384,
    "SHA512": hashes.SHA512,
    "SHA-512": hashes.SHA512,
    "SHA3-256": hashes.SHA3_256,
    "SHA3-384": hashes.SHA3_384,
    "SHA3-512": hashes.SHA3_512,
}
_MACS = {
    f"HMAC{name.replace('-', '', 1) if name.startswith('SHA-') else name}": make
    for name, make in _DIGESTS.items()
}
# The digest of each signature algorithm, by its kind of key.
_RSA: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "RSA": hashes.SHA1,
    "RSA-SHA1": hashes.SHA1,
    "RSA-SHA256": hashes.SHA256,
    "RSA-SHA384": hashes.SHA384,
    "RSA-SHA512": hashes.SHA512,
}
_CURVE: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "ECDSA-SHA256": hashes.SHA256,
    "ECDSA-SHA384": hashes.SHA384,
    "ECDSA-SHA512": hashes.SHA512,
}
MAX_INPUT_PER_STEP = 2_000
# The steps of checking a private key of 2,048 bits, and its bytes in PKCS #8.
_CHECK_STEPS = 12_000
_BYTES_OF_2048_BITS = 1_216


def security_error(message: str) -> ThrownError:
    """Return a SecurityException."""
    return thrown("SecurityException", message)


def _unknown(name: str) -> ThrownError:
    return security_error(f"Invalid algorithm {name[:100]}")


# --- Digests ---------------------------------------------------------------------------


@static_method("Crypto", "generateDigest")
def generate_digest(run: Run, algorithm: str | None, content: bytes | None) -> bytes:
    """Return a digest."""
    algorithm, content = given(algorithm), given(content)
    make = _DIGESTS.get(algorithm.upper())
    if make is None:
        raise security_error(f"{algorithm[:100]} MessageDigest not available")
    run.budget.charge_for(len(content), MAX_INPUT_PER_STEP)
    run.allocate(64)
    digest = hashes.Hash(make())
    digest.update(content)
    return digest.finalize()


@static_method("Crypto", "generateMac")
def generate_mac(
    run: Run, algorithm: str | None, content: bytes | None, key: bytes | None
) -> bytes:
    """Return a message authentication code."""
    algorithm, content, key = given(algorithm), given(content), given(key)
    make = _MACS.get(algorithm.upper())
    if make is None:
        raise security_error(f"Algorithm {algorithm[:100]} not available")
    if not key:
        raise thrown("IllegalArgumentException", "Empty key")
    run.budget.charge_for(len(content) + len(key), MAX_INPUT_PER_STEP)
    run.allocate(64)
    name = make().name.replace("sha3-", "sha3_")
    return hmac_module.digest(key, content, name)


@static_method("Crypto", "verifyHMac")
def verify_hmac(
    run: Run,
    algorithm: str | None,
    content: bytes | None,
    key: bytes | None,
    mac: bytes | None,
) -> bool:
    """Say whether a message authentication code is the one of a content."""
    expected = generate_mac(run, algorithm, content, key)
    return hmac_module.compare_digest(expected, given(mac))


# --- Signatures ------------------------------------------------------------------------


@static_method("Crypto", "sign")
def sign(
    run: Run, algorithm: str | None, content: bytes | None, key: bytes | None
) -> bytes:
    """Sign with a private key in PKCS #8."""
    algorithm, content, key = given(algorithm), given(content), given(key)
    _check_algorithm(algorithm)
    return sign_with(run, algorithm, content, _private_key(run, key))


@static_method("Crypto", "signWithCertificate")
def sign_with_certificate(
    run: Run, algorithm: str | None, content: bytes | None, name: str | None
) -> bytes:
    """Sign with the private key of a certificate of the org."""
    algorithm, content, name = given(algorithm), given(content), given(name)
    _check_algorithm(algorithm)
    return sign_with(run, algorithm, content, private_key_of(run, name))


def private_key_of(run: Run, name: str) -> PrivateKey:
    """Return the private key of a certificate of the org."""
    found = run.ports.configuration.certificate(name)
    if found is None:
        words = f"Could not find certificate: {name[:100]}"
        raise thrown("InvalidParameterValueException", words)
    if found.private_key is None:
        words = f"The certificate {name[:100]} has no private key here"
        raise thrown("InvalidParameterValueException", words)
    try:
        return private_key_from_pem(found.private_key)
    except InvalidKeyError as error:
        raise security_error("Invalid Crypto Key") from error


def _check_algorithm(algorithm: str) -> None:
    if algorithm.upper() not in _RSA and algorithm.upper() not in _CURVE:
        raise _unknown(algorithm)


def _private_key(run: Run, der: bytes) -> PrivateKey:
    """Read a key of the code. Checking an RSA key takes longer than signing with it."""
    place = f"private key {hashlib.sha256(der).hexdigest()}"
    if place in run.memo:
        return run.memo[place]
    if is_pkcs8(der) and len(der) <= MAX_PRIVATE:
        run.budget.charge(int(_CHECK_STEPS * (len(der) / _BYTES_OF_2048_BITS) ** 2.5))
    try:
        key = private_key_from_der(der)
    except InvalidKeyError as error:
        raise security_error("Invalid Crypto Key") from error
    run.memo[place] = key
    return key


def signing_steps(key: PrivateKey) -> int:
    """Return the steps of a signature."""
    if isinstance(key, rsa.RSAPrivateKey):
        return int(SIGN_STEPS * max(1, key.key_size / 2_048) ** 2)
    return SIGN_STEPS


def sign_with(run: Run, algorithm: str, content: bytes, key: PrivateKey) -> bytes:
    """Return a signature in the format of Java: DER for elliptic curves."""
    run.budget.charge(signing_steps(key))
    run.budget.charge_for(len(content), MAX_INPUT_PER_STEP)
    run.allocate(1_024)
    name = algorithm.upper()
    try:
        if name in _RSA and isinstance(key, rsa.RSAPrivateKey):
            return key.sign(content, padding.PKCS1v15(), _RSA[name]())
        if name in _CURVE and isinstance(key, ec.EllipticCurvePrivateKey):
            return key.sign(content, ec.ECDSA(_CURVE[name]()))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise security_error("Invalid Crypto Key") from error
    raise security_error("Invalid Crypto Key")


@static_method("Crypto", "verify")
def verify(
    run: Run,
    algorithm: str | None,
    content: bytes | None,
    signature: bytes | None,
    key: Value,
) -> bool:
    """Say whether a signature is valid for a public key, or a certificate's name."""
    algorithm, content = given(algorithm), given(content)
    signature, key = given(signature), given(key)
    _check_algorithm(algorithm)
    run.budget.charge(VERIFY_STEPS)
    run.budget.charge_for(len(content), MAX_INPUT_PER_STEP)
    public = _public_key(run, key)
    name = algorithm.upper()
    try:
        if name in _RSA and isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, content, padding.PKCS1v15(), _RSA[name]())
        elif name in _CURVE and isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, content, ec.ECDSA(_CURVE[name]()))
        else:
            raise security_error("Invalid Crypto Key")
    except (InvalidSignature, ValueError, UnsupportedAlgorithm):
        return False
    return True


def _public_key(run: Run, key: bytes | str) -> PublicKey:
    try:
        if isinstance(key, bytes):
            return public_key_from_der(key)
        found = run.ports.configuration.certificate(key)
        if found is not None:
            return public_key_of_certificate(found.certificate)
    except InvalidKeyError as error:
        raise security_error("Invalid Crypto Key") from error
    words = f"Could not find certificate: {key[:100]}"
    raise thrown("InvalidParameterValueException", words)


@static_method("Crypto", "signXml")
def sign_xml(run: Run, *arguments: Value) -> None:
    """Refuse XML signatures."""
    raise NotRunnableError("Crypto.signXml")


# --- Random numbers --------------------------------------------------------------------


@static_method("Crypto", "getRandomInteger")
def get_random_integer(run: Run) -> int:
    """Return a random Integer."""
    content = run.ports.clock.random_bytes(4)
    return int.from_bytes(content, "big", signed=True)


@static_method("Crypto", "getRandomLong")
def get_random_long(run: Run) -> Long:
    """Return a random Long."""
    content = run.ports.clock.random_bytes(8)
    return Long(int.from_bytes(content, "big", signed=True))

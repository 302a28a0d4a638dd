"""Crypto: encryption with AES in CBC mode and with PKCS #7 padding."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.padding import PKCS7

from ..runtime.api import Run
from ..runtime.errors import ThrownError, thrown
from .checks import given
from .crypto import MAX_INPUT_PER_STEP, security_error
from .registry import static_method

_KEY_BYTES = {"AES128": 16, "AES192": 24, "AES256": 32}
_BLOCK = 16
_GCM_IV = 12
_GCM_TAG = 16


def _parameter_error(message: str) -> ThrownError:
    return thrown("InvalidParameterValueException", message)


def _mode(algorithm: str | None, key: bytes | None) -> tuple[bool, bytes]:
    """Return whether an algorithm is GCM, and the key; refuse a key of another length."""
    algorithm, key = given(algorithm), given(key)
    name = algorithm.upper()
    is_gcm = name.endswith("-GCM")
    length = _KEY_BYTES.get(name.removesuffix("-GCM"))
    if length is None:
        known = "AES128, AES192, AES256"
        words = f"Invalid algorithm {algorithm[:100]}: it must be one of {known}"
        raise _parameter_error(words)
    if len(key) != length:
        words = f"Invalid private key. Must be {length} bytes."
        raise _parameter_error(words)
    return is_gcm, key


def _count(run: Run, content: bytes) -> None:
    run.budget.charge_for(len(content), MAX_INPUT_PER_STEP)
    run.allocate(len(content) + 2 * _BLOCK)


def _encrypt(key: bytes, vector: bytes, content: bytes) -> bytes:
    padder = PKCS7(8 * _BLOCK).padder()
    padded = padder.update(content) + padder.finalize()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    return encryptor.update(padded) + encryptor.finalize()


def _decrypt(key: bytes, vector: bytes, content: bytes) -> bytes:
    if not content or len(content) % _BLOCK:
        words = "Input length must be multiple of 16 when decrypting with padded cipher"
        raise security_error(words)
    decryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
    padded = decryptor.update(content) + decryptor.finalize()
    unpadder = PKCS7(8 * _BLOCK).unpadder()
    try:
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError as error:
        raise security_error("Given final block not properly padded") from error


def _vector(vector: bytes | None, *, is_gcm: bool) -> bytes:
    vector = given(vector)
    length = _GCM_IV if is_gcm else _BLOCK
    if len(vector) != length:
        words = f"Invalid initialization vector. Must be {length} bytes."
        raise _parameter_error(words)
    return vector


@static_method("Crypto", "encrypt")
def encrypt(
    run: Run,
    algorithm: str | None,
    key: bytes | None,
    vector: bytes | None,
    content: bytes | None,
) -> bytes:
    """Encrypt with an initialization vector of the code."""
    is_gcm, key = _mode(algorithm, key)
    vector, content = _vector(vector, is_gcm=is_gcm), given(content)
    _count(run, content)
    if is_gcm:
        return AESGCM(key).encrypt(vector, content, None)
    return _encrypt(key, vector, content)


@static_method("Crypto", "decrypt")
def decrypt(
    run: Run,
    algorithm: str | None,
    key: bytes | None,
    vector: bytes | None,
    content: bytes | None,
) -> bytes:
    """Decrypt with an initialization vector of the code."""
    is_gcm, key = _mode(algorithm, key)
    vector, content = _vector(vector, is_gcm=is_gcm), given(content)
    _count(run, content)
    if is_gcm:
        return _open(key, vector, content, b"")
    return _decrypt(key, vector, content)


@static_method("Crypto", "encryptWithManagedIV")
def encrypt_with_managed_vector(
    run: Run,
    algorithm: str | None,
    key: bytes | None,
    content: bytes | None,
    extra: bytes | None = None,
) -> bytes:
    """Encrypt with a random initialization vector, which the result starts with."""
    is_gcm, key = _mode(algorithm, key)
    content = given(content)
    _count(run, content)
    vector = run.ports.clock.random_bytes(_GCM_IV if is_gcm else _BLOCK)
    if is_gcm:
        return vector + AESGCM(key).encrypt(vector, content, extra or None)
    return vector + _encrypt(key, vector, content)


@static_method("Crypto", "decryptWithManagedIV")
def decrypt_with_managed_vector(
    run: Run,
    algorithm: str | None,
    key: bytes | None,
    content: bytes | None,
    extra: bytes | None = None,
) -> bytes:
    """Decrypt what starts with its initialization vector."""
    is_gcm, key = _mode(algorithm, key)
    content = given(content)
    _count(run, content)
    length = _GCM_IV if is_gcm else _BLOCK
    if len(content) < length + _BLOCK:
        words = f"Invalid initialization vector. Must be {length} bytes."
        raise _parameter_error(words)
    if is_gcm:
        return _open(key, content[:length], content[length:], extra or b"")
    return _decrypt(key, content[:length], content[length:])


def _open(key: bytes, vector: bytes, content: bytes, extra: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(vector, content, extra or None)
    except (InvalidTag, ValueError) as error:
        raise security_error("Tag mismatch") from error


@static_method("Crypto", "generateAesKey")
def generate_aes_key(run: Run, bits: int | None) -> bytes:
    """Return a random key."""
    if given(bits) not in (128, 192, 256):
        raise _parameter_error("Invalid key size. Must be 128, 192, or 256.")
    run.allocate(32)
    return run.ports.clock.random_bytes(given(bits) // 8)

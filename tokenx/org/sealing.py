"""Encryption of secrets that the database stores and the server needs again.

The key is derived from the server's secret key, which isn't in the database. A secret that
only has to be compared is stored as a hash instead.
"""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_PURPOSE = b"tokenx.org.sealing"


class SealError(Exception):
    """The secret was sealed with another secret key, or was changed."""


def seal(secret: bytes) -> str:
    """Return the secret in a form that only this server can read."""
    return _fernet().encrypt(secret).decode()


def unseal(sealed: str) -> bytes:
    """Return a sealed secret. Raise SealError if the server's secret key changed."""
    try:
        return _fernet().decrypt(sealed.encode())
    except InvalidToken as error:
        raise SealError("The server's secret key has changed.") from error


def _fernet() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([_fernet_of(key) for key in keys])


@lru_cache(maxsize=8)
def _fernet_of(secret_key: str) -> Fernet:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE)
    return Fernet(base64.urlsafe_b64encode(derivation.derive(secret_key.encode())))

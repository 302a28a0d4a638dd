"""Hashes of consumer secrets: fast ones, because every token request checks a secret.

A random secret can't be guessed, so one round of SHA-256 is enough, as for access tokens.
A secret that a person chose could be guessed from the database alone, so its hash depends
on the server's key, which isn't in the database. docs/decisions/client-secrets.md
"""

import hashlib
import hmac

from django.conf import settings
from django.contrib.auth.hashers import check_password

_RANDOM, _CHOSEN = "sha256$", "hmac$"
_PURPOSE = b"tokenx.org.client_secrets:"
# A secret with fewer of these might have under 128 random bits.
_LENGTH, _DIFFERENT_CHARACTERS = 32, 10


def hash_secret(secret: str) -> str:
    """Return the hash that the database stores."""
    if len(secret) >= _LENGTH and len(set(secret)) >= _DIFFERENT_CHARACTERS:
        return _RANDOM + _digest(secret)
    return _CHOSEN + _keyed_digest(secret, settings.SECRET_KEY)


def matches(secret: str, stored: str) -> bool:
    """Tell whether this is the secret with the stored hash, which can be an old one."""
    if stored.startswith(_RANDOM):
        return hmac.compare_digest(_RANDOM + _digest(secret), stored)
    if stored.startswith(_CHOSEN):
        keys = [settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)]
        hashes = (_CHOSEN + _keyed_digest(secret, key) for key in keys)
        return any(hmac.compare_digest(each, stored) for each in hashes)
    return bool(stored) and check_password(secret, stored)


def needs_new_hash(secret: str, stored: str) -> bool:
    """Tell whether a matching secret is stored as an old hash or with an old key."""
    return stored != hash_secret(secret)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _keyed_digest(secret: str, key: str) -> str:
    message = _PURPOSE + secret.encode(errors="replace")
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()

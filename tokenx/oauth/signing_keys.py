"""The server's signing keys, which belong to no org: docs/decisions/tenancy.md.

The newest key signs. The keys URL has the older ones too, because clients keep the tokens
that they signed.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from threading import Lock
from typing import Any

from django.db import connection
from django.utils import timezone

from tokenx.org.issuer_keys import Jwk, generate_issuer_key, jwk_of, load_sealed_key
from tokenx.org.models import SigningKey
from tokenx.org.sealing import SealError

ALGORITHM = "RS256"
# A process looks for a newer key this often.
_CHECKED_EVERY = timedelta(minutes=1)
# A key signs for this long. The next use generates another one.
ROTATED_AFTER = timedelta(days=90)
# The keys URL has this many.
KEPT = 3
_lock = Lock()
_current: tuple[datetime, str, Jwk] | None = None


def signing_key() -> tuple[str, Jwk]:
    """Return the ID of the key that signs, and the key. The first use generates one."""
    global _current
    with _lock:
        now = timezone.now()
        if _current is not None and _current[0] >= now - _CHECKED_EVERY:
            return _current[1], _current[2]
        found = _newest()
        if found is None:
            row = _add_newest()
            found = row.key_id, _load(row.sealed_key)
            if connection.in_atomic_block:
                # A rollback takes the new key back, so don't remember it.
                return found
        _current = now, *found
        return found


def rotate_signing_key() -> SigningKey:
    """Generate a new signing key, and delete the oldest keys."""
    row = _add_newest()
    forget_signing_key()
    return row


def _add_newest() -> SigningKey:
    row = _generate()
    kept = SigningKey.objects.order_by("-pk").values_list("pk", flat=True)[:KEPT]
    SigningKey.objects.exclude(pk__in=list(kept)).delete()
    return row


def forget_signing_key() -> None:
    """Make this process read the newest key again at its next use."""
    global _current
    with _lock:
        _current = None


def public_keys() -> list[dict[str, Any]]:
    """Return the keys at the keys URL, newest first. There's always at least one."""
    rows = list(SigningKey.objects.order_by("-pk")[:KEPT]) or [_generate()]
    added = {"use": "sig", "alg": ALGORITHM}
    return [{**row.public_key, **added, "kid": row.key_id} for row in rows]


def _newest() -> tuple[str, Jwk] | None:
    """Return the newest key, or None if it's too old or this server can't unseal it."""
    row = SigningKey.objects.order_by("-pk").first()
    if row and row.created_at < timezone.now() - ROTATED_AFTER:
        return None
    try:
        return (row.key_id, _load(row.sealed_key)) if row else None
    except SealError:
        # The server's secret key changed: only a new key can sign.
        return None


@lru_cache(maxsize=4)
def _load(sealed_key: str) -> Jwk:
    return jwk_of(load_sealed_key(sealed_key))


def _generate() -> SigningKey:
    key = generate_issuer_key(ALGORITHM)
    return SigningKey.objects.create(
        key_id=key.thumbprint[:20], public_key=key.public_key, sealed_key=key.sealed_key
    )

"""ID tokens, which the server signs: docs/salesforce/oauth.md, "ID tokens"."""

import base64
import hashlib
from datetime import timedelta

from django.utils import timezone
from joserfc import jwt

from tokenx.org.models import ClientApp, Scope, User

from .identity import identity_url
from .signing_keys import ALGORITHM, signing_key

LASTS = timedelta(minutes=2)
# The names of claims in ID tokens and at the userinfo endpoint.
CLAIMS = (
    "iss",
    "sub",
    "aud",
    "iat",
    "exp",
    "at_hash",
    "name",
    "preferred_username",
    "email",
    "email_verified",
    "nickname",
    "given_name",
    "family_name",
    "zoneinfo",
    "locale",
    "language",
    "active",
    "user_type",
    "updated_at",
    "utcOffset",
    "user_id",
    "organization_id",
    "urls",
)


def sign_id_token(
    *, app: ClientApp, user: User, access_token: str, scopes: list[str], server_url: str
) -> str:
    """Return an ID token about the user for the app."""
    now = int(timezone.now().timestamp())
    key_id, key = signing_key()
    digest = hashlib.sha256(access_token.encode()).digest()[:16]
    claims = {
        "iss": server_url,
        "sub": identity_url(server_url, user),
        "aud": app.consumer_key,
        "iat": now,
        "exp": now + int(LASTS.total_seconds()),
        "at_hash": base64.urlsafe_b64encode(digest).decode().rstrip("="),
    }
    if Scope.PROFILE in scopes or Scope.FULL in scopes:
        claims |= {"name": user.name, "preferred_username": user.username}
    if Scope.EMAIL in scopes or Scope.FULL in scopes:
        claims |= {"email": user.email, "email_verified": True}
    header = {"typ": "JWT", "alg": ALGORITHM, "kid": key_id}
    return jwt.encode(header, claims, key, algorithms=[ALGORITHM])

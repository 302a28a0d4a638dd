"""API sessions: clients send a session ID, or access token, instead of a password.

    00D000000000001!x7Kd…          the org's ID, and 258 random bits

Clients require this format (docs/salesforce/metadata-api.md, Session IDs). A token is shown
once, and only its hash is stored. docs/decisions/sessions.md
"""

import hashlib
import secrets
import string
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction
from django.utils import timezone

from . import audit
from . import login_throttle as attempts
from .models import AccessToken, MadeBy, User
from .record_ids import ORG, pk_of, record_id

SECTION = "Manage Users"
LONGEST = timedelta(days=90)
# As long as a browser session.
LOGIN_LASTS = timedelta(hours=12)
# Expired and revoked tokens are shown for this long and then deleted.
KEPT_FOR = timedelta(days=30)
USED_EVERY = timedelta(minutes=1)
# One message for every failed login, which doesn't reveal which users exist.
LOGIN_REFUSED = "Invalid username, password, security token; or user locked out."

_SHORT_ID = 15
# 64 characters, so each is six bits.
_CHARACTERS = string.ascii_letters + string.digits + "._"
_LENGTH = 43


class AccessTokenWithSecret(NamedTuple):
    """A new session and its secret, which can't be read later."""

    token: AccessToken
    secret: str


@transaction.atomic
def create_access_token(
    *, user: User, name: str, lifetime: timedelta, by: User, context: str
) -> AccessTokenWithSecret:
    """Let an API client act as the user for `lifetime`.

    Permissions are checked by the user's profile on each call, so every profile gets a
    token. Raises ValidationError if the user is inactive, or the name or the lifetime is
    invalid.
    """
    if not user.is_active:
        raise ValidationError(f"{user.name} is inactive. Activate this user first.")
    if not timedelta(0) < lifetime <= LONGEST:
        raise ValidationError(f"Enter a lifetime of up to {LONGEST.days} days.")
    created = _create(user=user, name=name, lifetime=lifetime, by=by, context=context)
    expires = f"{created.token.expires_at:%Y-%m-%d}"
    display = (
        f"Created access token {name} for {_display_name(user)}, which expires on {expires}"
    )
    audit.record(by=by, action="createdAccessToken", section=SECTION, display=display)
    return created


@transaction.atomic
def revoke_access_token(*, token: AccessToken, by: User) -> None:
    """Revoke a session; its next request is refused."""
    if _end(token):
        display = f"Revoked access token {token.name} of {_display_name(token.user)}"
        audit.record(by=by, action="revokedAccessToken", section=SECTION, display=display)


def api_login(
    username: str,
    password: str,
    *,
    address: str,
    on_invalid_password: Callable[[User], object] | None = None,
) -> AccessTokenWithSecret | None:
    """Log in with a password. Return None, without a reason, if it's refused.

    `on_invalid_password` gets the user with the username; throttled attempts have none.
    A refusal takes as long as checking a password, whether the user is unknown, inactive,
    or throttled. tokenx has no security tokens, so only the password counts.
    """
    if attempts.begin(username, address):
        make_password(password)
        return None
    # PostgreSQL refuses a NUL even in a condition.
    username = username.replace("\0", "\ufffd")
    user = authenticate(username=username, password=password)
    if not isinstance(user, User):
        known = User.objects.who_logs_in_as(username)
        if known and on_invalid_password:
            on_invalid_password(known)
        return None
    attempts.succeed(username, address)
    return _create(
        user=user, name="API login", lifetime=LOGIN_LASTS, by=user, context=MadeBy.LOGIN
    )


def log_out(token: AccessToken) -> None:
    """End a session. The audit trail shows this only if it shows the session's start."""
    if token.context in {MadeBy.LOGIN, MadeBy.OAUTH}:
        _end(token)
    else:
        revoke_access_token(token=token, by=token.user)


def session_of(text: str) -> AccessToken | None:
    """Return the session with this secret, with its user and the user's org, or None.

    The user's changes have the context "API" in the audit trail; the Metadata API sets its
    own context.
    """
    token = usable_token(text)
    if token is None:
        return None
    token.user.audit_context = audit.API
    _note_use(token)
    return token


def usable_token(text: str) -> AccessToken | None:
    """Return the session with this secret, or None. Its time of use doesn't change."""
    token = find_token(text)
    is_usable = token is not None and token.is_usable and token.user.is_active
    return token if is_usable else None


def find_token(text: str) -> AccessToken | None:
    """Return the token with this secret, even if it was revoked or has expired."""
    org = pk_of(ORG, text.partition("!")[0])
    if org is None:
        return None
    # The database compares hashes, not in constant time. That reveals nothing, because
    # no one can choose a hash.
    return AccessToken.objects.with_hash(org, hash_token(text)).first()


def new_access_token(
    *, user: User, name: str, lifetime: timedelta, by: User, context: str
) -> tuple[str, AccessToken]:
    """Return a new token's text, and its row, which isn't saved."""
    now = timezone.now()
    org_id = record_id(ORG, user.org_id)[:_SHORT_ID]
    random = (_CHARACTERS[byte % 64] for byte in secrets.token_bytes(_LENGTH))
    secret = f"{org_id}!{''.join(random)}"
    return secret, AccessToken(
        org_id=user.org_id,
        user=user,
        name=name,
        token_hash=hash_token(secret),
        last_letters=secret[-4:],
        context=context,
        created_by=by,
        created_at=now,
        expires_at=now + lifetime,
    )


def _create(
    *, user: User, name: str, lifetime: timedelta, by: User, context: str
) -> AccessTokenWithSecret:
    others = AccessToken.objects.filter(org=user.org_id, user=user)
    others.filter(expires_at__lt=timezone.now() - KEPT_FOR).delete()
    secret, token = new_access_token(
        user=user, name=name, lifetime=lifetime, by=by, context=context
    )
    token.full_clean()
    token.save()
    return AccessTokenWithSecret(token, secret)


def hash_token(text: str) -> str:
    """Return one round of SHA-256.

    Slow hashes protect passwords that can be guessed. Tokens are random, and every API
    request has to be fast.
    """
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _end(token: AccessToken) -> bool:
    """Revoke the token. Return False if it was already revoked."""
    current = AccessToken.objects.filter(org=token.org_id, pk=token.pk, revoked_at=None)
    return bool(current.update(revoked_at=timezone.now()))


def _note_use(token: AccessToken) -> None:
    """Record the time of use, at most once a minute."""
    now = timezone.now()
    if token.last_used_at and token.last_used_at > now - USED_EVERY:
        return
    row = AccessToken.objects.filter(org=token.org_id, pk=token.pk)
    try:
        with transaction.atomic():
            row.update(last_used_at=now)
    except OperationalError:
        # SQLite is busy with a long deployment, which is no reason to refuse a request.
        return
    token.last_used_at = now


def _display_name(user: User) -> str:
    return f"{user.name} ({user.username})"

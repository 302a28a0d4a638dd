"""Session ids: what programs send instead of a password, each of them as its user.

    00D000000000001!x7Kd…          the id of the org, and 258 random bits

It is the shape that clients demand (facts/metadata-api.md 4.1): the Salesforce CLI takes
no other. What is made is shown once, and kept as a hash. docs/decisions/sessions.md
"""

import hashlib
import secrets
import string
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
# As long as a browser stays signed in.
LOGIN_LASTS = timedelta(hours=12)
# What ended is shown for a while, and then makes room.
KEPT_FOR = timedelta(days=30)
USED_EVERY = timedelta(minutes=1)
# What clients are told whatever was wrong, so that it says nothing about who exists.
LOGIN_REFUSED = "Invalid username, password, security token; or user locked out."

_SHORT_ID = 15
# Sixty-four of them: each is six bits.
_LETTERS = string.ascii_letters + string.digits + "._"
_LENGTH = 43


class AccessTokenWithSecret(NamedTuple):
    """A session made just now, and its text, which nobody can read afterwards."""

    token: AccessToken
    secret: str


@transaction.atomic
def create_access_token(
    *, user: User, name: str, lifetime: timedelta, by: User, context: str
) -> AccessTokenWithSecret:
    """Let a program act as the user, for as long as `lifetime`.

    What it may do is asked of the user's profile each time, so any profile gets one.
    Raises ValidationError where the user is not active, or the name or time are none.
    """
    if not user.is_active:
        raise ValidationError(f"{user.name} is not active. Activate this user first.")
    if not timedelta(0) < lifetime <= LONGEST:
        raise ValidationError(f"An access token lasts up to {LONGEST.days} days.")
    made = _make(user=user, name=name, lifetime=lifetime, by=by, context=context)
    expires = f"{made.token.expires_at:%Y-%m-%d}"
    display = f"Created access token {name} for {_named(user)}, which expires on {expires}"
    audit.record(by=by, action="createdAccessToken", section=SECTION, display=display)
    return made


@transaction.atomic
def revoke_access_token(*, token: AccessToken, by: User) -> None:
    """End a session. The next request that it makes is refused."""
    if _end(token):
        display = f"Revoked access token {token.name} of {_named(token.user)}"
        audit.record(by=by, action="revokedAccessToken", section=SECTION, display=display)


def api_login(
    username: str, password: str, *, address: str
) -> AccessTokenWithSecret | None:
    """A session for whoever knows the password; None, which is all there is to say.

    Refusals take the time of checking a password, whoever is asked for: an unknown user,
    one who is not active, and one whose passwords were wrong too often. There are no
    security tokens here, so the password stands alone.
    """
    if attempts.begin(username, address):
        make_password(password)
        return None
    # PostgreSQL takes no NUL, not even to say that nobody is called so.
    user = authenticate(username=username.replace("\0", "\ufffd"), password=password)
    if not isinstance(user, User):
        return None
    attempts.succeed(username, address)
    return _make(
        user=user, name="API login", lifetime=LOGIN_LASTS, by=user, context=MadeBy.LOGIN
    )


def log_out(token: AccessToken) -> None:
    """End a session from within. The trail has it only if it has how it began."""
    if token.context == MadeBy.LOGIN:
        _end(token)
    else:
        revoke_access_token(token=token, by=token.user)


def session_of(text: str) -> AccessToken | None:
    """The session that a request sent the text of, with its user and the user's org.

    What the user does with it has the API as its context in the audit trail; whoever
    serves the Metadata API writes that on the user instead.
    """
    org = pk_of(ORG, text.partition("!")[0])
    if org is None:
        return None
    now = timezone.now()
    # The database compares hashes, byte by byte; that gives nothing away, because nobody
    # can choose what a text hashes to.
    token = AccessToken.objects.with_hash(org, _hash(text)).usable_at(now).first()
    if token is None or not token.user.is_active:
        return None
    token.user.audit_context = audit.API
    _note_use(token)
    return token


def _make(
    *, user: User, name: str, lifetime: timedelta, by: User, context: str
) -> AccessTokenWithSecret:
    now = timezone.now()
    others = AccessToken.objects.filter(org=user.org_id, user=user)
    others.filter(expires_at__lt=now - KEPT_FOR).delete()
    org_id = record_id(ORG, user.org_id)[:_SHORT_ID]
    secret = f"{org_id}!" + "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    token = AccessToken(
        org_id=user.org_id,
        user=user,
        name=name,
        token_hash=_hash(secret),
        last_letters=secret[-4:],
        context=context,
        created_by=by,
        created_at=now,
        expires_at=now + lifetime,
    )
    token.full_clean()
    token.save()
    return AccessTokenWithSecret(token, secret)


def _hash(text: str) -> str:
    """One round of SHA-256. Slow hashes are for what people think of, and can be guessed;
    this is random, and every request of a client has to be answered quickly.
    """
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _end(token: AccessToken) -> bool:
    """Whether it was this call that ended it."""
    current = AccessToken.objects.filter(org=token.org_id, pk=token.pk, revoked_at=None)
    return bool(current.update(revoked_at=timezone.now()))


def _note_use(token: AccessToken) -> None:
    """Write down that it is used, if that was not done a moment ago."""
    now = timezone.now()
    if token.last_used_at and token.last_used_at > now - USED_EVERY:
        return
    row = AccessToken.objects.filter(org=token.org_id, pk=token.pk)
    try:
        with transaction.atomic():
            row.update(last_used_at=now)
    except OperationalError:
        # SQLite is busy with a long deployment. That is no reason to refuse a request.
        return
    token.last_used_at = now


def _named(user: User) -> str:
    return f"{user.name} ({user.username})"

"""Issuing, renewing, and revoking the tokens of apps.

Token requests aren't in the Setup Audit Trail: as in Salesforce, Login History has them.
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from tokenx.oauth.errors import OAuthError
from tokenx.oauth.id_tokens import sign_id_token
from tokenx.oauth.identity import identity_url
from tokenx.oauth.scopes import allows_refresh
from tokenx.org.models import (
    AccessToken,
    ClientApp,
    MadeBy,
    OAuthApproval,
    RefreshTokenPolicy,
    Scope,
    User,
)
from tokenx.org.models.oauth_approval import expiry
from tokenx.org.record_ids import ORG, pk_of, record_id
from tokenx.org.search.prepared_writes import Changes, insert, prepared_update
from tokenx.org.sessions import find_token, hash_token, log_out, new_access_token

# Salesforce's default session timeout.
ACCESS_LASTS = timedelta(hours=2)
# docs/salesforce/oauth.md, "Token responses".
MAX_APPROVALS = 5
# Revoked and expired approvals are shown for this long.
KEPT_FOR = timedelta(days=30)
# Old rows are swept each time that this many tokens were issued.
_SWEEP_EVERY = 100
# docs/salesforce/oauth.md, "Error descriptions".
EXPIRED = "expired access/refresh token"
REPLAYED = (
    "The refresh token was used before, and rotation has replaced it. Using it again "
    "revokes all tokens of the approval."
)
OVERTAKEN = "A concurrent request has replaced or revoked the refresh token."
# Refresh tokens of Salesforce start so. The org's ID follows, so they're found by org.
_PREFIX = "5Aep861"
_ORG_ID_LENGTH = 15
# The next 132 random bits stay when rotation replaces a token, so each replay is noticed.
_FAMILY_LENGTH = 22


@dataclass(frozen=True)
class IssuedTokens:
    """The JSON response with new tokens, and a sentence that names their types."""

    answer: dict[str, str]
    sentence: str


def issue_tokens(
    *,
    app: ClientApp,
    user: User,
    scopes: list[str],
    approval: OAuthApproval | None,
    server_url: str,
    secret: str = "",
    refresh_token: str = "",
    commit: bool = True,
) -> IssuedTokens:
    """Issue an access token, and what its scopes ask for.

    `approval` is the one that `refresh_token` renews; None is a new grant. A request with
    the app's secret gets a signature. Without `commit`, the rows are rolled back.
    """
    now = timezone.now()
    with transaction.atomic():
        refresh = ""
        if approval is not None:
            refresh = _renew(approval, app, refresh_token, now)
        elif allows_refresh(scopes):
            approval, refresh = _approve(app, user, scopes, now)
        access = _issue_access_token(app, user, scopes, approval, now)
        if not commit:
            transaction.set_rollback(True)
    issued_at = str(int(now.timestamp() * 1000))
    url = identity_url(server_url, user)
    answer = {
        "access_token": access,
        "scope": " ".join(scopes),
        "instance_url": server_url,
        "id": url,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }
    if secret:
        answer["signature"] = _signature(secret, url + issued_at)
    if refresh:
        answer["refresh_token"] = refresh
    if Scope.OPENID in scopes:
        answer["id_token"] = sign_id_token(
            app=app, user=user, access_token=access, scopes=scopes, server_url=server_url
        )
    return IssuedTokens(answer, _sentence(answer))


def find_approval(*, app: ClientApp, token: str, commit: bool) -> OAuthApproval | str:
    """Return the approval that the app's refresh token renews, or the reason for a refusal.

    A token that rotation has replaced was stolen or lost: using it revokes the approval,
    unless nothing is to be kept.
    """
    found = _approval_with(token)
    if found is None or (found.org_id, found.app_id) != (app.org_id, app.pk):
        return f"{app.label} has no refresh token with this value."
    if found.revoked_at is not None:
        return "The refresh token was revoked."
    if found.refresh_hash != hash_token(token):
        if commit:
            revoke_approval(found)
        return REPLAYED
    if not found.is_live:
        return "The refresh token has expired under the app's refresh token policy."
    return found


def live_approval(token: str) -> OAuthApproval | None:
    """Return the approval that a refresh token renews; None if the token isn't valid."""
    found = _approval_with(token)
    is_current = found is not None and found.refresh_hash == hash_token(token)
    return found if found is not None and is_current and found.is_live else None


def _approval_with(token: str) -> OAuthApproval | None:
    """Return the approval with this refresh token, or that had it before a rotation."""
    org_id = token.removeprefix(_PREFIX)[:_ORG_ID_LENGTH]
    org = pk_of(ORG, org_id) if token.startswith(_PREFIX) else None
    if org is None:
        return None
    hashed = hash_token(token)
    before = [hashed, hash_token(_family_of(token))]
    named = Q(refresh_hash=hashed) | Q(previous_hash__in=before)
    rows = OAuthApproval.objects.filter(named, org=org)
    return rows.select_related("user__org", "user__profile").first()


def revoke_token(*, token: str, app: ClientApp | None) -> None:
    """Revoke an access token, or a refresh token with its approval.

    Raise OAuthError if the token belongs to another app than the given one. An unknown
    token has already ended.
    """
    access, approval = find_token(token), _approval_with(token)
    found = access or approval
    if app is not None and found is not None and found.app_id != app.pk:
        raise OAuthError("invalid_request", "token was issued to another client")
    if access is not None:
        log_out(access)
    elif approval is not None:
        revoke_approval(approval)


@transaction.atomic
def revoke_approval(approval: OAuthApproval) -> None:
    """Revoke an approval with its refresh token and its access tokens."""
    _revoke(approval.org_id, [approval.pk])


def _revoke(org: int, approvals: list[int]) -> None:
    now = timezone.now()
    rows = OAuthApproval.objects.filter(org=org, pk__in=approvals, revoked_at=None)
    rows.update(revoked_at=now)
    tokens = AccessToken.objects.filter(org=org, approval__in=approvals, revoked_at=None)
    tokens.update(revoked_at=now)


def _approve(
    app: ClientApp, user: User, scopes: list[str], now: datetime
) -> tuple[OAuthApproval | None, str]:
    """Return a new approval and its refresh token. The oldest approval can be revoked."""
    if app.refresh_token_policy == RefreshTokenPolicy.ZERO:
        return None, ""
    for key in _revoke_oldest(app.org_id, app.pk, user.pk, now):
        _revoke_tokens(app.org_id, key, now)
    token = _new_refresh_token(app)
    approval = OAuthApproval(
        org_id=app.org_id,
        app=app,
        user=user,
        scopes=scopes,
        refresh_hash=hash_token(token),
        created_at=now,
        used_at=now,
        expires_at=expiry(app, now, now, now),
    )
    insert(approval)
    return approval, token


def _user_row(org: int, app: int, user: int, now: datetime) -> QuerySet:
    return User.objects.filter(org=org, pk=user).values_list("pk")


# Without the lock, concurrent requests could each count the same approvals.
@prepared_update(locking=_user_row)
def _revoke_oldest(org: int, app: int, user: int, now: datetime) -> Changes:
    """Revoke the live approvals that a new one would exceed the limit with."""
    live = OAuthApproval.objects.filter(org=org, app=app, user=user).live_at(now)
    oldest = live.order_by("-created_at", "-pk").values("pk")[MAX_APPROVALS - 1 :]
    return OAuthApproval.objects.filter(org=org, pk__in=oldest), {"revoked_at": now}


@prepared_update()
def _revoke_tokens(org: int, approval: int, now: datetime) -> Changes:
    rows = AccessToken.objects.filter(org=org, approval=approval, revoked_at=None)
    return rows, {"revoked_at": now}


def _renew(
    approval: OAuthApproval, app: ClientApp, refresh_token: str, now: datetime
) -> str:
    """Note the use of a refresh token. Return the one that replaces it, if any does.

    Raise OAuthError if a concurrent request has replaced or revoked it.
    """
    changes: dict[str, Any] = {
        "used_at": now,
        "expires_at": expiry(app, approval.created_at, now, now),
    }
    token = ""
    if app.rotates_refresh_tokens:
        family = _family_of(refresh_token)
        token = _new_refresh_token(app, family)
        changes["previous_hash"] = hash_token(family)
        changes["refresh_hash"] = hash_token(token)
    rows = OAuthApproval.objects.filter(org=app.org_id, pk=approval.pk, revoked_at=None)
    if not rows.filter(refresh_hash=approval.refresh_hash).update(**changes):
        raise OAuthError("invalid_grant", EXPIRED, reason=OVERTAKEN)
    return token


def _new_refresh_token(app: ClientApp, family: str = "") -> str:
    """Return a random token. Its family is new, or that of the token that it replaces."""
    if not family:
        org_id = record_id(ORG, app.org_id)[:_ORG_ID_LENGTH]
        family = f"{_PREFIX}{org_id}{secrets.token_urlsafe(48)[:_FAMILY_LENGTH]}"
    return family + secrets.token_urlsafe(32)


def _family_of(token: str) -> str:
    """Return the start that all refresh tokens of an approval share."""
    return token[: len(_PREFIX) + _ORG_ID_LENGTH + _FAMILY_LENGTH]


def _issue_access_token(
    app: ClientApp,
    user: User,
    scopes: list[str],
    approval: OAuthApproval | None,
    now: datetime,
) -> str:
    text, row = new_access_token(
        user=user, name=app.label, lifetime=ACCESS_LASTS, by=user, context=MadeBy.OAUTH
    )
    row.app, row.approval, row.scopes, row.created_at = app, approval, scopes, now
    insert(row)
    if row.pk % _SWEEP_EVERY == 0:
        sweep_tokens(app.org_id, now)
    return text


def sweep_tokens(org: int, now: datetime) -> None:
    """Delete the org's expired app tokens, and approvals that ended long ago."""
    tokens = AccessToken.objects.filter(org=org, context=MadeBy.OAUTH)
    tokens.filter(expires_at__lt=now).delete()
    ended = Q(revoked_at__lt=now - KEPT_FOR) | Q(expires_at__lt=now - KEPT_FOR)
    approvals = OAuthApproval.objects.filter(ended, org=org)
    old = list(approvals.values_list("pk", flat=True)[:1_000])
    AccessToken.objects.filter(org=org, approval__in=old).delete()
    OAuthApproval.objects.filter(org=org, pk__in=old).delete()


def orgs_to_sweep(now: datetime) -> list[int]:
    """Return the orgs with expired app tokens: those without requests sweep nothing."""
    tokens = AccessToken.objects.filter(context=MadeBy.OAUTH, expires_at__lt=now - KEPT_FOR)
    return list(tokens.values_list("org_id", flat=True).distinct())


def _signature(secret: str, text: str) -> str:
    """Return Salesforce's signature (docs/salesforce/oauth.md, "Token responses")."""
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _sentence(answer: dict[str, str]) -> str:
    names = {
        "access_token": "an access token",
        "refresh_token": "a refresh token",
        "id_token": "an ID token",
    }
    issued = [text for name, text in names.items() if name in answer]
    if len(issued) > 1:
        issued[-1] = f"and {issued[-1]}"
    return f"Issued {(', ' if len(issued) > 2 else ' ').join(issued)}."

"""Approvals: a user's permission for an app, with the refresh token that renews it."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from tokenx.org.constraints import SameOrg
from tokenx.org.fields import OrgForeignKey

from .client_app import ClientApp, RefreshTokenPolicy
from .org import OrgRow
from .user import User


class OAuthApprovalQuerySet(models.QuerySet["OAuthApproval"]):
    def live_at(self, moment: datetime) -> Self:
        """Return approvals that are neither revoked nor expired."""
        return self.filter(revoked_at=None).filter(
            Q(expires_at=None) | Q(expires_at__gt=moment)
        )

    def of(self, app: ClientApp, user: User) -> Self:
        return self.filter(org=app.org_id, app=app, user=user)

    def follow_policy(self, app: ClientApp, now: datetime) -> None:
        """Let the app's live refresh tokens expire as its changed policy says.

        Those that have expired before stay expired.
        """
        live = self.filter(org=app.org_id, app=app).live_at(now)
        live.update(expires_at=expiry(app, F("created_at"), F("used_at"), now))


def expiry(app: ClientApp, created_at: Any, used_at: Any, now: datetime) -> Any:
    """Return when a refresh token expires, or None: as a time, or as an expression."""
    period = app.refresh_token_period
    match app.refresh_token_policy:
        case RefreshTokenPolicy.ZERO:
            return now
        case RefreshTokenPolicy.INACTIVITY if period:
            return used_at + period
        case RefreshTokenPolicy.LIFETIME if period:
            return created_at + period
    return None


class OAuthApproval(OrgRow):
    """An app's permission to act as a user until it's revoked or expires.

    Only the hash of the refresh token is stored, never the token.
    """

    app = OrgForeignKey(ClientApp, related_name="+")
    user = OrgForeignKey(User, related_name="+")
    # The values of Scope that were granted.
    scopes = models.JSONField(default=list)
    refresh_hash = models.CharField(max_length=64, editable=False)
    # After a rotation: the hash of the start that all refresh tokens of the approval share.
    # Using a replaced one again revokes the approval.
    previous_hash = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    used_at = models.DateTimeField(default=timezone.now, editable=False)
    # None: valid until it's revoked.
    expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = OAuthApprovalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["org", "id"], name="oauth_approval_in_org"),
            models.UniqueConstraint(
                fields=["org", "refresh_hash"], name="oauth_approval_refresh_hash"
            ),
            SameOrg(field="app", name="oauth_approval_app_in_org"),
            SameOrg(field="user", name="oauth_approval_user_in_org"),
        ]
        indexes = [
            models.Index(
                fields=["org", "app", "user", "created_at", "id"],
                name="oauth_approval_by_date",
            ),
            models.Index(
                fields=["org", "previous_hash"],
                condition=~Q(previous_hash=""),
                name="oauth_approval_by_previous",
            ),
            # Each exchange counts the live ones among any number of revoked ones.
            models.Index(
                fields=["org", "app", "user"],
                condition=Q(revoked_at__isnull=True),
                name="oauth_approval_not_revoked",
            ),
            models.Index(fields=["org", "user"], name="oauth_approval_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.app} for {self.user}"

    @property
    def is_live(self) -> bool:
        is_expired = self.expires_at is not None and self.expires_at <= timezone.now()
        return self.revoked_at is None and not is_expired

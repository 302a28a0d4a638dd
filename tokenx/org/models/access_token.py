from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tokenx.org.constraints import SameOrg
from tokenx.org.fields import OrgForeignKey

from .client_app import ClientApp, Scope
from .oauth_approval import OAuthApproval
from .org import OrgRow
from .user import User


class MadeBy(models.TextChoices):
    """The ways to create a session."""

    SETUP = "setup", "API Access page"
    LOGIN = "login", "API login"
    COMMAND = "command", "access_token command"
    OAUTH = "oauth", "OAuth token request"


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    def newest_of(self, user: User) -> Self:
        own = self.filter(org=user.org_id, user=user)
        return own.select_related("created_by").order_by("-created_at", "-id")

    def with_hash(self, org: int, token_hash: str) -> Self:
        """Return the token with this hash, with its user, org, and profile."""
        tokens = self.filter(org=org, token_hash=token_hash)
        return tokens.select_related("user__org", "user__profile")

    def usable_at(self, moment: datetime) -> Self:
        """Return tokens that are neither revoked nor expired; the user isn't checked."""
        return self.filter(revoked_at=None, expires_at__gt=moment)


class AccessToken(OrgRow):
    """An API session: anyone who sends the token acts as its user.

    Only a hash and the last four characters are stored, never the token.
    """

    user = OrgForeignKey(User, related_name="+")
    # The app that got the token, the approval that renews it, and the values of Scope.
    # A session without an app can do everything that its user can.
    app = OrgForeignKey(ClientApp, related_name="+", null=True, blank=True)
    approval = OrgForeignKey(OAuthApproval, related_name="+", null=True, blank=True)
    scopes = models.JSONField(null=True, blank=True, editable=False)
    name = models.CharField(max_length=80)
    token_hash = models.CharField(max_length=64, editable=False)
    last_letters = models.CharField(max_length=4, editable=False)
    context = models.CharField(max_length=10, choices=MadeBy.choices)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = OrgForeignKey(User, related_name="+")
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = AccessTokenQuerySet.as_manager()

    class Meta:
        constraints = [
            # Tokens start with the org ID, so they can be looked up by org.
            models.UniqueConstraint(fields=["org", "token_hash"], name="access_token_hash"),
            SameOrg(field="user", name="access_token_user_in_org"),
            SameOrg(field="created_by", name="access_token_created_by_in_org"),
            SameOrg(field="app", name="access_token_app_in_org"),
            SameOrg(field="approval", name="access_token_approval_in_org"),
        ]
        indexes = [
            models.Index(
                fields=["org", "user", "created_at", "id"], name="access_token_by_date"
            ),
            models.Index(
                fields=["org", "approval"],
                condition=Q(approval__isnull=False),
                name="access_token_of_approval",
            ),
            models.Index(
                fields=["org", "app"],
                condition=Q(app__isnull=False),
                name="access_token_of_app",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} (…{self.last_letters})"

    def allows(self, *scopes: str) -> bool:
        """Tell whether the token has one of the scopes, or the scope `full`.

        A session without an app has no scopes and allows everything.
        """
        return self.scopes is None or not {Scope.FULL, *scopes}.isdisjoint(self.scopes)

    @property
    def status(self) -> str:
        if self.revoked_at:
            return "Revoked"
        return "Active" if self.expires_at > timezone.now() else "Expired"

    @property
    def is_usable(self) -> bool:
        return self.status == "Active"

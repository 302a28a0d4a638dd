from typing import Any, Self

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from tokenx.org.api_names import validate_api_name
from tokenx.org.callback_urls import validate_callback_urls
from tokenx.org.fields import KeyField
from tokenx.web.text import KEY_LENGTH, sort_key

from .org import OrgRow


class ClientAppQuerySet(models.QuerySet["ClientApp"]):
    def exchangeable(self) -> Self:
        """Apps that are set up for token exchange: both switches are on."""
        return self.filter(**EXCHANGEABLE)

    def switched_off(self) -> Self:
        """Apps with one of the two switches off, or both."""
        return self.filter(SWITCHED_OFF)

    def with_eligibility(self, eligibility: str) -> Self:
        settings, policies = _SWITCHES[Eligibility(eligibility)]
        return self.filter(
            allows_token_exchange=settings, policy_allows_token_exchange=policies
        )

    def locked(self, app: "ClientApp") -> "ClientApp":
        """The app as it is now; nobody else changes it until this transaction ends.

        SQLite needs no row lock: its transactions here begin as the only writer.
        """
        found = self.select_for_update().filter(pk=app.pk, org=app.org_id).first()
        if found is None:
            raise ValidationError(f"{app.label} is gone: somebody deleted it just now.")
        return found

    def by_label(self) -> Self:
        return self.order_by("search_key", "id")


# The developer's setting *and* the admin's policy (facts/salesforce.md 1.5).
EXCHANGEABLE = {"allows_token_exchange": True, "policy_allows_token_exchange": True}
SWITCHED_OFF = Q(allows_token_exchange=False) | Q(policy_allows_token_exchange=False)


class Eligibility(models.TextChoices):
    """Whether handlers can be enabled for an app, or where that is switched off."""

    ELIGIBLE = "eligible", "Eligible"
    SETTINGS = "settings", "Off in settings"
    POLICIES = "policies", "Off in policies"
    BOTH = "both", "Off in settings and policies"


# The developer's switch, and the admin's.
_SWITCHES = {
    Eligibility.ELIGIBLE: (True, True),
    Eligibility.SETTINGS: (False, True),
    Eligibility.POLICIES: (True, False),
    Eligibility.BOTH: (False, False),
}


class Scope(models.TextChoices):
    """What a token of an app may be used for; the real product's words and values."""

    API = "api", "Manage user data via APIs (api)"
    WEB = "web", "Manage user data via Web browsers (web)"
    FULL = "full", "Full access (full)"
    ID = "id", "Access the identity URL service (id)"
    PROFILE = "profile", "Access unique user identifiers: profile (profile)"
    EMAIL = "email", "Access unique user identifiers: e-mail (email)"
    OPENID = "openid", "Access unique user identifiers (openid)"
    REFRESH_TOKEN = "refresh_token", "Perform requests at any time (refresh_token)"
    CHATTER_API = "chatter_api", "Access Connect REST API resources (chatter_api)"
    CUSTOM_PERMISSIONS = "custom_permissions", "Access custom permissions"


class PermittedUsers(models.TextChoices):
    """Who may use an app. Token exchange has no consent page: only the second works."""

    SELF_AUTHORIZED = "AllSelfAuthorized", "All users may self-authorize"
    PRE_AUTHORIZED = (
        "AdminApprovedPreAuthorized",
        "Admin approved users are pre-authorized",
    )


class ClientApp(OrgRow):
    """A connected app or an external client app."""

    class Kind(models.TextChoices):
        CONNECTED = "connected", "Connected App"
        EXTERNAL = "external", "External Client App"

    kind = models.CharField(max_length=9, choices=Kind.choices)
    label = models.CharField(max_length=80)
    api_name = models.CharField("API Name", max_length=80, validators=[validate_api_name])
    allows_token_exchange = models.BooleanField(
        "Enable Token Exchange Flow (settings)", default=False
    )
    policy_allows_token_exchange = models.BooleanField(
        "Enable Token Exchange Flow (policies)", default=False
    )
    description = models.CharField(max_length=255, blank=True)
    contact_email = models.EmailField("Contact Email", blank=True)
    callback_url = models.CharField(
        "Callback URL", max_length=2000, blank=True, validators=[validate_callback_urls]
    )
    scopes = models.JSONField("Selected OAuth Scopes", default=list, blank=True)
    requires_secret = models.BooleanField(
        "Require Secret for Token Exchange Flow", default=True
    )
    permitted_users = models.CharField(
        "Permitted Users",
        max_length=30,
        choices=PermittedUsers.choices,
        default=PermittedUsers.PRE_AUTHORIZED,
    )
    # Made here; the secret is shown once, and kept only as a hash.
    consumer_key = models.CharField(max_length=85, blank=True, editable=False)
    secret_hash = models.CharField(max_length=128, blank=True, editable=False)
    modified_at = models.DateTimeField(default=timezone.now, editable=False)
    # What its files say besides, by the type of file: metadata/kept.py.
    kept = models.JSONField(default=dict, blank=True, editable=False)
    # Label and API name, for sorting and searching; the tab parts them.
    search_key = KeyField(max_length=KEY_LENGTH, editable=False)

    objects = ClientAppQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["org", "id"], name="app_in_org"),
            models.UniqueConstraint(
                "org",
                "kind",
                Lower("api_name"),
                name="app_api_name_per_kind",
                violation_error_message="An app of this type has this API name.",
            ),
            # A token request names the app by nothing but its key.
            models.UniqueConstraint(
                fields=["consumer_key"],
                condition=~Q(consumer_key=""),
                name="app_consumer_key",
                violation_error_message="Another app has this consumer key.",
            ),
        ]
        indexes = [
            models.Index(fields=["org", "kind", "api_name"], name="app_by_api_name"),
            models.Index(fields=["org", "search_key", "id"], name="app_by_label"),
            models.Index(
                fields=["org", "kind", "search_key", "id"],
                condition=Q(**EXCHANGEABLE),
                name="app_exchangeable_by_label",
            ),
            models.Index(
                fields=["org", "search_key", "id"],
                condition=SWITCHED_OFF,
                name="app_switched_off_by_label",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_exchangeable(self) -> bool:
        return self.allows_token_exchange and self.policy_allows_token_exchange

    @property
    def eligibility(self) -> Eligibility:
        switches = (self.allows_token_exchange, self.policy_allows_token_exchange)
        return next(each for each, its in _SWITCHES.items() if its == switches)

    @property
    def why_not_exchangeable(self) -> str:
        """What to switch on, as the rest of a sentence; empty where nothing is off."""
        if self.is_exchangeable:
            return ""
        if self.policy_allows_token_exchange:
            return "token exchange is switched off in its settings"
        if self.allows_token_exchange:
            return "token exchange is switched off in its policies"
        return "token exchange is switched off in its settings and in its policies"

    @property
    def scope_labels(self) -> list[str]:
        return [str(Scope(scope).label) for scope in self.scopes if scope in Scope]

    def has_secret(self, secret: str) -> bool:
        """Whether it is the app's consumer secret."""
        return bool(self.secret_hash) and check_password(secret, self.secret_hash)

    def set_keys(self) -> None:
        self.search_key = sort_key(self.label, self.api_name)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_keys()
        super().save(*args, **kwargs)

from datetime import timedelta
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from tokenx.org import client_secrets
from tokenx.org.api_names import validate_api_name
from tokenx.org.callback_urls import validate_callback_urls
from tokenx.org.consumer_keys import LENGTH as CONSUMER_KEY_LENGTH
from tokenx.org.consumer_keys import new_consumer_key
from tokenx.org.fields import KeyField
from tokenx.web.links import url_of
from tokenx.web.text import KEY_LENGTH, sort_key

from .org import OrgRow


class ClientAppQuerySet(models.QuerySet["ClientApp"]):
    def exchangeable(self) -> Self:
        """Return apps that are ready for token exchange: both settings are on."""
        return self.filter(**EXCHANGEABLE)

    def switched_off(self) -> Self:
        """Return apps with one or both settings off."""
        return self.filter(SWITCHED_OFF)

    def with_eligibility(self, eligibility: str) -> Self:
        settings, policies = _SWITCHES[Eligibility(eligibility)]
        return self.filter(
            allows_token_exchange=settings, policy_allows_token_exchange=policies
        )

    def locked(self, app: "ClientApp") -> "ClientApp":
        """Lock the app until this transaction ends, and return its current row.

        SQLite needs no row lock: write transactions don't run concurrently there.
        """
        found = self.select_for_update().filter(pk=app.pk, org=app.org_id).first()
        if found is None:
            raise ValidationError(f"{app.label} was already deleted.")
        return found

    def by_label(self) -> Self:
        return self.order_by("search_key", "id")


# The developer's setting *and* the administrator's policy.
EXCHANGEABLE = {"allows_token_exchange": True, "policy_allows_token_exchange": True}
SWITCHED_OFF = Q(allows_token_exchange=False) | Q(policy_allows_token_exchange=False)


class Eligibility(models.TextChoices):
    """An app's readiness for token exchange, or the place where it's turned off."""

    ELIGIBLE = "eligible", "Ready"
    SETTINGS = "settings", "Turned off in settings"
    POLICIES = "policies", "Turned off in policies"
    BOTH = "both", "Turned off in both"


# The developer's setting and the administrator's policy.
_SWITCHES = {
    Eligibility.ELIGIBLE: (True, True),
    Eligibility.SETTINGS: (False, True),
    Eligibility.POLICIES: (True, False),
    Eligibility.BOTH: (False, False),
}


class Scope(models.TextChoices):
    """OAuth scopes, with Salesforce's labels and values."""

    API = "api", "Manage user data via APIs (api)"
    WEB = "web", "Manage user data via Web browsers (web)"
    FULL = "full", "Full access (full)"
    ID = "id", "Access the identity URL service (id)"
    PROFILE = "profile", "Access unique user identifiers: profile (profile)"
    EMAIL = "email", "Access unique user identifiers: email (email)"
    OPENID = "openid", "Access unique user identifiers (openid)"
    REFRESH_TOKEN = "refresh_token", "Perform requests at any time (refresh_token)"
    CHATTER_API = "chatter_api", "Access Connect REST API resources (chatter_api)"
    CUSTOM_PERMISSIONS = (
        "custom_permissions",
        "Access custom permissions (custom_permissions)",
    )
    VISUALFORCE = "visualforce", "Access Visualforce applications (visualforce)"
    ADDRESS = "address", "Access unique user identifiers: address (address)"
    PHONE = "phone", "Access unique user identifiers: phone (phone)"
    OFFLINE_ACCESS = "offline_access", "Perform requests at any time (offline_access)"
    WAVE_API = "wave_api", "Access Analytics REST API resources (wave_api)"
    ECLAIR_API = (
        "eclair_api",
        "Access Analytics REST API Charts Geodata resources (eclair_api)",
    )
    CONTENT = "content", "Access content resources (content)"
    LIGHTNING = "lightning", "Access Lightning applications (lightning)"
    PARDOT_API = "pardot_api", "Manage Pardot services (pardot_api)"
    CDP_QUERY_API = (
        "cdp_query_api",
        "Perform ANSI SQL queries on Data Cloud data (cdp_query_api)",
    )
    CDP_PROFILE_API = "cdp_profile_api", "Manage Data Cloud profile data (cdp_profile_api)"
    CDP_INGEST_API = (
        "cdp_ingest_api",
        "Manage Data Cloud Ingestion API data (cdp_ingest_api)",
    )
    CDP_SEGMENT_API = (
        "cdp_segment_api",
        "Perform segmentation on Data Cloud data (cdp_segment_api)",
    )
    CDP_IDENTITYRESOLUTION_API = (
        "cdp_identityresolution_api",
        "Manage Data Cloud Identity Resolution (cdp_identityresolution_api)",
    )
    CDP_CALCULATED_INSIGHT_API = (
        "cdp_calculated_insight_api",
        "Manage Data Cloud Calculated Insight data (cdp_calculated_insight_api)",
    )
    CDP_API = "cdp_api", "Access all Data Cloud API resources (cdp_api)"
    CHATBOT_API = "chatbot_api", "Access chatbot services (chatbot_api)"
    SFAP_API = "sfap_api", "Access the Salesforce API Platform (sfap_api)"
    EINSTEIN_GPT_API = "einstein_gpt_api", "Access Einstein GPT services (einstein_gpt_api)"
    INTERACTION_API = (
        "interaction_api",
        "Access Interaction API resources (interaction_api)",
    )
    USER_REGISTRATION_API = (
        "user_registration_api",
        "Access Headless Registration API (user_registration_api)",
    )
    FORGOT_PASSWORD = (
        "forgot_password",
        "Access Headless Forgot Password API (forgot_password)",
    )
    PWDLESS_LOGIN_API = (
        "pwdless_login_api",
        "Access Headless Passwordless Login API (pwdless_login_api)",
    )
    MCP_API = "mcp_api", "Access MCP servers (mcp_api)"
    SCRT_API = "scrt_api", "Access the in-app and web messaging service (scrt_api)"
    DATA_CLOUD_USER_CLAIMS = (
        "data_cloud_user_claims",
        "Access Data Cloud user claims (data_cloud_user_claims)",
    )


class PermittedUsers(models.TextChoices):
    """The users who can use an app; token exchange needs preauthorized users."""

    SELF_AUTHORIZED = "AllSelfAuthorized", "All users may self-authorize"
    PRE_AUTHORIZED = (
        "AdminApprovedPreAuthorized",
        "Admin approved users are pre-authorized",
    )


class RefreshTokenPolicy(models.TextChoices):
    """The validity of a refresh token; the values are those of connected apps' files."""

    INFINITE = "infinite", "Refresh token is valid until revoked"
    ZERO = "zero", "Immediately expire refresh token"
    INACTIVITY = "specific_inactivity", "Expire refresh token if not used for"
    LIFETIME = "specific_lifetime", "Expire refresh token after"


# The policies that have a validity period.
PERIODIC_POLICIES = (RefreshTokenPolicy.INACTIVITY, RefreshTokenPolicy.LIFETIME)
# A limit that keeps every date of expiry in range; tokenx's own.
MAX_VALIDITY = 9_999


class ValidityUnit(models.TextChoices):
    """The unit of a refresh token's validity period."""

    HOURS = "HOURS", "Hour(s)"
    DAYS = "DAYS", "Day(s)"
    MONTHS = "MONTHS", "Month(s)"


PERIODS = {
    ValidityUnit.HOURS: timedelta(hours=1),
    ValidityUnit.DAYS: timedelta(days=1),
    ValidityUnit.MONTHS: timedelta(days=30),
}
_HAS_PERIOD = Q(
    refresh_token_policy__in=PERIODIC_POLICIES,
    refresh_token_validity__range=(1, MAX_VALIDITY),
    refresh_token_unit__in=ValidityUnit.values,
)
_HAS_NO_PERIOD = ~Q(refresh_token_policy__in=PERIODIC_POLICIES) & Q(
    refresh_token_validity=None, refresh_token_unit=""
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
    refresh_token_policy = models.CharField(
        "Refresh Token Policy",
        max_length=19,
        choices=RefreshTokenPolicy.choices,
        default=RefreshTokenPolicy.INFINITE,
    )
    # The period of PERIODIC_POLICIES; the others have none.
    refresh_token_validity = models.PositiveIntegerField(
        "Refresh Token Validity Period",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_VALIDITY)],
    )
    refresh_token_unit = models.CharField(
        "Refresh Token Validity Unit",
        max_length=6,
        choices=ValidityUnit.choices,
        blank=True,
    )
    rotates_refresh_tokens = models.BooleanField(
        "Enable Refresh Token Rotation", default=False
    )
    introspects_all_tokens = models.BooleanField("Introspect All Tokens", default=False)
    # Generated. The secret is shown once, and only its hash is stored.
    consumer_key = models.CharField(
        max_length=CONSUMER_KEY_LENGTH, default=new_consumer_key, editable=False
    )
    secret_hash = models.CharField(max_length=128, blank=True, editable=False)
    modified_at = models.DateTimeField(default=timezone.now, editable=False)
    # Other elements of its files, by file type: metadata/mapping/round_trip.py.
    file_details = models.JSONField(default=dict, blank=True, editable=False)
    # Label and API name, for sorting and searching, separated by a tab.
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
                violation_error_message="An app of this type already has this API name.",
            ),
            # A token request identifies the app only by its key.
            models.UniqueConstraint(
                fields=["consumer_key"],
                name="app_consumer_key",
                violation_error_message="Another app already has this consumer key.",
            ),
            models.CheckConstraint(
                condition=~Q(consumer_key=""), name="app_has_consumer_key"
            ),
            models.CheckConstraint(
                condition=_HAS_PERIOD | _HAS_NO_PERIOD,
                name="app_refresh_token_validity",
                violation_error_message="Enter the period in which refresh tokens expire.",
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

    def get_absolute_url(self) -> str:
        return url_of("setup:app", self.kind, self.api_name)

    @property
    def is_exchangeable(self) -> bool:
        return self.allows_token_exchange and self.policy_allows_token_exchange

    @property
    def eligibility(self) -> Eligibility:
        switches = (self.allows_token_exchange, self.policy_allows_token_exchange)
        return next(key for key, values in _SWITCHES.items() if values == switches)

    @property
    def why_not_exchangeable(self) -> str:
        """Return what's turned off as the rest of a sentence; empty if nothing is."""
        if self.is_exchangeable:
            return ""
        if self.policy_allows_token_exchange:
            return "token exchange is turned off in its settings"
        if self.allows_token_exchange:
            return "token exchange is turned off in its policies"
        return "token exchange is turned off in its settings and policies"

    @property
    def scope_labels(self) -> list[str]:
        return [str(Scope(scope).label) for scope in self.scopes if scope in Scope]

    @property
    def refresh_token_period(self) -> timedelta | None:
        """Return the period of a refresh token policy that has one."""
        unit = ValidityUnit(self.refresh_token_unit or ValidityUnit.DAYS)
        amount = self.refresh_token_validity
        return amount * PERIODS[unit] if amount else None

    @property
    def refresh_token_policy_text(self) -> str:
        """Return the policy with its period, as a page shows it."""
        policy = RefreshTokenPolicy(self.refresh_token_policy)
        if policy not in PERIODIC_POLICIES:
            return str(policy.label)
        unit = ValidityUnit(self.refresh_token_unit)
        return f"{policy.label} {self.refresh_token_validity} {unit.label}"

    def has_secret(self, secret: str) -> bool:
        """Tell whether this is the app's consumer secret."""
        return client_secrets.matches(secret, self.secret_hash)

    def set_keys(self) -> None:
        self.search_key = sort_key(self.label, self.api_name)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_keys()
        super().save(*args, **kwargs)

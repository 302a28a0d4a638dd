"""Token exchange handlers, and the apps that are enabled for them."""

from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from tokenx.org.api_names import validate_api_name
from tokenx.org.constraints import SameOrg
from tokenx.org.fields import KeyField, OrgForeignKey
from tokenx.org.models import ApexClass, ClientApp, User
from tokenx.org.models.org import OrgRow
from tokenx.web.links import url_of
from tokenx.web.text import KEY_LENGTH, fold, sort_key

# Longer lists of enabled apps can't be sorted
# (docs/salesforce/product.md, Sorting and its limit).
SORTABLE_UP_TO = 100


class TokenExchangeHandlerQuerySet(models.QuerySet["TokenExchangeHandler"]):
    def search(self, search_text: str) -> Self:
        """Return the handlers whose name or API name contains the search text."""
        return self.filter(search_key__contains=fold(search_text)[:KEY_LENGTH])


class TokenExchangeHandler(OrgRow):
    """Validates another identity provider's tokens for its apps, with an Apex class."""

    label = models.CharField("Name", max_length=80)
    developer_name = models.CharField(
        "API Name", max_length=80, validators=[validate_api_name]
    )
    description = models.CharField(max_length=255, blank=True)
    is_enabled = models.BooleanField("Enabled", default=False)
    supports_access_token = models.BooleanField("Access Token", default=False)
    supports_id_token = models.BooleanField("ID Token", default=False)
    supports_jwt = models.BooleanField("JWT", default=False)
    supports_refresh_token = models.BooleanField("Refresh Token", default=False)
    supports_saml2 = models.BooleanField("SAML 2", default=False)
    allows_user_creation = models.BooleanField("Allow user creation", default=False)
    # Only metadata files have these fields; None if the file didn't. The second is for
    # managed packages.
    allows_contact_creation = models.BooleanField(
        "Allow contact creation", null=True, blank=True
    )
    is_protected = models.BooleanField("Protected Component", null=True, blank=True)
    apex_class = OrgForeignKey(ApexClass, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = OrgForeignKey(User, related_name="+")
    modified_at = models.DateTimeField(default=timezone.now)
    modified_by = OrgForeignKey(User, related_name="+")
    # Updated with each change, because counting a million rows is slower than the page.
    connected_count = models.PositiveIntegerField(default=0, editable=False)
    external_count = models.PositiveIntegerField(default=0, editable=False)

    # Name and API name, for sorting and searching.
    search_key = KeyField(max_length=KEY_LENGTH, editable=False)

    objects = TokenExchangeHandlerQuerySet.as_manager()

    TOKEN_TYPES = (
        "supports_access_token",
        "supports_id_token",
        "supports_jwt",
        "supports_refresh_token",
        "supports_saml2",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["org", "id"], name="handler_in_org"),
            models.UniqueConstraint(
                "org",
                Lower("developer_name"),
                name="handler_developer_name_per_org",
                violation_error_message="Another handler already has this API name.",
            ),
            SameOrg(field="apex_class", name="handler_apex_class_in_org"),
            SameOrg(field="created_by", name="handler_created_by_in_org"),
            SameOrg(field="modified_by", name="handler_modified_by_in_org"),
        ]
        indexes = [
            models.Index(fields=["org", "developer_name"], name="handler_by_api_name"),
            models.Index(fields=["org", "modified_at"], name="handler_by_change"),
            models.Index(fields=["org", "search_key", "id"], name="handler_by_label"),
        ]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return url_of("handlers:detail", self.developer_name)

    @property
    def token_types(self) -> list[str]:
        """Return the labels of the supported token types, in the order of the page."""
        return [self.label_of(name) for name in self.TOKEN_TYPES if getattr(self, name)]

    @classmethod
    def label_of(cls, field: str) -> str:
        # For the type checker, it could be a reverse relation, which has no name.
        return str(cls._meta.get_field(field).verbose_name)  # type: ignore[union-attr]

    @property
    def status(self) -> str:
        return "Enabled" if self.is_enabled else "Disabled"

    @property
    def app_count(self) -> int:
        return self.connected_count + self.external_count

    @property
    def is_sortable(self) -> bool:
        return self.app_count <= SORTABLE_UP_TO

    def set_keys(self) -> None:
        self.search_key = sort_key(self.label, self.developer_name)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_keys()
        super().save(*args, **kwargs)

    def count_apps(self) -> None:
        """Set the counters from the rows after a bulk change."""
        kinds = Enablement.objects.of(self).values_list("app_kind")
        counts = dict(kinds.annotate(number=models.Count("*")))
        self.connected_count = counts.get(ClientApp.Kind.CONNECTED, 0)
        self.external_count = counts.get(ClientApp.Kind.EXTERNAL, 0)
        self.save(update_fields=["connected_count", "external_count"])

    def touch(self, by: User) -> None:
        """Record who last modified the handler or its enabled apps, and when."""
        self.modified_at, self.modified_by = timezone.now(), by
        self.save(update_fields=["modified_at", "modified_by"])


class EnablementQuerySet(models.QuerySet["Enablement"]):
    def default_for(self, app: ClientApp) -> Self:
        return self.filter(org=app.org_id, app=app, is_default=True)

    def of(self, handler: TokenExchangeHandler) -> Self:
        return self.filter(org=handler.org_id, handler=handler)

    def by_app(self) -> Self:
        return self.order_by("app_key", "id")

    def after(self, app_key: str, pk: int) -> Self:
        """Return the rows after the given one by app (keyset pagination).

        Equivalent to (app_key, id) > (…, …), in the form for which both databases use
        the index. With OR instead of NOT, they read the whole list.
        """
        return self.filter(app_key__gte=app_key).exclude(app_key=app_key, id__lte=pk)


class Enablement(OrgRow):
    """An app enabled for a handler, and the user that the handler runs as."""

    handler = OrgForeignKey(TokenExchangeHandler, related_name="+")
    app = OrgForeignKey(ClientApp, related_name="+")
    run_as = OrgForeignKey(User, related_name="+")
    is_default = models.BooleanField("Default", default=False)
    enabled_at = models.DateTimeField("Enabled Date", default=timezone.now)
    modified_at = models.DateTimeField(default=timezone.now)
    # Copied from the app so that one index holds a handler's apps in order.
    app_kind = models.CharField(
        max_length=9, choices=ClientApp.Kind.choices, editable=False
    )
    app_key = KeyField(max_length=KEY_LENGTH, editable=False)

    # Set by the actions when this handler replaces another one as the default.
    took_over_from: "Enablement | None" = None

    objects = EnablementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "handler", "app"],
                name="enablement_app_once_per_handler",
                violation_error_message="This app is already enabled for this handler.",
            ),
            models.UniqueConstraint(
                fields=["org", "app"],
                condition=Q(is_default=True),
                name="enablement_one_default_per_app",
                violation_error_message="This app already has a default handler.",
            ),
            SameOrg(field="handler", name="enablement_handler_in_org"),
            SameOrg(field="app", name="enablement_app_in_org"),
            SameOrg(field="run_as", name="enablement_run_as_in_org"),
        ]
        indexes = [
            models.Index(
                fields=["org", "handler", "app_key", "id"], name="enablement_by_app"
            ),
            models.Index(
                fields=["org", "handler", "app_kind", "app_key", "id"],
                name="enablement_by_kind_and_app",
            ),
            models.Index(fields=["org", "app"], name="enablement_of_app"),
            models.Index(fields=["org", "run_as"], name="enablement_of_run_as"),
        ]

    def __str__(self) -> str:
        return f"{self.app} for {self.handler}"

    def copy_from_app(self) -> None:
        self.app_kind, self.app_key = self.app.kind, self.app.search_key

    def clean(self) -> None:
        errors = {}
        if not self.app.is_exchangeable:
            reason = self.app.why_not_exchangeable
            errors["app"] = f"{self.app.label} can't be enabled because {reason}."
        if not self.run_as.is_active:
            errors["run_as"] = f"{self.run_as.name} is inactive."
        if errors:
            raise ValidationError(errors)

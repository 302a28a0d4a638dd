"""The login history: each login of the org's users, and each refused token request."""

from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import timezone

from tokenx.org.constraints import SameOrg
from tokenx.org.fields import OrgForeignKey

from .org import OrgRow
from .user import User

SUCCESS = "Success"


class LoginRecord(OrgRow):
    """A login. Columns and labels: docs/salesforce/oauth.md, "Login History".

    A token request also has its trace: the decisions of tokenx.oauth, as rows of plain
    text. Neither column ever contains a secret or a whole token.
    """

    # Unknown if the request was refused before its user was found.
    user = OrgForeignKey(User, related_name="+", null=True, blank=True)
    username = models.CharField("Username", max_length=80, blank=True)
    logged_in_at = models.DateTimeField("Login Time", default=timezone.now)
    source_ip = models.CharField("Source IP", max_length=45, blank=True)
    login_type = models.CharField("Login Type", max_length=40)
    login_subtype = models.CharField("Login Subtype", max_length=40, blank=True)
    # Success, or the reason of a refusal.
    status = models.CharField("Status", max_length=255)
    browser = models.CharField("Browser", max_length=80, blank=True)
    platform = models.CharField("Platform", max_length=80, blank=True)
    application = models.CharField("Application", max_length=80, blank=True)
    client_version = models.CharField("Client Version", max_length=80, blank=True)
    api_type = models.CharField("API Type", max_length=40, blank=True)
    api_version = models.CharField("API Version", max_length=10, blank=True)
    login_url = models.CharField("Login URL", max_length=255, blank=True)
    # The record ID of the handler.
    authentication_service_id = models.CharField(
        "Authentication Service ID", max_length=18, blank=True
    )
    http_method = models.CharField("Login via GET/POST", max_length=8, blank=True)
    # The app's kind and API name, for a link; the app can be deleted.
    app_kind = models.CharField(max_length=9, blank=True, editable=False)
    app_api_name = models.CharField(max_length=80, blank=True, editable=False)
    # The OAuth error of a refused token request.
    error = models.CharField(max_length=40, blank=True, editable=False)
    error_description = models.CharField(max_length=255, blank=True, editable=False)
    trace: Any = models.JSONField(default=list, blank=True, editable=False)

    class Meta:
        constraints = [SameOrg(field="user", name="login_record_user_in_org")]
        indexes = [
            models.Index(fields=["org", "logged_in_at", "id"], name="login_record_by_date"),
            models.Index(
                fields=["org", "user", "logged_in_at", "id"], name="login_record_of_user"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.username} {self.status}"

    def get_absolute_url(self) -> str:
        return reverse("setup:login-record", args=[self.pk])

    @classmethod
    def label_of(cls, field: str) -> str:
        """Return Salesforce's label of a field."""
        # For the type checker, it could be a reverse relation, which has no name.
        return str(cls._meta.get_field(field).verbose_name)  # type: ignore[union-attr]

    @property
    def is_success(self) -> bool:
        return self.status == SUCCESS

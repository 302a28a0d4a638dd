from datetime import timedelta
from typing import Self

from django.db import models
from django.utils import timezone

from tokenx.org.constraints import SameOrg
from tokenx.org.fields import OrgForeignKey

from .org import Org, OrgRow

# How long Setup keeps entries: docs/salesforce/product.md, Setup Audit Trail.
KEPT_FOR = timedelta(days=180)


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def newest_of(self, org: Org) -> Self:
        return self.filter(org=org).select_related("user").order_by("-created_at", "-id")

    def kept(self) -> Self:
        return self.filter(created_at__gte=timezone.now() - KEPT_FOR)


class AuditEntry(OrgRow):
    """One change in Setup, in the Setup Audit Trail's words."""

    created_at = models.DateTimeField(default=timezone.now)
    user = OrgForeignKey("org.User")
    action = models.CharField(max_length=80)
    section = models.CharField(max_length=80)
    display = models.CharField(max_length=1000)
    delegate_user = models.CharField(max_length=80, blank=True)
    # The context of the change; empty for Setup pages. Salesforce stores it as
    # CreatedByContext and doesn't show it in a column either.
    context = models.CharField(max_length=80, blank=True)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "audit entries"
        constraints = [SameOrg(field="user", name="audit_entry_user_in_org")]
        indexes = [
            models.Index(fields=["org", "created_at", "id"], name="audit_entry_by_date")
        ]

    def __str__(self) -> str:
        return self.display

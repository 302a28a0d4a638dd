from datetime import timedelta
from typing import Self

from django.db import models
from django.utils import timezone

from tokenx.org.constraints import SameOrg
from tokenx.org.fields import OrgForeignKey

from .org import Org, OrgRow

# Setup keeps its trail this long (facts/salesforce.md 4.2).
KEPT_FOR = timedelta(days=180)


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def newest_of(self, org: Org) -> Self:
        return self.filter(org=org).select_related("user").order_by("-created_at", "-id")

    def kept(self) -> Self:
        return self.filter(created_at__gte=timezone.now() - KEPT_FOR)


class AuditEntry(OrgRow):
    """One change in Setup, in the words of the Setup Audit Trail."""

    created_at = models.DateTimeField(default=timezone.now)
    user = OrgForeignKey("org.User")
    action = models.CharField(max_length=80)
    section = models.CharField(max_length=80)
    display = models.CharField(max_length=1000)
    delegate_user = models.CharField(max_length=80, blank=True)
    # What it came through; empty for the pages of Setup. The real product keeps it as
    # CreatedByContext, and has no column for it either (facts/salesforce.md 4.2).
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

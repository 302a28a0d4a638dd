"""Debug logs of runs."""

import zlib
from typing import Self

from django.db import models
from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from tokenx.org import record_ids
from tokenx.org.constraints import SameOrg
from tokenx.org.fields import OrgForeignKey

from .org import OrgRow
from .user import User

SUCCESS = "Success"
STATUS_LENGTH = 255


class LogLocation(models.TextChoices):
    """The place of a log, which says how long it's kept."""

    MONITORING = "Monitoring", "Monitoring"
    SYSTEM_LOG = "SystemLog", "SystemLog"


class ApexLogQuerySet(models.QuerySet["ApexLog"]):
    def kept(self) -> Self:
        """Leave out the logs that are due to be deleted."""
        return self.filter(expires_at__gt=timezone.now())

    def without_bodies(self) -> Self:
        return self.defer("body")

    def stored_size(self) -> int:
        """Return the number of bytes that the logs take in the database."""
        size: int = self.aggregate(size=Coalesce(Sum("stored_size"), 0))["size"]
        return size


class ApexLog(OrgRow):
    """The debug log of a run. It has what the code printed, in Salesforce's format."""

    user = OrgForeignKey(User, related_name="+")
    operation = models.CharField(max_length=128)
    application = models.CharField(max_length=64)
    status = models.CharField(max_length=STATUS_LENGTH)
    request = models.CharField(max_length=16)
    request_identifier = models.CharField(max_length=84)
    location = models.CharField(max_length=10, choices=LogLocation.choices)
    milliseconds = models.PositiveIntegerField()
    length = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # Compressed; `stored_size` is its length.
    body = models.BinaryField()
    stored_size = models.PositiveIntegerField()

    objects = ApexLogQuerySet.as_manager()

    class Meta:
        constraints = [SameOrg(field="user", name="apex_log_user_in_org")]
        indexes = [
            models.Index(fields=["org", "started_at", "id"], name="apex_log_by_date"),
            models.Index(fields=["org", "user", "started_at"], name="apex_log_by_user"),
            models.Index(fields=["org", "expires_at"], name="apex_log_by_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} ({self.record_id})"

    def get_absolute_url(self) -> str:
        return reverse("setup:debug-log", args=[self.pk])

    @property
    def record_id(self) -> str:
        return record_ids.record_id(record_ids.APEX_LOG, self.pk)

    @property
    def is_successful(self) -> bool:
        return self.status == SUCCESS

    @property
    def text(self) -> str:
        return zlib.decompress(bytes(self.body)).decode()

    def set_text(self, text: str) -> None:
        data = text.encode()
        self.length = len(data)
        self.body = zlib.compress(data)
        self.stored_size = len(self.body)

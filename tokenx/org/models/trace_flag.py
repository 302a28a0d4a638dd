"""Debug levels, and the users whose runs are logged."""

from datetime import datetime, timedelta
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from tokenx.apex.debug_log import LEVELS
from tokenx.org.api_names import LENGTH, validate_api_name
from tokenx.org.constraints import SameOrg
from tokenx.org.fields import OrgForeignKey

from .org import OrgRow
from .user import User

LABEL_LENGTH = 80
LEVEL_CHOICES = [(level, level) for level in LEVELS]
# How long a user can be traced at a time: docs/salesforce/oauth.md, Log records.
MAX_DURATION = timedelta(hours=24)
# The categories of a debug level, and their names in a log. Logs have no data access.
LOG_CATEGORIES = {
    "apex_code": "APEX_CODE",
    "apex_profiling": "APEX_PROFILING",
    "callout": "CALLOUT",
    "database": "DB",
    "nba": "NBA",
    "system": "SYSTEM",
    "validation": "VALIDATION",
    "visualforce": "VISUALFORCE",
    "wave": "WAVE",
    "workflow": "WORKFLOW",
}
LEVEL_FIELDS = (*LOG_CATEGORIES, "data_access")


def _level() -> models.CharField:
    return models.CharField(
        max_length=10,
        choices=LEVEL_CHOICES,
        default="NONE",
        error_messages={
            "blank": "Select a level.",
            "invalid_choice": f"Select one of these levels: {', '.join(LEVELS)}.",
        },
    )


class DebugLevel(OrgRow):
    """The events that logs contain: a level for each category."""

    name = models.CharField(
        "Name",
        max_length=LENGTH,
        validators=[validate_api_name],
        error_messages={"blank": "Enter a name."},
    )
    label = models.CharField(
        max_length=LABEL_LENGTH, error_messages={"blank": "Enter a label."}
    )
    apex_code = _level()
    apex_profiling = _level()
    callout = _level()
    data_access = _level()
    database = _level()
    nba = _level()
    system = _level()
    validation = _level()
    visualforce = _level()
    wave = _level()
    workflow = _level()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    modified_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            # Trace flags point to this key.
            models.UniqueConstraint(fields=["org", "id"], name="debug_level_in_org"),
            models.UniqueConstraint(
                "org",
                Lower("name"),
                name="debug_level_name_per_org",
                violation_error_message="Another debug level already has this name.",
            ),
        ]
        indexes = [models.Index(fields=["org", "name"], name="debug_level_by_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("setup:debug-level", args=[self.name])

    @property
    def levels(self) -> dict[str, str]:
        """Return the levels by the names of the categories in a log."""
        return {name: getattr(self, each) for each, name in LOG_CATEGORIES.items()}


class LogType(models.TextChoices):
    """The kinds of trace flags for users; Salesforce has others for classes."""

    USER_DEBUG = "USER_DEBUG", "USER_DEBUG"
    DEVELOPER_LOG = "DEVELOPER_LOG", "DEVELOPER_LOG"


class TraceFlagQuerySet(models.QuerySet["TraceFlag"]):
    def active_at(self, moment: datetime) -> Self:
        return self.filter(starts_at__lte=moment, expires_at__gt=moment)

    def overlapping(self, flag: "TraceFlag") -> Self:
        """Return other flags of the user and type that trace at the same time."""
        same = self.filter(
            org=flag.org_id, traced_user=flag.traced_user_id, log_type=flag.log_type
        )
        at_that_time = same.filter(
            starts_at__lt=flag.expires_at, expires_at__gt=flag.starts_at
        )
        return at_that_time.exclude(pk=flag.pk)


class TraceFlag(OrgRow):
    """A time in which runs as a user are logged."""

    traced_user = OrgForeignKey(User, related_name="+")
    debug_level = OrgForeignKey(DebugLevel, related_name="+")
    log_type = models.CharField(max_length=20, choices=LogType.choices)
    starts_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # Logs of flags from Setup are kept for longer than those of other flags.
    is_from_setup = models.BooleanField(editable=False)
    created_by = OrgForeignKey(User, related_name="+", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    modified_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TraceFlagQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("starts_at")),
                name="trace_flag_ends_after_start",
                violation_error_message="Enter an expiration date after the start date.",
            ),
            SameOrg(field="traced_user", name="trace_flag_user_in_org"),
            SameOrg(field="debug_level", name="trace_flag_level_in_org"),
            SameOrg(field="created_by", name="trace_flag_creator_in_org"),
        ]
        indexes = [
            models.Index(
                fields=["org", "traced_user", "expires_at"], name="trace_flag_by_user"
            ),
            models.Index(fields=["org", "debug_level"], name="trace_flag_by_level"),
        ]

    def __str__(self) -> str:
        return f"{self.traced_user} until {self.expires_at}"

    def clean(self) -> None:
        if self.expires_at <= self.starts_at:
            message = "Enter an expiration date after the start date."
            raise ValidationError({"expires_at": message})
        if self.expires_at - self.starts_at > MAX_DURATION:
            message = "Enter an expiration date at most 24 hours after the start date."
            raise ValidationError({"expires_at": message})

    @property
    def status(self) -> str:
        now = timezone.now()
        if self.expires_at <= now:
            return "Expired"
        return "Active" if self.starts_at <= now else "Scheduled"

"""Uploaded sources, deployments with their messages, retrievals, and files of `init/`."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from tokenx.org.constraints import SameOrg
from tokenx.org.fields import OrgForeignKey
from tokenx.org.models import Org, User
from tokenx.org.models.org import OrgRow
from tokenx.org.record_ids import DEPLOYMENT, RETRIEVAL, record_id

# The same as in Salesforce: docs/salesforce/product.md, Deployment queue and statuses.
KEPT_FOR = timedelta(days=30)


class Source(OrgRow):
    """An uploaded zip or file, which a check and a deployment can share."""

    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = OrgForeignKey(User, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["org", "id"], name="source_in_org"),
            SameOrg(field="created_by", name="source_created_by_in_org"),
        ]
        indexes = [models.Index(fields=["org", "created_at"], name="source_by_date")]

    def __str__(self) -> str:
        return self.name

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes in pieces. A zip can have 39 MB."""
        chunks = SourceChunk.objects.filter(org=self.org_id, source=self)
        numbers = chunks.order_by("number").values_list("number", flat=True)
        for number in list(numbers):
            yield bytes(chunks.values_list("data", flat=True).get(number=number))


class SourceChunk(OrgRow):
    """A piece of a source, small enough to fit into memory."""

    source = OrgForeignKey(Source, related_name="+")
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "source", "number"], name="source_chunk_once"
            ),
            SameOrg(field="source", name="source_chunk_source_in_org"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id}, {self.number}"


class Status(models.TextChoices):
    """The statuses of docs/salesforce/product.md, Deployment queue and statuses."""

    PENDING = "Pending", "Queued"
    IN_PROGRESS = "InProgress", "In Progress"
    SUCCEEDED = "Succeeded", "Succeeded"
    SUCCEEDED_PARTIAL = "SucceededPartial", "Succeeded Partially"
    FAILED = "Failed", "Failed"
    CANCELING = "Canceling", "Canceling"
    CANCELED = "Canceled", "Canceled"


RUNNING = (Status.IN_PROGRESS, Status.CANCELING)
SUCCESSES = (Status.SUCCEEDED, Status.SUCCEEDED_PARTIAL)
DONE = (*SUCCESSES, Status.FAILED, Status.CANCELED)


class DeploymentQuerySet(models.QuerySet["Deployment"]):
    def kept(self, org: Org) -> Self:
        """Return the org's deployments of the last 30 days."""
        return self.filter(org=org, created_at__gte=timezone.now() - KEPT_FOR)

    def running(self, org: int) -> Self:
        return self.filter(org=org, status__in=RUNNING)

    def pending(self, org: int) -> Self:
        return self.filter(org=org, status=Status.PENDING).order_by("id")


class Deployment(OrgRow):
    """A deploy() call, with its options, progress, and result.

    The fields are those of DeployResult (docs/salesforce/product.md, Deployment results).
    """

    source = OrgForeignKey(Source, related_name="+")
    created_by = OrgForeignKey(User, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    check_only = models.BooleanField(default=False)
    rollback_on_error = models.BooleanField(default=True)
    ignore_warnings = models.BooleanField(default=False)
    purge_on_delete = models.BooleanField(default=False)
    # None means that it's detected from the archive.
    single_package = models.BooleanField(null=True)
    test_level = models.CharField(max_length=30, blank=True)

    status = models.CharField(max_length=20, choices=Status.choices, default=Status.PENDING)
    state_detail = models.CharField(max_length=255, blank=True)
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    modified_at = models.DateTimeField(default=timezone.now)
    canceled_by = OrgForeignKey(User, related_name="+", null=True)
    components_total = models.PositiveIntegerField(default=0)
    components_deployed = models.PositiveIntegerField(default=0)
    component_errors = models.PositiveIntegerField(default=0)
    error_message = models.TextField(blank=True)
    error_code = models.CharField(max_length=80, blank=True)

    # Until the lease expires, no other process takes the deployment over; see queue.py.
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)

    objects = DeploymentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["org", "id"], name="deployment_in_org"),
            models.UniqueConstraint(
                fields=["org"],
                condition=Q(status__in=RUNNING),
                name="deployment_one_runs_per_org",
                violation_error_message="A deployment is running in this org.",
            ),
            SameOrg(field="source", name="deployment_source_in_org"),
            SameOrg(field="created_by", name="deployment_created_by_in_org"),
            SameOrg(field="canceled_by", name="deployment_canceled_by_in_org"),
        ]
        indexes = [
            models.Index(fields=["org", "created_at", "id"], name="deployment_by_date"),
            models.Index(fields=["org", "status", "id"], name="deployment_by_status"),
            models.Index(fields=["org", "source"], name="deployment_of_source"),
        ]

    def __str__(self) -> str:
        return self.record_id

    def get_absolute_url(self) -> str:
        return reverse("metadata:deployment", args=[self.pk])

    @property
    def record_id(self) -> str:
        """Return the ID that clients use."""
        return record_id(DEPLOYMENT, self.pk)

    @property
    def is_done(self) -> bool:
        return self.status in DONE

    @property
    def is_success(self) -> bool:
        """Return whether all components succeeded, not only a part of them."""
        return self.status == Status.SUCCEEDED

    @property
    def verb(self) -> str:
        return "Check" if self.check_only else "Deploy"


class ComponentMessage(OrgRow):
    """The outcome of a component, or one problem with it: a DeployMessage."""

    deployment = OrgForeignKey(Deployment, related_name="messages")
    number = models.PositiveIntegerField()
    type_name = models.CharField(max_length=80, blank=True)
    full_name = models.CharField(max_length=255)
    file_name = models.CharField(max_length=1024)
    component_id = models.CharField(max_length=18, blank=True)
    created = models.BooleanField(default=False)
    changed = models.BooleanField(default=False)
    deleted = models.BooleanField(default=False)
    success = models.BooleanField(default=True)
    problem = models.TextField(blank=True)
    is_warning = models.BooleanField(default=False)
    # Salesforce wouldn't give this warning. It never fails a component.
    is_from_tokenx = models.BooleanField(default=False)
    line = models.PositiveIntegerField(default=0)
    column = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "deployment", "number"], name="component_message_once"
            ),
            SameOrg(field="deployment", name="component_message_deployment_in_org"),
        ]
        indexes = [
            models.Index(
                fields=["org", "deployment", "success", "number"],
                name="component_message_by_success",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.full_name}: {self.problem or self.outcome}"

    @property
    def outcome(self) -> str:
        if not self.success:
            return "Failed"
        if self.deleted:
            return "Deleted"
        if self.created:
            return "Created"
        return "Changed" if self.changed else "Unchanged"

    @property
    def location(self) -> str:
        """Return `file:line:column`, the format that editors open."""
        return (
            f"{self.file_name}:{self.line}:{self.column}" if self.line else self.file_name
        )


class RetrievalQuerySet(models.QuerySet["Retrieval"]):
    def kept(self, org: Org) -> Self:
        """Return the org's retrievals of the last 30 days."""
        since = timezone.now() - KEPT_FOR
        rows = self.filter(org=org, created_at__gte=since)
        return rows.select_related("created_by")


class Retrieval(OrgRow):
    """A retrieve() call, with its options. The result reads the org when it's requested."""

    created_by = OrgForeignKey(User, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    # Names by type; `*` means all.
    members = models.JSONField(default=dict)
    version = models.CharField(max_length=10)
    single_package = models.BooleanField(default=False)
    specific_files = models.JSONField(default=list)
    package_names = models.JSONField(default=list)

    objects = RetrievalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["org", "id"], name="retrieval_in_org"),
            SameOrg(field="created_by", name="retrieval_created_by_in_org"),
        ]
        indexes = [models.Index(fields=["org", "created_at"], name="retrieval_by_date")]

    def __str__(self) -> str:
        return self.record_id

    @property
    def record_id(self) -> str:
        """Return the ID that clients use."""
        return record_id(RETRIEVAL, self.pk)


class InitFile(OrgRow):
    """A file of the folder `init/`, as it was when it was last deployed to the org."""

    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["org", "name"], name="init_file_once"),
        ]

    def __str__(self) -> str:
        return self.name

"""Permission sets, and the users who have them."""

from typing import Self

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from tokenx.org.api_names import LENGTH, validate_api_name
from tokenx.org.constraints import SameOrg
from tokenx.org.fields import OrgForeignKey

from .org import OrgRow
from .stored_component import MAX_FILE_LENGTH
from .user import User

LABEL_LENGTH = 80
DESCRIPTION_LENGTH = 255


class PermissionSetQuerySet(models.QuerySet["PermissionSet"]):
    def by_label(self) -> Self:
        return self.order_by("label", "id")

    def without_files(self) -> Self:
        """Leave out the files, which can be long."""
        return self.defer("file")

    def of_user(self, user: User) -> Self:
        """Return the permission sets that the user has."""
        assignments = PermissionSetAssignment.objects.filter(org=user.org_id, user=user.pk)
        own = self.filter(org=user.org_id)
        return own.filter(pk__in=assignments.values("permission_set"))


class PermissionSet(OrgRow):
    """A permission set. In tokenx it gives no rights, but apps can require it."""

    name = models.CharField(
        "API Name",
        max_length=LENGTH,
        validators=[validate_api_name],
        error_messages={"blank": "Enter an API name."},
    )
    label = models.CharField(
        max_length=LABEL_LENGTH, error_messages={"blank": "Enter a label."}
    )
    description = models.CharField(max_length=DESCRIPTION_LENGTH, blank=True)
    # The whole metadata file, with the current label and description; blank if there was
    # none.
    file = models.TextField(
        blank=True,
        editable=False,
        validators=[
            MaxLengthValidator(
                MAX_FILE_LENGTH, f"The file has more than {MAX_FILE_LENGTH:,} characters."
            )
        ],
    )
    modified_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PermissionSetQuerySet.as_manager()

    class Meta:
        constraints = [
            # Other tables point to this key.
            models.UniqueConstraint(fields=["org", "id"], name="permission_set_in_org"),
            models.UniqueConstraint(
                "org",
                Lower("name"),
                name="permission_set_name_per_org",
                violation_error_message="Another permission set already has this API name.",
            ),
        ]
        indexes = [
            models.Index(fields=["org", "label", "id"], name="permission_set_by_label")
        ]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("setup:permission-set", args=[self.name])


class PermissionSetAssignment(OrgRow):
    """A permission set that a user has."""

    user = OrgForeignKey(User, related_name="+")
    permission_set = OrgForeignKey(PermissionSet, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "user", "permission_set"],
                name="permission_set_once_per_user",
                violation_error_message="This user already has this permission set.",
            ),
            SameOrg(field="user", name="assignment_user_in_org"),
            SameOrg(field="permission_set", name="assignment_set_in_org"),
        ]
        indexes = [
            models.Index(fields=["org", "permission_set", "user"], name="assignment_of_set")
        ]

    def __str__(self) -> str:
        return f"{self.permission_set} for {self.user}"

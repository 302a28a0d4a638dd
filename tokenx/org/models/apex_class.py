from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from tokenx.org.apex import is_template, problems_of
from tokenx.org.api_names import validate_api_name

from .org import OrgRow

# The API version of classes created in Setup.
API_VERSION = "67.0"


class ApexClass(OrgRow):
    """An Apex class; its code is stored and checked, but not run."""

    name = models.CharField(
        max_length=40,
        validators=[validate_api_name],
        error_messages={"max_length": "The name of a class has at most 40 characters."},
    )
    body = models.TextField(blank=True)
    modified_at = models.DateTimeField(default=timezone.now, editable=False)
    # Other elements of its metadata file, written back unchanged on retrieve.
    api_version = models.CharField(max_length=10, default=API_VERSION, editable=False)
    status = models.CharField(max_length=20, default="Active", editable=False)
    file_details = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["org", "id"], name="apex_class_in_org"),
            models.UniqueConstraint(
                "org",
                Lower("name"),
                name="apex_class_name_per_org",
                violation_error_message="Another Apex class already has this name.",
            ),
        ]
        indexes = [models.Index(fields=["org", "name"], name="apex_class_by_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("setup:apex-class", args=[self.name])

    @property
    def problems(self) -> list[str]:
        """Return sentences that say why the class can't be a handler; empty if it can."""
        return problems_of(self.name, self.body)

    @property
    def is_template(self) -> bool:
        """Tell whether the class is still the unedited template."""
        return is_template(self.name, self.body)

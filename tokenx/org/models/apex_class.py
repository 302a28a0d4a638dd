from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from tokenx.org.apex import problems_of
from tokenx.org.api_names import validate_api_name

from .org import OrgRow

# Of classes that are made here (facts/metadata-api.md 8).
API_VERSION = "67.0"


class ApexClass(OrgRow):
    """The code that checks a token; what it says is read, never run."""

    name = models.CharField(
        max_length=40,
        validators=[validate_api_name],
        error_messages={"max_length": "The name of a class has at most 40 characters."},
    )
    body = models.TextField(blank=True)
    modified_at = models.DateTimeField(default=timezone.now, editable=False)
    # What its file says besides; elements that are not known here come back as they were.
    api_version = models.CharField(max_length=10, default=API_VERSION, editable=False)
    status = models.CharField(max_length=20, default="Active", editable=False)
    kept = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["org", "id"], name="apex_class_in_org"),
            models.UniqueConstraint(
                "org",
                Lower("name"),
                name="apex_class_name_per_org",
                violation_error_message="An Apex class of this org has this name.",
            ),
        ]
        indexes = [models.Index(fields=["org", "name"], name="apex_class_by_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def problems(self) -> list[str]:
        """What keeps it from checking tokens, each as a sentence; nothing, if it can."""
        return problems_of(self.name, self.body)

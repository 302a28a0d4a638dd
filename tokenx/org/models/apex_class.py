from typing import Self

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from tokenx.org.apex import problems_of
from tokenx.org.api_names import validate_api_name

from .org import org_key

NAME_LENGTH = 40


class ApexClassQuerySet(models.QuerySet["ApexClass"]):
    def search(self, typed: str) -> Self:
        """Those whose name contains what was typed. A look-up's `*` changes nothing."""
        text = typed.strip().lstrip("*").replace("\0", "")
        # What is longer than a name is in none; SQLite takes no pattern of any length.
        return self.filter(name__icontains=text[: NAME_LENGTH + 1])


class ApexClass(models.Model):
    """The code that checks a token; what it says is read, never run."""

    org = org_key()
    name = models.CharField(
        max_length=NAME_LENGTH,
        validators=[validate_api_name],
        error_messages={"max_length": "The name of a class has at most 40 characters."},
    )
    body = models.TextField(blank=True)
    modified_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ApexClassQuerySet.as_manager()

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

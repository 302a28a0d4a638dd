"""Components that are kept whole: labels, custom metadata, and named credentials."""

from typing import Any
from xml.parsers.expat import ExpatError

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from tokenx.org.custom_metadata import details_of
from tokenx.org.xml_texts import elements_named, without_elements

from .org import OrgRow

MAX_FILE_LENGTH = 500_000
# Salesforce never returns these elements of a named credential either.
SECRETS = frozenset({"password", "oauthToken", "oauthRefreshToken", "awsSecretKey"})


class StoredType(models.TextChoices):
    """The metadata types that are kept whole, with the plural of each."""

    CUSTOM_LABELS = "CustomLabels", "Custom Labels"
    CUSTOM_METADATA = "CustomMetadata", "Custom Metadata Records"
    NAMED_CREDENTIAL = "NamedCredential", "Named Credentials"


def validate_stored_name(name: str) -> None:
    if not name.isprintable() or "/" in name or name != name.strip():
        raise ValidationError("Enter a name without slashes or control characters.")


def without_secrets(file: str) -> str:
    """Return the file without its secrets. A file that isn't XML is returned unchanged."""
    try:
        return without_elements(file, SECRETS)
    except ExpatError:
        return file


def validate_stored_file(file: str) -> None:
    try:
        secrets = elements_named(file, SECRETS)
    except ExpatError as error:
        raise ValidationError("The file isn't well-formed XML.") from error
    if secrets:
        name = secrets[0].name
        raise ValidationError(f"The file contains a secret. Remove the element {name}.")


class StoredComponent(OrgRow):
    """A metadata file that's kept whole. It comes by deployment or scenario."""

    type = models.CharField(max_length=20, choices=StoredType)
    # The full name in metadata; for custom metadata, Type.Record.
    name = models.CharField(max_length=255, validators=[validate_stored_name])
    file = models.TextField(
        validators=[
            MaxLengthValidator(
                MAX_FILE_LENGTH, f"The file has more than {MAX_FILE_LENGTH:,} characters."
            ),
            validate_stored_file,
        ],
        error_messages={"blank": "The file is empty."},
    )
    # What queries need of a custom metadata record.
    details = models.JSONField(default=dict, blank=True, editable=False)
    modified_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "org",
                "type",
                Lower("name"),
                name="stored_component_name_per_org",
                violation_error_message="Another component already has this name.",
            )
        ]
        indexes = [
            models.Index(fields=["org", "type", "name"], name="stored_component_by_name")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("setup:stored-component", args=[self.type, self.name])

    def set_details(self) -> None:
        is_record = self.type == StoredType.CUSTOM_METADATA
        self.details = details_of(self.file) if is_record else {}

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_details()
        super().save(*args, **kwargs)

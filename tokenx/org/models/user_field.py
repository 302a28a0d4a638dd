"""Custom fields on User: text fields, whose values are on the user's row."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from tokenx.org.api_names import validate_api_name

from .org import OrgRow

OBJECT = "User"
LABEL_LENGTH = 40
MAX_TEXT_LENGTH = 255
DEVELOPER_NAME_LENGTH = 40
_SUFFIX = "__c"
_LENGTH_RANGE = f"Enter a length from 1 to {MAX_TEXT_LENGTH}."


def validate_field_name(name: str) -> None:
    """Raise ValidationError unless it's a full name, such as User.Azure_Id__c."""
    parts = re.fullmatch(rf"{OBJECT}\.(?P<name>.*){_SUFFIX}", name, re.IGNORECASE)
    if parts is None:
        raise ValidationError("Enter a custom field on User, such as User.Azure_Id__c.")
    validate_api_name(parts["name"])
    if len(parts["name"]) > DEVELOPER_NAME_LENGTH:
        raise ValidationError(
            f"A field name has at most {DEVELOPER_NAME_LENGTH} characters before __c."
        )


def full_name_of(api_name: str) -> str:
    """Return the full name of a field in metadata."""
    return f"{OBJECT}.{api_name}"


class UserField(OrgRow):
    """A custom text field on User."""

    # The full name in metadata, such as User.Azure_Id__c.
    name = models.CharField(
        max_length=80,
        validators=[validate_field_name],
        error_messages={"blank": "Enter a field name."},
    )
    label = models.CharField(
        max_length=LABEL_LENGTH, error_messages={"blank": "Enter a field label."}
    )
    length = models.PositiveIntegerField(
        default=MAX_TEXT_LENGTH,
        validators=[
            MinValueValidator(1, _LENGTH_RANGE),
            MaxValueValidator(MAX_TEXT_LENGTH, _LENGTH_RANGE),
        ],
    )
    description = models.CharField(max_length=1000, blank=True)
    # Other elements of its metadata file, written back unchanged on retrieve.
    file_details = models.JSONField(default=dict, blank=True, editable=False)
    modified_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "org",
                Lower("name"),
                name="user_field_name_per_org",
                violation_error_message="Another field already has this name.",
            )
        ]
        indexes = [models.Index(fields=["org", "name"], name="user_field_by_name")]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("setup:user-field", args=[self.api_name])

    @property
    def api_name(self) -> str:
        return self.name.removeprefix(f"{OBJECT}.")

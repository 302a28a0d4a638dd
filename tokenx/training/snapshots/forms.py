"""Snapshot forms."""

from pathlib import PurePath
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tokenx.org.models import Org, User
from tokenx.training.models import Snapshot

from .actions import save_snapshot, upload_snapshot
from .archive import MAX_SIZE

_MAX_MEGABYTES = MAX_SIZE // 1024**2


class SaveSnapshotForm(forms.Form):
    """The form to save the org's current state."""

    name = forms.CharField(
        label="Name",
        max_length=80,
        help_text="For example: before the default handler changes.",
        error_messages={"required": "Enter a name for the snapshot."},
    )

    def save(self, *, org: Org, by: User) -> Snapshot | None:
        """Save a snapshot, or add the reason as a form error and return None."""
        try:
            return save_snapshot(org=org, name=self.cleaned_data["name"], by=by)
        except ValidationError as error:
            self.add_error(None, error)
            return None


class UploadSnapshotForm(forms.Form):
    """The form to add a snapshot from a downloaded file."""

    upload = forms.FileField(
        label="File",
        help_text=f"Up to {_MAX_MEGABYTES} MB.",
        widget=forms.FileInput({"accept": ".zip", "data-most-mb": _MAX_MEGABYTES}),
        error_messages={
            "required": "Select a snapshot file.",
            "empty": "The file is empty.",
        },
    )
    name = forms.CharField(
        label="Name",
        max_length=80,
        required=False,
        help_text="If blank, the file's name is used.",
    )

    def save(self, *, org: Org, by: User) -> Snapshot | None:
        """Add the snapshot, or add all problems as form errors and return None."""
        upload: Any = self.cleaned_data["upload"]
        name = self.cleaned_data["name"] or PurePath(upload.name).stem[:80]
        try:
            return upload_snapshot(org=org, name=name, stream=upload.file, by=by)
        except ValidationError as error:
            field = "name" if hasattr(error, "error_dict") else "upload"
            self.add_error(field, error.messages)
            return None

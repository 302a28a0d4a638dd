"""What may be typed and sent about snapshots."""

from pathlib import PurePath
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tokenx.org.models import Org, User
from tokenx.training.models import Snapshot

from . import actions as snapshots


class SaveSnapshotForm(forms.Form):
    name = forms.CharField(
        label="Name",
        max_length=80,
        help_text="What this state is for, such as: before the default moves.",
        error_messages={"required": "Enter a name for the snapshot."},
    )

    def save(self, *, org: Org, by: User) -> Snapshot | None:
        """Save it; None, with the reason as a form error, where it can't be."""
        try:
            return snapshots.save_snapshot(org=org, name=self.cleaned_data["name"], by=by)
        except ValidationError as error:
            self.add_error(None, error)
            return None


class UploadSnapshotForm(forms.Form):
    """A file that was downloaded elsewhere, and what it is to be called here."""

    upload = forms.FileField(
        label="File",
        help_text="At most 20 MB.",
        widget=forms.FileInput(attrs={"accept": ".zip", "data-most-mb": 20}),
        error_messages={
            "required": "Choose the file of a snapshot.",
            "empty": "The file is empty.",
        },
    )
    name = forms.CharField(
        label="Name",
        max_length=80,
        required=False,
        help_text="Without one, that of the file.",
    )

    def save(self, *, org: Org, by: User) -> Snapshot | None:
        """Keep it; None, with all that is wrong with the file, where it can't be."""
        upload: Any = self.cleaned_data["upload"]
        name = self.cleaned_data["name"] or PurePath(upload.name).stem[:80]
        try:
            return snapshots.upload_snapshot(org=org, name=name, stream=upload.file, by=by)
        except ValidationError as error:
            field = "name" if hasattr(error, "error_dict") else "upload"
            self.add_error(field, error.messages)
            return None

"""Forms to deploy and retrieve metadata."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.limits import MAX_FILES, MAX_ZIP_SIZE
from tokenx.metadata.models import Deployment, Source
from tokenx.org.models import Org, User
from tokenx.web.forms import SetupBoundField
from tokenx.web.local_formats import format_number

from .actions import Options, queue_deployment
from .placeholders import Missing, create_placeholders
from .uploads import receive_text, receive_uploads

MAX_PASTED = 1_000_000
# How many placeholders of a kind the page lists.
MAX_OFFERED = 200
# How many handlers the dialog lists.
HANDLERS_LISTED = 500


class ManyFilesInput(forms.FileInput):
    """A file input that takes several files."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """A field for several files, whose value is a list."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list | tuple) else [data]
        return [super(ManyFilesField, self).clean(each, initial) for each in files if each]


class DeployMetadataForm(forms.Form):
    """A zip, one or more files, or a handler's XML."""

    max_megabytes = MAX_ZIP_SIZE // 1024**2
    uploads = ManyFilesField(
        # The page refuses larger files before it uploads them.
        widget=ManyFilesInput(attrs={"data-most-mb": max_megabytes}),
        label="Zip file, single file, or files of one package",
        required=False,
        allow_empty_file=True,
        max_length=255,
    )
    xml = forms.CharField(
        label="Or a handler's XML",
        required=False,
        max_length=MAX_PASTED,
        strip=False,
        widget=forms.Textarea(
            {"class": "code", "rows": 12, "spellcheck": "false", "dir": "ltr"}
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_zip = format_number(MAX_FILES)
        separate = format_number(settings.DATA_UPLOAD_MAX_NUMBER_FILES)
        self.fields["uploads"].help_text = (
            f"Metadata or source format. Up to {self.max_megabytes} MB, with up to "
            f"{in_zip} files in a .zip file or {separate} otherwise."
        )

    def add_error(self, field: str | None, error: Any) -> None:
        super().add_error(field, error)
        # An error of both fields puts the focus on the first one.
        if field is None:
            cast("SetupBoundField", self["uploads"]).has_focus = True

    def clean(self) -> None:
        files, text = self.cleaned_data.get("uploads"), self.cleaned_data.get("xml", "")
        if self.errors:
            return
        if not files and not text.strip():
            raise ValidationError("Choose a file, or paste a handler's XML.")
        if files and text.strip():
            raise ValidationError("Choose files or paste XML, not both.")

    def save(self, *, by: User) -> Source | None:
        """Store the upload, or add the reason as a form error and return None."""
        try:
            if files := self.cleaned_data["uploads"]:
                return receive_uploads(uploads=files, by=by)
            return receive_text(text=self.cleaned_data["xml"], by=by)
        except ValidationError as error:
            self.add_error(None, error)
            return None


class OptionsForm(forms.Form):
    """DeployOptions, labeled as in the Metadata API Developer Guide."""

    rollback_on_error = forms.BooleanField(
        label="Roll back on error",
        required=False,
        initial=True,
        help_text="If a component fails, all changes are undone.",
    )
    ignore_warnings = forms.BooleanField(
        label="Ignore warnings",
        required=False,
        initial=True,
        help_text="If not selected, warnings count as errors.",
    )
    purge_on_delete = forms.BooleanField(
        label="Purge on delete",
        required=False,
        help_text="No effect here, because tokenx has no Recycle Bin.",
    )

    def save(self, *, source: Source, check_only: bool, by: User) -> Deployment:
        options = Options(check_only=check_only, **self.cleaned_data)
        return queue_deployment(source=source, options=options, by=by)


class PlaceholdersForm(forms.Form):
    """A checkbox for each missing reference."""

    users = forms.MultipleChoiceField(label="Users", required=False)
    connected_apps = forms.MultipleChoiceField(label="Connected apps", required=False)
    external_apps = forms.MultipleChoiceField(label="External client apps", required=False)
    apex_classes = forms.MultipleChoiceField(label="Apex classes", required=False)

    def __init__(self, *args: Any, missing: Missing, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.missing = missing
        fields: dict[str, Any] = self.fields
        for field_name, field in fields.items():
            field.widget = forms.CheckboxSelectMultiple()
            names = getattr(missing, field_name)
            field.choices = [(name, name) for name in names[:MAX_OFFERED]]
            if more := len(names[MAX_OFFERED:]):
                field.help_text = (
                    f"{format_number(more)} more. They're listed after you create these."
                )
            field.error_messages["invalid_choice"] = "%(value)s is no longer missing."

    def clean(self) -> None:
        if not self.errors and not any(self.cleaned_data.values()):
            raise ValidationError("Select at least one placeholder.")

    def save(self, *, by: User) -> list[str] | None:
        """Create placeholders and return their descriptions.

        Adds the reason as a form error and returns None if that's not possible.
        """
        try:
            return create_placeholders(missing=Missing(**self.cleaned_data), by=by)
        except ValidationError as error:
            self.add_error(None, error.messages)
            return None


class RetrieveForm(forms.Form):
    """The handlers to retrieve, or the whole org, and the format."""

    ALL, CHOSEN = "org", "handlers"
    what = forms.ChoiceField(
        label="Contents",
        choices=[
            (CHOSEN, "Selected handlers"),
            (ALL, "Whole org: all handlers, apps, and Apex classes"),
        ],
        initial=CHOSEN,
        widget=forms.RadioSelect,
    )
    source_format = forms.ChoiceField(
        label="Format",
        choices=[
            ("", "Metadata"),
            ("on", "Source (Salesforce CLI project)"),
        ],
        required=False,
        widget=forms.RadioSelect,
    )
    handlers = forms.MultipleChoiceField(
        label="Handlers", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, org: Org, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = TokenExchangeHandler.objects.filter(org=org).order_by("search_key", "id")
        listed = rows.values_list("developer_name", "label")[:HANDLERS_LISTED]
        field: Any = self.fields["handlers"]
        field.choices = [(name, _with_api_name(label, name)) for name, label in listed]
        field.error_messages["invalid_choice"] = (
            "We couldn't find the handler %(value)s. Select another one."
        )
        more = rows.count() - HANDLERS_LISTED
        if more > 0:
            handlers = (
                "1 handler isn't" if more == 1 else f"{format_number(more)} handlers aren't"
            )
            field.help_text = (
                f"{handlers} listed. Retrieve the whole org, or use manage.py retrieve."
            )
        elif not field.choices:
            field.help_text = "This org has no token exchange handlers."

    def clean(self) -> None:
        is_chosen = self.cleaned_data.get("what") == self.CHOSEN
        if (
            is_chosen
            and "handlers" not in self.errors
            and not self.cleaned_data["handlers"]
        ):
            self.add_error("handlers", "Select at least one handler.")


def _with_api_name(label: str, name: str) -> str:
    return label if label == name else f"{label} ({name})"

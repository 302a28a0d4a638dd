"""What may be sent to be deployed, how, and what is retrieved."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tokenx.handlers.models import TokenExchangeHandler
from tokenx.metadata.models import Deployment, Source
from tokenx.org.models import Org, User

from . import actions
from . import placeholders as missing
from . import uploads as sources

MAX_PASTED = 1_000_000
# How many of a kind are offered to be made: more than a person ticks.
MAX_OFFERED = 200
# How many handlers the dialog lists; who has more retrieves the whole org, or by command.
HANDLERS_LISTED = 500


class ManyFilesField(forms.FileField):
    """Several files in one field; a list, which may be empty."""

    widget = type(
        "ManyFilesInput", (forms.ClearableFileInput,), {"allow_multiple_selected": True}
    )

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list | tuple) else [data]
        return [super(ManyFilesField, self).clean(each, initial) for each in files if each]


class DeployMetadataForm(forms.Form):
    """A zip, several files or one; or the XML of a handler."""

    uploads = ManyFilesField(required=False, allow_empty_file=True, max_length=255)
    xml = forms.CharField(required=False, max_length=MAX_PASTED, strip=False)

    def clean(self) -> None:
        files, text = self.cleaned_data.get("uploads"), self.cleaned_data.get("xml", "")
        if self.errors:
            return
        if not files and not text.strip():
            raise ValidationError("Choose a file, or paste the XML of a handler.")
        if files and text.strip():
            raise ValidationError("Send files or XML, not both.")

    def save(self, *, by: User) -> Source | None:
        """Keep what was sent; None, with the reason as a form error, where it can't be."""
        try:
            if files := self.cleaned_data["uploads"]:
                return sources.receive_uploads(uploads=files, by=by)
            return sources.receive_text(text=self.cleaned_data["xml"], by=by)
        except ValidationError as error:
            self.add_error(None, error)
            return None


class OptionsForm(forms.Form):
    """DeployOptions, in the words of the real product's guide."""

    rollback_on_error = forms.BooleanField(
        label="Roll back on error",
        required=False,
        initial=True,
        help_text="One component that fails undoes all. Otherwise the others are kept.",
    )
    ignore_warnings = forms.BooleanField(
        label="Ignore warnings",
        required=False,
        initial=True,
        help_text="Otherwise a warning counts as an error.",
    )
    purge_on_delete = forms.BooleanField(
        label="Purge on delete",
        required=False,
        help_text="Skips the Recycle Bin, which this replica does not have.",
    )

    def save(self, *, source: Source, check_only: bool, by: User) -> Deployment:
        options = actions.Options(check_only=check_only, **self.cleaned_data)
        return actions.queue_deployment(source=source, options=options, by=by)


class PlaceholdersForm(forms.Form):
    """What is missing, each to be ticked by hand."""

    users = forms.MultipleChoiceField(label="Users", required=False)
    connected_apps = forms.MultipleChoiceField(label="Connected apps", required=False)
    external_apps = forms.MultipleChoiceField(label="External client apps", required=False)
    apex_classes = forms.MultipleChoiceField(label="Apex classes", required=False)

    def __init__(self, *args: Any, missing: missing.Missing, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.missing = missing
        for name, each in self.fields.items():
            field: Any = each
            field.widget = forms.CheckboxSelectMultiple()
            names = getattr(missing, name)
            field.choices = [(each, each) for each in names[:MAX_OFFERED]]
            if more := len(names[MAX_OFFERED:]):
                field.help_text = f"And {more:,} more, offered when these are there."
            field.error_messages["invalid_choice"] = "%(value)s is not missing any more."

    def clean(self) -> None:
        if not self.errors and not any(self.cleaned_data.values()):
            raise ValidationError("Tick what is to be made.")

    def save(self, *, by: User) -> list[str] | None:
        """Make what was ticked, and say what; None, with the reason, where it can't be."""
        chosen = missing.Missing(**self.cleaned_data)
        try:
            return missing.create_placeholders(missing=chosen, by=by)
        except ValidationError as error:
            self.add_error(None, error.messages)
            return None


class RetrieveForm(forms.Form):
    """Which handlers, or all that the org has, and in which form."""

    ALL, CHOSEN = "org", "handlers"
    what = forms.ChoiceField(
        label="What",
        choices=[
            (CHOSEN, "The handlers selected below"),
            (ALL, "The whole org: all handlers, apps and Apex classes"),
        ],
        initial=CHOSEN,
        widget=forms.RadioSelect,
    )
    source_format = forms.ChoiceField(
        label="Form",
        choices=[
            ("", "Metadata form"),
            ("on", "Source form, as in a project of the Salesforce CLI"),
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
        field.error_messages["invalid_choice"] = "This org has no handler %(value)s."
        more = rows.count() - HANDLERS_LISTED
        if more > 0:
            words = "retrieve the whole org, or name them to manage.py retrieve."
            field.help_text = f"And {more} more: {words}"
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

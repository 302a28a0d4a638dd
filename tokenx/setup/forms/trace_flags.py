"""Forms to trace a user."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from tokenx.org.forms import show
from tokenx.org.models import DebugLevel, Org, TraceFlag, User
from tokenx.org.search.lookup_field import LookupField, chosen
from tokenx.setup.actions import trace_flags as actions

# Salesforce proposes half an hour.
_DURATION = timedelta(minutes=30)


def _moment_field(label: str, missing: str, **options: Any) -> forms.DateTimeField:
    """Return a field for a time in the user's time zone."""
    widget = forms.DateTimeInput(
        attrs={"type": "datetime-local", "step": "60"}, format="%Y-%m-%dT%H:%M"
    )
    return forms.DateTimeField(
        label=label,
        widget=widget,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        error_messages={
            "required": missing,
            "invalid": "Enter a date and a time, such as 2026-07-14 09:30.",
        },
        **options,
    )


class _LevelField(forms.ModelChoiceField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            queryset=DebugLevel.objects.none(),
            label="Debug Level",
            to_field_name="name",
            empty_label=None,
            error_messages={
                "required": "Select a debug level.",
                "invalid_choice": "This debug level was deleted. Select another one.",
            },
            **options,
        )


class _TraceFlagForm(forms.Form):
    """The times and the debug level of a trace flag."""

    starts_at = _moment_field("Start Date", "Enter a start date.")
    expires_at = _moment_field(
        "Expiration Date",
        "Enter an expiration date.",
        help_text="At most 24 hours after the start date.",
    )
    debug_level = _LevelField()

    def __init__(self, *args: Any, org: Org | int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        levels: Any = self.fields["debug_level"]
        levels.queryset = DebugLevel.objects.filter(org=org).order_by("name", "pk")


class NewTraceFlagForm(_TraceFlagForm):
    """The user to trace, and when."""

    user = LookupField(
        label="Traced User", icon="user", key="username", missing="Select a user."
    )
    # Search text; never invalid.
    user_text = forms.Field(required=False)
    field_order = ["user", "starts_at", "expires_at", "debug_level"]

    def __init__(self, *args: Any, org: Org, **kwargs: Any) -> None:
        now = timezone.localtime().replace(second=0, microsecond=0)
        times = {"starts_at": now, "expires_at": now + _DURATION}
        kwargs["initial"] = {**times, **(kwargs.get("initial") or {})}
        super().__init__(*args, org=org, **kwargs)
        users: Any = self.fields["user"]
        users.queryset = User.objects.filter(org=org)
        levels: Any = self.fields["debug_level"]
        first = levels.queryset.first()
        self.has_levels = first is not None
        self.initial.setdefault("debug_level", first.name if first else None)

    @property
    def chosen_user(self) -> User | None:
        return chosen(self, "user")

    def save(self, *, by: User) -> TraceFlag | None:
        """Create the trace flag, or add the reason to its field and return None."""
        values = {name: self.cleaned_data[name] for name in _TraceFlagForm.base_fields}
        try:
            return actions.create_trace_flag(
                user=self.cleaned_data["user"], is_from_setup=True, by=by, **values
            )
        except ValidationError as error:
            _add_errors(self, error, user_field="user")
            return None


class EditTraceFlagForm(_TraceFlagForm):
    """The times and the debug level. `version` identifies the state that was shown."""

    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, flag: TraceFlag, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "starts_at": timezone.localtime(flag.starts_at),
            "expires_at": timezone.localtime(flag.expires_at),
            "debug_level": flag.debug_level.name,
            "version": flag.modified_at.isoformat(),
        }
        super().__init__(*args, org=flag.org_id, **kwargs)
        self.flag = flag

    def clean(self) -> None:
        """Ask again if someone changed the trace flag while the form was open."""
        version = self.initial["version"]
        if self.cleaned_data.pop("version", None) != version:
            show(self, "version", version)
            raise ValidationError(
                "Someone else changed this trace flag while you were editing it. Save "
                "again to replace their changes with yours."
            )

    def save(self, *, by: User) -> TraceFlag | None:
        """Change the trace flag, or add the reason to its field and return None.

        A time without a change keeps its seconds, which the form doesn't show.
        """
        values: Any = dict(self.cleaned_data)
        for name in ("starts_at", "expires_at"):
            old = getattr(self.flag, name)
            if values[name] == old.replace(second=0, microsecond=0):
                values[name] = old
        try:
            return actions.edit_trace_flag(flag=self.flag, by=by, **values)
        except ValidationError as error:
            _add_errors(self, error, user_field=None)
            return None


def _add_errors(
    form: forms.Form, error: ValidationError, *, user_field: str | None
) -> None:
    errors = getattr(error, "error_dict", {"__all__": error.messages})
    for name, messages in errors.items():
        field = user_field if name == "traced_user" else name
        form.add_error(field if field in form.fields else None, messages)

"""Forms for trainers and participants of classes."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from tokenx.org.forms import show
from tokenx.org.models import User
from tokenx.training.exercises import paths
from tokenx.training.models import Classroom, Participant
from tokenx.training.names import clean_name
from tokenx.training.scenarios.catalogue import scenarios

from .actions import LONGEST, open_classroom
from .joining import NAME_LENGTH, classroom_of_code, join_class
from .record_store import RecordStore, RecordStoreError, send
from .table import DEFAULT_INACTIVE_AFTER, INACTIVE_AFTER


class OpenClassroomForm(forms.Form):
    """A class's name, scenario, path, and last day."""

    name = forms.CharField(
        label="Name", max_length=80, error_messages={"required": "Enter a name."}
    )
    scenario = forms.ChoiceField(
        label="Scenario",
        help_text="Everyone starts with this org.",
        error_messages={"required": "Select a scenario."},
    )
    path = forms.ChoiceField(label="Path", error_messages={"required": "Select a path."})
    ends_on = forms.DateField(
        label="Last Day",
        help_text=f"Up to {LONGEST.days} days from now. The class ends on this day.",
        error_messages={"required": "Enter a day.", "invalid": "Enter a day."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        in_a_week = timezone.localdate() + timedelta(days=7)
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["ends_on"].initial = in_a_week.isoformat()
        fields["ends_on"].widget.input_type = "date"
        # Participants would wait too long for a large scenario.
        fields["scenario"].choices = [
            (scenario.slug, scenario.label)
            for scenario in scenarios().values()
            if scenario.is_light
        ]
        fields["path"].choices = [(path.slug, path.label) for path in paths().values()]

    def save(self, *, by: User) -> Classroom | None:
        """Open the class, or add the reason as a form error and return None."""
        data = self.cleaned_data
        ends_at = datetime.combine(
            data["ends_on"], time.max, timezone.get_current_timezone()
        )
        try:
            return open_classroom(
                name=data["name"],
                scenario=data["scenario"],
                path=data["path"],
                ends_at=ends_at,
                by=by,
            )
        except ValidationError as error:
            self.add_error(None, error)
            return None


class JoinForm(forms.Form):
    """A class code, and the participant's name."""

    code = forms.CharField(
        label="Class Code",
        max_length=40,
        help_text="Eight letters and digits.",
        error_messages={"required": "Enter the code that your trainer gave you."},
    )
    name = forms.CharField(
        label="Your Name",
        max_length=NAME_LENGTH,
        help_text="Your trainer sees this name with your progress.",
        error_messages={"required": "Enter your name."},
    )

    def __init__(self, *args: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = address

    def clean_name(self) -> str:
        return clean_name(self.cleaned_data["name"])

    def save(self) -> Participant | None:
        """Join the class, or add the reason as a form error and return None."""
        try:
            classroom = classroom_of_code(self.cleaned_data["code"], self.address)
            return join_class(classroom=classroom, name=self.cleaned_data["name"])
        except ValidationError as error:
            self.add_error(None, error)
            return None


class NoteForm(forms.Form):
    """A trainer's note to a participant."""

    note = forms.CharField(
        label="Note",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="This replaces your previous note.",
        error_messages={"required": "Enter a note."},
    )


class ParticipantFilterForm(forms.Form):
    """Filters of a class page, from the page's URL."""

    search = forms.CharField(label="Search", required=False)
    state = forms.ChoiceField(
        label="State",
        choices=[
            ("", "All"),
            ("working", "Working"),
            ("still", "Inactive"),
            ("finished", "Finished"),
        ],
        required=False,
    )
    still = forms.ChoiceField(
        label="Inactive after",
        choices=list(INACTIVE_AFTER.items()),
        initial=DEFAULT_INACTIVE_AFTER,
        required=False,
    )


class SendStatementsForm(forms.Form):
    """The address and login of a learning record store."""

    url = forms.CharField(
        label="Address",
        max_length=500,
        help_text="The xAPI endpoint (for example, https://store.example/xapi).",
        error_messages={"required": "Enter the address of the store."},
    )
    username = forms.CharField(
        label="Key or Username",
        max_length=200,
        error_messages={"required": "Enter the key or username."},
    )
    password = forms.CharField(
        label="Secret or Password",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput,
        help_text="Used once and not stored.",
        error_messages={"required": "Enter the secret or password."},
    )

    def send(self, statements: list[dict[str, Any]]) -> int | None:
        """Return the number of sent statements, or add a form error and return None."""
        try:
            return send(RecordStore(**self.cleaned_data), statements)
        except RecordStoreError as error:
            self.add_error(None, str(error))
            return None

    def forget_password(self) -> None:
        """Clear the password, so that no page contains it."""
        if self.is_bound:
            show(self, "password", "")

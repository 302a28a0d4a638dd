"""What may be typed about a class, by its trainer and by those who join it."""

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

from . import actions as classes
from . import joining
from .record_store import Store, StoreError, send
from .table import STILL, STILL_BY_DEFAULT


class OpenClassroomForm(forms.Form):
    """A name, what is in the orgs, what is done in them, and until when."""

    name = forms.CharField(
        label="Name", max_length=80, error_messages={"required": "Enter a name."}
    )
    scenario = forms.ChoiceField(
        label="Scenario",
        help_text="Everybody gets an org that begins like this.",
        error_messages={"required": "Choose a scenario."},
    )
    path = forms.ChoiceField(label="Path", error_messages={"required": "Choose a path."})
    ends_on = forms.DateField(
        label="Last Day",
        help_text=f"Up to {classes.LONGEST.days} days from now; the class ends with it.",
        error_messages={"required": "Enter a day.", "invalid": "Enter a day."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        in_a_week = timezone.localdate() + timedelta(days=7)
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["ends_on"].initial = in_a_week.isoformat()
        fields["ends_on"].widget.input_type = "date"
        # A heavy one takes longer to build than whoever joins would wait.
        offered = [each for each in scenarios().values() if each.is_light]
        fields["scenario"].choices = [(each.slug, each.label) for each in offered]
        fields["path"].choices = [(path.slug, path.label) for path in paths().values()]

    def save(self, *, by: User) -> Classroom | None:
        """Open the class; None, with the reason as a form error, if it can't be."""
        data = self.cleaned_data
        last = datetime.combine(data["ends_on"], time.max, timezone.get_current_timezone())
        try:
            return classes.open_classroom(
                name=data["name"],
                scenario=data["scenario"],
                path=data["path"],
                ends_at=last,
                by=by,
            )
        except ValidationError as error:
            self.add_error(None, error)
            return None


class JoinForm(forms.Form):
    """The code of a class, and a name to be known by in it."""

    code = forms.CharField(
        label="Class Code",
        max_length=40,
        help_text="Eight letters and digits.",
        error_messages={"required": "Enter the code that your trainer gave you."},
    )
    name = forms.CharField(
        label="Your Name",
        max_length=joining.NAME_LENGTH,
        help_text="Your trainer sees it beside what you have done.",
        error_messages={"required": "Enter your name."},
    )

    def __init__(self, *args: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = address

    def clean_name(self) -> str:
        return clean_name(self.cleaned_data["name"])

    def save(self) -> Participant | None:
        """Join; None, with the reason as a form error, if it can't be."""
        try:
            found = joining.classroom_of_code(self.cleaned_data["code"], self.address)
            return joining.join_class(
                classroom=found, name=self.cleaned_data["name"]
            ).participant
        except ValidationError as error:
            self.add_error(None, error)
            return None


class NoteForm(forms.Form):
    note = forms.CharField(
        label="Note",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="It takes the place of the note before.",
        error_messages={"required": "Enter what you want to say."},
    )


class PeopleForm(forms.Form):
    """How the people of a class are filtered; the page's URL says it."""

    search = forms.CharField(label="Search", required=False)
    state = forms.ChoiceField(
        label="State",
        choices=[
            ("", "All"),
            ("working", "Working"),
            ("still", "Stands still"),
            ("finished", "Finished"),
        ],
        required=False,
    )
    still = forms.ChoiceField(
        label="Stands still after",
        choices=list(STILL.items()),
        initial=STILL_BY_DEFAULT,
        required=False,
    )


class SendStatementsForm(forms.Form):
    """Where a learning record store is, and what lets one in."""

    url = forms.CharField(
        label="Address",
        max_length=500,
        help_text="The xAPI endpoint, such as https://store.example/xapi.",
        error_messages={"required": "Enter the address of the store."},
    )
    username = forms.CharField(
        label="Key or Username",
        max_length=200,
        error_messages={"required": "Enter the key, or the username."},
    )
    password = forms.CharField(
        label="Secret or Password",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput,
        help_text="It is used now, and kept nowhere.",
        error_messages={"required": "Enter the secret, or the password."},
    )

    def send(self, statements: list[dict[str, Any]]) -> int | None:
        """Send them, and say how many; None, with the reason as a form error, if not."""
        try:
            return send(Store(**self.cleaned_data), statements)
        except StoreError as error:
            self.add_error(None, str(error))
            return None

    def forget_password(self) -> None:
        """It goes into no page."""
        if self.is_bound:
            show(self, "password", "")

"""Form to create an access token."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError

from tokenx.org.models import MadeBy, User
from tokenx.org.sessions import AccessTokenWithSecret, create_access_token

LIFETIMES = {"1": "1 day", "7": "7 days", "30": "30 days", "90": "90 days"}


class NewAccessTokenForm(forms.Form):
    """The name and lifetime of a new access token."""

    name = forms.CharField(
        label="Name",
        max_length=80,
        help_text="The tool that uses the token, such as Salesforce CLI on your laptop.",
        error_messages={"required": "Enter a name."},
    )
    days = forms.ChoiceField(
        label="Expires In",
        choices=LIFETIMES,
        initial="7",
        error_messages={
            "required": "Select when the token expires.",
            "invalid_choice": "Select one of the listed durations.",
        },
    )

    def save(self, *, user: User, by: User) -> AccessTokenWithSecret | None:
        """Create the token, or add the reason as a form error and return None."""
        try:
            return create_access_token(
                user=user,
                name=self.cleaned_data["name"],
                lifetime=timedelta(days=int(self.cleaned_data["days"])),
                by=by,
                context=MadeBy.SETUP,
            )
        except ValidationError as error:
            self.add_error(None, error)
            return None

"""What may be typed about an access token."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError

from tokenx.org.access_tokens import AccessTokenWithSecret, create_access_token
from tokenx.org.models import MadeBy, User

LIFETIMES = {"1": "1 day", "7": "7 days", "30": "30 days", "90": "90 days"}


class NewAccessTokenForm(forms.Form):
    """A name to know it by, and how long it lasts."""

    name = forms.CharField(
        label="Name",
        max_length=80,
        help_text="Which program has it, such as the Salesforce CLI on a laptop.",
        error_messages={"required": "Enter a name."},
    )
    days = forms.ChoiceField(
        label="Expires In",
        choices=LIFETIMES,
        initial="7",
        error_messages={
            "required": "Choose when it expires.",
            "invalid_choice": "Choose one of the times.",
        },
    )

    def save(self, *, user: User, by: User) -> AccessTokenWithSecret | None:
        """Make the token; None, with the reason as a form error, if it can't be."""
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

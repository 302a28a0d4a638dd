"""What may be typed about a user."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tokenx.org.models import Profile, User
from tokenx.org.models.user import NAME_LENGTH
from tokenx.setup.actions import users as actions

NO_ADDRESS = "Enter an e-mail address, such as name@mycompany.example."
NO_USERNAME = "A username has the form of an e-mail address: name@mycompany.example."


class UserForm(forms.Form):
    """A new user, or an edit of one; then it knows the state it was opened on."""

    first_name = forms.CharField(label="First Name", max_length=NAME_LENGTH, required=False)
    last_name = forms.CharField(
        label="Last Name",
        max_length=NAME_LENGTH,
        error_messages={"required": "Enter the last name."},
    )
    email = forms.EmailField(
        label="Email",
        max_length=254,
        error_messages={"required": NO_ADDRESS, "invalid": NO_ADDRESS},
    )
    username = forms.EmailField(
        label="Username",
        max_length=80,
        help_text="In the form of an e-mail address. No other user of this org has it; "
        "upper and lower case are the same.",
        error_messages={"required": NO_USERNAME, "invalid": NO_USERNAME},
    )
    profile = forms.ChoiceField(
        label="Profile",
        choices=Profile.choices,
        initial=Profile.STANDARD_USER,
        error_messages={
            "required": "Choose a profile.",
            "invalid_choice": "Choose one of the profiles.",
        },
    )
    is_integration_user = forms.BooleanField(
        label="Integration User",
        required=False,
        help_text="An account of a program. Handlers should run as one of these, "
        "and not as a person.",
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User | None, **kwargs: Any) -> None:
        if user:
            kwargs["initial"] = {name: getattr(user, name) for name in actions.EDITABLE}
            kwargs["initial"]["version"] = actions.version_of(user)
        super().__init__(*args, **kwargs)
        self.user = user
        # The browser's own check of addresses would speak before ours, and differently.
        for name in ["email", "username"]:
            self.fields[name].widget.input_type = "text"

    def clean(self) -> None:
        """Ask once more where somebody else changed the user since the form was opened."""
        if self.user and self.cleaned_data.get("version") != actions.version_of(self.user):
            self._know(self.user)
            raise ValidationError(actions.changed_meanwhile(self.user))

    def save(self, *, by: User) -> User | None:
        """Make or change the user; None, with the reason at its field, if it can't be."""
        details: Any = {name: self.cleaned_data[name] for name in actions.EDITABLE}
        try:
            if self.user:
                return actions.edit_user(user=self.user, by=by, **details)
            return actions.create_user(by=by, **details)
        except ValidationError as error:
            if getattr(error, "code", "") == "stale" and self.user:
                self._know(User.objects.of(self.user).get(pk=self.user.pk))
            self.add_error(None, error)
            return None

    def _know(self, user: User) -> None:
        """Let the next time it is sent be about the user as it is now."""
        version = actions.version_of(user)
        self.data = {**self.data.dict(), "version": version}  # type: ignore[attr-defined]

"""Form to create and edit a user."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tokenx.org.languages import (
    DEFAULT_ENCODING,
    DEFAULT_LANGUAGE,
    ENCODINGS,
    LANGUAGES,
)
from tokenx.org.models import BuiltInProfile, Org, Profile, User
from tokenx.org.models.user import (
    ALIAS_LENGTH,
    AUTOMATIC,
    FEDERATION_ID_LENGTH,
    NAME_LENGTH,
    propose_alias,
)
from tokenx.org.nicknames import NICKNAME_LENGTH
from tokenx.setup.actions import users as actions
from tokenx.web import time_zones
from tokenx.web.locales import DEFAULT_LOCALE, LOCALE_CHOICES, LOCALES

INVALID_EMAIL = "Enter an email address, such as name@mycompany.example."
INVALID_USERNAME = (
    "Enter a username in the form of an email address, such as name@mycompany.example."
)


def _time_zone_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="Time Zone",
        required=False,
        help_text="Automatic is the browser's time zone.",
        error_messages={"invalid_choice": "Select one of the listed time zones."},
    )


class UserForm(forms.Form):
    """A new or existing user. `version` identifies the state shown in the form."""

    first_name = forms.CharField(label="First Name", max_length=NAME_LENGTH, required=False)
    last_name = forms.CharField(
        label="Last Name",
        max_length=NAME_LENGTH,
        error_messages={"required": "Enter a last name."},
    )
    alias = forms.CharField(
        label="Alias",
        max_length=ALIAS_LENGTH,
        required=False,
        help_text="If blank, it's generated from the name.",
    )
    email = forms.EmailField(
        label="Email",
        max_length=254,
        error_messages={"required": INVALID_EMAIL, "invalid": INVALID_EMAIL},
    )
    username = forms.EmailField(
        label="Username",
        max_length=80,
        help_text="Must be in the form of an email address and unique in this org. Not "
        "case-sensitive.",
        error_messages={"required": INVALID_USERNAME, "invalid": INVALID_USERNAME},
    )
    nickname = forms.CharField(
        label="Nickname",
        max_length=NICKNAME_LENGTH,
        required=False,
        help_text="If blank, it's generated from the username.",
    )
    profile = forms.ChoiceField(
        label="Profile",
        initial=BuiltInProfile.STANDARD_USER,
        error_messages={
            "required": "Select a profile.",
            "invalid_choice": "Select one of the listed profiles.",
        },
    )
    is_integration_user = forms.BooleanField(
        label="Integration User",
        required=False,
        help_text="An account for software, not a person. Recommended for Run as.",
    )
    time_zone = _time_zone_field()
    locale = forms.ChoiceField(
        label="Locale",
        choices=[("", f"Default: {LOCALES[DEFAULT_LOCALE].label}"), *LOCALE_CHOICES],
        required=False,
        help_text="Determines the format of dates, times, and numbers.",
        error_messages={"invalid_choice": "Select one of the listed locales."},
    )
    language = forms.ChoiceField(
        label="Language",
        choices=[*LANGUAGES.items()],
        initial=DEFAULT_LANGUAGE,
        required=False,
        help_text="Stored for Apex and SOQL. Pages are in English.",
        error_messages={"invalid_choice": "Select one of the listed languages."},
    )
    email_encoding = forms.ChoiceField(
        label="Email Encoding",
        choices=[*ENCODINGS.items()],
        initial=DEFAULT_ENCODING,
        required=False,
        error_messages={"invalid_choice": "Select one of the listed encodings."},
    )
    federation_id = forms.CharField(
        label="Federation ID",
        max_length=FEDERATION_ID_LENGTH,
        required=False,
        help_text="The user's ID at an identity provider. Case-sensitive.",
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, org: Org, user: User | None, **kwargs: Any) -> None:
        if user:
            kwargs["initial"] = {name: getattr(user, name) for name in actions.EDITABLE}
            kwargs["initial"]["profile"] = user.profile.key
            kwargs["initial"]["version"] = actions.version_of(user)
        super().__init__(*args, **kwargs)
        self.user = user
        self.profiles = Profile.objects.by_key(org)
        choices = [(key, profile.name) for key, profile in self.profiles.items()]
        self.fields["profile"].choices = choices  # type: ignore[attr-defined]
        self.fields["time_zone"].choices = _time_zone_choices(user)  # type: ignore[attr-defined]
        # Without this, the browser's own email validation would replace our messages.
        for name in ["email", "username"]:
            self.fields[name].widget.input_type = "text"

    def clean(self) -> None:
        """Ask again if someone changed the user while the form was open."""
        if self.user and self.cleaned_data.get("version") != actions.version_of(self.user):
            self._update_version(self.user)
            raise ValidationError(actions.stale_user_message(self.user))

    def save(self, *, by: User) -> User | None:
        """Save the user, or add the reason to its field and return None."""
        details: Any = {name: self.cleaned_data[name] for name in actions.EDITABLE}
        details["alias"] = details["alias"] or propose_alias(
            details["first_name"], details["last_name"]
        )
        details["language"] = details["language"] or DEFAULT_LANGUAGE
        details["email_encoding"] = details["email_encoding"] or DEFAULT_ENCODING
        details["profile"] = self.profiles[self.cleaned_data["profile"]]
        try:
            if self.user:
                return actions.edit_user(user=self.user, by=by, **details)
            return actions.create_user(by=by, **details)
        except ValidationError as error:
            if getattr(error, "code", "") == "stale" and self.user:
                self._update_version(User.objects.of(self.user).get(pk=self.user.pk))
            self.add_error(None, error)
            return None

    def _update_version(self, user: User) -> None:
        """Refer to the user's current state the next time the form is submitted."""
        version = actions.version_of(user)
        self.data = {**self.data.dict(), "version": version}  # type: ignore[attr-defined]


class TimeZoneForm(forms.Form):
    """The time zone of the user's own pages."""

    time_zone = _time_zone_field()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        kwargs["initial"] = {"time_zone": user.time_zone}
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["time_zone"].choices = _time_zone_choices(user)  # type: ignore[attr-defined]

    def save(self) -> User | None:
        """Save the time zone, or add the reason and return None."""
        time_zone = self.cleaned_data["time_zone"]
        try:
            return actions.change_time_zone(user=self.user, time_zone=time_zone)
        except ValidationError as error:
            self.add_error(None, ValidationError(error.messages))
            return None


def _time_zone_choices(user: User | None) -> list[tuple[str, str]]:
    """Return the time zones, and an old name only if the user has it."""
    choices = [("", AUTOMATIC), *time_zones.choices()]
    if user and user.time_zone not in dict(choices):
        choices.append((user.time_zone, user.time_zone_label))
    return choices

"""The sign-in form, the form of the user menu, and helpers for forms."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from . import login_throttle as attempts
from .models import User
from .models.user import Look, Theme


def show(form: Any, name: str, value: str) -> None:
    """Set a field's value in a bound form."""
    form.data = form.data.copy()
    form.data[name] = value


class SignInForm(AuthenticationForm):
    """Username and password; failed logins are throttled."""

    def clean(self) -> dict[str, Any]:
        username = self.cleaned_data.get("username")
        if not username or not self.cleaned_data.get("password"):
            return self.cleaned_data
        address = attempts.address_of(self.request) if self.request else ""
        if wait := attempts.begin(username, address):
            raise ValidationError(
                f"Too many failed logins. Wait {in_words(wait)} and try again."
            )
        cleaned: dict[str, Any] = super().clean()
        attempts.succeed(username, address)
        return cleaned

    def refused_user(self) -> User | None:
        """Return the user whose password was refused; throttled attempts have none."""
        username = self.cleaned_data.get("username", "")
        if not username or not self.has_error(NON_FIELD_ERRORS, code="invalid_login"):
            return None
        return User.objects.who_logs_in_as(username)


class DisplayForm(forms.Form):
    """The theme and the look. A button of the user menu sends one of them."""

    theme = forms.ChoiceField(choices=Theme.choices, required=False)
    look = forms.ChoiceField(choices=Look.choices, required=False)

    @property
    def chosen(self) -> dict[str, str]:
        return {name: value for name, value in self.cleaned_data.items() if value}


def in_words(wait: timedelta) -> str:
    seconds = int(wait.total_seconds()) + 1
    number, unit = (seconds, "second") if seconds < 60 else (seconds // 60 + 1, "minute")
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"

"""What whoever starts a practice org may choose, and what they have to know."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.crypto import constant_time_compare

from tokenx.org import login_throttle as attempts
from tokenx.org.forms import in_words
from tokenx.org.models import User
from tokenx.org.models.user import NAME_LENGTH
from tokenx.training.scenarios.catalogue import FIRST_STEPS, ScenarioError, scenarios
from tokenx.training.sign_up import CODE

from . import actions as practice


class StartPracticeOrgForm(forms.Form):
    scenario = forms.ChoiceField(label="What is in it", initial=FIRST_STEPS)
    name = forms.CharField(
        label="Your name",
        max_length=NAME_LENGTH,
        required=False,
        help_text="If you like: pages then call you by it.",
    )
    code = forms.CharField(
        max_length=80,
        help_text="Whoever runs this server gives it out. It is not the code of a class.",
        error_messages={"required": "Enter the code."},
    )

    def __init__(self, *args: Any, address: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = address
        self.is_full = False
        self.offered = [each for each in scenarios().values() if each.is_light]
        choices = [(each.slug, each.label) for each in self.offered]
        self.fields["scenario"].choices = choices  # type: ignore[attr-defined]
        if settings.SIGNUP != CODE:
            del self.fields["code"]

    def clean_code(self) -> str:
        """Wrong ones are slowed like wrong passwords, by where they come from."""
        typed: str = self.cleaned_data["code"]
        counted_as = f"practice code from {self.address}"
        if wait := attempts.begin(counted_as, self.address):
            words = f"Too many codes were wrong. Wait {in_words(wait)}, and try again."
            raise ValidationError(words)
        if not constant_time_compare(typed, settings.SIGNUP_CODE):
            raise ValidationError("This is not the code.")
        attempts.succeed(counted_as, self.address)
        return typed

    def save(self) -> User | None:
        """The owner of a new org; else None, with the reason as an error of the form."""
        try:
            return practice.start_practice_org(
                scenario=self.cleaned_data["scenario"],
                name=self.cleaned_data["name"],
                address=self.address,
            )
        except practice.LimitError as error:
            self.is_full = True
            self.add_error(None, str(error))
        except ScenarioError:
            words = "This scenario has just been changed, and cannot be used. Take another."
            self.add_error("scenario", words)
        return None

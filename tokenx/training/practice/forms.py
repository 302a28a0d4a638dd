"""The form to start a practice org."""

from typing import Any

from django import forms
from django.conf import settings

from tokenx.org.models import User
from tokenx.org.models.user import NAME_LENGTH
from tokenx.training.scenarios.catalogue import FIRST_STEPS, ScenarioError, scenarios
from tokenx.training.sign_up import CODE, check_sign_up_code

from .actions import LimitError, start_practice_org


class StartPracticeOrgForm(forms.Form):
    """A scenario, an optional name, and a sign-up code if the server requires one."""

    scenario = forms.ChoiceField(label="Scenario", initial=FIRST_STEPS)
    name = forms.CharField(
        label="Your name",
        max_length=NAME_LENGTH,
        required=False,
        help_text="Optional. Shown as your name in Setup.",
    )
    code = forms.CharField(
        max_length=80,
        help_text="Ask your administrator for it. Class codes don't work here.",
        error_messages={"required": "Enter the code."},
    )

    def __init__(self, *args: Any, address: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = address
        self.is_full = False
        self.offered = [scenario for scenario in scenarios().values() if scenario.is_light]
        choices = [(scenario.slug, scenario.label) for scenario in self.offered]
        self.fields["scenario"].choices = choices  # type: ignore[attr-defined]
        if settings.SIGNUP != CODE:
            del self.fields["code"]

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        check_sign_up_code(code, address=self.address)
        return code

    def save(self) -> User | None:
        """Start an org and return its owner, or add a form error and return None."""
        try:
            return start_practice_org(
                scenario=self.cleaned_data["scenario"],
                name=self.cleaned_data["name"],
                address=self.address,
            )
        except LimitError as error:
            self.is_full = True
            self.add_error(None, str(error))
        except ScenarioError:
            message = "This scenario is no longer available. Select a different one."
            self.add_error("scenario", message)
        return None

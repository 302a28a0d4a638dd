"""Forms of token exchange examples."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tokenx.oauth.actions import examples as actions
from tokenx.org.models import ExchangeExample, User

_NAME = {"required": "Enter a name."}
# Claims are the longest part.
MAX_DRAFT = 30_000
_BROKEN = "This result can't be saved. Exchange the token in Try It again."
_DRAFT_ERRORS = ("required", "max_length", "null_characters_not_allowed")
_TEXTS = (
    "app_kind",
    "app_api_name",
    "token_handler",
    "scope",
    "token_type",
    "expected_error",
    "expected_description",
    "expected_username",
)


class SaveExampleForm(forms.Form):
    """A name for the result that Try It shows. `draft` is everything else, as JSON."""

    name = forms.CharField(label="Name", max_length=80, error_messages=_NAME)
    draft = forms.CharField(
        widget=forms.HiddenInput,
        max_length=MAX_DRAFT,
        error_messages=dict.fromkeys(_DRAFT_ERRORS, _BROKEN),
    )

    def clean_draft(self) -> dict[str, Any]:
        """Return the example's values. The action checks them."""
        try:
            draft = json.loads(self.cleaned_data["draft"])
        except (ValueError, RecursionError) as error:
            raise ValidationError(_BROKEN) from error
        is_valid = (
            isinstance(draft, dict)
            and draft.keys() == {*_TEXTS, "recipe"}
            and all(isinstance(draft[name], str) for name in _TEXTS)
        )
        if not is_valid:
            raise ValidationError(_BROKEN)
        return draft

    def save(self, *, by: User) -> ExchangeExample | None:
        """Save the example, or add the reason as an error and return None."""
        data = self.cleaned_data
        try:
            return actions.create_example(by=by, name=data["name"], **data["draft"])
        except ValidationError as error:
            _add_errors(self, error)
            return None


class EditExampleForm(forms.Form):
    """An example's name and expected response."""

    name = forms.CharField(label="Name", max_length=80, error_messages=_NAME)
    expected_error = forms.CharField(
        label="Expected Error",
        max_length=40,
        required=False,
        help_text="Leave blank if the exchange should succeed.",
    )
    expected_description = forms.CharField(
        label="Expected Description",
        max_length=255,
        required=False,
        help_text="If blank, any description matches.",
    )
    expected_username = forms.CharField(
        label="Expected User",
        max_length=80,
        required=False,
        help_text="The username of the access token's user. If blank, any user matches.",
    )

    def __init__(self, *args: Any, example: ExchangeExample, **kwargs: Any) -> None:
        self.example = example
        fields = self.base_fields
        kwargs["initial"] = {name: getattr(example, name) for name in fields}
        super().__init__(*args, **kwargs)

    def save(self, *, by: User) -> ExchangeExample | None:
        """Save the changes, or add the reason as an error and return None."""
        values: Any = self.cleaned_data
        try:
            return actions.edit_example(example=self.example, by=by, **values)
        except ValidationError as error:
            _add_errors(self, error)
            return None


def _add_errors(form: forms.Form, error: ValidationError) -> None:
    """Add errors to their fields, or to the form if it doesn't have the field."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for field, messages in error.message_dict.items():
        form.add_error(field if field in form.fields else None, messages)

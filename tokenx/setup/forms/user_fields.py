"""Forms for a custom field on User, and for a user's values."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html

from tokenx.org.api_names import propose
from tokenx.org.forms import show
from tokenx.org.models import User, UserField
from tokenx.org.models.user_field import LABEL_LENGTH, MAX_TEXT_LENGTH, full_name_of
from tokenx.setup.actions import user_fields as actions


class UserFieldForm(forms.Form):
    """A new or existing text field. `version` identifies the state that the user saw."""

    label = forms.CharField(
        label="Field Label",
        max_length=LABEL_LENGTH,
        error_messages={"required": "Enter a field label."},
    )
    api_name = forms.CharField(
        label="Field Name",
        max_length=80,
        required=False,
        help_text="If blank, it's generated from the label. You can't change it later.",
    )
    length = forms.IntegerField(
        label="Length",
        initial=MAX_TEXT_LENGTH,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": f"Enter a length from 1 to {MAX_TEXT_LENGTH}.",
            "invalid": f"Enter a length from 1 to {MAX_TEXT_LENGTH}.",
        },
    )
    description = forms.CharField(
        label="Description",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, field: UserField | None, **kwargs: Any) -> None:
        names = ("label", "length", "description")
        if field:
            kwargs["initial"] = {name: getattr(field, name) for name in names}
            kwargs["initial"]["version"] = field.modified_at.isoformat()
        super().__init__(*args, **kwargs)
        self.field = field
        del self.fields["api_name" if field else "version"]

    def clean_api_name(self) -> str:
        """Return the API name, which ends in __c."""
        name: str = self.cleaned_data["api_name"].removesuffix("__c")
        return f"{name or propose(self.cleaned_data.get('label', ''), 'Field')[:40]}__c"

    def clean(self) -> None:
        """Ask again if someone changed the field while the form was open."""
        version = self.initial.get("version", "")
        if self.field and self.cleaned_data.get("version") != version:
            show(self, "version", version)
            raise ValidationError(
                "Someone else changed this field while you were editing it. Save again to "
                "replace their changes with yours."
            )

    def save(self, *, by: User) -> UserField | None:
        """Save the field, or add the reason to its form field and return None."""
        names = ("label", "length", "description")
        values: Any = {name: self.cleaned_data[name] for name in names}
        try:
            if self.field:
                return actions.edit_user_field(field=self.field, by=by, **values)
            name = full_name_of(self.cleaned_data["api_name"])
            return actions.create_user_field(name=name, by=by, **values)
        except ValidationError as error:
            self._add_error(error)
            return None

    def _add_error(self, error: ValidationError) -> None:
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, errors in error.error_dict.items():
            self.add_error("api_name" if name == "name" else name, errors)


class CustomValuesForm(forms.Form):
    """A user's values of the org's custom fields."""

    def __init__(
        self, *args: Any, user: User, user_fields: list[UserField], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        for field in user_fields:
            self.fields[field.api_name] = forms.CharField(
                label=format_html('<bdi dir="auto">{}</bdi>', field.label),
                max_length=field.length,
                required=False,
                initial=user.custom_values.get(field.api_name, ""),
            )

    def save(self, *, by: User) -> User | None:
        """Save the values, or add the reasons to their fields and return None."""
        try:
            return actions.edit_custom_values(
                user=self.user, values=self.cleaned_data, by=by
            )
        except ValidationError as error:
            self.add_error(None, error)
            return None

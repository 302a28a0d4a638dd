"""A form field whose value is looked up instead of picked from a full list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from tokenx.org.models.user import normalize_username


@dataclass(frozen=True)
class Choice:
    """An option that the plain page lists under a lookup, without JavaScript."""

    value: str
    label: str
    note: str = ""


class LookupField(forms.ModelChoiceField):
    """A field for a row; `<name>_text` carries the text that was entered to find it.

    The value is the row's name in every org, which `key` names: an API name or a username.
    A row's number works too.

    The queryset contains all of the org's rows. The action decides which of them can be
    chosen, because it can say why not.
    """

    def __init__(
        self, *, label: str, icon: str, key: str, missing: str, **kwargs: Any
    ) -> None:
        super().__init__(
            queryset=None,
            label=label,
            error_messages={
                "required": missing,
                "invalid_choice": f"Your choice was deleted. {missing}",
            },
            **kwargs,
        )
        self.icon, self.key = icon, key

    def get_bound_field(self, form: Any, field_name: str) -> BoundField:
        self.focus_id = f"{field_name}-input"  # as in _lookup.html
        return super().get_bound_field(form, field_name)

    def to_python(self, value: Any) -> Any:
        # Neither an API name nor a username consists of digits only.
        is_number = not isinstance(value, str) or value.isdecimal()
        self.to_field_name = None if is_number else self.key
        if self.to_field_name == "username":
            value = normalize_username(value)
        return super().to_python(value)


@dataclass(frozen=True)
class Lookup:
    """The values of a LookupField that _lookup.html renders."""

    field: BoundField
    url: str
    placeholder: str
    typed: str
    chosen: Any = None
    chosen_url: str = ""  # the page of the chosen row, if it's refused
    choices: Sequence[Choice] = ()
    reasons: Sequence[Any] = ()  # why the text matches no choice
    list_url: str = ""  # the page that lists all rows, if none match
    is_plain: bool = False

    @property
    def value(self) -> str:
        """Return the chosen row's name in every org, or an empty string."""
        field: Any = self.field.field
        return getattr(self.chosen, field.key) if self.chosen else ""


def chosen(form: forms.Form, name: str) -> Any:
    """Return the row in a form's LookupField, validated or not, or None."""
    field = form.fields[name]
    value = form[name].value()
    if value in (None, ""):
        return None
    try:
        return field.to_python(value)
    except forms.ValidationError:
        return None

"""A form field whose value is looked up instead of picked from a full list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField


@dataclass(frozen=True)
class Choice:
    """An option that the plain page lists under a lookup, without JavaScript."""

    value: int
    label: str
    note: str = ""


class LookupField(forms.ModelChoiceField):
    """A field for a row's key; `<name>_text` carries the text that was entered to find it.

    The queryset contains all of the org's rows. The action decides which of them can be
    chosen, because it can say why not.
    """

    def __init__(self, *, label: str, icon: str, missing: str, **kwargs: Any) -> None:
        super().__init__(
            queryset=None,
            label=label,
            error_messages={
                "required": missing,
                "invalid_choice": f"Your choice was deleted. {missing}",
            },
            **kwargs,
        )
        self.icon = icon


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

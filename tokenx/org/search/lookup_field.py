"""A form field whose value is looked up instead of picked from a list of all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField


@dataclass(frozen=True)
class Choice:
    """What the plain page lists under a look-up, where there is no JavaScript."""

    value: int
    label: str
    note: str = ""


class LookupField(forms.ModelChoiceField):
    """Takes a row's key; beside it, `<name>_text` carries what was typed to find it.

    The queryset is the whole org's. Which rows can be chosen is for the action to say,
    because it can say why not.
    """

    def __init__(self, *, label: str, icon: str, missing: str, **kwargs: Any) -> None:
        super().__init__(
            queryset=None,
            label=label,
            error_messages={
                "required": missing,
                "invalid_choice": f"This choice is gone. {missing}",
            },
            **kwargs,
        )
        self.icon = icon


@dataclass(frozen=True)
class Lookup:
    """A LookupField as _lookup.html draws it."""

    field: BoundField
    url: str
    placeholder: str
    typed: str
    chosen: Any = None
    chosen_url: str = ""  # the page of what is chosen, where it is refused
    choices: Sequence[Choice] = ()
    reasons: Sequence[Any] = ()  # why what was typed is not among the choices
    list_url: str = ""  # the page of all there are, where nothing is found
    is_plain: bool = False


def chosen(form: forms.Form, name: str) -> Any:
    """The row a form holds at a LookupField, valid or not yet checked; None if none."""
    field = form.fields[name]
    value = form[name].value()
    if value in (None, ""):
        return None
    try:
        return field.to_python(value)
    except forms.ValidationError:
        return None

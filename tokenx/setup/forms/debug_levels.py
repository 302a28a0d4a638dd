"""Form for a debug level."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tokenx.apex.debug_log import DEFAULT_LEVELS
from tokenx.org.forms import show
from tokenx.org.models import DebugLevel, User
from tokenx.org.models.trace_flag import (
    LABEL_LENGTH,
    LEVEL_CHOICES,
    LEVEL_FIELDS,
    LOG_CATEGORIES,
)
from tokenx.setup.actions import debug_levels as actions

# In Salesforce's order. Salesforce doesn't offer INTERNAL.
CATEGORY_LABELS = {
    "database": "Database",
    "workflow": "Workflow",
    "validation": "Validation",
    "callout": "Callouts",
    "apex_code": "Apex Code",
    "apex_profiling": "Apex Profiling",
    "visualforce": "Visualforce",
    "system": "System",
    "wave": "Wave",
    "nba": "Nba",
    "data_access": "Data Access",
}
_OFFERED = [choice for choice in LEVEL_CHOICES if choice[0] != "INTERNAL"]


class DebugLevelForm(forms.Form):
    """A new or existing debug level. `version` identifies the state that was shown."""

    label = forms.CharField(
        label="Label",
        max_length=LABEL_LENGTH,
        error_messages={"required": "Enter a label."},
    )
    name = forms.CharField(
        label="Name",
        max_length=80,
        help_text="Letters, digits, and underscores, such as Finest_Apex.",
        error_messages={"required": "Enter a name."},
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, level: DebugLevel | None, **kwargs: Any) -> None:
        if level:
            names = ("label", "name", *LEVEL_FIELDS)
            kwargs["initial"] = {name: getattr(level, name) for name in names}
            kwargs["initial"]["version"] = level.modified_at.isoformat()
        super().__init__(*args, **kwargs)
        self.level = level
        if not level:
            del self.fields["version"]
        for name, label in CATEGORY_LABELS.items():
            default = DEFAULT_LEVELS.get(LOG_CATEGORIES.get(name, ""), "NONE")
            current = getattr(level, name, default)
            known = {value for value, _ in _OFFERED}
            choices = [*_OFFERED, *([] if current in known else [(current, current)])]
            self.fields[name] = forms.ChoiceField(
                label=label,
                choices=choices,
                initial=default,
                error_messages={
                    "required": "Select a level.",
                    "invalid_choice": "Select one of the listed levels.",
                },
            )

    def clean(self) -> None:
        """Ask again if someone changed the debug level while the form was open."""
        version = self.initial.get("version", "")
        if self.level and self.cleaned_data.pop("version", None) != version:
            show(self, "version", version)
            raise ValidationError(
                "Someone else changed this debug level while you were editing it. Save "
                "again to replace their changes with yours."
            )

    def save(self, *, by: User) -> DebugLevel | None:
        """Save the debug level, or add the reason to its field and return None."""
        values: Any = dict(self.cleaned_data)
        try:
            if self.level:
                return actions.edit_debug_level(level=self.level, by=by, **values)
            return actions.create_debug_level(by=by, **values)
        except ValidationError as error:
            self.add_error(None, error)
            return None

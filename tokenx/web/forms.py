"""Form fields in the look of Setup: their templates and HTML attributes."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import SafeString

_FIELD_TEMPLATES = {
    "checkbox": "_form_checkbox.html",
    "checkboxselectmultiple": "_form_choices.html",
    "radioselect": "_form_choices.html",
}
_CLASSES = {
    "file": "drop",
    "manyfiles": "drop",
    "select": "slds-select",
    "textarea": "slds-textarea",
}


class SetupBoundField(BoundField):
    """A form field whose template and HTML attributes follow from its widget."""

    has_focus = False

    @property
    def template_name(self) -> str:
        default = self.form.renderer.field_template_name
        return _FIELD_TEMPLATES.get(self.widget_type, default)

    @property
    def focus_id(self) -> str:
        """Return the ID of the control that a link to the field focuses."""
        if focus_id := getattr(self.field, "focus_id", ""):
            return str(focus_id)
        return f"{self.auto_id}_0" if self.use_fieldset else str(self.auto_id)

    def as_focused_field_group(self) -> SafeString:
        """Render the field, and give it the focus unless another field has an error."""
        self.has_focus = not self.form.errors
        return self.as_field_group()

    def build_widget_attrs(
        self, attrs: dict[str, Any], widget: forms.Widget | None = None
    ) -> dict[str, Any]:
        widget = widget or self.field.widget
        if widget.is_hidden or self.use_fieldset:
            return {**attrs}
        if self.widget_type == "checkbox":
            described = {"aria-describedby": f"{self.auto_id}-help"}
            return {**attrs, **(described if self.help_text else {})}
        css_class = _CLASSES.get(self.widget_type, "slds-input")
        return {
            **attrs,
            "class": f"{css_class} {widget.attrs.get('class', '')}".rstrip(),
            "aria-describedby": f"{self.auto_id}-help",
            "aria-invalid": "true" if self.errors else False,
            "autofocus": bool(self.errors or self.has_focus),
            **self._attrs_of_kind(),
        }

    def _attrs_of_kind(self) -> dict[str, Any]:
        direction = self.field.widget.attrs.get("dir", "auto")
        if self.widget_type == "textarea":
            return {"cols": False, "dir": direction}
        if self.widget_type in {"file", "manyfiles", "select"}:
            return {}
        required = "true" if self.field.required else False
        return {"autocomplete": "off", "aria-required": required, "dir": direction}


class SetupFormRenderer(TemplatesSetting):
    """Renders forms with the templates of this project."""

    field_template_name = "_form_field.html"
    bound_field_class = SetupBoundField

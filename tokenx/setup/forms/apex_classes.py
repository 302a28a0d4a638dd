"""What may be typed about an Apex class."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tokenx.org.apex import MAX_BODY_LENGTH, class_name_in
from tokenx.org.forms import show
from tokenx.org.models import ApexClass, User
from tokenx.setup.actions import apex_classes as actions


class ApexClassForm(forms.Form):
    """The body of a class; its name is the one that the body declares."""

    body = forms.CharField(
        label="Apex Class",
        max_length=MAX_BODY_LENGTH,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 20, "spellcheck": "false", "class": "code"}),
        error_messages={"required": "Enter the code of the class."},
    )
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, apex_class: ApexClass | None, **kwargs: Any) -> None:
        if apex_class:
            version = apex_class.modified_at.isoformat()
            kwargs["initial"] = {"body": apex_class.body, "version": version}
        super().__init__(*args, **kwargs)
        self.apex_class = apex_class
        if not apex_class:
            del self.fields["version"]

    def clean_body(self) -> str:
        body: str = self.cleaned_data["body"].replace("\r\n", "\n")
        if not class_name_in(body):
            raise ValidationError("The code declares no class, such as: public class Name.")
        return body

    def clean(self) -> None:
        """Ask once more where somebody else changed it since the form was opened."""
        version = self.initial.get("version", "")
        if self.apex_class and self.cleaned_data.get("version") != version:
            show(self, "version", version)
            raise ValidationError(
                "Somebody changed this class meanwhile. Save again to replace that with "
                "what you see here."
            )

    def save(self, *, by: User) -> ApexClass | None:
        """Make or change the class; None, with the reason at its field, if it can't be."""
        body = self.cleaned_data["body"]
        values = {"name": class_name_in(body), "body": body, "by": by}
        try:
            if self.apex_class:
                return actions.edit_apex_class(apex_class=self.apex_class, **values)
            return actions.create_apex_class(**values)
        except ValidationError as error:
            self.add_error("body", error.messages)
            return None

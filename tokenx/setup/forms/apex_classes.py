"""Form to create and edit an Apex class."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from tokenx.org.apex import MAX_BODY_LENGTH, class_name_in
from tokenx.org.forms import show
from tokenx.org.models import ApexClass, User
from tokenx.setup.actions import apex_classes as actions


class ApexClassForm(forms.Form):
    """The code of a class, which also declares its name."""

    body = forms.CharField(
        label="Apex Class",
        max_length=MAX_BODY_LENGTH,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 20, "spellcheck": "false", "class": "code", "dir": "ltr"}
        ),
        error_messages={"required": "Enter the class code."},
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
            raise ValidationError(
                "Enter a class declaration (for example, public class MyClass)."
            )
        return body

    def clean(self) -> None:
        """Ask again if someone changed the class while the form was open."""
        version = self.initial.get("version", "")
        if self.apex_class and self.cleaned_data.get("version") != version:
            show(self, "version", version)
            raise ValidationError(
                "Someone else changed this class while you were editing it. Save again to "
                "replace their changes with yours."
            )

    def save(self, *, by: User) -> ApexClass | None:
        """Save the class, or add the reason to its field and return None."""
        body = self.cleaned_data["body"]
        values = {"name": class_name_in(body), "body": body, "by": by}
        try:
            if self.apex_class:
                return actions.edit_apex_class(apex_class=self.apex_class, **values)
            return actions.create_apex_class(**values)
        except ValidationError as error:
            self.add_error("body", error.messages)
            return None

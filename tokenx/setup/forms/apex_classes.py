"""Form to create and edit an Apex class."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tokenx.apex.compiled import Compiled, CompileOutcome
from tokenx.apex.parser.declared import declared_name
from tokenx.apex.problems import Problem, Severity
from tokenx.org.apex import MAX_BODY_LENGTH
from tokenx.org.forms import show
from tokenx.org.models import ApexClass, Org, User
from tokenx.setup.actions import apex_classes as actions
from tokenx.setup.compile_classes import compile_body, compile_changed
from tokenx.setup.numbered_code import PROBLEMS_SHOWN, NumberedLine, lines_with_problems
from tokenx.web.text import count_of

_DECLARATION = re.compile(r"\b(?:class|interface|enum)\b", re.IGNORECASE)


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

    # The result of compiling the code that the user entered.
    compiled: Compiled | None = None
    # The state of the org's classes when it was compiled.
    classes_state: tuple[Any, ...] = ()

    def __init__(
        self, *args: Any, org: Org, apex_class: ApexClass | None, **kwargs: Any
    ) -> None:
        if apex_class:
            version = apex_class.modified_at.isoformat()
            kwargs["initial"] = {"body": apex_class.body, "version": version}
        super().__init__(*args, **kwargs)
        self.org, self.apex_class = org, apex_class
        if not apex_class:
            del self.fields["version"]

    def clean_body(self) -> str:
        """Compile the class. Setup doesn't save a class with errors."""
        body: str = self.cleaned_data["body"].replace("\r\n", "\n")
        current = self.apex_class.name if self.apex_class else ""
        self.classes_state = ApexClass.objects.state_of(self.org.pk)
        self.compiled = compile_body(org=self.org.pk, body=body, name=current)
        if not _DECLARATION.search(body):
            raise ValidationError(
                "Enter a class declaration (for example, public class MyClass)."
            )
        if self.compiled and self.compiled.status == CompileOutcome.INVALID:
            raise ValidationError(self._summary_of_errors())
        return body

    @property
    def compile_errors(self) -> list[Problem]:
        problems = self.compiled.problems if self.compiled else ()
        return [each for each in problems if each.severity == Severity.ERROR]

    @property
    def lines_with_errors(self) -> list[NumberedLine]:
        """Return the lines with errors, for display beside the code."""
        body = (self["body"].value() or "").replace("\r\n", "\n")
        return list(lines_with_problems(body, self.compile_errors))

    @property
    def more_errors(self) -> int:
        return max(0, len(self.compile_errors) - PROBLEMS_SHOWN)

    def _summary_of_errors(self) -> SafeString:
        """Name the lines with errors. Each of them is a link."""
        lines = dict.fromkeys(each.at.line for each in self.compile_errors[:PROBLEMS_SHOWN])
        links = format_html_join(
            ", ",
            '<a href="#line-{0}" data-error-of="line-{0}">line {0}</a>',
            ((line,) for line in lines),
        )
        count = count_of(len(self.compile_errors), "compile error")
        return format_html("This class has {}: {}.", count, links)

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
        values = {
            "name": declared_name(body),
            "body": body,
            "compiled": self.compiled,
            "classes_state": self.classes_state,
            "by": by,
        }
        try:
            if self.apex_class:
                saved = actions.edit_apex_class(apex_class=self.apex_class, **values)
            else:
                saved = actions.create_apex_class(**values)
            compile_changed(org=self.org.pk)
            return saved
        except ValidationError as error:
            self.add_error("body", error.messages)
            return None

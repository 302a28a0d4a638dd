"""Forms of token errors: the search box, and the confirmation before an error occurs."""

from django import forms

from .guide import MAX_PASTED


class ExplainErrorForm(forms.Form):
    """A text from any org, such as a response, a log, or a redirect's URL."""

    text = forms.CharField(
        label="Error Text",
        max_length=MAX_PASTED,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text='For example: {"error":"invalid_grant","error_description":"user '
        "hasn't approved this consumer\"}",
        error_messages={"required": "Paste the error that you got."},
    )


class ReproduceErrorForm(forms.Form):
    """The choice to save the org's contents first."""

    saves_state = forms.BooleanField(
        label="Save a snapshot of this org first", required=False, initial=True
    )

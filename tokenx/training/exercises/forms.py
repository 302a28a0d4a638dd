"""The form to preview an exercise."""

from django import forms

from .reader import MAX_LENGTH


class PreviewExerciseForm(forms.Form):
    """The text of an exercise file. The reader of the file finds its problems."""

    text = forms.CharField(
        label="TOML between two lines of +++, followed by Markdown",
        required=False,
        widget=forms.Textarea(
            {"class": "code", "rows": 16, "spellcheck": "false", "maxlength": MAX_LENGTH}
        ),
    )

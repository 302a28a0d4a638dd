"""Names that somebody gives, of people, classes and snapshots, as they are shown."""

import unicodedata

from django.core.exceptions import ValidationError

# Between letters of Persian and Hindi names.
JOINS = "\u200c\u200d"


def clean_name(typed: str) -> str:
    """The name as it is shown. Raises ValidationError where nothing can be read of it."""
    # What turns the direction of writing would turn the page around it.
    visible = (
        each for each in typed if unicodedata.category(each) != "Cf" or each in JOINS
    )
    name = " ".join(unicodedata.normalize("NFC", "".join(visible)).split())
    if any(unicodedata.category(letter) in {"Cc", "Co", "Cn"} for letter in name):
        raise ValidationError("A name cannot hold control characters.")
    if not any(letter.isalnum() for letter in name):
        raise ValidationError("Enter a name that can be read.")
    return name


def clean_name_field(typed: str) -> str:
    """The same for an action, whose errors are by field: it raises that of `name`."""
    try:
        return clean_name(typed)
    except ValidationError as error:
        raise ValidationError({"name": error.messages}) from error

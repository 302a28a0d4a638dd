"""Names of people, classes, and snapshots that users enter."""

import unicodedata

from django.core.exceptions import ValidationError

# The zero-width non-joiner and joiner, which Persian and Hindi names contain.
JOINERS = "\u200c\u200d"


def clean_name(text: str) -> str:
    """Return the name as it's displayed. Raise ValidationError if it isn't readable."""
    # Direction marks would change the direction of the page around the name.
    visible = (
        character
        for character in text
        if unicodedata.category(character) != "Cf" or character in JOINERS
    )
    name = " ".join(unicodedata.normalize("NFC", "".join(visible)).split())
    if any(unicodedata.category(character) in {"Cc", "Co", "Cn"} for character in name):
        raise ValidationError("A name can't contain control characters.")
    if not any(character.isalnum() for character in name):
        raise ValidationError("Enter a name with at least one letter or digit.")
    return name


def clean_name_field(text: str) -> str:
    """Return the cleaned name. Raise ValidationError for the field `name`."""
    try:
        return clean_name(text)
    except ValidationError as error:
        raise ValidationError({"name": error.messages}) from error

"""API names: the names used in metadata and API calls."""

import re

from django.core.exceptions import ValidationError

from tokenx.web.text import fold

LENGTH = 80
_BROKEN = [
    (
        r"[^A-Za-z0-9_]",
        "Use only the letters A to Z, digits, and underscores in an API name.",
    ),
    (r"^(?![A-Za-z])", "Start an API name with a letter."),
    (r"__", "An API name can't contain two consecutive underscores."),
    (r"_$", "An API name can't end with an underscore."),
]


def validate_api_name(value: str) -> None:
    """Raise ValidationError with the rule that the name breaks."""
    for pattern, sentence in _BROKEN:
        if re.search(pattern, value):
            raise ValidationError(sentence)
    if len(value) > LENGTH:
        raise ValidationError(f"An API name can have at most {LENGTH} characters.")


def propose(label: str, otherwise: str = "App") -> str:
    """Generate an API name from a label, or return `otherwise` if nothing remains."""
    plain = (word if word.isascii() else fold(word) for word in label.split())
    words = re.findall("[A-Za-z0-9]+", " ".join(plain))
    name = "_".join(word[0].upper() + word[1:] for word in words)
    if name[:1].isdigit():
        name = f"X{name}"
    return name[:LENGTH].rstrip("_") or otherwise

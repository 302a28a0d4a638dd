"""API names: what metadata and calls name things by. One rule for all that have one."""

import re

from django.core.exceptions import ValidationError

from tokenx.web.text import fold

LENGTH = 80
_BROKEN = [
    (r"[^A-Za-z0-9_]", "An API name has only letters from A to Z, digits and underscores."),
    (r"^(?![A-Za-z])", "An API name begins with a letter."),
    (r"__", "An API name has no two underscores in a row."),
    (r"_$", "An API name does not end with an underscore."),
]


def validate_api_name(value: str) -> None:
    """Raises ValidationError, with the part of the rule that is broken."""
    for pattern, sentence in _BROKEN:
        if re.search(pattern, value):
            raise ValidationError(sentence)
    if len(value) > LENGTH:
        raise ValidationError(f"An API name has at most {LENGTH} characters.")


def propose(label: str, otherwise: str = "App") -> str:
    """An API name for a label; `otherwise`, where nothing of it can be in one."""
    plain = (word if word.isascii() else fold(word) for word in label.split())
    words = re.findall("[A-Za-z0-9]+", " ".join(plain))
    name = "_".join(word[0].upper() + word[1:] for word in words)
    if name[:1].isdigit():
        name = f"X{name}"
    return name[:LENGTH].rstrip("_") or otherwise

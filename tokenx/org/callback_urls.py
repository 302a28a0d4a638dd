"""Callback URLs: one per line.

Mobile apps have custom schemes, such as `myapp://signed-in`.
"""

import re

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

INVALID = "Enter a callback URL, such as https://example.com/callback."
_WEB = URLValidator(schemes=["http", "https"], message=INVALID)
_OTHER = re.compile(r"(?!(?:javascript|data|vbscript|file):)[a-z][a-z0-9+.-]*://\S+", re.I)


def validate_callback_urls(value: str) -> None:
    """Raise ValidationError if a line isn't a URL."""
    for line in value.splitlines():
        if re.match("https?:", line, re.I):
            _WEB(line)
        elif not _OTHER.fullmatch(line):
            raise ValidationError(INVALID)


def with_schemes(value: str) -> str:
    """Remove empty lines, and add https:// to lines without a scheme."""
    lines = (line.strip() for line in value.splitlines())
    return "\n".join(
        line if re.match(r"[a-z][a-z0-9+.-]*:", line, re.I) else f"https://{line}"
        for line in lines
        if line
    )

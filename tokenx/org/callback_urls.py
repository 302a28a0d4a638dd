"""Where an app takes its answers: one URL, or several, each on a line of its own.

Apps on a phone have schemes of their own, such as `myapp://signed-in`.
"""

import re

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

INVALID = "Enter a URL, such as https://example.com/callback."
_WEB = URLValidator(schemes=["http", "https"], message=INVALID)
_OTHER = re.compile(r"(?!(?:javascript|data|vbscript|file):)[a-z][a-z0-9+.-]*://\S+", re.I)


def validate_callback_urls(value: str) -> None:
    """Raises ValidationError where a line is no URL."""
    for line in value.splitlines():
        if re.match("https?:", line, re.I):
            _WEB(line)
        elif not _OTHER.fullmatch(line):
            raise ValidationError(INVALID)


def with_schemes(value: str) -> str:
    """The lines without empty ones; one without a scheme is on the web."""
    lines = (line.strip() for line in value.splitlines())
    return "\n".join(
        line if re.match(r"[a-z][a-z0-9+.-]*:", line, re.I) else f"https://{line}"
        for line in lines
        if line
    )

"""Callback URLs: one per line, or separated by spaces.

Mobile apps have custom schemes, such as `myapp://signed-in` or `myapp:/signed-in`.
"""

import re

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

INVALID = "Enter a callback URL, such as https://example.com/callback."
_WEB = URLValidator(schemes=["http", "https"], message=INVALID)
_OTHER = re.compile(r"(?!(?:javascript|data|vbscript|file):)[a-z][a-z0-9+.-]*:/\S+", re.I)


def validate_callback_urls(value: str) -> None:
    """Raise ValidationError if anything between spaces or line breaks isn't a URL."""
    for url in value.split():
        if re.match("https?:", url, re.I):
            _WEB(url)
        elif not _OTHER.fullmatch(url):
            raise ValidationError(INVALID)


def with_schemes(value: str) -> str:
    """Put each URL on a line, and add https:// to URLs without a scheme."""
    return "\n".join(
        url if re.match(r"[a-z][a-z0-9+.-]*:", url, re.I) else f"https://{url}"
        for url in value.split()
    )

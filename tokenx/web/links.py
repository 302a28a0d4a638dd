"""Links to records in messages."""

from typing import Protocol

from django.utils.html import format_html
from django.utils.safestring import SafeString


class HasPage(Protocol):
    """A record with a page of its own."""

    def get_absolute_url(self) -> str: ...


def link(record: HasPage, text: str = "") -> SafeString:
    """Return a link to a record's page, with its name or another text."""
    url = record.get_absolute_url()
    return format_html('<a href="{}" dir="auto">{}</a>', url, text or str(record))

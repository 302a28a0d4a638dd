"""Links to records in messages."""

from functools import lru_cache
from typing import Protocol

from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString


class HasPage(Protocol):
    """A record with a page of its own."""

    def get_absolute_url(self) -> str: ...


def url_of(view: str, *arguments: str | int) -> str:
    """Return a view's URL, as `reverse()` does. A trace has a dozen of them."""
    return _url_of(view, arguments, get_script_prefix(), get_urlconf())


@lru_cache(maxsize=4096)
def _url_of(
    view: str, arguments: tuple[str | int, ...], prefix: str, urlconf: str | None
) -> str:
    return reverse(view, args=arguments)


def link(record: HasPage, text: str = "") -> SafeString:
    """Return a link to a record's page, with its name or another text."""
    url = record.get_absolute_url()
    return format_html('<a href="{}" dir="auto">{}</a>', url, text or str(record))

"""The theme and the look of a page, as attributes of its <html> element."""

from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString

# What people see who aren't signed in.
_DEFAULT = ("system", "lightning")


def display_attributes(context: Context) -> SafeString:
    """Render the attributes, with which a page never shows another theme first."""
    theme, look = _display_of(context.get("request"))
    return format_html('data-theme="{}" data-look="{}"', theme, look)


def _display_of(request: Any) -> tuple[str, str]:
    if request is None or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return _DEFAULT
    try:
        user = request.user
        theme = getattr(user, "theme", _DEFAULT[0])
        look = getattr(user, "look", _DEFAULT[1])
    except (AttributeError, DatabaseError):  # This can be the page of an early error.
        return _DEFAULT
    is_presented = getattr(getattr(request, "org", None), "is_presented", False)
    return "light" if is_presented else theme, look

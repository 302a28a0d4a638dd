"""Toasts about handlers and their enabled apps."""

from django.contrib import messages
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tokenx.handlers.why import Reason
from tokenx.org.permissions import SetupRequest


def add_toast(
    request: SetupRequest,
    sentence: SafeString,
    *consequences: Reason | None,
    level: int = messages.WARNING,
    change_url: str = "",
) -> None:
    """Add a toast: a sentence and its consequences, each with the link that fixes it.

    `level` is the toast's level if it has consequences. `change_url` is the page that shows
    the change as metadata. A message has no field for it, so its extra tags carry it.
    """
    reasons = [
        (reason.sentence, reason.url, reason.repair) for reason in consequences if reason
    ]
    fixes = format_html_join("", ' {} <a href="{}" dir="auto">{}</a>', reasons)
    messages.add_message(
        request,
        level if reasons else messages.SUCCESS,
        format_html("{}{}", sentence, fixes),
        extra_tags=change_url,
    )

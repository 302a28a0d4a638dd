"""The dialog that a page's URL opens, rendered with the page."""

from collections.abc import Callable
from copy import copy
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import resolve
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString, mark_safe

from .dialogs import Opened, View, take_opened
from .errors import reason_of


def open_dialog(request: Any, require_access: Callable[[View], None]) -> None:
    """Let the page's template render the dialog as `request.opened_dialog`.

    `require_access` raises PermissionDenied if the user can't use the dialog's view.
    """
    if opened := take_opened(request):
        request.opened_dialog = SimpleLazyObject(
            lambda: _content_of(request, opened, require_access)
        )


def _content_of(
    request: Any, opened: Opened, require_access: Callable[[View], None]
) -> SafeString:
    """Return the dialog's content, or nothing, with a toast that gives the reason."""
    try:
        url = opened.url_on(request)
        match = resolve(url)
        require_access(match.func)
        response = match.func(_request_for(request, opened, url), **match.kwargs)
    except (Http404, PermissionDenied) as refused:
        messages.error(request, reason_of(refused))
        return SafeString()
    return mark_safe(response.content.decode())  # noqa: S308 (a template escaped it)


def _request_for(request: Any, opened: Opened, url: str) -> Any:
    """Return the request with which the page would have opened the dialog."""
    inner = copy(request)
    inner.method = "GET"
    inner.path = inner.path_info = url
    inner.GET = opened.fields
    inner.resolver_match = resolve(url)
    inner.is_in_page = True
    return inner

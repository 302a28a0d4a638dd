"""HTMX conventions: fragments, the dialog, toasts, and sign-in.

A page and its fragments share a URL. A dialog's URL is also a plain page, so every link
and form works without JavaScript.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event


def _htmx_of(request: HttpRequest) -> Any:
    """Return what htmx says about the requesting page."""
    # django-htmx's middleware sets it; Django's types don't know.
    return request.htmx  # type: ignore[attr-defined]


def wants_fragment(request: HttpRequest) -> bool:
    """Tell whether a fragment is enough. Restoring history needs the whole page."""
    htmx = _htmx_of(request)
    return bool(htmx) and not htmx.history_restore_request


def render_page(
    request: HttpRequest, page: str, fragment: str, context: dict[str, Any]
) -> HttpResponse:
    """Render a page, or only its fragment for htmx."""
    return render(request, fragment if wants_fragment(request) else page, context)


def render_modal(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Render a dialog's content for the dialog, or as a page of its own."""
    if wants_fragment(request):
        return render(request, template, {**context, "in_dialog": True}, status=status)
    context = {**context, "modal": template, "in_dialog": False}
    return render(request, "modal_page.html", context, status=status)


def close_modal(
    request: HttpRequest,
    *,
    changed: str,
    back_to: str,
    detail: dict[str, Any] | None = None,
) -> HttpResponse:
    """Close the dialog and send an event, or redirect to the page beneath it.

    `changed` is the event that the page's fragments listen for, `back_to` is a URL, and
    `detail` goes with both: as the event's detail and as the URL's query.
    """
    if wants_fragment(request):
        return trigger_client_event(HttpResponse(), changed, detail or {})
    if detail:
        back_to = urlsplit(back_to)._replace(query=urlencode(detail)).geturl()
    return redirect(back_to)


def go_to(request: HttpRequest, url: str) -> HttpResponse:
    """Redirect to the page that shows the result."""
    return HttpResponseClientRedirect(url) if wants_fragment(request) else redirect(url)


def download(url: str) -> HttpResponse:
    """Close the dialog and let the browser download a file."""
    return trigger_client_event(HttpResponse(), "download", {"url": url})


def redirect_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Redirect to sign-in, and from there back to the user's page."""
    htmx = _htmx_of(request)
    if not htmx:
        return redirect_to_login(request.get_full_path())
    try:
        current = urlsplit(htmx.current_url_abs_path or "/")
    except ValueError:  # The header can be malformed.
        current = urlsplit("/")
    to_sign_in = redirect_to_login(current._replace(fragment="").geturl())
    return HttpResponseClientRedirect(to_sign_in["Location"])


class HtmxConventionsMiddleware:
    """Vary caches by htmx, and append waiting messages to fragments."""

    def __init__(self, get_response: Callable[[Any], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        patch_vary_headers(response, ["HX-Request"])
        can_carry = wants_fragment(request) and is_fragment(response)
        if can_carry and (waiting := messages.get_messages(request)):
            toasts = render_to_string("_toasts.html", {"messages": waiting})
            response.content += toasts.encode()
        return response


def is_fragment(response: HttpResponse) -> bool:
    """Tell whether the response is swapped into a page and can carry toasts."""
    return (
        not response.streaming
        and response.status_code in {200, 422}
        and response.get("Content-Type", "").startswith("text/html")
        and "HX-Redirect" not in response
    )

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

from . import dialogs

LOGGED_OUT = "You were logged out. Log in to continue where you left off."


def _htmx_of(request: HttpRequest) -> Any:
    """Return what htmx says about the requesting page."""
    # django-htmx's middleware sets it; Django's types don't know.
    return request.htmx  # type: ignore[attr-defined]


def wants_fragment(request: HttpRequest) -> bool:
    """Tell whether a fragment is enough. Restoring history needs the whole page."""
    if is_in_page(request):
        return True
    htmx = _htmx_of(request)
    return bool(htmx) and not htmx.history_restore_request


def is_in_page(request: HttpRequest) -> bool:
    """Tell whether a dialog's content is for the page that its address opens."""
    return getattr(request, "is_in_page", False)


def works_without_script(request: HttpRequest) -> bool:
    """Tell whether the answer must work without JavaScript."""
    return is_in_page(request) or not wants_fragment(request)


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
        context = {**context, "in_dialog": True}
        response = render(request, template, context, status=status)
        if _has_address(request) and status == 200:
            response[dialogs.HEADER] = dialogs.address_on_page(request)
        return response
    context = {**context, "modal": template, "in_dialog": False}
    return render(request, "modal_page.html", context, status=status)


def _has_address(request: HttpRequest) -> bool:
    """Tell whether a dialog has an address. What answers a POST has none."""
    view = request.resolver_match.func  # type: ignore[union-attr]
    is_asked_for = request.method != "POST" and not is_in_page(request)
    return is_asked_for and getattr(view, "is_dialog", False)


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
    """Redirect to sign-in, and from there back to the user's page.

    Anyone who was logged out midway is told. What they entered is in the page's address,
    or, without JavaScript, in the query of the form's page.
    """
    htmx = _htmx_of(request)
    if htmx or request.method == "POST":
        messages.warning(request, LOGGED_OUT)
    if not htmx:
        is_form = request.method == "POST"
        path = dialogs.path_with_entered(request) if is_form else request.get_full_path()
        return redirect_to_login(path)
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

"""What an htmx request means here: fragments, the one dialog, toasts, sign-in.

A page and its fragments share a URL. A modal's URL is also a plain page, so that every
link and form works without JavaScript.
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
    """What htmx says of the page that asks."""
    # django-htmx's middleware puts it there; the types of Django's requests do not know.
    return request.htmx  # type: ignore[attr-defined]


def wants_fragment(request: HttpRequest) -> bool:
    """Whether part of the page is enough. Going back in history takes all of it."""
    htmx = _htmx_of(request)
    return bool(htmx) and not htmx.history_restore_request


def render_page(
    request: HttpRequest, page: str, fragment: str, context: dict[str, Any]
) -> HttpResponse:
    """A page, or the one fragment of it that was asked for."""
    return render(request, fragment if wants_fragment(request) else page, context)


def render_modal(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """A modal's content: into the dialog, or as a page of its own."""
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
    """Done: close the dialog and tell the page what changed, or go back to the page.

    `changed` is the event the page's fragments listen to, `back_to` a URL, and `detail`
    what both carry along: the event as its detail, the URL as its query.
    """
    if wants_fragment(request):
        return trigger_client_event(HttpResponse(), changed, detail or {})
    return redirect(f"{back_to}?{urlencode(detail)}" if detail else back_to)


def go_to(request: HttpRequest, url: str) -> HttpResponse:
    """Done, and the page that shows it is another one."""
    return HttpResponseClientRedirect(url) if wants_fragment(request) else redirect(url)


def download(url: str) -> HttpResponse:
    """Done: close the dialog; the browser fetches the file, which is nothing to swap in."""
    return trigger_client_event(HttpResponse(), "download", {"url": url})


def redirect_to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page, and afterwards back to the page the person was on."""
    htmx = _htmx_of(request)
    if not htmx:
        return redirect_to_login(request.get_full_path())
    try:
        seen = urlsplit(htmx.current_url_abs_path or "/")
    except ValueError:  # A header may say anything.
        seen = urlsplit("/")
    to_sign_in = redirect_to_login(seen._replace(fragment="").geturl())
    return HttpResponseClientRedirect(to_sign_in["Location"])


class HtmxConventionsMiddleware:
    """Keep apart in caches what differs, and put waiting messages into fragments."""

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
    """Whether the answer is swapped into a page, and can carry toasts along."""
    return (
        not response.streaming
        and response.status_code in {200, 422}
        and response.get("Content-Type", "").startswith("text/html")
        and "HX-Redirect" not in response
    )

"""Define a handler: create, edit, clone, switch on and off, delete."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tokenx.handlers import actions, lookups
from tokenx.handlers.forms import HandlerForm
from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.api_names import propose
from tokenx.org.permissions import SetupRequest, changes_setup
from tokenx.web.htmx import go_to, render_modal, wants_fragment

from .handler import handler_or_404

STRICT = (
    "Strict fidelity is on: the real Setup is documented to create handlers, and to change "
    "them through the Metadata API only. Setup Home switches it off."
)
APPS_NAMED = 20


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def create_handler(request: SetupRequest) -> HttpResponse:
    """Create Token Exchange Handler; with `?like=`, from another one's definition."""
    typed: dict[str, Any] = {}
    like = request.GET.get("like", "").replace("\0", "")
    if like and request.method != "POST":
        copied = actions.handler_values(_changeable_or_404(request, like))
        typed = copied | {"label": f"Copy of {copied['label']}"[:80], "developer_name": ""}
    return _define(request, None, typed)


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def edit_handler(request: SetupRequest, handler_name: str) -> HttpResponse:
    return _define(request, _changeable_or_404(request, handler_name), {})


def _define(
    request: SetupRequest, handler: TokenExchangeHandler | None, typed: dict[str, Any]
) -> HttpResponse:
    is_sent = request.method == "POST" and "find" not in request.POST
    if request.method == "POST":
        # A box that is not ticked is not sent.
        boxes = {name: name in request.POST for name in HandlerForm.BOXES}
        token_types = request.POST.getlist("token_types")
        typed = request.POST.dict() | boxes | {"token_types": token_types}
    form = HandlerForm(
        request.POST if is_sent else None, org=request.org, handler=handler, typed=typed
    )
    is_enabled = "enable" in request.POST
    if form.is_valid() and (saved := form.save(is_enabled=is_enabled, by=request.user)):
        state = " and enabled" if is_enabled and not handler else ""
        messages.success(request, f"{saved.label} is saved{state}.")
        return go_to(request, reverse("handlers:detail", args=[saved.developer_name]))
    plain = not wants_fragment(request)
    context = {
        "form": form,
        "handler": handler,
        "like": request.GET.get("like", ""),
        "apex_class_lookup": lookups.apex_class_lookup(form, request.org, plain=plain),
    }
    status = 422 if form.is_bound else 200
    return render_modal(request, "handlers/_define_handler.html", context, status)


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def switch_handler(request: SetupRequest, handler_name: str) -> HttpResponse:
    """Enable a disabled handler, or disable an enabled one; it says what follows."""
    handler = _changeable_or_404(request, handler_name)
    to = request.POST.get("to")
    if to in {"enabled", "disabled"}:
        is_enabled = to == "enabled"
        try:
            actions.set_handler_enabled(
                handler=handler, is_enabled=is_enabled, by=request.user
            )
        except ValidationError as gone:
            raise Http404(*gone.messages) from gone
        state = "enabled" if is_enabled else "disabled"
        messages.success(request, f"{handler.label} is {state}.")
        return go_to(request, reverse("handlers:detail", args=[handler_name]))
    defaults = Enablement.objects.of(handler).filter(is_default=True).by_app()
    context = {"handler": handler, **_named_apps(defaults)}
    status = 422 if request.method == "POST" else 200
    return render_modal(request, "handlers/_switch_handler.html", context, status)


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def delete_handler(request: SetupRequest, handler_name: str) -> HttpResponse:
    """Ask, with the apps it is enabled for, and delete it with what it is enabled for."""
    handler = _changeable_or_404(request, handler_name)
    if request.method == "POST":
        actions.delete_handler(handler=handler, by=request.user)
        messages.success(request, f"{handler.label} is deleted.")
        return go_to(request, reverse("handlers:list"))
    enabled = Enablement.objects.of(handler).by_app()
    context = {"handler": handler, **_named_apps(enabled)}
    return render_modal(request, "handlers/_delete_handler.html", context)


@changes_setup
@require_safe
def propose_api_name(request: SetupRequest) -> HttpResponse:
    """The field API Name, with a proposal where nothing was typed into it."""
    label, typed = (request.GET.get(key, "") for key in ("label", "developer_name"))
    name = typed or (propose(label, "Handler") if label.strip() else "")
    form = HandlerForm(None, org=request.org, typed={"developer_name": name})
    return render(request, "handlers/_api_name.html", {"form": form})


@changes_setup
@require_safe
def apex_class_lookup(request: SetupRequest) -> HttpResponse:
    """The options of Apex Class: those that a handler can have."""
    typed = request.GET.get("q", "")
    return HttpResponse(lookups.render_apex_class_options(request.org, typed))


def _changeable_or_404(request: SetupRequest, handler_name: str) -> TokenExchangeHandler:
    if request.org.is_strict:
        raise PermissionDenied(STRICT)
    return handler_or_404(request, handler_name)


def _named_apps(enabled: Any) -> dict[str, Any]:
    """The first of the apps, and how many there are."""
    return {
        "named_apps": [each.app for each in enabled.select_related("app")[:APPS_NAMED]],
        "app_count": enabled.count(),
        "more_apps": max(enabled.count() - APPS_NAMED, 0),
    }

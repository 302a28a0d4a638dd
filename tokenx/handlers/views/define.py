"""Create, edit, clone, enable, disable, and delete a handler."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from tokenx.handlers import actions, lookups
from tokenx.handlers.consequences import (
    only_defaults_here,
    why_class_fails,
    why_handler_fails,
)
from tokenx.handlers.forms import HandlerForm
from tokenx.handlers.models import (
    Enablement,
    EnablementQuerySet,
    TokenExchangeHandler,
)
from tokenx.handlers.strict_mode import check_strict_mode
from tokenx.org.api_names import propose
from tokenx.org.permissions import SetupRequest, changes_setup
from tokenx.web.dialogs import dialog, prefilled
from tokenx.web.htmx import go_to, render_modal, works_without_script
from tokenx.web.links import link
from tokenx.web.text import count_of, isolate

from .handler import handler_or_404
from .toasts import add_toast

APPS_NAMED = 5


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def create_handler(request: SetupRequest) -> HttpResponse:
    """Create a handler. `?like=` copies the definition of another handler."""
    values: dict[str, Any] = {}
    like = request.GET.get("like", "").replace("\0", "")
    if like and request.method != "POST":
        copied = actions.handler_values(_changeable_or_404(request, like))
        values = copied | {"label": f"Copy of {copied['label']}"[:80], "developer_name": ""}
    return _edit_definition(request, None, values)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def edit_handler(request: SetupRequest, handler_name: str) -> HttpResponse:
    return _edit_definition(request, _changeable_or_404(request, handler_name), {})


def _edit_definition(
    request: SetupRequest, handler: TokenExchangeHandler | None, values: dict[str, Any]
) -> HttpResponse:
    is_submitted = request.method == "POST" and "find" not in request.POST
    if request.method == "POST":
        # Browsers don't send cleared checkboxes.
        checkboxes = {name: name in request.POST for name in HandlerForm.CHECKBOXES}
        token_types = request.POST.getlist("token_types")
        values = request.POST.dict() | checkboxes | {"token_types": token_types}
    form = HandlerForm(
        request.POST if is_submitted else None,
        org=request.org,
        handler=handler,
        values=values,
    )
    prefilled(form, request)
    is_enabled = "enable" in request.POST
    if form.is_valid() and (saved := form.save(is_enabled=is_enabled, by=request.user)):
        state = " and enabled" if is_enabled and not handler else ""
        sentence = format_html("{} was saved{}.", link(saved), state)
        add_toast(request, sentence, why_handler_fails(saved))
        return go_to(request, reverse("handlers:detail", args=[saved.developer_name]))
    plain = works_without_script(request)
    context = {
        "form": form,
        "handler": handler,
        "like": request.GET.get("like", ""),
        "apex_class_lookup": lookups.apex_class_lookup(form, request.org, plain=plain),
    }
    status = 422 if form.is_bound else 200
    return render_modal(request, "handlers/_define_handler.html", context, status)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def switch_handler(request: SetupRequest, handler_name: str) -> HttpResponse:
    """Enable or disable a handler, after a page that states the consequences."""
    handler = _changeable_or_404(request, handler_name)
    to = request.POST.get("to")
    if to in {"enabled", "disabled"}:
        is_enabled = to == "enabled"
        try:
            switched = actions.set_handler_enabled(
                handler=handler, is_enabled=is_enabled, by=request.user
            )
        except ValidationError as deleted:
            raise Http404(*deleted.messages) from deleted
        _add_switched_toast(request, switched)
        return go_to(request, reverse("handlers:detail", args=[handler_name]))
    context = {
        "handler": handler,
        "class_problem": why_class_fails(handler.apex_class),
        **_apps_that_fail(handler),
    }
    status = 422 if request.method == "POST" else 200
    return render_modal(request, "handlers/_switch_handler.html", context, status)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def delete_handler(request: SetupRequest, handler_name: str) -> HttpResponse:
    """Ask for confirmation, list the enabled apps, and delete the handler."""
    handler = _changeable_or_404(request, handler_name)
    if request.method == "POST":
        without_default = only_defaults_here(handler).count()
        actions.delete_handler(handler=handler, by=request.user)
        _add_deleted_toast(request, handler, without_default)
        return go_to(request, reverse("handlers:list"))
    context = {"handler": handler, **_apps_that_fail(handler)}
    if not context["default_count"]:
        apps = Enablement.objects.of(handler)
        context |= _name_apps(apps, handler.app_count)
    return render_modal(request, "handlers/_delete_handler.html", context)


@changes_setup
@require_safe
def propose_api_name(request: SetupRequest) -> HttpResponse:
    """Show the API Name field, with a name generated from the label if it's blank."""
    label, name = (request.GET.get(key, "") for key in ("label", "developer_name"))
    if not name and label.strip():
        name = propose(label, "Handler")
    form = HandlerForm(None, org=request.org, values={"developer_name": name})
    return render(request, "handlers/_api_name.html", {"form": form})


@changes_setup
@require_safe
def apex_class_lookup(request: SetupRequest) -> HttpResponse:
    """List the options of Apex Class: matching classes that a handler can use."""
    search_text = request.GET.get("q", "")
    return HttpResponse(lookups.render_apex_class_options(request.org, search_text))


def _changeable_or_404(request: SetupRequest, handler_name: str) -> TokenExchangeHandler:
    check_strict_mode(request.org)
    return handler_or_404(request, handler_name)


def _defaults_of(handler: TokenExchangeHandler) -> EnablementQuerySet:
    return Enablement.objects.of(handler).filter(is_default=True)


def _apps_that_fail(handler: TokenExchangeHandler) -> dict[str, Any]:
    """Return the number of apps that have the handler as their default, and name some."""
    defaults = _defaults_of(handler)
    number = defaults.count()
    return {"default_count": number, **_name_apps(defaults, number)}


def _name_apps(enablements: EnablementQuerySet, number: int) -> dict[str, Any]:
    rows = enablements.by_app().select_related("app")[:APPS_NAMED]
    return {
        "named_apps": [enablement.app for enablement in rows],
        "more_apps": max(number - APPS_NAMED, 0),
    }


def _add_switched_toast(request: SetupRequest, handler: TokenExchangeHandler) -> None:
    if handler.is_enabled:
        sentence = format_html("{} was enabled.", link(handler))
        add_toast(request, sentence, why_handler_fails(handler))
    elif defaults := _defaults_of(handler).count():
        text = "{} was disabled but is still the default handler for {}."
        sentence = format_html(text, link(handler), count_of(defaults, "app"))
        messages.warning(request, sentence)
    else:
        messages.success(request, format_html("{} was disabled.", link(handler)))


def _add_deleted_toast(
    request: SetupRequest, handler: TokenExchangeHandler, without_default: int
) -> None:
    if not without_default:
        messages.success(request, format_html("{} was deleted.", isolate(handler.label)))
        return
    verb = "has" if without_default == 1 else "have"
    text = '{} was deleted. {} {} no default handler. <a href="{}">View Health</a>'
    number, health = count_of(without_default, "app"), reverse("setup:health")
    messages.warning(
        request, format_html(text, isolate(handler.label), number, verb, health)
    )

"""Strict Mode: the settings page, and the dialog that turns it on or off."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tokenx.handlers.strict_mode import set_strict_mode
from tokenx.org.permissions import SetupRequest, can_change_setup, changes_setup
from tokenx.web.dialogs import dialog
from tokenx.web.htmx import go_to, render_modal


@require_safe
def strict_mode(request: SetupRequest) -> HttpResponse:
    """Show whether strict mode is on, and what it does."""
    context = {"org": request.org, "can_change": can_change_setup(request.user)}
    return render(request, "setup/strict_mode.html", context)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def switch_strict_mode(request: SetupRequest) -> HttpResponse:
    """Turn the org's strict mode on or off."""
    if (state := request.POST.get("to")) in {"on", "off"}:
        set_strict_mode(org=request.org, is_strict=state == "on", by=request.user)
        messages.success(request, f"Strict mode was turned {state}.")
        return go_to(request, reverse("setup:strict-mode"))
    status = 422 if request.method == "POST" else 200
    context = {"org": request.org, "node": "StrictMode"}
    return render_modal(request, "setup/_switch_strict_mode.html", context, status)

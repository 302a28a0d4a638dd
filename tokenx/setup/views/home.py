"""Setup Home, Health, and strict mode."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tokenx.handlers.models import TokenExchangeHandler
from tokenx.handlers.strict_mode import set_strict_mode
from tokenx.org.permissions import SetupRequest, can_change_setup, changes_setup
from tokenx.setup.health import health_of
from tokenx.web.dialogs import dialog
from tokenx.web.htmx import go_to, render_modal, render_page

RECENT_SHOWN = 10


@require_safe
def home(request: SetupRequest) -> HttpResponse:
    """Show Setup Home: recently modified handlers, health, and starting points."""
    handlers = TokenExchangeHandler.objects.filter(org=request.org)
    recent = handlers.select_related("modified_by").order_by("-modified_at", "-id")
    context = {
        "recent": recent[:RECENT_SHOWN],
        "org": request.org,
        "can_change": can_change_setup(request.user),
    }
    return render(request, "setup/home.html", context)


@require_safe
def health(request: SetupRequest) -> HttpResponse:
    """Show the org's issues. Setup Home loads its Health panel from here."""
    context = {"checks": health_of(request.org)}
    return render_page(request, "setup/health.html", "setup/_health.html", context)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def strict_mode(request: SetupRequest) -> HttpResponse:
    """Turn the org's strict mode on or off."""
    if (state := request.POST.get("to")) in {"on", "off"}:
        set_strict_mode(org=request.org, is_strict=state == "on", by=request.user)
        messages.success(request, f"Strict mode was turned {state}.")
        return go_to(request, reverse("setup:home"))
    status = 422 if request.method == "POST" else 200
    context = {"org": request.org}
    return render_modal(request, "setup/_strict_mode.html", context, status)

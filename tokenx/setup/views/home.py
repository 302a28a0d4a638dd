"""Setup Home, Health, and strict fidelity."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org.actions import set_strict_fidelity
from tokenx.org.permissions import SetupRequest, can_change_setup, changes_setup
from tokenx.setup.health import health_of
from tokenx.web.htmx import go_to, render_modal, render_page

RECENT_SHOWN = 5


@require_safe
def home(request: SetupRequest) -> HttpResponse:
    """Setup Home: what changed last, and where to start."""
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
    """What is wrong in the org; Setup Home fetches the panel from here."""
    context = {"checks": health_of(request.org)}
    return render_page(request, "setup/health.html", "setup/_health.html", context)


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def strict_fidelity(request: SetupRequest) -> HttpResponse:
    """Switch Strict fidelity on or off for the org."""
    if (state := request.POST.get("to")) in {"on", "off"}:
        set_strict_fidelity(org=request.org, is_strict=state == "on", by=request.user)
        messages.success(request, f"Strict fidelity is {state}.")
        return go_to(request, reverse("setup:home"))
    status = 422 if request.method == "POST" else 200
    context = {"org": request.org}
    return render_modal(request, "setup/_strict_fidelity.html", context, status)

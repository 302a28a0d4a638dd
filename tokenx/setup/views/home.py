"""Setup Home and Health."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org.permissions import SetupRequest
from tokenx.setup.health import health_of
from tokenx.web.htmx import render_page

RECENT_SHOWN = 10


@require_safe
def home(request: SetupRequest) -> HttpResponse:
    """Show Setup Home: recently modified handlers, health, and starting points."""
    handlers = TokenExchangeHandler.objects.filter(org=request.org)
    recent = handlers.select_related("modified_by").order_by("-modified_at", "-id")
    return render(request, "setup/home.html", {"recent": recent[:RECENT_SHOWN]})


@require_safe
def health(request: SetupRequest) -> HttpResponse:
    """Show the org's issues. Setup Home loads its Health panel from here."""
    context = {"checks": health_of(request.org)}
    return render_page(request, "setup/health.html", "setup/_health.html", context)

"""Search of Setup pages, handlers, and apps."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org.permissions import SetupRequest
from tokenx.org.search.matching import find_any_apps
from tokenx.web import navigation

RESULTS_SHOWN = 20


@require_safe
def search(request: SetupRequest) -> HttpResponse:
    """Search Setup. Without JavaScript, Quick Find leads here too."""
    typed = request.GET.get("q", "").strip()
    handlers = TokenExchangeHandler.objects.filter(org=request.org)
    context = {
        "typed": typed,
        "nodes": navigation.find_nodes(typed),
        "found_handlers": handlers.search(typed).order_by("search_key")[:RESULTS_SHOWN]
        if typed
        else [],
        "found_apps": find_any_apps(request.org, typed)[:RESULTS_SHOWN] if typed else [],
    }
    return render(request, "setup/search.html", context)

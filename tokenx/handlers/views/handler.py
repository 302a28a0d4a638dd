"""The list of handlers, and a handler's page."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe
from django_htmx.http import trigger_client_event

from tokenx.handlers.enabled_apps import EnabledApps, OrderChangedError
from tokenx.handlers.filters import HandlerFilter
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org.permissions import SetupRequest, can_change_setup
from tokenx.web import errors
from tokenx.web.htmx import render_page, wants_fragment
from tokenx.web.listing import listing

# What each column sorts by; the types sort as they stand, first type first.
SORTS = {
    "name": ["search_key"],
    "api_name": ["developer_name"],
    "token_types": [f"-{name}" for name in TokenExchangeHandler.TOKEN_TYPES],
    "status": ["-is_enabled", "search_key"],
    "modified": ["modified_at"],
    "modified_by": ["modified_by__name_key", "search_key"],
}
COLUMNS = {
    "name": "Name",
    "api_name": "API Name",
    "token_types": "Supported Token Types",
    "status": "Status",
    "modified": "Last Modified",
    "modified_by": "Last Modified By",
}


def handler_or_404(request: SetupRequest, handler_name: str) -> TokenExchangeHandler:
    """The org's handler of that API name, with what its page shows of it."""
    handlers = TokenExchangeHandler.objects.select_related("apex_class", "modified_by")
    handler = handlers.filter(org=request.org, developer_name=handler_name).first()
    if handler is None:
        raise Http404("This org has no such handler. It may have been renamed or deleted.")
    return handler


@require_safe
def handler_list(request: SetupRequest) -> HttpResponse:
    """The handlers of the org; what is searched, filtered and sorted is in the URL."""
    handlers = TokenExchangeHandler.objects.filter(org=request.org)
    found = HandlerFilter(request.GET, handlers.select_related("modified_by"))
    context = {
        **listing(request.GET, found, columns=COLUMNS, sorts=SORTS, default="name"),
        "can_change": can_change_setup(request.user),
    }
    return render_page(request, "handlers/list.html", "handlers/_handlers.html", context)


@require_safe
def detail(request: SetupRequest, handler_name: str) -> HttpResponse:
    """A handler and its enabled apps: the page, the list alone, or more of its rows."""
    handler = handler_or_404(request, handler_name)
    try:
        apps = EnabledApps.asked(handler, request.GET)
    except OrderChangedError:
        return _start_anew(request, handler)
    can_change = can_change_setup(request.user)
    context = {
        "handler": handler,
        "apps": apps,
        "rows": apps.render_rows(can_change=can_change),
        "can_change": can_change,
        "org": request.org,
    }
    fragment = "_more_enabled_apps.html" if apps.is_continued else "_enabled_apps.html"
    return render_page(request, "handlers/detail.html", f"handlers/{fragment}", context)


def _start_anew(request: SetupRequest, handler: TokenExchangeHandler) -> HttpResponse:
    """The list outgrew what can be sorted, or shrank to it, while it was read."""
    if not wants_fragment(request):
        return redirect("handlers:detail", handler.developer_name)
    response = errors.conflict(request, "The list changed meanwhile, and starts anew.")
    return trigger_client_event(response, "enablements-changed")

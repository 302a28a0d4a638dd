"""The handler list and the handler page."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe
from django_htmx.http import trigger_client_event

from tokenx.handlers.consequences import why_handler_fails
from tokenx.handlers.enabled_apps import EnabledApps, OrderChangedError
from tokenx.handlers.filters import HandlerFilter
from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org.permissions import SetupRequest, can_change_setup
from tokenx.org.stamps import stamps_of
from tokenx.web import errors
from tokenx.web.htmx import render_page, wants_fragment
from tokenx.web.listing import listing

# The fields that each column sorts by. Token types sort in the order of the page.
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
    """Return the org's handler with this API name, with all that its page shows."""
    handlers = TokenExchangeHandler.objects.select_related(
        "apex_class", "created_by", "modified_by"
    )
    handler = handlers.filter(org=request.org, developer_name=handler_name).first()
    if handler is None:
        raise Http404(
            "We couldn't find that handler. It might have been renamed or deleted."
        )
    return handler


@require_safe
def handler_list(request: SetupRequest) -> HttpResponse:
    """List the org's handlers. Search, filters, and sort order are in the URL."""
    handlers = TokenExchangeHandler.objects.filter(org=request.org)
    filtered = HandlerFilter(request.GET, handlers.select_related("modified_by"))
    context = {
        **listing(request.GET, filtered, columns=COLUMNS, sorts=SORTS, default="name"),
        "can_change": can_change_setup(request.user),
    }
    return render_page(request, "handlers/list.html", "handlers/_handlers.html", context)


@require_safe
def detail(request: SetupRequest, handler_name: str) -> HttpResponse:
    """Show a handler and its enabled apps: the page, only the list, or more rows."""
    handler = handler_or_404(request, handler_name)
    try:
        apps = EnabledApps.from_query(handler, request.GET)
    except OrderChangedError:
        return _restart_list(request, handler)
    can_change = can_change_setup(request.user)
    context = {
        "handler": handler,
        "apps": apps,
        "rows": apps.render_rows(can_change=can_change),
        "can_change": can_change,
        "org": request.org,
        "class_problem": why_handler_fails(handler),
        "stamps": stamps_of(handler),
        # The list brings the fields under Details along, which change with it.
        "is_refresh": wants_fragment(request) and not apps.is_continued,
    }
    fragment = "_more_enabled_apps.html" if apps.is_continued else "_enabled_apps.html"
    return render_page(request, "handlers/detail.html", f"handlers/{fragment}", context)


def _restart_list(request: SetupRequest, handler: TokenExchangeHandler) -> HttpResponse:
    """Reload the list because its number of apps crossed the limit for sorting."""
    if not wants_fragment(request):
        return redirect("handlers:detail", handler.developer_name)
    response = errors.conflict(request, "The list changed and was reloaded.")
    return trigger_client_event(response, "enablements-changed")

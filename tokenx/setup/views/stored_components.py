"""Custom Labels, Custom Metadata Types, and Named Credentials: lists and files."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tokenx.org.models import StoredComponent, StoredType
from tokenx.org.permissions import SetupRequest, can_change_setup
from tokenx.org.stamps import stamps_of
from tokenx.setup.filters import StoredComponentFilter
from tokenx.web.errors import found_or_404
from tokenx.web.htmx import render_page
from tokenx.web.listing import listing

COLUMNS = {"name": "Name", "modified": "Last Modified"}
SORTS = {"name": ["name"], "modified": ["modified_at"]}
# The node of each type, and its name in Setup.
NODES = {
    StoredType.CUSTOM_LABELS: ("ExternalStrings", "Custom Labels"),
    StoredType.CUSTOM_METADATA: ("CustomMetadata", "Custom Metadata Types"),
    StoredType.NAMED_CREDENTIAL: ("NamedCredential", "Named Credentials"),
}


@require_safe
def stored_component_list(request: SetupRequest, stored_type: str) -> HttpResponse:
    """List the files of a type that is kept whole."""
    rows = StoredComponent.objects.filter(org=request.org, type=_checked(stored_type))
    context = {
        **listing(
            request.GET,
            StoredComponentFilter(request.GET, rows.defer("file")),
            columns=COLUMNS,
            sorts=SORTS,
            default="name",
        ),
        **_context(request, stored_type),
    }
    page = "setup/stored_component_list.html"
    return render_page(request, page, "setup/_stored_components.html", context)


@require_safe
def stored_component(
    request: SetupRequest, stored_type: str, component_name: str
) -> HttpResponse:
    """Show a component's file."""
    rows = StoredComponent.objects.filter(org=request.org, type=_checked(stored_type))
    shown = found_or_404(rows, "component", name=component_name)
    context = {
        "component": shown,
        "stamps": stamps_of(shown, shown.name),
        **_context(request, stored_type),
    }
    return render(request, "setup/stored_component.html", context)


def _checked(stored_type: str) -> str:
    if stored_type not in StoredType:
        raise Http404("We couldn't find that page.")
    return stored_type


def _context(request: SetupRequest, stored_type: str) -> dict[str, object]:
    node, title = NODES[StoredType(stored_type)]
    return {
        "stored_type": stored_type,
        "node": node,
        "title": title,
        "heading": StoredType(stored_type).label,
        "can_change": can_change_setup(request.user),
    }

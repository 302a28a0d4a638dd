"""Debug levels: the list, a debug level, and its dialogs."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from tokenx.org.models import DebugLevel
from tokenx.org.permissions import SetupRequest, can_change_setup, changes_setup
from tokenx.org.stamps import stamps_of
from tokenx.setup.actions import debug_levels as actions
from tokenx.setup.filters import DebugLevelFilter
from tokenx.setup.forms.debug_levels import CATEGORY_LABELS, DebugLevelForm
from tokenx.web.dialogs import dialog, prefilled
from tokenx.web.errors import found_or_404
from tokenx.web.htmx import go_to, render_modal, render_page
from tokenx.web.links import link
from tokenx.web.listing import listing

from .debug_logs import NODE

COLUMNS = {
    "name": "Name",
    "apex_code": "Apex Code",
    "callout": "Callouts",
    "database": "Database",
    "system": "System",
    "modified": "Last Modified",
}
SORTS = {"name": ["name"], "modified": ["modified_at"]}


@require_safe
def debug_level_list(request: SetupRequest) -> HttpResponse:
    """List the org's debug levels."""
    levels = DebugLevel.objects.filter(org=request.org)
    context = {
        **listing(
            request.GET,
            DebugLevelFilter(request.GET, levels),
            columns=COLUMNS,
            sorts=SORTS,
            default="name",
        ),
        "can_change": can_change_setup(request.user),
    }
    page, fragment = "setup/debug_level_list.html", "setup/_debug_levels.html"
    return render_page(request, page, fragment, context)


@require_safe
def debug_level(request: SetupRequest, level_name: str) -> HttpResponse:
    """Show a debug level: the level of each category."""
    shown = _level_or_404(request, level_name)
    values = [(label, getattr(shown, name)) for name, label in CATEGORY_LABELS.items()]
    context = {
        "stamps": stamps_of(shown, shown.name, shown.label),
        "level": shown,
        # Two fields are side by side.
        "rows": [values[at : at + 2] for at in range(0, len(values), 2)],
        "can_change": can_change_setup(request.user),
    }
    return render(request, "setup/debug_level.html", context)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def new_debug_level(request: SetupRequest) -> HttpResponse:
    return _edit_level(request, None)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def edit_debug_level(request: SetupRequest, level_name: str) -> HttpResponse:
    return _edit_level(request, _level_or_404(request, level_name))


def _edit_level(request: SetupRequest, edited: DebugLevel | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = prefilled(DebugLevelForm(data, level=edited), request)
    if form.is_valid() and (saved := form.save(by=request.user)):
        messages.success(request, format_html("{} was saved.", link(saved)))
        return go_to(request, reverse("setup:debug-level", args=[saved.name]))
    context = {"form": form, "level": edited, "node": NODE}
    status = 422 if form.is_bound else 200
    return render_modal(request, "setup/_edit_debug_level.html", context, status)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def delete_debug_level(request: SetupRequest, level_name: str) -> HttpResponse:
    """Ask for confirmation, then delete the debug level or say why not."""
    deleted = _level_or_404(request, level_name)
    refused = ""
    if request.method == "POST":
        try:
            actions.delete_debug_level(level=deleted, by=request.user)
        except ValidationError as error:
            refused = " ".join(error.messages)
        else:
            messages.success(request, f"{deleted.name} was deleted.")
            return go_to(request, reverse("setup:debug-level-list"))
    context = {"level": deleted, "refused": refused, "node": NODE}
    status = 422 if refused else 200
    return render_modal(request, "setup/_delete_debug_level.html", context, status)


def _level_or_404(request: SetupRequest, level_name: str) -> DebugLevel:
    return found_or_404(
        DebugLevel.objects.all(), "debug level", org=request.org, name=level_name
    )

"""Debug Logs: trace flags, and logs with their dialogs."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tokenx.handlers.lookups import lookup_of_user
from tokenx.org.models import ApexLog, TraceFlag
from tokenx.org.permissions import SetupRequest, can_change_setup, changes_setup
from tokenx.setup.actions import apex_logs as actions
from tokenx.setup.actions import trace_flags
from tokenx.setup.filters import ApexLogFilter
from tokenx.setup.forms.trace_flags import EditTraceFlagForm, NewTraceFlagForm
from tokenx.setup.log_lines import LINES_PER_PAGE, fatal_line, log_lines
from tokenx.web.dialogs import dialog, prefilled
from tokenx.web.errors import found_or_404
from tokenx.web.htmx import (
    go_to,
    render_modal,
    render_page,
    works_without_script,
)
from tokenx.web.listing import listing

NODE = "ApexDebugLogs"
COLUMNS = {
    "started": "Start Time",
    "user": "User",
    "operation": "Operation",
    "application": "Application",
    "status": "Status",
    "duration": "Duration (ms)",
    "size": "Log Size",
}
SORTS = {
    "started": ["started_at"],
    "user": ["user__name_key", "started_at"],
    "operation": ["operation", "started_at"],
    "application": ["application", "started_at"],
    "status": ["status", "started_at"],
    "duration": ["milliseconds", "started_at"],
    "size": ["length", "started_at"],
}
FLAGS_SHOWN = 50


@require_safe
def debug_log_list(request: SetupRequest) -> HttpResponse:
    """List the users who are traced, and the logs that the user can read."""
    can_change = can_change_setup(request.user)
    flags = TraceFlag.objects.filter(org=request.org)
    flags = flags.select_related("traced_user", "debug_level", "created_by")
    # Active flags expire last.
    shown = list(flags.order_by("-expires_at", "-pk")[: FLAGS_SHOWN + 1])
    logs = _readable_logs(request).select_related("user")
    context = {
        **listing(
            request.GET,
            ApexLogFilter(request.GET, logs),
            columns=COLUMNS,
            sorts=SORTS,
            default="-started",
        ),
        "flags": shown[:FLAGS_SHOWN],
        "has_more_flags": len(shown) > FLAGS_SHOWN,
        "can_change": can_change,
        "full": trace_flags.full_message() if trace_flags.is_full(request.org) else "",
    }
    page, fragment = "setup/debug_log_list.html", "setup/_debug_logs.html"
    return render_page(request, page, fragment, context)


@require_safe
def debug_log(request: SetupRequest, log_id: int) -> HttpResponse:
    """Show a log in pages of lines. The line that ended the run is marked."""
    log = _log_or_404(request, log_id)
    lines = log_lines(log.text)
    paginator = Paginator(lines, LINES_PER_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    fatal = fatal_line(lines)
    context = {
        "log": log,
        "page": page,
        "fatal_line": fatal,
        "fatal_page": (fatal - 1) // LINES_PER_PAGE + 1,
        "can_change": can_change_setup(request.user),
    }
    return render(request, "setup/debug_log.html", context)


@require_safe
def download_debug_log(request: SetupRequest, log_id: int) -> HttpResponse:
    """Download a log, with the name that sf gives it."""
    log = _log_or_404(request, log_id)
    disposition = f'attachment; filename="{log.record_id}.log"'
    return HttpResponse(
        log.text,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": disposition},
    )


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def delete_debug_log(request: SetupRequest, log_id: int) -> HttpResponse:
    """Ask for confirmation, then delete the log."""
    log = _log_or_404(request, log_id)
    if request.method == "POST":
        actions.delete_log(log=log, by=request.user)
        messages.success(request, "The debug log was deleted.")
        return go_to(request, reverse("setup:debug-log-list"))
    return render_modal(request, "setup/_delete_debug_log.html", {"log": log, "node": NODE})


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def delete_debug_logs(request: SetupRequest) -> HttpResponse:
    """Ask for confirmation, then delete all logs of the org."""
    if request.method == "POST":
        actions.delete_all_logs(by=request.user)
        messages.success(request, "All debug logs were deleted.")
        return go_to(request, reverse("setup:debug-log-list"))
    count = ApexLog.objects.filter(org=request.org).kept().count()
    context = {"count": count, "node": NODE}
    return render_modal(request, "setup/_delete_debug_logs.html", context)


# --- Trace flags ------------------------------------------------------------------------


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def new_trace_flag(request: SetupRequest) -> HttpResponse:
    """Trace a user for some time."""
    # Without JavaScript, Search submits the form to list the matches.
    is_submitted = request.method == "POST" and "find" not in request.POST
    form = NewTraceFlagForm(
        request.POST if is_submitted else None,
        initial=request.POST.dict(),
        org=request.org,
    )
    prefilled(form, request)
    if form.is_valid() and (flag := form.save(by=request.user)):
        messages.success(request, f"{flag.traced_user.name} is now traced.")
        return go_to(request, reverse("setup:debug-log-list"))
    context = {
        "form": form,
        "user_lookup": lookup_of_user(
            form, "user", request.org, plain=works_without_script(request)
        ),
        "node": NODE,
    }
    status = 422 if form.is_bound else 200
    return render_modal(request, "setup/_new_trace_flag.html", context, status)


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def edit_trace_flag(request: SetupRequest, flag_id: int) -> HttpResponse:
    flag = _flag_or_404(request, flag_id)
    data = request.POST if request.method == "POST" else None
    form = EditTraceFlagForm(data, flag=flag)
    if form.is_valid() and form.save(by=request.user):
        messages.success(request, f"The trace flag for {flag.traced_user.name} was saved.")
        return go_to(request, reverse("setup:debug-log-list"))
    context = {"form": form, "flag": flag, "node": NODE}
    status = 422 if form.is_bound else 200
    return render_modal(request, "setup/_edit_trace_flag.html", context, status)


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def delete_trace_flag(request: SetupRequest, flag_id: int) -> HttpResponse:
    """Ask for confirmation, then delete the trace flag."""
    flag = _flag_or_404(request, flag_id)
    if request.method == "POST":
        trace_flags.delete_trace_flag(flag=flag, by=request.user)
        name = flag.traced_user.name
        messages.success(request, f"The trace flag for {name} was deleted.")
        return go_to(request, reverse("setup:debug-log-list"))
    context = {"flag": flag, "node": NODE}
    return render_modal(request, "setup/_delete_trace_flag.html", context)


def _readable_logs(request: SetupRequest) -> QuerySet[ApexLog]:
    """Return all logs for administrators; other users read only their own.

    A trainer who views the org isn't one of its users, and has none.
    """
    logs = ApexLog.objects.filter(org=request.org).kept().without_bodies()
    is_admin = can_change_setup(request.user)
    return logs if is_admin else logs.filter(user_id=request.user.pk)


def _log_or_404(request: SetupRequest, log_id: int) -> ApexLog:
    logs = _readable_logs(request).defer(None).select_related("user")
    return found_or_404(logs, "debug log", pk=log_id)


def _flag_or_404(request: SetupRequest, flag_id: int) -> TraceFlag:
    flags = TraceFlag.objects.select_related("traced_user", "debug_level")
    return found_or_404(flags, "trace flag", org=request.org, pk=flag_id)

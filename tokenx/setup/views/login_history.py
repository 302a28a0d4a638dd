"""Login History: the logins of the org's users, and the traces of token requests."""

import csv
from collections.abc import Iterator
from itertools import chain

from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tokenx.org.login_history import kept_trace
from tokenx.org.models import ClientApp, LoginRecord
from tokenx.org.permissions import SetupRequest, can_change_setup
from tokenx.setup.filters import LoginRecordFilter
from tokenx.web.errors import found_or_404
from tokenx.web.htmx import render_page
from tokenx.web.listing import listing
from tokenx.web.spreadsheets import Echo, harmless

NODE = "OrgLoginHistory"
COLUMNS = {
    "time": "Login Time",
    "username": "Username",
    "type": "Login Type",
    "subtype": "Login Subtype",
    "status": "Status",
    "application": "Application",
    "ip": "Source IP",
}
SORTS = {
    "time": ["logged_in_at"],
    "username": ["username", "logged_in_at"],
    "type": ["login_type", "logged_in_at"],
    "subtype": ["login_subtype", "logged_in_at"],
    "status": ["status", "logged_in_at"],
    "application": ["application", "logged_in_at"],
    "ip": ["source_ip", "logged_in_at"],
}
# The columns of the file, in Salesforce's order.
_FILE_FIELDS = (
    "username",
    "logged_in_at",
    "source_ip",
    "login_type",
    "login_subtype",
    "status",
    "browser",
    "platform",
    "application",
    "client_version",
    "api_type",
    "api_version",
    "login_url",
    "authentication_service_id",
    "http_method",
)


@require_safe
def login_history(request: SetupRequest) -> HttpResponse:
    """List the logins that the user can see, newest first."""
    records = _readable_records(request).defer("trace")
    context = {
        **listing(
            request.GET,
            LoginRecordFilter(request.GET, records),
            columns=COLUMNS,
            sorts=SORTS,
            default="-time",
        ),
        "can_change": can_change_setup(request.user),
    }
    page, fragment = "setup/login_history.html", "setup/_login_history.html"
    return render_page(request, page, fragment, context)


@require_safe
def login_record(request: SetupRequest, login_id: int) -> HttpResponse:
    """Show a login; a token request has the decisions that the endpoint made."""
    record = found_or_404(
        _readable_records(request).select_related("user"), "login", pk=login_id
    )
    apps = ClientApp.objects.filter(org=request.org, kind=record.app_kind)
    context = {
        "record": record,
        "app": apps.filter(api_name=record.app_api_name).first(),
        "rows": kept_trace(record),
        "can_change": can_change_setup(request.user),
    }
    return render(request, "setup/login_record.html", context)


@require_safe
def login_history_csv(request: SetupRequest) -> StreamingHttpResponse:
    """Stream all logins that the user can see."""
    records = _readable_records(request).order_by("-logged_in_at", "-pk").defer("trace")
    today = timezone.now().date().isoformat()  # In UTC, like the times in the file.
    return StreamingHttpResponse(
        _csv_lines(records.iterator(chunk_size=500)),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="login-history-{today}.csv"'
        },
    )


def _csv_lines(records: Iterator[LoginRecord]) -> Iterator[str]:
    writer = csv.writer(Echo())
    head = [LoginRecord.label_of(name) for name in _FILE_FIELDS]
    rows = ([_cell(record, name) for name in _FILE_FIELDS] for record in records)
    for row in chain([head], rows):
        yield writer.writerow([harmless(cell) for cell in row])


def _cell(record: LoginRecord, name: str) -> str:
    if name == "logged_in_at":
        return record.logged_in_at.strftime("%Y-%m-%d %H:%M:%S UTC")
    return str(getattr(record, name))


def _readable_records(request: SetupRequest) -> QuerySet[LoginRecord]:
    """Return all logins for administrators; other users see only their own.

    Source: docs/salesforce/oauth.md, Login History.
    """
    records = LoginRecord.objects.filter(org=request.org)
    is_admin = can_change_setup(request.user)
    return records if is_admin else records.filter(user_id=request.user.pk)

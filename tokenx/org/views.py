"""Sign-in, the look-up of users, and the pages about the org itself."""

import csv
from collections.abc import Iterator
from itertools import chain

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import LoginView, LogoutView
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_safe

from tokenx.web import navigation

from .access_tokens import session_of
from .forms import SignInForm
from .models import AuditEntry
from .permissions import SetupRequest, open_to_all
from .sign_in import user_of_link

ENTRIES_SHOWN = 20

sign_in = open_to_all(
    LoginView.as_view(
        template_name="org/sign_in.html",
        authentication_form=SignInForm,
        redirect_authenticated_user=True,
    )
)
sign_out = open_to_all(LogoutView.as_view())


@open_to_all
@require_GET
def sign_in_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in with a link that the server printed or handed out; it works once."""
    user = user_of_link(token)
    if user is None:
        messages.error(request, "This sign-in link was used before, or is too old.")
        return redirect("org:sign-in")
    login(request, user)
    return _go_on(request, request.GET.get("next", ""))


@open_to_all
@require_GET
def front_door(request: HttpRequest) -> HttpResponse:
    """Sign in with the session of a program, as the programs before single access do it."""
    session = session_of(request.GET.get("sid", ""))
    if session is None or not session.user.can_sign_in:
        messages.error(request, "This session has ended, or its user does not sign in.")
        return redirect("org:sign-in")
    login(request, session.user)
    following = request.GET.get("retURL", "")
    return _go_on(request, following and f"/{following.lstrip('/')}")


def _go_on(request: HttpRequest, following: str) -> HttpResponse:
    is_ours = url_has_allowed_host_and_scheme(following, {request.get_host()})
    return redirect(following if is_ours else "handlers:home")


@require_safe
def setup_node(request: SetupRequest, slug: str) -> HttpResponse:
    """A node of the Setup tree, by the path it has in the real product."""
    node = navigation.node_at(slug)
    if node is None:
        raise Http404("Setup has no such page.")
    if node.view:
        return redirect(node.url)
    return render(request, "setup/setup_node.html", {"node": node})


@require_safe
def help_page(request: SetupRequest) -> HttpResponse:
    return render(request, "setup/help.html")


@require_safe
def audit_trail(request: SetupRequest) -> HttpResponse:
    entries = AuditEntry.objects.newest_of(request.org)[:ENTRIES_SHOWN]
    return render(request, "setup/audit_trail.html", {"entries": entries})


@require_safe
def audit_trail_csv(request: SetupRequest) -> StreamingHttpResponse:
    """180 days of entries, row by row, so that a long trail needs no memory."""
    entries = AuditEntry.objects.newest_of(request.org).kept()
    today = timezone.localdate().isoformat()
    return StreamingHttpResponse(
        _csv_lines(entries.iterator(chunk_size=500)),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="setup-audit-trail-{today}.csv"'
        },
    )


class _Echo:
    """A file that hands each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def _csv_lines(entries: Iterator[AuditEntry]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    head = [
        "Date",
        "User",
        "Source Namespace Prefix",
        "Action",
        "Section",
        "Delegate User",
    ]
    rows = (
        [
            entry.created_at.strftime("%Y-%m-%d %H:%M:%S UTC"),
            entry.user.username,
            "",
            entry.display,
            entry.section,
            entry.delegate_user,
        ]
        for entry in entries
    )
    for row in chain([head], rows):
        yield writer.writerow([harmless(cell) for cell in row])


def harmless(cell: str) -> str:
    """A cell that a spreadsheet shows instead of calculating it."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell

"""The Setup Audit Trail."""

import csv
from collections.abc import Iterator
from itertools import chain

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tokenx.org.models import AuditEntry
from tokenx.org.permissions import SetupRequest
from tokenx.web.spreadsheets import Echo, harmless

ENTRIES_SHOWN = 20


@require_safe
def audit_trail(request: SetupRequest) -> HttpResponse:
    """List the newest entries."""
    entries = list(AuditEntry.objects.newest_of(request.org)[: ENTRIES_SHOWN + 1])
    context = {
        "entries": entries[:ENTRIES_SHOWN],
        "has_more": len(entries) > ENTRIES_SHOWN,
    }
    return render(request, "setup/audit_trail.html", context)


@require_safe
def audit_trail_csv(request: SetupRequest) -> StreamingHttpResponse:
    """Stream 180 days of entries, so that a long trail doesn't fill memory."""
    entries = AuditEntry.objects.newest_of(request.org).kept()
    today = timezone.now().date().isoformat()  # In UTC, like the times in the file.
    return StreamingHttpResponse(
        _csv_lines(entries.iterator(chunk_size=500)),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="setup-audit-trail-{today}.csv"'
        },
    )


def _csv_lines(entries: Iterator[AuditEntry]) -> Iterator[str]:
    writer = csv.writer(Echo())
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

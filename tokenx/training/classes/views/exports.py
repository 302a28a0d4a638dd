"""Exports of a class's results as CSV and as xAPI statements."""

import csv
import io
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tokenx.org.permissions import SetupRequest, changes_setup
from tokenx.training.classes.forms import SendStatementsForm
from tokenx.training.classes.results import results_of
from tokenx.training.classes.viewing import for_trainers
from tokenx.training.classes.xapi import statements_of
from tokenx.training.models import Classroom
from tokenx.web.dialogs import dialog, prefilled
from tokenx.web.htmx import go_to, render_modal
from tokenx.web.spreadsheets import harmless

from .classes import classroom_or_404

HEADER = [
    "Name",
    "Joined",
    "Exercise",
    "Conditions Met",
    "Conditions",
    "Hints",
    "Started",
    "Finished",
    "Minutes",
]


@for_trainers
@changes_setup
@require_safe
def results_csv(request: SetupRequest, classroom_id: int) -> HttpResponse:
    """Export a line for each participant and exercise, even if it wasn't started."""
    shown = classroom_or_404(request, classroom_id)
    lines = io.StringIO()
    # Without a byte order mark, spreadsheets don't recognize UTF-8.
    lines.write("\ufeff")
    writer = csv.writer(lines)
    writer.writerow(HEADER)
    for result in results_of(shown):
        participant = result.participant
        for step in result.steps:
            run = step.run
            cells = [
                participant.name,
                _moment(participant.joined_at),
                step.exercise.title,
                str(run.met) if run else "",
                str(run.conditions) if run else "",
                str(run.hints) if run else "",
                _moment(run.started_at) if run else "",
                _moment(run.finished_at) if run else "",
                f"{step.time.total_seconds() / 60:.1f}" if run else "",
            ]
            writer.writerow([harmless(cell) for cell in cells])
    return HttpResponse(
        lines.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers=_attachment(f"class-{shown.pk}-results.csv"),
    )


@for_trainers
@changes_setup
@require_safe
def statements(request: SetupRequest, classroom_id: int) -> HttpResponse:
    """Export the statements that would be sent to a record store."""
    shown = classroom_or_404(request, classroom_id)
    return JsonResponse(
        statements_of(shown, results_of(shown), _home(request)),
        safe=False,
        json_dumps_params={"ensure_ascii": False, "indent": 1},
        headers=_attachment(f"class-{shown.pk}-statements.json"),
    )


@dialog
@for_trainers
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def send_statements(request: SetupRequest, classroom_id: int) -> HttpResponse:
    """Send the statements to a record store. The login is used once and not stored."""
    shown = classroom_or_404(request, classroom_id)
    data = request.POST if request.method == "POST" else None
    form = prefilled(SendStatementsForm(data), request)
    if form.is_valid():
        statements = statements_of(shown, results_of(shown), _home(request))
        if (sent := form.send(statements)) is not None:
            messages.success(request, _sent_message(shown, sent))
            return go_to(request, reverse("training:classroom", args=[shown.pk]))
    form.forget_password()
    context = {"form": form, "classroom": shown, "node": "SetupOneHome"}
    status = 422 if form.is_bound else 200
    return render_modal(request, "training/classes/_send_statements.html", context, status)


def _sent_message(shown: Classroom, sent: int) -> str:
    if not sent:
        return f"No one in {shown} has started an exercise, so nothing was sent."
    return f"Sent {sent} statement{'' if sent == 1 else 's'} for {shown}."


def _home(request: SetupRequest) -> str:
    return request.build_absolute_uri("/")


def _moment(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC") if moment else ""


def _attachment(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}

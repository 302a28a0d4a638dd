"""Pages to join a class and return to it, and the trainer's note."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from tokenx.org.login_throttle import address_of
from tokenx.org.permissions import SetupRequest, open_to_all
from tokenx.training.classes.actions import ENDED, owner_of, read_note
from tokenx.training.classes.forms import JoinForm
from tokenx.training.classes.joining import (
    classroom_of_code,
    log_in_participant,
    participant_of,
    participant_of_token,
)
from tokenx.training.models import Classroom, Participant
from tokenx.web.htmx import wants_fragment

START_PAGE = "setup:home"


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: Any, code: str = "") -> HttpResponse:
    """Join a class by its code or link. Participants of the class continue."""
    address = address_of(request)
    form = JoinForm(
        request.POST if request.method == "POST" else None,
        initial={"code": code},
        address=address,
    )
    classroom, refused = _classroom_of_link(code, address)
    if classroom and request.participant and request.participant.classroom == classroom:
        return redirect(START_PAGE)
    if form.is_valid() and (participant := form.save()):
        log_in_participant(request, participant)
        text = (
            'Welcome, {}! Find your personal return link on the <a href="{}">Training</a> '
            "page."
        )
        training = reverse("training:home")
        messages.success(request, format_html(text, participant.name, training))
        return redirect(START_PAGE)
    # A submitted form already shows the problem with the code.
    context = {
        "form": form,
        "classroom": classroom,
        "refused": "" if form.is_bound else refused,
        "code": code,
    }
    status = 422 if form.is_bound else 200
    return render(request, "training/classes/join.html", context, status=status)


def _classroom_of_link(code: str, address: str) -> tuple[Classroom | None, str]:
    """Return the class of a link, or the reason why there is none."""
    if not code:
        return None, ""
    try:
        return classroom_of_code(code, address), ""
    except ValidationError as error:
        return None, " ".join(error.messages)


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def come_back(request: HttpRequest, token: str) -> HttpResponse:
    """Open a participant's personal link, which works until the class ends.

    Only the button logs in, so that following a link changes nothing.
    """
    participant = participant_of_token(token)
    refused = _why_not_back(participant)
    if request.method == "POST" and participant and not refused:
        log_in_participant(request, participant)
        return redirect(START_PAGE)
    context = {"participant": participant, "refused": refused}
    status = 404 if refused else 200
    return render(request, "training/practice/come_back.html", context, status=status)


def _why_not_back(participant: Participant | None) -> str:
    if participant and not participant.classroom.is_open:
        return ENDED
    if participant and owner_of(participant):
        return ""
    return "This link no longer works. Ask your trainer for help."


@require_http_methods(["GET", "HEAD", "POST"])
def class_note(request: SetupRequest) -> HttpResponse:
    """Show the trainer's note until it's read, or return 204 if there's no new one."""
    participant: Any = request.participant  # type: ignore[attr-defined]
    if request.method == "POST":
        if participant and request.POST.get("seen") == participant.note_key:
            read_note(participant=participant)
        return _without_note(request)
    seen = request.GET.get("seen", "")
    if wants_fragment(request) and (not participant or seen == participant.note_key):
        return HttpResponse(status=204)
    return _render_note(request, participant)


def _without_note(request: Any) -> HttpResponse:
    if not wants_fragment(request):
        return redirect(START_PAGE)
    return _render_note(request, participant_of(request))


def _render_note(request: HttpRequest, participant: Participant | None) -> HttpResponse:
    context = {"participant": participant}
    return render(request, "training/classes/_class_note.html", context)

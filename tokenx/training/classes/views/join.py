"""Joining a class and coming back to it, for everybody; and what its trainer writes."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tokenx.org.login_throttle import address_of
from tokenx.org.permissions import SetupRequest, open_to_all
from tokenx.training.classes import actions as classes
from tokenx.training.classes import joining
from tokenx.training.classes.forms import JoinForm
from tokenx.training.models import Classroom, Participant
from tokenx.web.htmx import wants_fragment

WORKING = "setup:home"


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: Any, code: str = "") -> HttpResponse:
    """A class by its code or link, and a name; whoever is in it already goes on."""
    address = address_of(request)
    form = JoinForm(
        request.POST if request.method == "POST" else None,
        initial={"code": code},
        address=address,
    )
    found, refused = _found(code, address)
    if found and request.participant and request.participant.classroom == found:
        return redirect(WORKING)
    if form.is_valid() and (participant := form.save()):
        joining.come_in(request, participant)
        messages.success(
            request,
            f"Welcome, {participant.name}. Your link to come back is on the page Training.",
        )
        return redirect(WORKING)
    # A form that was sent says itself what is wrong with the code.
    context = {
        "form": form,
        "classroom": found,
        "refused": "" if form.is_bound else refused,
        "code": code,
    }
    status = 422 if form.is_bound else 200
    return render(request, "training/classes/join.html", context, status=status)


def _found(code: str, address: str) -> tuple[Classroom | None, str]:
    """The class that a link names, or why it leads to none."""
    if not code:
        return None, ""
    try:
        return joining.classroom_of_code(code, address), ""
    except ValidationError as error:
        return None, " ".join(error.messages)


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def come_back(request: HttpRequest, token: str) -> HttpResponse:
    """The personal link of somebody in a class, which works until the class ends.

    Only the button signs in, so that nobody is led into another person's org.
    """
    found = joining.participant_of_token(token)
    refused = _why_not_back(found)
    if request.method == "POST" and found and not refused:
        joining.come_in(request, found)
        return redirect(WORKING)
    context = {"participant": found, "refused": refused}
    status = 404 if refused else 200
    return render(request, "training/practice/come_back.html", context, status=status)


def _why_not_back(found: Participant | None) -> str:
    if found and not found.classroom.is_open:
        return classes.ENDED
    if found and classes.owner_of(found):
        return ""
    return "This link leads to nobody's org any more. Ask your trainer."


@require_http_methods(["GET", "HEAD", "POST"])
def class_note(request: SetupRequest) -> HttpResponse:
    """What the trainer wrote last, until it is read. Nothing where nothing is new."""
    person: Any = request.participant  # type: ignore[attr-defined]
    if request.method == "POST":
        if person and request.POST.get("seen") == person.note_key:
            classes.read_note(participant=person)
        return _without_note(request)
    seen = request.GET.get("seen", "")
    if wants_fragment(request) and (not person or seen == person.note_key):
        return HttpResponse(status=204)
    return render(request, "training/classes/_class_note.html", {"participant": person})


def _without_note(request: Any) -> HttpResponse:
    if not wants_fragment(request):
        return redirect(WORKING)
    person = joining.participant_of(request)
    return render(request, "training/classes/_class_note.html", {"participant": person})

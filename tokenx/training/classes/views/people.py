"""Pages of one participant, and the trainer's actions for them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from tokenx.org.permissions import SetupRequest, changes_setup
from tokenx.training.classes import actions, viewing
from tokenx.training.classes.forms import NoteForm
from tokenx.training.classes.results import results_of
from tokenx.training.classes.table import in_minutes
from tokenx.training.classes.viewing import for_trainers
from tokenx.training.models import Participant
from tokenx.web.dialogs import dialog, prefilled
from tokenx.web.htmx import go_to, render_modal
from tokenx.web.links import link


@for_trainers
@changes_setup
@require_safe
def participant(
    request: SetupRequest, classroom_id: int, participant_id: int
) -> HttpResponse:
    """Show a participant's progress in each exercise."""
    shown = _participant_or_404(request, classroom_id, participant_id)
    [result] = results_of(shown.classroom, [shown])
    context = {
        "participant": shown,
        "classroom": shown.classroom,
        "result": result,
        "steps": [(step, in_minutes(step.time)) for step in result.steps],
    }
    return render(request, "training/classes/participant.html", context)


@dialog
@for_trainers
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def send_note(
    request: SetupRequest, classroom_id: int, participant_id: int
) -> HttpResponse:
    """Send a note to a participant."""
    person = _open_participant_or_404(request, classroom_id, participant_id)
    data = request.POST if request.method == "POST" else None
    form = prefilled(NoteForm(data), request)
    if form.is_valid():
        text = form.cleaned_data["note"]
        actions.send_note(participant=person, text=text, by=request.user)
        sentence = format_html("Your note was sent to {}.", link(person))
        messages.success(request, sentence)
        return _back_to(request, person)
    status = 422 if form.is_bound else 200
    context = {"form": form, "participant": person, "node": "SetupOneHome"}
    return render_modal(request, "training/classes/_send_note.html", context, status)


@dialog
@for_trainers
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def reset_participant(
    request: SetupRequest, classroom_id: int, participant_id: int
) -> HttpResponse:
    """Confirm, then reset the participant's org."""
    person = _open_participant_or_404(request, classroom_id, participant_id)
    if request.method == "POST":
        try:
            actions.reset_participant(participant=person, by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            sentence = format_html("{}'s org was reset.", link(person))
            messages.success(request, sentence)
        return _back_to(request, person)
    context = {"participant": person, "node": "SetupOneHome"}
    return render_modal(request, "training/classes/_reset_participant.html", context)


@dialog
@for_trainers
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def remove_participant(
    request: SetupRequest, classroom_id: int, participant_id: int
) -> HttpResponse:
    """Confirm, then remove the participant from the class."""
    person = _participant_or_404(request, classroom_id, participant_id)
    if request.method == "POST":
        actions.remove_participant(participant=person, by=request.user)
        messages.success(request, f"{person.name} was removed from the class.")
        return go_to(request, reverse("training:classroom", args=[person.classroom_id]))
    context = {"participant": person, "node": "SetupOneHome"}
    return render_modal(request, "training/classes/_remove_participant.html", context)


@dialog
@for_trainers
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def look_into(
    request: SetupRequest, classroom_id: int, participant_id: int
) -> HttpResponse:
    """Confirm, then show the participant's org instead of the trainer's own."""
    person = _open_participant_or_404(request, classroom_id, participant_id)
    if request.method == "POST":
        if viewing.start_viewing(request, person):
            return go_to(request, reverse("setup:home"))
        messages.error(request, format_html("{}'s org was deleted.", link(person)))
        return _back_to(request, person)
    context = {"participant": person, "node": "SetupOneHome"}
    return render_modal(request, "training/classes/_look_into.html", context)


@for_trainers
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def stop_looking(request: SetupRequest) -> HttpResponse:
    """Return to the class and to the trainer's own org."""
    if request.method != "POST":
        return render_modal(request, "training/classes/_stop_looking.html", {})
    if person := viewing.stop_viewing(request):
        return redirect("training:classroom", person.classroom_id)
    return redirect("training:classroom-list")


def _participant_or_404(
    request: SetupRequest, classroom_id: int, participant_id: int
) -> Participant:
    rows = Participant.objects.select_related("classroom")
    person = get_object_or_404(rows, org=request.org, pk=participant_id)
    if person.classroom_id != classroom_id:
        raise Http404("This participant isn't in this class.")
    return person


def _open_participant_or_404(
    request: SetupRequest, classroom_id: int, participant_id: int
) -> Participant:
    """Return a participant of an open class. The trainer's rights end with the class."""
    person = _participant_or_404(request, classroom_id, participant_id)
    if not person.classroom.is_open:
        raise PermissionDenied(actions.ENDED)
    return person


def _back_to(request: SetupRequest, person: Participant) -> HttpResponse:
    keys = [person.classroom_id, person.pk]
    return go_to(request, reverse("training:participant", args=keys))

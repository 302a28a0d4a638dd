"""Pages to list, open, show, end, and delete classes."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRefresh, reswap, retarget

from tokenx.org.permissions import SetupRequest, changes_setup
from tokenx.training.classes import actions
from tokenx.training.classes.forms import OpenClassroomForm, ParticipantFilterForm
from tokenx.training.classes.table import DEFAULT_INACTIVE_AFTER, ClassTable, table_of
from tokenx.training.classes.viewing import for_trainers
from tokenx.training.exercises import paths
from tokenx.training.models import Classroom
from tokenx.training.scenarios.catalogue import scenarios
from tokenx.web.dialogs import dialog, prefilled
from tokenx.web.htmx import go_to, render_modal, render_page, wants_fragment
from tokenx.web.links import link

# How often the class page polls.
POLL = "every 3s"


@for_trainers
@changes_setup
@require_safe
def classroom_list(request: SetupRequest) -> HttpResponse:
    """List the org's classes, open ones first."""
    _require_no_participant(request)
    classrooms = Classroom.objects.filter(org=request.org).select_related("trainer")
    context = {
        "classrooms": classrooms.order_by("-ends_at", "-id"),
        "now": timezone.now(),
    }
    return render(request, "training/classes/classroom_list.html", context)


@dialog
@for_trainers
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def open_classroom(request: SetupRequest) -> HttpResponse:
    """Open a class."""
    _require_no_participant(request)
    data = request.POST if request.method == "POST" else None
    form = prefilled(OpenClassroomForm(data), request)
    if form.is_valid() and (opened := form.save(by=request.user)):
        messages.success(
            request, format_html("{} was opened. Share its code.", link(opened))
        )
        return go_to(request, reverse("training:classroom", args=[opened.pk]))
    status = 422 if form.is_bound else 200
    context = {"form": form, "node": "SetupOneHome"}
    return render_modal(request, "training/classes/_open_classroom.html", context, status)


@for_trainers
@changes_setup
@require_safe
def classroom(request: SetupRequest, classroom_id: int) -> HttpResponse:
    """Show the participants' progress, which is polled while the class is open."""
    shown = classroom_or_404(request, classroom_id)
    table = table_of(shown, request.GET)
    context = {"classroom": shown, "table": table, "poll": POLL if shown.is_open else ""}
    seen = request.GET.get("seen", "")
    if wants_fragment(request) and seen:
        return _changes_since(request, table, seen, context)
    filters = {"still": DEFAULT_INACTIVE_AFTER, **request.GET.dict()}
    context |= {
        # _filters.html renders the form of a filter.
        "filter": {"form": ParticipantFilterForm(filters)},
        "join_url": request.build_absolute_uri(
            reverse("training:join-by-link", args=[shown.code])
        ),
        "scenario": scenarios().get(shown.scenario),
        "path": paths().get(shown.path),
    }
    page, fragment = (
        "training/classes/classroom.html",
        "training/classes/_class_people.html",
    )
    return render_page(request, page, fragment, context)


def _changes_since(
    request: SetupRequest, table: ClassTable, seen: str, context: dict[str, Any]
) -> HttpResponse:
    """Return nothing, the changed rows, or all rows if their order changed.

    If the class ended in the meantime, reload the page: it has no code and no View Org.
    """
    if not context["poll"]:
        return HttpResponseClientRefresh()
    if seen == table.seen:
        return HttpResponse(status=204)
    if not table.is_in_order_of(seen):
        people = render(request, "training/classes/_class_people.html", context)
        return reswap(retarget(people, "#class-people"), "outerHTML")
    context |= {"changed_rows": table.changed_since(seen)}
    return render(request, "training/classes/_class_poll.html", context)


@dialog
@for_trainers
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def end_classroom(request: SetupRequest, classroom_id: int) -> HttpResponse:
    """Confirm, then end the class early."""
    ended = classroom_or_404(request, classroom_id)
    if request.method == "POST":
        actions.end_classroom(classroom=ended, by=request.user)
        messages.success(request, format_html("{} was ended.", link(ended)))
        return go_to(request, reverse("training:classroom", args=[ended.pk]))
    context = {"classroom": ended, "node": "SetupOneHome"}
    return render_modal(request, "training/classes/_end_classroom.html", context)


@dialog
@for_trainers
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def delete_classroom(request: SetupRequest, classroom_id: int) -> HttpResponse:
    """Offer the results for download, confirm, then delete the class."""
    deleted = classroom_or_404(request, classroom_id)
    refused = "" if not deleted.is_open else "This class is open. End it first."
    if request.method == "POST":
        try:
            actions.delete_classroom(classroom=deleted, by=request.user)
        except ValidationError as error:
            refused = " ".join(error.messages)
        else:
            messages.success(request, f"{deleted} was deleted.")
            return go_to(request, reverse("training:classroom-list"))
    context = {"classroom": deleted, "refused": refused, "node": "SetupOneHome"}
    status = 422 if request.method == "POST" else 200
    return render_modal(request, "training/classes/_delete_classroom.html", context, status)


def classroom_or_404(request: SetupRequest, classroom_id: int) -> Classroom:
    """Return a class of the org, or raise Http404."""
    return get_object_or_404(Classroom, org=request.org, pk=classroom_id)


def _require_no_participant(request: SetupRequest) -> None:
    if actions.is_in_a_class(request.org):
        raise PermissionDenied(actions.IN_A_CLASS)

"""Classes of a trainer: the list, one of them, and its beginning and end."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRefresh, reswap, retarget

from tokenx.org.permissions import SetupRequest, changes_setup
from tokenx.training.classes import actions
from tokenx.training.classes.forms import OpenClassroomForm, PeopleForm
from tokenx.training.classes.looking import for_trainers
from tokenx.training.classes.table import STILL_BY_DEFAULT, Table, table_of
from tokenx.training.exercises import paths
from tokenx.training.models import Classroom
from tokenx.training.scenarios.catalogue import scenarios
from tokenx.web.htmx import go_to, render_modal, render_page, wants_fragment

# How often the page of a class looks again.
POLL = "every 3s"


@for_trainers
@changes_setup
@require_safe
def classroom_list(request: SetupRequest) -> HttpResponse:
    """The classes of the org; those that are open come first."""
    _must_not_be_in_a_class(request)
    found = Classroom.objects.filter(org=request.org).select_related("trainer")
    context = {
        "classrooms": found.order_by("-ends_at", "-id"),
        "now": timezone.now(),
    }
    return render(request, "training/classes/classroom_list.html", context)


@for_trainers
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def open_classroom(request: SetupRequest) -> HttpResponse:
    _must_not_be_in_a_class(request)
    form = OpenClassroomForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (opened := form.save(by=request.user)):
        messages.success(request, f"{opened} is open. Give its code to your people.")
        return go_to(request, reverse("training:classroom", args=[opened.pk]))
    status = 422 if form.is_bound else 200
    context = {"form": form, "node": "SetupOneHome"}
    return render_modal(request, "training/classes/_open_classroom.html", context, status)


@for_trainers
@changes_setup
@require_safe
def classroom(request: SetupRequest, classroom_id: int) -> HttpResponse:
    """The people of a class, and how far they are; while it is open, it looks again."""
    shown = classroom_or_404(request, classroom_id)
    table = table_of(shown, request.GET)
    context = {"classroom": shown, "table": table, "poll": POLL if shown.is_open else ""}
    seen = request.GET.get("seen", "")
    if wants_fragment(request) and seen:
        return _what_changed(request, table, seen, context)
    context |= {
        # _filters.html draws the form of a filter.
        "filter": {"form": PeopleForm({"still": STILL_BY_DEFAULT, **request.GET.dict()})},
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


def _what_changed(
    request: SetupRequest, table: Table, seen: str, context: dict[str, Any]
) -> HttpResponse:
    """Nothing, the rows that changed, or all of them where their order is another.

    A class that has ended meanwhile is another page: no code, no looking into orgs.
    """
    if not context["poll"]:
        return HttpResponseClientRefresh()
    if seen == table.seen:
        return HttpResponse(status=204)
    if not table.is_in_order_of(seen):
        whole = render(request, "training/classes/_class_people.html", context)
        return reswap(retarget(whole, "#class-people"), "outerHTML")
    context |= {"changed_rows": table.changed_since(seen)}
    return render(request, "training/classes/_class_poll.html", context)


@for_trainers
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def end_classroom(request: SetupRequest, classroom_id: int) -> HttpResponse:
    """Ask, then end the class before its day."""
    ended = classroom_or_404(request, classroom_id)
    if request.method == "POST":
        actions.end_classroom(classroom=ended, by=request.user)
        messages.success(request, f"{ended} has ended.")
        return go_to(request, reverse("training:classroom", args=[ended.pk]))
    context = {"classroom": ended, "node": "SetupOneHome"}
    return render_modal(request, "training/classes/_end_classroom.html", context)


@for_trainers
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def delete_classroom(request: SetupRequest, classroom_id: int) -> HttpResponse:
    """Offer the results once more, and ask; then delete, or say why not."""
    deleted = classroom_or_404(request, classroom_id)
    refused = "" if not deleted.is_open else "This class is open. End it first."
    if request.method == "POST":
        try:
            actions.delete_classroom(classroom=deleted, by=request.user)
        except ValidationError as error:
            refused = " ".join(error.messages)
        else:
            messages.success(request, f"{deleted} is deleted.")
            return go_to(request, reverse("training:classroom-list"))
    context = {"classroom": deleted, "refused": refused, "node": "SetupOneHome"}
    status = 422 if request.method == "POST" else 200
    return render_modal(request, "training/classes/_delete_classroom.html", context, status)


def classroom_or_404(request: SetupRequest, classroom_id: int) -> Classroom:
    return get_object_or_404(Classroom, org=request.org, pk=classroom_id)


def _must_not_be_in_a_class(request: SetupRequest) -> None:
    if actions.is_in_a_class(request.org):
        raise PermissionDenied(actions.IN_A_CLASS)

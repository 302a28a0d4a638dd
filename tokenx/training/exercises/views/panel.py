"""The panel beside Setup: it ticks by itself, shows hints, takes answers, can be moved."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import reswap, retarget

from tokenx.org.permissions import SetupRequest, can_change_setup, changes_setup
from tokenx.training.exercises import Exercise, actions
from tokenx.training.exercises.checks import look
from tokenx.training.exercises.panel import PLACES, Panel, arrange, keep, panel_of, show
from tokenx.web.htmx import render_modal, wants_fragment

from .exercises import exercise_or_404


@require_safe
def exercise_state(request: SetupRequest) -> HttpResponse:
    """Which conditions are met; nothing at all, while that is as it was `seen`.

    Where another tab went on to another exercise, the panel is this one's from now on.
    """
    panel = panel_of(request)
    if panel:
        keep(request, panel.outcome)
        if panel.digest == request.GET.get("seen"):
            return HttpResponse(status=204)
    if request.GET.get("of", request.org.exercise) != request.org.exercise:
        whole = render(request, "training/exercises/_exercise_slot.html")
        return reswap(retarget(whole, "#exercise-slot"), "outerHTML")
    return _state(request, panel)


def _state(request: SetupRequest, panel: Panel | None) -> HttpResponse:
    context = {"panel": panel, "is_swapped": wants_fragment(request)}
    return render(request, "training/exercises/_exercise_state.html", context)


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def show_hint(request: SetupRequest, exercise: str) -> HttpResponse:
    """One hint more. They are counted, so a page asks first."""
    found = exercise_or_404(exercise)
    if request.method == "POST":
        actions.show_hint(org=request.org, exercise=found)
        return _back_to_panel(request, found)
    context = {"exercise": found, "panel": show(request, look(request.org, found))}
    return render_modal(request, "training/exercises/_show_hint.html", context)


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def answer_exercise(request: SetupRequest, exercise: str) -> HttpResponse:
    """Keep an answer to one of the questions, and look whether it is right."""
    found = exercise_or_404(exercise)
    question = request.POST.get("question", "")
    if question in found.questions:
        answer = request.POST.get("answer", "")
        actions.answer_question(
            org=request.org, exercise=found, question=question, answer=answer
        )
    outcome = look(request.org, found)
    keep(request, outcome)
    panel = show(request, outcome)
    if wants_fragment(request):
        return _state(request, panel)
    if request.method == "POST":
        return redirect("training:check-exercise", found.slug)
    context = {"exercise": found, "panel": panel}
    return render_modal(request, "training/exercises/_answer_exercise.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def place_exercise(request: SetupRequest) -> HttpResponse:
    """Where the panel is, whether it is folded, and whether it points at controls."""
    if request.method == "POST":
        arrange(request)
        if wants_fragment(request):
            return render(request, "training/exercises/_exercise_slot.html")
        return redirect(_came_from(request))
    context = {"places": PLACES, "can_change": can_change_setup(request.user)}
    return render_modal(request, "training/exercises/_place_exercise.html", context)


def _back_to_panel(request: SetupRequest, exercise: Exercise) -> HttpResponse:
    if wants_fragment(request):
        return render(request, "training/exercises/_exercise_slot.html")
    return redirect("training:exercise", exercise.slug)


def _came_from(request: SetupRequest) -> str:
    """Without scripts: the exercise, which has all that the panel has."""
    if request.org.exercise:
        return reverse("training:exercise", args=[request.org.exercise])
    return reverse("training:exercise-list")

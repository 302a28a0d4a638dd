"""The exercise panel next to Setup: its state, hints, answers, and position."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import reswap, retarget

from tokenx.org.permissions import SetupRequest, can_change_setup, changes_setup
from tokenx.training.exercises import Exercise, actions
from tokenx.training.exercises.checks import look
from tokenx.training.exercises.panel import (
    PLACES,
    Panel,
    arrange,
    panel_of,
    save_progress,
    show,
)
from tokenx.web.htmx import render_modal, wants_fragment

from .exercises import exercise_or_404


@require_safe
def exercise_state(request: SetupRequest) -> HttpResponse:
    """Show which conditions are met, or return 204 if the browser has `seen` that state.

    If another tab started another exercise, replace the whole panel.
    """
    panel = panel_of(request)
    if panel:
        save_progress(request, panel.outcome)
        if panel.digest == request.GET.get("seen"):
            return HttpResponse(status=204)
    if request.GET.get("of", request.org.exercise) != request.org.exercise:
        panel_slot = render(request, "training/exercises/_exercise_slot.html")
        return reswap(retarget(panel_slot, "#exercise-slot"), "outerHTML")
    return _render_state(request, panel)


def _render_state(request: SetupRequest, panel: Panel | None) -> HttpResponse:
    context = {"panel": panel, "is_swapped": wants_fragment(request)}
    return render(request, "training/exercises/_exercise_state.html", context)


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def show_hint(request: SetupRequest, exercise: str) -> HttpResponse:
    """Show one more hint. Hints are counted, so the page asks for confirmation."""
    shown = exercise_or_404(exercise)
    if request.method == "POST":
        actions.show_hint(org=request.org, exercise=shown)
        return _back_to_panel(request, shown)
    context = {"exercise": shown, "panel": show(request, look(request.org, shown))}
    return render_modal(request, "training/exercises/_show_hint.html", context)


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def answer_exercise(request: SetupRequest, exercise: str) -> HttpResponse:
    """Store the answer to a question and check it."""
    answered = exercise_or_404(exercise)
    question = request.POST.get("question", "")
    if question in answered.questions:
        answer = request.POST.get("answer", "")
        actions.answer_question(
            org=request.org, exercise=answered, question=question, answer=answer
        )
    outcome = look(request.org, answered)
    save_progress(request, outcome)
    panel = show(request, outcome)
    if wants_fragment(request):
        return _render_state(request, panel)
    if request.method == "POST":
        return redirect("training:check-exercise", answered.slug)
    context = {"exercise": answered, "panel": panel}
    return render_modal(request, "training/exercises/_answer_exercise.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def place_exercise(request: SetupRequest) -> HttpResponse:
    """Move or fold the panel, or turn its guidance on or off."""
    if request.method == "POST":
        arrange(request)
        if wants_fragment(request):
            return render(request, "training/exercises/_exercise_slot.html")
        return redirect(_page_without_script(request))
    context = {"places": PLACES, "can_change": can_change_setup(request.user)}
    return render_modal(request, "training/exercises/_place_exercise.html", context)


def _back_to_panel(request: SetupRequest, exercise: Exercise) -> HttpResponse:
    if wants_fragment(request):
        return render(request, "training/exercises/_exercise_slot.html")
    return redirect("training:exercise", exercise.slug)


def _page_without_script(request: SetupRequest) -> str:
    """Return the exercise's page, which replaces the panel without JavaScript."""
    if request.org.exercise:
        return reverse("training:exercise", args=[request.org.exercise])
    return reverse("training:exercise-list")

"""Pages to list, read, start, check, and leave exercises."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tokenx.org.permissions import SetupRequest, can_change_setup, changes_setup
from tokenx.training.exercises import Exercise, actions, exercises, find_exercise, paths
from tokenx.training.exercises.checks import look
from tokenx.training.exercises.panel import save_progress, show
from tokenx.training.models import ExerciseRun, PracticeOrg
from tokenx.training.scenarios.catalogue import scenario_label
from tokenx.web.dialogs import dialog
from tokenx.web.htmx import go_to, render_modal


def exercise_or_404(slug: str) -> Exercise:
    """Return the exercise, or raise Http404."""
    exercise = find_exercise(slug)
    if exercise is None:
        raise Http404("We couldn't find that exercise. Its file might have been renamed.")
    return exercise


@require_safe
def exercise_list(request: SetupRequest) -> HttpResponse:
    """List the exercises of a path with the org's progress."""
    path = paths().get(request.GET.get("path", ""), paths()["all"])
    runs = {run.exercise: run for run in ExerciseRun.objects.filter(org=request.org)}
    known = exercises()
    context = {
        "paths": paths().values(),
        "path": path,
        "rows": [(known[slug], runs.get(slug)) for slug in path.exercises],
        "can_change": can_change_setup(request.user),
        "org": request.org,
    }
    return render(request, "training/exercises/exercise_list.html", context)


@require_safe
def exercise(request: SetupRequest, exercise: str) -> HttpResponse:
    """Show the whole exercise on a page, which also works without JavaScript."""
    context = _exercise_context(request, exercise_or_404(exercise))
    return render(request, "training/exercises/exercise.html", context)


@require_safe
def check_exercise(request: SetupRequest, exercise: str) -> HttpResponse:
    """Show the same page with the expected and the actual values."""
    context = _exercise_context(request, exercise_or_404(exercise)) | {"is_checked": True}
    return render(request, "training/exercises/exercise.html", context)


def _exercise_context(request: SetupRequest, exercise: Exercise) -> dict[str, Any]:
    outcome = look(request.org, exercise)
    save_progress(request, outcome)
    return {
        "exercise": exercise,
        "panel": show(request, outcome),
        "is_current": request.org.exercise == exercise.slug,
        "can_change": can_change_setup(request.user),
        "org": request.org,
    }


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def start_exercise(request: SetupRequest, exercise: str) -> HttpResponse:
    """Start an exercise. On request, first reset a practice org to its scenario."""
    started = exercise_or_404(exercise)
    problem = ""
    if request.method == "POST":
        try:
            if "reset" in request.POST:
                actions.reset_for(org=request.org, exercise=started, by=request.user)
            actions.start_exercise(org=request.org, exercise=started, by=request.user)
            return go_to(request, reverse("setup:home"))
        except ValidationError as error:
            problem = " ".join(error.messages)
    practice = PracticeOrg.objects.filter(org=request.org).first()
    context = {
        "exercise": started,
        "starts_from": scenario_label(started.scenario),
        "practice": practice,
        "current_scenario": scenario_label(practice.scenario) if practice else "",
        "problem": problem,
    }
    status = 422 if problem else 200
    return render_modal(request, "training/exercises/_start_exercise.html", context, status)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def leave_exercise(request: SetupRequest) -> HttpResponse:
    """Confirm, then close the panel."""
    if request.method == "POST":
        actions.leave_exercise(org=request.org, by=request.user)
        return go_to(request, reverse("training:exercise-list"))
    return render_modal(
        request, "training/exercises/_leave_exercise.html", {"org": request.org}
    )

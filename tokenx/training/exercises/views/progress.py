"""The user's progress and certificate."""

from typing import Any

from django.db.models import Max, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tokenx.org.permissions import SetupRequest
from tokenx.training.exercises import exercises, paths
from tokenx.training.models import ExerciseRun


@require_safe
def progress(request: SetupRequest) -> HttpResponse:
    """List all exercises with their times and hints."""
    runs = {run.exercise: run for run in ExerciseRun.objects.filter(org=request.org)}
    known = exercises()
    rows = [(known[slug], runs.get(slug)) for slug in paths()["all"].exercises]
    done = [run for _, run in rows if run and run.finished_at]
    context = {
        "rows": rows,
        "done": len(done),
        "minutes": sum(run.minutes or 0 for run in done),
        "hints": sum(run.hints for _, run in rows if run),
        "org": request.org,
    }
    return render(request, "training/exercises/progress.html", context)


@require_safe
def certificate(request: Any) -> HttpResponse:
    """Show a certificate to print, or the exercises that are left on the path."""
    path = paths().get(request.GET.get("path", ""), paths()["all"])
    known = exercises()
    runs = ExerciseRun.objects.filter(
        org=request.org, exercise__in=path.exercises, finished_at__isnull=False
    )
    done = set(runs.values_list("exercise", flat=True))
    context = {
        "path": path,
        # A trainer sees the certificate of the participant.
        "person": request.viewed_participant or request.user,
        "done": [known[slug] for slug in path.exercises if slug in done],
        "left": [known[slug] for slug in path.exercises if slug not in done],
        **runs.aggregate(hints=Sum("hints"), finished_at=Max("finished_at")),
    }
    return render(request, "training/exercises/certificate.html", context)

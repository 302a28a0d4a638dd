"""What a person has done, and the certificate that says so."""

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
    """Each exercise that was started: when, how long it took, and with how many hints."""
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
    """A page to print, once every exercise of a path is done; until then, what is left."""
    path = paths().get(request.GET.get("path", ""), paths()["all"])
    known = exercises()
    runs = ExerciseRun.objects.filter(
        org=request.org, exercise__in=path.exercises, finished_at__isnull=False
    )
    done = set(runs.values_list("exercise", flat=True))
    context = {
        "path": path,
        # A trainer who looks sees the certificate of the person.
        "person": request.looking or request.user,
        "done": [known[slug] for slug in path.exercises if slug in done],
        "left": [known[slug] for slug in path.exercises if slug not in done],
        **runs.aggregate(hints=Sum("hints"), finished_at=Max("finished_at")),
    }
    return render(request, "training/exercises/certificate.html", context)

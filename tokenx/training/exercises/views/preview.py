"""For whoever writes exercises: how a file will look, or all that is wrong with it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from tokenx.org.permissions import SetupRequest
from tokenx.training.exercises import (
    Exercise,
    ExerciseError,
    Problem,
    exercises,
    known_scenarios,
    own_folder,
    problems_of_own,
    read_exercise,
)

PASTED = "pasted"
LONGEST = 100_000


@require_http_methods(["GET", "HEAD", "POST"])
def preview_exercise(request: SetupRequest) -> HttpResponse:
    """A pasted text, or one of the files in one's own folder."""
    text = request.POST.get("text", "")[: LONGEST + 1]
    shown, problems = _read(text) if text.strip() else (None, [])
    folder = own_folder()
    asked = request.GET.get("exercise", "")
    context = {
        "text": text,
        "shown": shown or exercises().get(asked),
        "problems": problems,
        "own": sorted(path.stem for path in folder.glob("*.md")) if folder else [],
        "own_problems": problems_of_own(),
        "has_folder": folder is not None,
    }
    status = 422 if problems else 200
    return render(
        request, "training/exercises/preview_exercise.html", context, status=status
    )


def _read(text: str) -> tuple[Exercise | None, list[Problem]]:
    try:
        known = known_scenarios()
        return read_exercise(text, file=PASTED, slug=PASTED, scenarios=known), []
    except ExerciseError as error:
        return None, error.problems

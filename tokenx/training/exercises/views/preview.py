"""Preview for authors of exercises: the finished page, or all problems of a file."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from tokenx.org.permissions import SetupRequest
from tokenx.training.exercises import (
    Exercise,
    ExerciseError,
    ExerciseProblem,
    exercises,
    known_scenarios,
    own_folder,
    problems_of_own,
    read_exercise,
)
from tokenx.training.exercises.forms import PreviewExerciseForm
from tokenx.training.exercises.reader import MAX_LENGTH

PASTED = "pasted"


@require_http_methods(["GET", "HEAD", "POST"])
def preview_exercise(request: SetupRequest) -> HttpResponse:
    """Preview pasted text or a file in the trainer's own folder."""
    text = request.POST.get("text", "")[: MAX_LENGTH + 1]
    form = PreviewExerciseForm(initial={"text": text})
    shown, problems = _read_pasted(text) if text.strip() else (None, [])
    folder = own_folder()
    context = {
        "form": form,
        "shown": shown or exercises().get(request.GET.get("exercise", "")),
        "problems": problems,
        "own": sorted(path.stem for path in folder.glob("*.md")) if folder else [],
        "own_problems": problems_of_own(),
        "has_folder": folder is not None,
    }
    status = 422 if problems else 200
    return render(
        request, "training/exercises/preview_exercise.html", context, status=status
    )


def _read_pasted(text: str) -> tuple[Exercise | None, list[ExerciseProblem]]:
    try:
        known = known_scenarios()
        return read_exercise(text, file=PASTED, slug=PASTED, scenarios=known), []
    except ExerciseError as error:
        return None, error.problems

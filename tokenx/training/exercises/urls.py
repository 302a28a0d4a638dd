"""URLs of exercises, their panel, and the user's progress."""

from django.urls import path

from .views import exercises, panel, preview, progress

# An exercise can have any slug, so other pages need another prefix.
urlpatterns = [
    path("training/exercises/", exercises.exercise_list, name="exercise-list"),
    path("training/exercises/<key:exercise>/", exercises.exercise, name="exercise"),
    path(
        "training/exercises/<key:exercise>/start/",
        exercises.start_exercise,
        name="start-exercise",
    ),
    path(
        "training/exercises/<key:exercise>/check/",
        exercises.check_exercise,
        name="check-exercise",
    ),
    path(
        "training/exercises/<key:exercise>/hint/",
        panel.show_hint,
        name="show-hint",
    ),
    path(
        "training/exercises/<key:exercise>/answer/",
        panel.answer_exercise,
        name="answer-exercise",
    ),
    path("training/leave-exercise/", exercises.leave_exercise, name="leave-exercise"),
    path("training/exercise-state/", panel.exercise_state, name="exercise-state"),
    path("training/place-exercise/", panel.place_exercise, name="place-exercise"),
    path(
        "training/preview-exercise/",
        preview.preview_exercise,
        name="preview-exercise",
    ),
    path("training/progress/", progress.progress, name="progress"),
    path("training/certificate/", progress.certificate, name="certificate"),
]

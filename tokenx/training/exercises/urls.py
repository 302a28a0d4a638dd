"""Exercises, their panel, a person's progress."""

from django.urls import path

from .views import exercises, progress
from .views import panel as exercise_panel
from .views import preview as exercise_preview

# Slugs of exercises are names of files; what is not one of them begins with another word.
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
        exercise_panel.show_hint,
        name="show-hint",
    ),
    path(
        "training/exercises/<key:exercise>/answer/",
        exercise_panel.answer_exercise,
        name="answer-exercise",
    ),
    path("training/leave-exercise/", exercises.leave_exercise, name="leave-exercise"),
    path("training/exercise-state/", exercise_panel.exercise_state, name="exercise-state"),
    path("training/place-exercise/", exercise_panel.place_exercise, name="place-exercise"),
    path(
        "training/preview-exercise/",
        exercise_preview.preview_exercise,
        name="preview-exercise",
    ),
    path("training/progress/", progress.progress, name="progress"),
    path("training/certificate/", progress.certificate, name="certificate"),
]

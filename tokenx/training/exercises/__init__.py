"""Exercises and learning paths, read from files. See docs/exercises.md."""

from .catalogue import (
    exercises,
    find_exercise,
    known_scenarios,
    own_folder,
    paths,
    problems_of_own,
)
from .exercise import (
    Exercise,
    ExerciseError,
    ExercisePath,
    ExerciseProblem,
    ExerciseStep,
)
from .reader import read_exercise

__all__ = [
    "Exercise",
    "ExerciseError",
    "ExercisePath",
    "ExerciseProblem",
    "ExerciseStep",
    "exercises",
    "find_exercise",
    "known_scenarios",
    "own_folder",
    "paths",
    "problems_of_own",
    "read_exercise",
]

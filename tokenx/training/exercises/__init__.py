"""Exercises and the paths through them, as their files say. docs/exercises.md"""

from .catalogue import (
    exercises,
    find_exercise,
    known_scenarios,
    own_folder,
    paths,
    problems_of_own,
)
from .exercise import Exercise, ExerciseError, Path, Problem, Step
from .reader import read_exercise

__all__ = [
    "Exercise",
    "ExerciseError",
    "Path",
    "Problem",
    "Step",
    "exercises",
    "find_exercise",
    "known_scenarios",
    "own_folder",
    "paths",
    "problems_of_own",
    "read_exercise",
]

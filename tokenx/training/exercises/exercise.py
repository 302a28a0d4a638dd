"""Exercises, their steps and paths, and problems in their files."""

from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict

from .conditions import Answer, Condition


@dataclass(frozen=True)
class ExerciseProblem:
    """A problem in a file, with its line."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


class ExerciseError(Exception):
    """All problems of a file, sorted by line."""

    def __init__(self, problems: list[ExerciseProblem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = sorted(problems, key=lambda problem: (problem.file, problem.line))


@dataclass(frozen=True)
class ExerciseTarget:
    """A control of the page: its selector, and the value it holds once it's done."""

    __pydantic_config__ = ConfigDict(strict=True, extra="forbid")

    at: str
    holds: str | bool | None = None

    @property
    def data(self) -> dict[str, Any]:
        return {"at": self.at, "holds": self.holds}


@dataclass(frozen=True)
class ExerciseStep:
    """A step: its text, the conditions that complete it, and the controls it uses.

    `open` is the URL of the page that the step is done on, and `via` leads there.
    """

    html: str
    done_when: tuple[Condition, ...] = ()
    open: str = ""
    via: tuple[str, ...] = ()
    at: tuple[ExerciseTarget, ...] = ()

    @property
    def pointer(self) -> dict[str, Any]:
        """Return the data that the script needs to find the next control."""
        targets = [target.data for target in self.at]
        return {"open": self.open, "via": list(self.via), "at": targets}


@dataclass(frozen=True)
class Exercise:
    """A story, a goal, steps, and hints as HTML, with the conditions of the goal."""

    slug: str
    title: str
    scenario: str
    minutes: int
    story_html: str
    goal_html: str
    steps: tuple[ExerciseStep, ...]
    hints: tuple[str, ...]
    conditions: tuple[Condition, ...]

    def __str__(self) -> str:
        return self.title

    @property
    def questions(self) -> list[str]:
        """Return the panel's questions, in the order of the conditions."""
        return [
            condition.question
            for condition in self.conditions
            if isinstance(condition, Answer)
        ]


@dataclass(frozen=True)
class ExercisePath:
    """Exercises in the order in which people do them."""

    slug: str
    label: str
    exercises: tuple[str, ...]

    def after(self, slug: str) -> str:
        """Return the next exercise, or an empty string after the last one."""
        if slug not in self.exercises:
            return ""
        index = self.exercises.index(slug) + 1
        return self.exercises[index] if index < len(self.exercises) else ""

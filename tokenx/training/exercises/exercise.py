"""What an exercise is, once its file is read."""

from dataclasses import dataclass
from typing import Any

from .conditions import Answer, Condition


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a file."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


class ExerciseError(Exception):
    """All that is wrong with a file, from its top to its end."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = sorted(problems, key=lambda it: (it.file, it.line))


@dataclass(frozen=True)
class Target:
    """A control: where it is on the page, and what it holds once that part is done."""

    at: str
    holds: str | bool | None = None

    @property
    def data(self) -> dict[str, Any]:
        return {"at": self.at, "holds": self.holds}


@dataclass(frozen=True)
class Step:
    """One step: words, when it is done, and which controls come next, on which page.

    `open` is the page that the work is done on. Who is elsewhere is shown the way.
    """

    html: str
    done_when: tuple[Condition, ...] = ()
    open: str = ""
    via: tuple[str, ...] = ()
    at: tuple[Target, ...] = ()

    @property
    def pointer(self) -> dict[str, Any]:
        """What the script needs to find the control that comes next."""
        targets = [target.data for target in self.at]
        return {"open": self.open, "via": list(self.via), "at": targets}


@dataclass(frozen=True)
class Exercise:
    """A story, a goal, steps and hints as HTML; and what has to be so in the end."""

    slug: str
    title: str
    scenario: str
    minutes: int
    story_html: str
    goal_html: str
    steps: tuple[Step, ...]
    hints: tuple[str, ...]
    conditions: tuple[Condition, ...]

    def __str__(self) -> str:
        return self.title

    @property
    def questions(self) -> list[str]:
        """What is asked in the panel, in the order of the conditions."""
        return [it.question for it in self.conditions if isinstance(it, Answer)]


@dataclass(frozen=True)
class Path:
    """Exercises in the order that they are meant to be done in."""

    slug: str
    label: str
    exercises: tuple[str, ...]

    def after(self, slug: str) -> str:
        """The exercise that follows; nothing, after the last one."""
        if slug not in self.exercises:
            return ""
        place = self.exercises.index(slug) + 1
        return self.exercises[place] if place < len(self.exercises) else ""

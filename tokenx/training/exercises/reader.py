"""An exercise file as an Exercise, or all that is wrong with it, by line.

TOML between two lines of +++, then Markdown: the story, and the goal below `## Goal`.
"""

import re
import tomllib
from collections.abc import Collection
from typing import Any

from tokenx.training.scenarios import toml_lines

from .conditions import KINDS, Condition
from .exercise import Exercise, ExerciseError, Problem, Step, Target
from .markdown import html, inline_html
from .types import missing, why_not, wrong_keys

FENCE = "+++"
GOAL = re.compile(r"^## +Goal *$", re.MULTILINE)
LONGEST = 100_000
# The parser takes time by the square of how many names a key has: a.b.c = 1
MOST_DOTS = 500
# How long one takes whose file does not say it.
MINUTES = 5
_KEYS = {
    "title": str,
    "scenario": str,
    "minutes": int,
    "hints": tuple[str, ...],
    "conditions": list[dict],
    "steps": list[dict],
}
_STEP_KEYS = {
    "text": str,
    "done_when": list[dict],
    "open": str,
    "via": tuple[str, ...],
    "at": Any,
}
_TOML_PLACE = re.compile(r" \(at line (\d+), column \d+\)")


def read_exercise(
    text: str, *, file: str, slug: str, scenarios: Collection[str] | None = None
) -> Exercise:
    """Raises ExerciseError with everything that is wrong.

    Where `scenarios` says which there are, the exercise has to start from one of them.
    """
    return _Reader(text, file, slug, scenarios).read()


class _Reader:
    def __init__(
        self, text: str, file: str, slug: str, scenarios: Collection[str] | None
    ) -> None:
        self.text, self.file, self.slug = text, file, slug
        self.scenarios = scenarios
        self.problems: list[Problem] = []
        self.lines: dict[toml_lines.Path, int] = {}

    def read(self) -> Exercise:
        written, body, first = self._split()
        values = self._parse(written)
        for name, sentence in wrong_keys(values, _KEYS):
            self._say((name,), sentence)
        for name in missing(values, ["title", "scenario", "conditions"]):
            self._say((), f"It has no {name}.")
        scenario = values.get("scenario")
        if self.scenarios and isinstance(scenario, str) and scenario not in self.scenarios:
            known = ", ".join(self.scenarios)
            self._say(("scenario",), f"There is no such scenario. There are: {known}.")
        story, goal = self._body(body, first)
        minutes = values.get("minutes")
        exercise = Exercise(
            slug=self.slug,
            title=str(values.get("title", self.slug)),
            scenario=str(values.get("scenario", "")),
            minutes=minutes if isinstance(minutes, int) else MINUTES,
            story_html=html(story),
            goal_html=html(goal),
            steps=tuple(self._steps(values)),
            hints=tuple(map(inline_html, _texts(values.get("hints")))),
            conditions=tuple(self._conditions(values.get("conditions"), ("conditions",))),
        )
        if self.problems:
            raise ExerciseError(self.problems)
        return exercise

    def _say(self, path: toml_lines.Path, sentence: str) -> None:
        # The fence is a line of its own.
        line = toml_lines.line_of(self.lines, path) + 1 if self.lines else 1
        self.problems.append(Problem(self.file, line, sentence))

    def _split(self) -> tuple[str, str, int]:
        """The TOML, the Markdown, and the line that the Markdown begins on."""
        lines = self.text.replace("\r\n", "\n").lstrip("﻿").split("\n")
        ends = [number for number, line in enumerate(lines) if line.rstrip() == FENCE]
        if len(self.text) > LONGEST:
            self._stop(1, f"It has more than {LONGEST:,} letters.")
        if not ends or ends[0] != 0:
            self._stop(1, f"It does not begin with a line {FENCE}.")
        if len(ends) < 2:
            self._stop(len(lines), f"No second line {FENCE} ends what begins on line 1.")
        end = ends[1]
        return "\n".join(lines[1:end]), "\n".join(lines[end + 1 :]), end + 2

    def _stop(self, line: int, sentence: str) -> None:
        raise ExerciseError([Problem(self.file, line, sentence)])

    def _parse(self, written: str) -> dict[str, Any]:
        for number, words in enumerate(written.split("\n"), start=2):
            if words.count(".") > MOST_DOTS:
                self._stop(number, f"It has a line with more than {MOST_DOTS} dots.")
        try:
            values = tomllib.loads(written)
        except tomllib.TOMLDecodeError as error:
            place = _TOML_PLACE.search(str(error))
            line = int(place[1]) if place else written.count("\n") + 1
            self._stop(line + 1, f"{_TOML_PLACE.sub('', str(error))}.")
        except (ValueError, RecursionError):
            # A number of thousands of digits, or lists in lists in lists.
            self._stop(1, "The front matter has a value that nobody could mean.")
        self.lines = toml_lines.lines_of(written)
        return values

    def _body(self, body: str, first: int) -> tuple[str, str]:
        story, *goals = GOAL.split(body)
        if not story.strip():
            self.problems.append(Problem(self.file, first, "It tells no story."))
        if len(goals) != 1 or not goals[0].strip():
            sentence = "Its text needs one heading ## Goal, with the goal below it."
            self.problems.append(Problem(self.file, first, sentence))
        return story, "\n\n".join(goals)

    def _steps(self, values: dict[str, Any]) -> list[Step]:
        return [
            self._step(step, ("steps", number))
            for number, step in enumerate(_tables(values.get("steps")))
        ]

    def _step(self, step: dict[str, Any], path: toml_lines.Path) -> Step:
        for name, sentence in wrong_keys(step, _STEP_KEYS):
            self._say((*path, name), sentence)
        for name in missing(step, ["text", "done_when"]):
            self._say(path, f"A step has no {name}.")
        if not str(step.get("open", "/")).startswith("/"):
            self._say((*path, "open"), "open is an address here: it begins with /.")
        return Step(
            html=inline_html(str(step.get("text", ""))),
            done_when=tuple(self._conditions(step.get("done_when"), (*path, "done_when"))),
            open=str(step.get("open", "")),
            via=tuple(_texts(step.get("via"))),
            at=tuple(self._targets(step.get("at"), (*path, "at"))),
        )

    def _targets(self, targets: Any, path: toml_lines.Path) -> list[Target]:
        made = []
        for target in [] if targets is None else _listed(targets):
            says = {"at": target} if isinstance(target, str) else target
            if not isinstance(says, dict) or not isinstance(says.get("at"), str):
                self._say(
                    path, 'A control is a CSS selector, or { at = "…", holds = "…" }.'
                )
            elif unknown := set(says) - {"at", "holds"}:
                self._say(path, f"A control has no {', '.join(sorted(unknown))}.")
            elif not isinstance(says.get("holds", ""), str | bool):
                self._say(path, "holds is a text, true or false.")
            else:
                made.append(Target(**says))
        return made

    def _conditions(self, tables: Any, path: toml_lines.Path) -> list[Condition]:
        made = []
        if path == ("conditions",) and tables == []:
            self._say(path, "It has no conditions.")
        for number, table in enumerate(_tables(tables)):
            here = (*path, number)
            if condition := self._condition(table, here):
                made.append(condition)
        return made

    def _condition(self, table: dict[str, Any], path: toml_lines.Path) -> Condition | None:
        values = dict(table)
        name = values.pop("kind", None)
        kind = KINDS.get(name) if isinstance(name, str) else None
        if kind is None:
            known = ", ".join(KINDS)
            said = f"There is no kind {name}" if name else "A condition has no kind"
            self._say((*path, "kind"), f"{said}. There are: {known}.")
            return None
        wrong = why_not(kind, values)
        for key, sentence in wrong:
            self._say((*path, key), sentence)
        if wrong:
            return None
        values = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in values.items()
        }
        try:
            return kind(**values)
        except ValueError as error:
            self._say(path, str(error))
            return None


def _listed(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]


def _tables(values: Any) -> list[dict[str, Any]]:
    tables = values if isinstance(values, list) else []
    return [table for table in tables if isinstance(table, dict)]


def _texts(values: Any) -> list[str]:
    texts = values if isinstance(values, list) else []
    return [text for text in texts if isinstance(text, str)]

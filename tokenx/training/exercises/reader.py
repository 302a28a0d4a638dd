"""Reader of exercise files, which reports all problems with their lines.

A file has TOML between two lines of +++, then Markdown: the story, and the goal below
`## Goal`.
"""

import re
import tomllib
from collections.abc import Collection
from typing import Any, NamedTuple, NoReturn

from pydantic import ValidationError

from tokenx.training.scenarios import toml_lines
from tokenx.training.strict_models import MAX_DOTS

from .exercise import Exercise, ExerciseError, ExerciseProblem, ExerciseStep
from .markdown import html, inline_html
from .schema import FrontMatter, StepTable, keys_of_exercise, problems_of

FENCE = "+++"
GOAL = re.compile(r"^## +Goal *$", re.MULTILINE)
MAX_LENGTH = 100_000
_TOML_POSITION = re.compile(r" \(at line (\d+), column \d+\)")


class _Parts(NamedTuple):
    front_matter: str
    body: str
    first_line_of_body: int


def read_exercise(
    text: str, *, file: str, slug: str, scenarios: Collection[str] | None = None
) -> Exercise:
    """Read an exercise, or raise ExerciseError with all problems.

    If `scenarios` is given, the exercise must start from one of them.
    """
    parts = _split(text, file)
    tables = _parse_front_matter(parts.front_matter, file)
    story, goal, problems = _split_body(parts, file)
    try:
        values = FrontMatter.model_validate(tables, context={"scenarios": scenarios})
    except ValidationError as error:
        lines = toml_lines.lines_of(parts.front_matter)
        problems += [
            # The first +++ is on a line of its own.
            ExerciseProblem(file, toml_lines.line_of(lines, path) + bool(lines), sentence)
            for path, sentence in problems_of(error, keys_of_exercise)
        ]
        raise ExerciseError(problems) from error
    if problems:
        raise ExerciseError(problems)
    return Exercise(
        slug=slug,
        title=values.title,
        scenario=values.scenario,
        minutes=values.minutes,
        story_html=html(story),
        goal_html=html(goal),
        steps=tuple(map(_step, values.steps)),
        hints=tuple(map(inline_html, values.hints)),
        conditions=tuple(values.conditions),
    )


def _step(table: StepTable) -> ExerciseStep:
    return ExerciseStep(
        html=inline_html(table.text),
        done_when=tuple(table.done_when),
        open=table.open,
        via=table.via,
        at=tuple(table.at),
    )


def _refuse(file: str, line: int, sentence: str) -> NoReturn:
    raise ExerciseError([ExerciseProblem(file, line, sentence)])


def _split(text: str, file: str) -> _Parts:
    """Split a file at its two lines of +++."""
    if len(text) > MAX_LENGTH:
        _refuse(file, 1, f"The file has more than {MAX_LENGTH:,} characters.")
    lines = text.replace("\r\n", "\n").lstrip("\ufeff").split("\n")
    fences = [index for index, line in enumerate(lines) if line.rstrip() == FENCE]
    if not fences or fences[0] != 0:
        _refuse(file, 1, f"The first line must be {FENCE}.")
    if len(fences) < 2:
        _refuse(file, len(lines), f"A second line {FENCE} must end the front matter.")
    end = fences[1]
    return _Parts("\n".join(lines[1:end]), "\n".join(lines[end + 1 :]), end + 2)


def _parse_front_matter(text: str, file: str) -> dict[str, Any]:
    for number, line in enumerate(text.split("\n"), start=2):
        if line.count(".") > MAX_DOTS:
            _refuse(file, number, f"This line has more than {MAX_DOTS} dots.")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        position = _TOML_POSITION.search(str(error))
        line_number = int(position[1]) if position else text.count("\n") + 1
        _refuse(file, line_number + 1, f"{_TOML_POSITION.sub('', str(error))}.")
    except (ValueError, RecursionError):
        # A number with thousands of digits, or deeply nested lists.
        _refuse(file, 1, "The front matter has a value that is too large.")


def _split_body(parts: _Parts, file: str) -> tuple[str, str, list[ExerciseProblem]]:
    """Return the story, the goal, and the problems of both."""
    story, *goals = GOAL.split(parts.body)
    sentences = []
    if not story.strip():
        sentences.append("The exercise has no story.")
    if len(goals) != 1 or not goals[0].strip():
        sentences.append("The text needs exactly one heading ## Goal with a goal below it.")
    line = parts.first_line_of_body
    problems = [ExerciseProblem(file, line, sentence) for sentence in sentences]
    return story, "\n\n".join(goals), problems

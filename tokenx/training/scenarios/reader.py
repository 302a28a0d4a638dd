"""Scenario files: from TOML text to a Scenario, or all problems with their lines.

scenario.py has the keys of the file, and tables.py has its tables.
"""

import re
import tomllib
from collections.abc import Iterable
from itertools import islice
from typing import Any, NamedTuple

from pydantic import ValidationError

from tokenx.metadata.limits import MAX_PROBLEMS
from tokenx.training.strict_models import (
    MAX_DOTS,
    FileProblem,
    ProblemCounter,
    problems_of,
)

from .consistency import inconsistencies
from .scenario import Scenario, ScenarioFile
from .toml_lines import line_of, lines_of

_STRING = re.compile(r"""\"(?:[^"\\]|\\.)*"|'[^']*'""")
_TOML_POSITION = re.compile(r"\s*\(at (?:end of document|line (\d+), column \d+)\)$")


class ScenarioProblem(NamedTuple):
    """A problem in a scenario, with its line."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


class ScenarioError(Exception):
    """All problems of a scenario, or at least the first of very many."""

    def __init__(self, problems: Iterable[ScenarioProblem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(map(str, self.problems)))


def read_scenario(text: str, *, slug: str, file: str) -> Scenario:
    """Read a scenario. Raise ScenarioError with all problems."""
    try:
        data = _toml(text, file)
        contents = ScenarioFile.model_validate(data, context=ProblemCounter())
    except ValidationError as error:
        problems = list(problems_of(error, ScenarioFile, table="a table"))
    else:
        problems = list(islice(inconsistencies(contents), MAX_PROBLEMS))
    if problems:
        lines = lines_of(text)
        raise ScenarioError(
            ScenarioProblem(file, line_of(lines, problem.location), _sentence(problem))
            for problem in problems
        )
    return Scenario(slug=slug, **dict(contents))


def _toml(text: str, file: str) -> dict[str, Any]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.count(".") > MAX_DOTS and _STRING.sub("", line).count(".") > MAX_DOTS:
            sentence = f"This line has more than {MAX_DOTS} dots."
            raise ScenarioError([ScenarioProblem(file, number, sentence)])
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        position = _TOML_POSITION.search(message)
        digits = position[1] if position else None
        number = int(digits) if digits else len(text.splitlines()) or 1
        sentence = f"This isn't valid TOML: {_TOML_POSITION.sub('', message)}."
        raise ScenarioError([ScenarioProblem(file, number, sentence)]) from error
    except RecursionError as error:
        sentence = "The values in this file are nested too deeply."
        raise ScenarioError([ScenarioProblem(file, 1, sentence)]) from error
    except ValueError as error:
        sentence = "This file contains a number that's too large."
        raise ScenarioError([ScenarioProblem(file, 1, sentence)]) from error


def _sentence(problem: FileProblem) -> str:
    keys = [key for key in problem.location if isinstance(key, str)]
    if problem.predicate == "must be a list of tables":
        return (
            f"{keys[-1]} must be a list of tables. Write [[{'.'.join(keys)}]] above each."
        )
    end = "" if problem.predicate.endswith("?") else "."
    return f"{keys[-1] if keys else 'The file'} {problem.predicate}{end}"

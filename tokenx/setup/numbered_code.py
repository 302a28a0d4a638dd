"""Apex with line numbers, and the compiler's problems at their lines."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.safestring import SafeString

from tokenx.apex.problems import Problem
from tokenx.web.highlighting import highlight_apex_lines

# Lines shown before and after a line with a problem.
CONTEXT = 2
# Problems shown in a dialog; the rest appear when these are corrected.
PROBLEMS_SHOWN = 50


@dataclass(frozen=True)
class NumberedLine:
    """A line of code, its problems, and whether lines before it are left out."""

    number: int
    code: SafeString
    problems: list[Problem]
    is_after_gap: bool = False


def numbered_lines(code: str, problems: Iterable[Problem]) -> list[NumberedLine]:
    """Return all lines of the code."""
    by_line = _by_line(problems)
    return [
        NumberedLine(number, line, by_line.get(number, []))
        for number, line in enumerate(highlight_apex_lines(code), start=1)
    ]


def lines_with_problems(code: str, problems: Iterable[Problem]) -> Iterator[NumberedLine]:
    """Yield the lines with problems and a few lines around them."""
    lines = numbered_lines(code, list(problems)[:PROBLEMS_SHOWN])
    near = {
        number
        for line in lines
        if line.problems
        for number in range(line.number - CONTEXT, line.number + CONTEXT + 1)
    }
    previous = 0
    for line in lines:
        if line.number in near:
            is_after_gap = line.number != previous + 1
            yield NumberedLine(line.number, line.code, line.problems, is_after_gap)
            previous = line.number


def _by_line(problems: Iterable[Problem]) -> dict[int, list[Problem]]:
    by_line: dict[int, list[Problem]] = {}
    for problem in problems:
        by_line.setdefault(problem.at.line, []).append(problem)
    return by_line

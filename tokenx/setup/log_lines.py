"""The lines of a debug log on its page."""

from dataclasses import dataclass

LINES_PER_PAGE = 1_000
# The rest of a longer line is in the downloaded log only.
MAX_LINE = 2_000


@dataclass(frozen=True)
class LogLine:
    """A line of a log, and whether the run ended with it."""

    number: int
    text: str
    is_fatal: bool
    is_cut: bool


def log_lines(text: str) -> list[LogLine]:
    return [
        LogLine(
            number,
            line[:MAX_LINE],
            is_fatal="|FATAL_ERROR|" in line[:80],
            is_cut=len(line) > MAX_LINE,
        )
        for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1)
    ]


def fatal_line(lines: list[LogLine]) -> int:
    """Return the number of the first line with a fatal error, or 0."""
    return next((line.number for line in lines if line.is_fatal), 0)

"""Validation errors with line and column, worded like Salesforce's.

Where Salesforce's text is known, it's used: docs/salesforce/product.md, Error texts.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """A problem in a file. Line and column count from 1, or are 0 if unknown."""

    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"{self.text} ({self.line}:{self.column})" if self.line else self.text


class MetadataError(Exception):
    """An invalid file, with all of its problems in the file's order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(map(str, self.problems)))

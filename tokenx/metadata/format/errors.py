"""What is wrong with a file or a package: where, and in words people know.

The words are Salesforce's own where they are known (facts/salesforce.md 6.7). Where they
are not, they are ours, in the same manner.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong. Line and column count from 1; 0 where there is none."""

    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"{self.text} ({self.line}:{self.column})" if self.line else self.text


class MetadataError(Exception):
    """A file that cannot be taken as it is: all of its problems, in the file's order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(map(str, self.problems)))

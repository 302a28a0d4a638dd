"""Collects what the checker finds: errors, names that tokenx doesn't know, and notes."""

from ..parser.invalid_text import shortened
from ..problems import Problem, Severity
from ..tree import Position

# A class with more problems than this needs no further ones.
MOST_ERRORS = 100
_MOST_NAMES = 8
# A name can be as long as the code, and each message is stored.
_LONGEST_MESSAGE = 1_000


class Report:
    """The errors of a class in the order of its lines, and its warnings."""

    def __init__(self) -> None:
        self._errors: dict[tuple[Position, str], Problem] = {}
        self._unknown: dict[str, Position] = {}
        self._warnings: list[Problem] = []
        self._notes: list[Problem] = []

    def error(self, at: Position, message: str, hint: str = "") -> None:
        """Add an error, unless it was reported before."""
        if len(self._errors) < MOST_ERRORS:
            problem = Problem(at, shortened(message, _LONGEST_MESSAGE), hint=hint)
            self._errors.setdefault((at, message), problem)

    def warn(self, at: Position, message: str) -> None:
        """Add a warning about code that compiles."""
        self._warnings.append(Problem(at, message, Severity.WARNING))

    def note(self, at: Position, message: str) -> None:
        """Add something to know about code that runs here, once."""
        problem = Problem(at, message, Severity.NOTE)
        if problem not in self._notes:
            self._notes.append(problem)

    def unknown(self, at: Position, name: str) -> None:
        """Note a name that tokenx doesn't know, with its first place."""
        self._unknown.setdefault(name, at)

    def problems(self) -> tuple[Problem, ...]:
        """Return the errors by position, then the warning, if any, and the notes."""
        errors = sorted(self._errors.values(), key=lambda problem: problem.at)
        notes = self._notes[:_MOST_NAMES]
        return (*errors, *self._warnings, *self._warning(), *notes)

    def _warning(self) -> tuple[Problem, ...]:
        if not self._unknown:
            return ()
        named = sorted(self._unknown.items(), key=lambda item: item[1])
        listed = ", ".join(
            f"{shortened(name)} (line {at.line})" for name, at in named[:_MOST_NAMES]
        )
        if len(named) > _MOST_NAMES:
            listed += f", and {len(named) - _MOST_NAMES} more"
        message = (
            f"tokenx doesn't know {listed}. The class is saved, but a run ends when it "
            "reaches this code."
        )
        return (Problem(named[0][1], message, Severity.WARNING),)

"""Problems that the parser and the checker find in a class."""

from dataclasses import dataclass
from enum import StrEnum

from .tree import Position


class Severity(StrEnum):
    """The severity of a problem; an error refuses the class."""

    ERROR = "error"
    # Salesforce's compiler would know better: a type, field, or object that tokenx doesn't
    # know. The class is stored as valid, but a run ends when it reaches this code.
    WARNING = "warning"
    # Something to know about code that runs here.
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Problem:
    """A compile error or warning at a place in the code."""

    at: Position
    message: str
    severity: Severity = Severity.ERROR
    # A sentence that helps with the error; the compiler doesn't have it.
    hint: str = ""

    @property
    def text(self) -> str:
        """Return the message with its hint."""
        return f"{self.message.rstrip('.')}. {self.hint}" if self.hint else self.message

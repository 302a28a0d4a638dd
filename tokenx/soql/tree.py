"""What a SOQL query says, as dataclasses; and what is wrong with it, and where."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

# How much of the query an error shows, on each side of the place.
_SHOWN = 40


class SoqlError(Exception):
    """Why a query is refused: Salesforce's code for it, and the words."""

    def __init__(self, code: str, message: str) -> None:
        # Half a character of UTF-16 cannot be sent back to anybody.
        self.code = code
        self.message = message.encode(errors="replace").decode()
        super().__init__(self.message)


def error_at(text: str, at: int, code: str, sentence: str) -> SoqlError:
    """An error with the line that it is in, and a mark under the place."""
    begin = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    shown_from = max(begin, at - _SHOWN)
    shown = text[shown_from : min(end if end >= 0 else len(text), at + _SHOWN)]
    row, column = text.count("\n", 0, at) + 1, at - begin + 1
    mark = " " * (at - shown_from) + "^"
    place = f"ERROR at Row:{row}:Column:{column}"
    return SoqlError(code, f"\n{shown}\n{mark}\n{place}\n{sentence}")


def too_complicated() -> SoqlError:
    return SoqlError(
        "QUERY_TOO_COMPLICATED",
        "Query is either selecting too many fields or the filter conditions are too "
        "complicated.",
    )


# --- What a query says -----------------------------------------------------------------


@dataclass(frozen=True)
class Path:
    """A field, after the relationships that lead to it; and where it is written."""

    names: tuple[str, ...]
    at: int

    def __str__(self) -> str:
        return ".".join(self.names)


@dataclass(frozen=True)
class Text:
    """A text: as it is, and as LIKE reads it, with `\\` before what is no wildcard."""

    value: str
    pattern: str


@dataclass(frozen=True)
class Relative:
    """A word for a date, and the number behind it."""

    word: str
    number: int | None


Literal = Text | Decimal | bool | datetime | date | Relative | None


@dataclass(frozen=True)
class Comparison:
    path: Path
    # One of = < <= > >= LIKE IN; only the last has several values.
    operator: str
    values: tuple[Literal, ...]


@dataclass(frozen=True)
class Not:
    """Not any of what is inside, which is one condition."""

    inner: tuple["Condition", ...]


@dataclass(frozen=True)
class All:
    inner: tuple["Condition", ...]


@dataclass(frozen=True)
class Either:
    inner: tuple["Condition", ...]


Condition = Comparison | Not | All | Either


@dataclass(frozen=True)
class Count:
    """COUNT(), or COUNT of a field, under a name of its own."""

    path: Path | None
    alias: str | None
    at: int


@dataclass(frozen=True)
class Fields:
    """FIELDS(ALL) or FIELDS(STANDARD)."""

    which: str
    at: int


@dataclass(frozen=True)
class Order:
    path: Path
    is_descending: bool
    is_nulls_first: bool


@dataclass(frozen=True)
class Query:
    text: str
    select: tuple[Path | Count | Fields, ...]
    entity: Path
    alias: str | None
    where: Condition | None
    order: tuple[Order, ...]
    limit: int | None
    offset: int

    @property
    def count_names(self) -> list[str]:
        """What the counts are called in the answer; Salesforce numbers the nameless."""
        found, nameless = [], 0
        for each in self.select:
            if isinstance(each, Count):
                found.append(each.alias or f"expr{nameless}")
                nameless += not each.alias
        return found

    def error(self, code: str, sentence: str, at: int) -> SoqlError:
        return error_at(self.text, at, code, sentence)

"""The tree of a SOQL query, and errors with their location."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

# Characters of the query that an error shows on each side of its location.
_SHOWN = 40


class SoqlError(Exception):
    """A refused query: Salesforce's error code and message."""

    def __init__(self, code: str, message: str) -> None:
        # Lone surrogates can't be encoded in the response.
        self.code = code
        self.message = message.encode(errors="replace").decode()
        # The error without its place, and its index in the query's text.
        self.sentence, self.at = self.message, 0
        # The grammar doesn't have a token here, though Salesforce's can.
        self.is_unexpected = False
        # A field or relationship that isn't known, such as User.Department.
        self.unknown_field = ""
        super().__init__(self.message)


def error_at(text: str, at: int, code: str, sentence: str) -> SoqlError:
    """Return an error with its line, and a mark under the location."""
    begin = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    shown_from = max(begin, at - _SHOWN)
    shown = text[shown_from : min(end if end >= 0 else len(text), at + _SHOWN)]
    row, column = text.count("\n", 0, at) + 1, at - begin + 1
    mark = " " * (at - shown_from) + "^"
    place = f"ERROR at Row:{row}:Column:{column}"
    error = SoqlError(code, f"\n{shown}\n{mark}\n{place}\n{sentence}")
    error.sentence, error.at = sentence, at
    return error


def too_complicated() -> SoqlError:
    return SoqlError(
        "QUERY_TOO_COMPLICATED",
        "Query is either selecting too many fields or the filter conditions are too "
        "complicated.",
    )


# --- The tree --------------------------------------------------------------------------


@dataclass(frozen=True)
class SoqlPath:
    """A field with its relationships, and its index in the text."""

    names: tuple[str, ...]
    at: int

    def __str__(self) -> str:
        return ".".join(self.names)


@dataclass(frozen=True)
class Text:
    """A string: its value, and as a LIKE pattern with `\\` before literal characters."""

    value: str
    pattern: str


@dataclass(frozen=True)
class Relative:
    """A date literal with its number."""

    word: str
    number: int | None


@dataclass(frozen=True)
class BindExpression:
    """An Apex expression in the query, without its colon, and its index in the text."""

    text: str
    at: int


Literal = Text | Decimal | bool | datetime | date | Relative | BindExpression | None


@dataclass(frozen=True)
class Comparison:
    path: SoqlPath
    # One of = < <= > >= LIKE IN; only IN has several values.
    operator: str
    values: tuple[Literal, ...]


@dataclass(frozen=True)
class SemiJoin:
    """A condition on an ID: it's one of those that another query selects."""

    path: SoqlPath
    selected: SoqlPath
    entity: SoqlPath
    alias: str | None
    where: "Condition | None"


@dataclass(frozen=True)
class Not:
    """The negation of a condition."""

    inner: tuple["Condition", ...]


@dataclass(frozen=True)
class All:
    inner: tuple["Condition", ...]


@dataclass(frozen=True)
class Either:
    inner: tuple["Condition", ...]


Condition = Comparison | SemiJoin | Not | All | Either


@dataclass(frozen=True)
class Aggregate:
    """COUNT(), or a function of a field's values, such as MAX(field), with an alias."""

    # One of COUNT COUNT_DISTINCT MIN MAX.
    function: str
    path: SoqlPath | None
    alias: str | None
    at: int

    def __str__(self) -> str:
        return f"{self.function}({self.path or ''})"


@dataclass(frozen=True)
class Aliased:
    """A field of a group, with an alias."""

    path: SoqlPath
    alias: str

    @property
    def at(self) -> int:
        return self.path.at


@dataclass(frozen=True)
class Fields:
    """FIELDS(ALL) or FIELDS(STANDARD)."""

    which: str
    at: int


@dataclass(frozen=True)
class Order:
    # Groups can be sorted by an aggregate.
    path: SoqlPath | Aggregate
    is_descending: bool
    is_nulls_first: bool


@dataclass(frozen=True)
class Query:
    text: str
    select: tuple[SoqlPath | Aliased | Aggregate | Fields, ...]
    entity: SoqlPath
    alias: str | None
    where: Condition | None
    order: tuple[Order, ...]
    limit: int | None
    offset: int
    group: tuple[SoqlPath, ...] = ()
    # In Apex, either can be a bind.
    bound_limit: BindExpression | None = None
    bound_offset: BindExpression | None = None

    @property
    def semi_joins(self) -> list[SemiJoin]:
        """Return the conditions on other queries, in any order."""
        found, waiting = [], [self.where] if self.where else []
        while waiting:
            condition = waiting.pop()
            if isinstance(condition, SemiJoin):
                found.append(condition)
                waiting += [condition.where] if condition.where else []
            elif not isinstance(condition, Comparison):
                waiting += condition.inner
        return found

    @property
    def aggregates(self) -> list[Aggregate]:
        return [each for each in self.select if isinstance(each, Aggregate)]

    @property
    def is_count(self) -> bool:
        """Say whether the query selects COUNT() alone, whose result is a number."""
        return not self.group and any(each.path is None for each in self.aggregates)

    @property
    def is_aggregate(self) -> bool:
        return bool(self.group or self.aggregates) and not self.is_count

    @property
    def result_names(self) -> list[str]:
        """Return the names of an aggregate query's values.

        Salesforce numbers the functions that have no alias.
        """
        found, nameless = [], 0
        for each in self.select:
            if isinstance(each, Aggregate):
                found.append(each.alias or f"expr{nameless}")
                nameless += not each.alias
            elif isinstance(each, Aliased):
                found.append(each.alias)
            elif isinstance(each, SoqlPath):
                found.append(each.names[-1])
        return found

    def error(self, code: str, sentence: str, at: int) -> SoqlError:
        return error_at(self.text, at, code, sentence)

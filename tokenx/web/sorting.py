"""Sortable columns: the current order and the links in the table head."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict


@dataclass(frozen=True)
class Column:
    """The head of a column."""

    name: str
    label: str
    is_sortable: bool = True
    direction: str = ""  # "asc" or "desc" if the list is sorted by this column
    link: str = ""

    @property
    def aria_sort(self) -> str:
        return {"asc": "ascending", "desc": "descending"}.get(self.direction, "none")


@dataclass(frozen=True)
class Sorting:
    """A list's order as in its URL: `name`, or `-name` for descending."""

    name: str
    is_descending: bool

    @classmethod
    def from_query(
        cls, query: QueryDict, allowed: Mapping[str, object], default: str
    ) -> "Sorting":
        """Read the order from the URL; fall back to the default if it's invalid."""
        sort = query.get("sort", "")
        if sort.removeprefix("-") not in allowed:
            sort = default
        return cls(sort.removeprefix("-"), sort.startswith("-"))

    @property
    def parameter(self) -> str:
        """Return the order as in a URL."""
        return f"-{self.name}" if self.is_descending else self.name

    def column(
        self, name: str, label: str, query: QueryDict, *, is_sortable: bool = True
    ) -> Column:
        """Return a column whose link sorts by it, or reverses the current order."""
        if not is_sortable:
            return Column(name, label, is_sortable=False)
        is_current = name == self.name
        changed = query.copy()
        for key in ("after", "page", "shown"):
            changed.pop(key, None)
        changed["sort"] = f"-{name}" if is_current and not self.is_descending else name
        direction = ("desc" if self.is_descending else "asc") if is_current else ""
        return Column(name, label, True, direction, f"?{changed.urlencode()}")

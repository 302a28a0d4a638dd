"""Sortable columns: which one a list is sorted by, and the links in its head."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict


@dataclass(frozen=True)
class Column:
    """The head of a column."""

    name: str
    label: str
    is_sortable: bool = True
    direction: str = ""  # "asc" or "desc" where the list is sorted by it
    link: str = ""

    @property
    def aria_sort(self) -> str:
        return {"asc": "ascending", "desc": "descending"}.get(self.direction, "none")


@dataclass(frozen=True)
class Sorting:
    """The order a list is in, as its URL says it: `name`, or `-name` for descending."""

    name: str
    is_descending: bool

    @classmethod
    def asked(
        cls, query: QueryDict, allowed: Mapping[str, object], default: str
    ) -> "Sorting":
        """What the URL asks for; what cannot be sorted by is passed over."""
        asked = query.get("sort", "")
        if asked.removeprefix("-") not in allowed:
            asked = default
        return cls(asked.removeprefix("-"), asked.startswith("-"))

    @property
    def parameter(self) -> str:
        """How a URL says it."""
        return f"-{self.name}" if self.is_descending else self.name

    def column(
        self, name: str, label: str, query: QueryDict, *, is_sortable: bool = True
    ) -> Column:
        """A head whose link sorts by it, or the other way round if it is already."""
        if not is_sortable:
            return Column(name, label, is_sortable=False)
        is_current = name == self.name
        changed = query.copy()
        for key in ("after", "page", "shown"):
            changed.pop(key, None)
        changed["sort"] = f"-{name}" if is_current and not self.is_descending else name
        direction = ("desc" if self.is_descending else "asc") if is_current else ""
        return Column(name, label, True, direction, f"?{changed.urlencode()}")

"""The Enabled Apps list of a handler: sorted, filtered by kind, 50 rows at a time.

A handler can have a million apps. Therefore, the list uses keyset pagination along an
index, counters for its total, and web/template_rows.py to render rows. To sort by other
columns, it reads at most a hundred rows and sorts them in Python. Like Salesforce, it
doesn't sort longer lists.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString

from tokenx.org.models import ClientApp
from tokenx.org.search.prepared import prepared
from tokenx.web.listing import summarize
from tokenx.web.local_formats import format_number, time_html
from tokenx.web.sorting import Column, Sorting
from tokenx.web.template_rows import render_rows

from .models import SORTABLE_UP_TO, Enablement, TokenExchangeHandler
from .why import INACTIVE, Reason, turned_off_badge, why_no_sorting

PAGE_SIZE = 50
KINDS = dict(ClientApp.Kind.choices)
COLUMNS = {
    "name": "Name",
    "app_type": "App Type",
    "api_name": "API Name",
    "run_as": "Run As User",
    "default": "Default",
    "enabled": "Enabled Date",
}


class EnabledApp(NamedTuple):
    """One row of the list."""

    id: int
    app_key: str
    app_kind: str
    is_default: bool
    enabled_at: datetime
    label: str
    api_name: str
    allows_token_exchange: bool
    policy_allows_token_exchange: bool
    run_as_key: str
    run_as_first_name: str
    run_as_last_name: str
    run_as_is_active: bool


_FIELDS = (
    *("id", "app_key", "app_kind", "is_default", "enabled_at"),
    *("app__label", "app__api_name"),
    *("app__allows_token_exchange", "app__policy_allows_token_exchange"),
    *("run_as__name_key", "run_as__first_name", "run_as__last_name", "run_as__is_active"),
)
# For each sort order, a text key that sorts the same, so that one cursor format fits all.
_KEYS: dict[str, Callable[[EnabledApp], str]] = {
    "name": lambda row: row.app_key,
    "run_as": lambda row: row.run_as_key,
    "enabled": lambda row: row.enabled_at.isoformat(),
}


class OrderChangedError(Exception):
    """The sort order changed after the first rows were shown."""


@dataclass
class EnabledApps:
    """The part of the list that a URL requests."""

    handler: TokenExchangeHandler
    query: QueryDict
    kind: str
    sorting: Sorting
    rows: list[EnabledApp]
    shown: int | None = None
    next_cursor: str = ""

    @classmethod
    def from_query(cls, handler: TokenExchangeHandler, query: QueryDict) -> "EnabledApps":
        """Read the kind, sort order, and cursor from the URL, and load the rows.

        Raise Http404 if the cursor is malformed, and OrderChangedError if it belongs to
        another sort order.
        """
        kind, shown = query.get("kind", ""), str(query.get("shown", ""))
        sortable = _KEYS if handler.is_sortable else {}
        apps = cls(
            handler=handler,
            query=query,
            kind=kind if kind in KINDS else "",
            sorting=Sorting.from_query(query, sortable, default="name"),
            rows=[],
            shown=int(shown) if _is_id(shown) else None,
        )
        apps._load_rows()
        return apps

    @property
    def total(self) -> int:
        counts = {
            ClientApp.Kind.CONNECTED: self.handler.connected_count,
            ClientApp.Kind.EXTERNAL: self.handler.external_count,
        }
        return counts[ClientApp.Kind(self.kind)] if self.kind else sum(counts.values())

    @property
    def summary(self) -> str:
        """Return the count of apps and the sort order."""
        return summarize(
            self.total,
            sorted_by=COLUMNS[self.sorting.name],
            total=self.handler.app_count if self.kind else None,
        )

    @property
    def total_text(self) -> str:
        return format_number(self.total)

    @property
    def why_no_sorting(self) -> Reason | None:
        return why_no_sorting(self.handler)

    @property
    def sort_parameter(self) -> str:
        return self.query.get("sort", "") if self.handler.is_sortable else ""

    @property
    def is_continued(self) -> bool:
        """Return whether this part isn't the first."""
        return "after" in self.query

    @property
    def columns(self) -> list[Column]:
        sortable = _KEYS if self.handler.is_sortable else {}
        return [
            self.sorting.column(name, label, self.query, is_sortable=name in sortable)
            for name, label in COLUMNS.items()
        ]

    @property
    def next_url(self) -> str:
        """Return the URL of the next rows, or an empty string at the end."""
        if not self.next_cursor:
            return ""
        shown = {"shown": str(self.shown)} if self.shown else {}
        return self._url(after=self.next_cursor, **shown)

    @property
    def first_url(self) -> str:
        """Return the URL of the first rows."""
        return self._url()

    def render_rows(self, *, can_change: bool) -> SafeString:
        rows = _row_values(self.rows, self.handler, self.shown)
        template = "handlers/_enabled_app_row.html"
        return render_rows(template, _ROW, rows, can_change=can_change)

    def _load_rows(self) -> None:
        cursor = self._cursor()
        if self.sorting == Sorting("name", is_descending=False):
            rows = self._rows_after(*cursor or ("", 0))
        else:
            rows = self._sorted_rows(cursor)
        self.rows, rest = rows[:PAGE_SIZE], rows[PAGE_SIZE:]
        if rest:
            last = self.rows[-1]
            key = _KEYS[self.sorting.name](last)
            self.next_cursor = f"{self.sorting.parameter}~{key}~{last.id}"
        if self.shown and not self.is_continued:
            self._prepend_shown()

    def _cursor(self) -> tuple[str, int] | None:
        """Return the sort key and ID of the last row shown, or None."""
        if not self.is_continued:
            return None
        order, _, position = self.query.get("after", "").partition("~")
        key, _, pk = position.rpartition("~")
        if not _is_id(pk) or "\0" in key:
            raise Http404("We couldn't find that part of the list.")
        if order != self.sorting.parameter:
            raise OrderChangedError
        return key, int(pk)

    def _rows_after(self, key: str, pk: int) -> list[EnabledApp]:
        """Return a page of rows after a position by name, plus one row."""
        position = (self.handler.org_id, self.handler.pk, key, pk, self._shown_before or 0)
        rows = _of_kind_after(*position, self.kind) if self.kind else _all_after(*position)
        return [EnabledApp(*row) for row in rows]

    def _sorted_rows(self, cursor: tuple[str, int] | None) -> list[EnabledApp]:
        """Sort up to a hundred rows in Python; the database would read all users."""
        key = _KEYS[self.sorting.name]
        unsorted = self._all_rows().exclude(pk=self._shown_before)[: SORTABLE_UP_TO + 1]
        rows = sorted(
            (EnabledApp(*row) for row in unsorted),
            key=lambda row: (key(row), row.id),
            reverse=self.sorting.is_descending,
        )
        if cursor is None:
            return rows
        if self.sorting.is_descending:
            return [row for row in rows if (key(row), row.id) < cursor]
        return [row for row in rows if (key(row), row.id) > cursor]

    @property
    def _shown_before(self) -> int | None:
        """Return the ID of the row shown on top, which must not appear again."""
        return self.shown if self.is_continued else None

    def _prepend_shown(self) -> None:
        """Put the app that was just enabled on top unless it's on the first page."""
        if self.shown not in {row.id for row in self.rows}:
            rows = self._all_rows().filter(pk=self.shown)
            self.rows[:0] = [EnabledApp(*row) for row in rows]

    def _all_rows(self) -> QuerySet:
        rows = Enablement.objects.of(self.handler).by_app().values_list(*_FIELDS)
        return rows.filter(app_kind=self.kind) if self.kind else rows

    def _url(self, **more: str) -> str:
        query = self.query.copy()
        for key in ("after", "shown"):
            query.pop(key, None)
        query.update(more)
        return reverse("handlers:detail", args=[self.handler.developer_name], query=query)


@prepared
def _all_after(org: int, handler: int, key: str, pk: int, excluded: int) -> QuerySet:
    rows = Enablement.objects.filter(org=org, handler=handler).exclude(pk=excluded)
    return rows.after(key, pk).by_app().values_list(*_FIELDS)[: PAGE_SIZE + 1]


@prepared
def _of_kind_after(
    org: int, handler: int, key: str, pk: int, excluded: int, kind: str
) -> QuerySet:
    rows = Enablement.objects.filter(org=org, handler=handler, app_kind=kind)
    rows = rows.exclude(pk=excluded).after(key, pk).by_app()
    return rows.values_list(*_FIELDS)[: PAGE_SIZE + 1]


def _is_id(text: str) -> bool:
    """Return whether the text is a number that fits a database key."""
    return text.isascii() and text.isdecimal() and len(text) <= 18


# Names of the values in _enabled_app_row.html.
_ROW = (
    *("id", "edit_url", "remove_url", "app_url", "label", "kind", "api_name", "run_as"),
    *("default_html", "new_html", "app_mark_html", "run_as_mark_html"),
    "enabled_html",
)


def _row_values(
    rows: list[EnabledApp], handler: TokenExchangeHandler, shown: int | None
) -> Iterator[tuple[str, ...]]:
    for row in rows:
        yield (
            str(row.id),
            reverse("handlers:edit-enablement", args=[handler.developer_name, row.id]),
            reverse("handlers:remove-app", args=[handler.developer_name, row.id]),
            reverse("setup:app", args=[row.app_kind, row.api_name]),
            row.label,
            KINDS[row.app_kind],
            row.api_name,
            f"{row.run_as_first_name} {row.run_as_last_name}".strip(),
            _DEFAULT_BADGE if row.is_default else "",
            _NEW_BADGE if row.id == shown else "",
            _TURNED_OFF_BADGES[row.allows_token_exchange, row.policy_allows_token_exchange],
            "" if row.run_as_is_active else _INACTIVE_BADGE,
            time_html(row.enabled_at),
        )


_DEFAULT_BADGE = '<span class="slds-badge">Default</span>'
_NEW_BADGE = '<span class="slds-badge slds-theme_success">New</span>'


def _warning_badge(text: str) -> str:
    return f'<span class="slds-badge slds-theme_warning" title="{text}">{text}</span>'


# The badge of an app that can't exchange tokens, by its two settings.
_TURNED_OFF_BADGES = {
    (allows, policy): _warning_badge(badge) if badge else ""
    for allows in (True, False)
    for policy in (True, False)
    for badge in [turned_off_badge(allows, policy)]
}
_INACTIVE_BADGE = _warning_badge(INACTIVE)

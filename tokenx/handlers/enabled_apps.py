"""The Enabled Apps of a handler: fifty rows at a time, in an order, of a kind.

A handler may have a million apps. So the list is read by keyset along an index, counted
by counters, and drawn by rows.py; sorting by other columns reads at most a hundred rows
and sorts them here, because above that the real page does not sort either.
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
from tokenx.web.sorting import Column, Sorting
from tokenx.web.template_rows import render_rows
from tokenx.web.templatetags.tokenx import setup_time

from .models import SORTABLE_UP_TO, Enablement, TokenExchangeHandler
from .why import INACTIVE, Reason, off_in, why_no_sorting

PAGE_SIZE = 50
KINDS = dict(ClientApp.Kind.choices)


class EnabledApp(NamedTuple):
    """A row of the list."""

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


_COLUMNS = (
    *("id", "app_key", "app_kind", "is_default", "enabled_at"),
    *("app__label", "app__api_name"),
    *("app__allows_token_exchange", "app__policy_allows_token_exchange"),
    *("run_as__name_key", "run_as__first_name", "run_as__last_name", "run_as__is_active"),
)
# Each order as text that sorts the same, so that one kind of cursor serves all.
_KEYS: dict[str, Callable[[EnabledApp], str]] = {
    "name": lambda row: row.app_key,
    "run_as": lambda row: row.run_as_key,
    "enabled": lambda row: row.enabled_at.isoformat(),
}


class OrderChangedError(Exception):
    """The list is no longer sorted as it was when its first rows were read."""


@dataclass
class EnabledApps:
    """The part of the list that a URL asks for."""

    handler: TokenExchangeHandler
    query: QueryDict
    kind: str
    sorting: Sorting
    rows: list[EnabledApp]
    shown: int | None = None
    next_cursor: str = ""

    @classmethod
    def asked(cls, handler: TokenExchangeHandler, query: QueryDict) -> "EnabledApps":
        """Read the kind, the order and the place from the URL, and the rows with them.

        Raises Http404 where the place is none that the list ever gave out, and
        OrderChangedError where it is one of an order that the list is no longer in.
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
        apps._read()
        return apps

    @property
    def total(self) -> int:
        counts = {
            ClientApp.Kind.CONNECTED: self.handler.connected_count,
            ClientApp.Kind.EXTERNAL: self.handler.external_count,
        }
        return counts[ClientApp.Kind(self.kind)] if self.kind else sum(counts.values())

    @property
    def total_text(self) -> str:
        return f"{self.total:,}"

    @property
    def why_no_sorting(self) -> Reason | None:
        return why_no_sorting(self.handler)

    @property
    def sort_parameter(self) -> str:
        return self.query.get("sort", "") if self.handler.is_sortable else ""

    @property
    def is_continued(self) -> bool:
        """Whether this is not the beginning of the list."""
        return "after" in self.query

    @property
    def columns(self) -> list[Column]:
        sort = self.handler.is_sortable
        heads = [
            ("name", "Name", sort),
            ("app_type", "App Type", False),
            ("api_name", "API Name", False),
            ("run_as", "Run As User", sort),
            ("default", "Default", False),
            ("enabled", "Enabled Date", sort),
        ]
        return [
            self.sorting.column(name, label, self.query, is_sortable=is_sortable)
            for name, label, is_sortable in heads
        ]

    @property
    def next_query(self) -> str:
        """The URL's query for the rows that follow; empty at the end."""
        if not self.next_cursor:
            return ""
        on_top = {"shown": str(self.shown)} if self.shown else {}
        return self._query(after=self.next_cursor, **on_top)

    @property
    def first_query(self) -> str:
        """The URL's query for the beginning of this list."""
        return self._query()

    def render_rows(self, *, can_change: bool) -> SafeString:
        rows = _row_values(self.rows, self.handler, self.shown)
        template = "handlers/_enabled_app_row.html"
        return render_rows(template, _ROW, rows, can_change=can_change)

    def _read(self) -> None:
        cursor = self._cursor()
        if self.sorting == Sorting("name", is_descending=False):
            rows = self._after(*cursor or ("", 0))
        else:
            rows = self._sorted(cursor)
        self.rows, rest = rows[:PAGE_SIZE], rows[PAGE_SIZE:]
        if rest:
            last = self.rows[-1]
            key = _KEYS[self.sorting.name](last)
            self.next_cursor = f"{self.sorting.parameter}~{key}~{last.id}"
        if self.shown and not self.is_continued:
            self._put_on_top()

    def _cursor(self) -> tuple[str, int] | None:
        """The order's key and the id of the row that was last."""
        if not self.is_continued:
            return None
        order, _, place = self.query.get("after", "").partition("~")
        key, _, pk = place.rpartition("~")
        if not _is_id(pk) or "\0" in key:
            raise Http404("The list has no such place.")
        if order != self.sorting.parameter:
            raise OrderChangedError
        return key, int(pk)

    def _after(self, key: str, pk: int) -> list[EnabledApp]:
        """What follows a place in the order by name: a page, and one row more."""
        place = (self.handler.org_id, self.handler.pk, key, pk, self._shown_before or 0)
        rows = _of_kind_after(*place, self.kind) if self.kind else _all_after(*place)
        return [EnabledApp(*row) for row in rows]

    def _sorted(self, cursor: tuple[str, int] | None) -> list[EnabledApp]:
        """A hundred rows, sorted here: the database would walk all users by name."""
        key = _KEYS[self.sorting.name]
        found = self._all_rows().exclude(pk=self._shown_before)[: SORTABLE_UP_TO + 1]
        rows = sorted(
            (EnabledApp(*row) for row in found),
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
        """The row that was put on top, and must not come again where it belongs."""
        return self.shown if self.is_continued else None

    def _put_on_top(self) -> None:
        """Show the row that was just enabled, where it is not among the first."""
        if self.shown not in {row.id for row in self.rows}:
            found = self._all_rows().filter(pk=self.shown)
            self.rows[:0] = [EnabledApp(*row) for row in found]

    def _all_rows(self) -> QuerySet:
        rows = Enablement.objects.of(self.handler).by_app().values_list(*_COLUMNS)
        return rows.filter(app_kind=self.kind) if self.kind else rows

    def _query(self, **more: str) -> str:
        query = self.query.copy()
        for key in ("after", "shown"):
            query.pop(key, None)
        query.update(more)
        return f"?{query.urlencode()}"


@prepared
def _all_after(org: int, handler: int, key: str, pk: int, but: int) -> QuerySet:
    rows = Enablement.objects.filter(org=org, handler=handler).exclude(pk=but)
    return rows.after(key, pk).by_app().values_list(*_COLUMNS)[: PAGE_SIZE + 1]


@prepared
def _of_kind_after(
    org: int, handler: int, key: str, pk: int, but: int, kind: str
) -> QuerySet:
    rows = Enablement.objects.filter(org=org, handler=handler, app_kind=kind)
    rows = rows.exclude(pk=but).after(key, pk).by_app()
    return rows.values_list(*_COLUMNS)[: PAGE_SIZE + 1]


def _is_id(text: str) -> bool:
    """Whether it is a number that a database takes for a key."""
    return text.isascii() and text.isdecimal() and len(text) <= 18


# The values of a row, in _enabled_app_row.html.
_ROW = (
    *("id", "edit_url", "remove_url", "app_url", "label", "kind", "api_name", "run_as"),
    *("default_html", "new_html", "app_mark_html", "run_as_mark_html"),
    *("enabled", "enabled_iso"),
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
            _DEFAULT if row.is_default else "",
            _NEW if row.id == shown else "",
            _MARKS[row.allows_token_exchange, row.policy_allows_token_exchange],
            "" if row.run_as_is_active else _INACTIVE,
            setup_time(row.enabled_at),
            row.enabled_at.isoformat(timespec="seconds"),
        )


_DEFAULT = '<span class="slds-badge">Default</span>'
_NEW = '<span class="slds-badge slds-theme_success">New</span>'


def _mark(words: str) -> str:
    return f'<span class="slds-badge slds-theme_warning">{words}</span>'


# What keeps a row from working: the words of why.py, by the two switches.
_MARKS = {
    (allows, policy): "".join(map(_mark, off_in(allows, policy)))
    for allows in (True, False)
    for policy in (True, False)
}
_INACTIVE = _mark(INACTIVE)

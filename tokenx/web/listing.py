"""Lists that are searched, filtered, sorted, and paged; their state is in the URL.

The templates _filters.html and _table_head.html render it. The filters stay on the page
when the list is swapped, so input isn't lost.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import QueryDict
from django_filters import FilterSet

from .local_formats import format_number
from .sorting import Sorting
from .text import count_of

ROWS_PER_PAGE = 50


def listing(
    query: QueryDict,
    filterset: FilterSet,
    *,
    columns: Mapping[str, str],
    sorts: Mapping[str, Sequence[str]],
    default: str,
) -> dict[str, Any]:
    """Return the context of a list's template.

    `columns` maps names to labels, and `sorts` maps names to the fields that they sort by.
    A column that isn't in `sorts` can't be sorted. `default` is the initial order.
    """
    sorting = Sorting.from_query(query, sorts, default=default)
    ordered = filterset.qs.order_by(*sorts[sorting.name], "id")
    headings = [
        sorting.column(name, label, query, is_sortable=name in sorts)
        for name, label in columns.items()
    ]
    page = Paginator(
        ordered.reverse() if sorting.is_descending else ordered, ROWS_PER_PAGE
    ).get_page(query.get("page"))
    is_filtered = any(query.get(name) for name in filterset.filters)
    total = filterset.queryset.count() if is_filtered else None
    return {
        "filter": filterset,
        "columns": headings,
        "sort": query.get("sort", ""),
        "page": page,
        "is_filtered": is_filtered,
        "summary": summarize(
            page.paginator.count, sorted_by=columns[sorting.name], total=total
        ),
    }


def summarize(count: int, *, sorted_by: str, total: int | None = None) -> str:
    """Return a list's count and sort order: `7 items • Sorted by Name`.

    `total` is the count without the filters. It's None if the list isn't filtered.
    """
    if not (count or total):
        return ""
    items = count_of(count, "item")
    if total is not None:
        items = f"{format_number(count)} of {count_of(total, 'item')}"
    return f"{items} • Sorted by {sorted_by}"

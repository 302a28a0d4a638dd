"""A list that is searched, filtered, sorted and paged; its URL says how it stands.

The templates _filters.html and _table_head.html draw it. The filters stay on the page when
the list is swapped, so that what is typed meanwhile is kept.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import QueryDict
from django_filters import FilterSet

from .sorting import Sorting

ROWS_PER_PAGE = 50


def listing(
    query: QueryDict,
    found: FilterSet,
    *,
    columns: Mapping[str, str],
    sorts: Mapping[str, Sequence[str]],
    default: str,
) -> dict[str, Any]:
    """What a list's template shows.

    `columns` are names and labels of columns, `sorts` what each of them sorts by (a column
    without is not sortable), and `default` is the one the list begins with.
    """
    sorting = Sorting.asked(query, sorts, default=default)
    ordered = found.qs.order_by(*sorts[sorting.name], "id")
    return {
        "filter": found,
        "columns": [
            sorting.column(name, label, query, is_sortable=name in sorts)
            for name, label in columns.items()
        ],
        "sort": query.get("sort", ""),
        "page": Paginator(
            ordered.reverse() if sorting.is_descending else ordered, ROWS_PER_PAGE
        ).get_page(query.get("page")),
        "is_filtered": any(query.get(name) for name in found.filters),
    }

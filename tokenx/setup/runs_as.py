"""Enabled apps whose handlers run as a user."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from tokenx.handlers.models import Enablement
from tokenx.org.models import User

SHOWN = 50
# Longer lists show the oldest enablements instead of sorting: in a large org, sorting all
# that run as the one integration user takes too long for a page.
SORTED_UP_TO = 1_000


@dataclass(frozen=True)
class HandlerRunningAs:
    """A handler that runs as the user, with the labels of its first apps."""

    label: str
    developer_name: str
    apps: list[str]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.apps)


def first_enablements(user: User) -> tuple[list[Enablement], int]:
    """Return the first 50 enablements that run as the user, and their total number."""
    enablements = _enablements_of(user)
    total = enablements.count()
    by_name = ["handler__search_key", "app_key", "id"]
    order = by_name if total <= SORTED_UP_TO else ["id"]
    rows = enablements.select_related("handler", "app").order_by(*order)
    return list(rows[:SHOWN]), total


def handlers_of(user: User) -> list[HandlerRunningAs]:
    """List the handlers that run as the user, by name, with their first apps."""
    totals = (
        _enablements_of(user)
        .values_list("handler", "handler__label", "handler__developer_name")
        .annotate(total=Count("*"))
        .order_by("handler__search_key", "handler")
    )
    first, _ = first_enablements(user)
    return [
        HandlerRunningAs(
            label, name, [row.app.label for row in first if row.handler_id == pk], total
        )
        for pk, label, name, total in totals
    ]


def _enablements_of(user: User) -> QuerySet[Enablement]:
    return Enablement.objects.filter(org=user.org_id, run_as=user)

"""Where a user runs as: the enabled apps whose handlers run as the user."""

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from tokenx.handlers.models import Enablement
from tokenx.org.models import User

SHOWN = 50
# Of more than these the oldest are shown: sorting all that run as the one integration
# user of a large org takes longer than anybody waits for a page.
SORTED_UP_TO = 1_000


@dataclass(frozen=True)
class RunsFor:
    """A handler that runs as the user, and some of the apps that it does so for."""

    label: str
    developer_name: str
    apps: list[str]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.apps)


def first_enablements(user: User) -> tuple[list[Enablement], int]:
    """The first 50 enabled apps that run as the user, and how many there are."""
    found = _of(user)
    total = found.count()
    by_name = ["handler__search_key", "app_key", "id"]
    order = by_name if total <= SORTED_UP_TO else ["id"]
    rows = found.select_related("handler", "app").order_by(*order)
    return list(rows[:SHOWN]), total


def handlers_of(user: User) -> list[RunsFor]:
    """Every handler that runs as the user, by name, with the first of its apps."""
    totals = (
        _of(user)
        .values_list("handler", "handler__label", "handler__developer_name")
        .annotate(total=Count("*"))
        .order_by("handler__search_key", "handler")
    )
    first, _ = first_enablements(user)
    return [
        RunsFor(
            label, name, [row.app.label for row in first if row.handler_id == pk], total
        )
        for pk, label, name, total in totals
    ]


def _of(user: User) -> QuerySet[Enablement]:
    return Enablement.objects.filter(org=user.org_id, run_as=user)

"""Which handlers are enabled for an app: in full, as a few names, for a page of apps."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import ClientApp, Org

NAMED = 3


@dataclass
class UsedBy:
    """The first handlers of an app, by label and API name, and how many more it has."""

    handlers: list[tuple[str, str]] = field(default_factory=list)
    more: int = 0


def handlers_of(app: ClientApp) -> QuerySet[TokenExchangeHandler]:
    enablements = Enablement.objects.filter(org=app.org_id, app=app)
    return TokenExchangeHandler.objects.filter(
        org=app.org_id, pk__in=enablements.values("handler")
    ).order_by("search_key")


def name_handlers(app: ClientApp) -> str:
    """The app's handlers in half a sentence; nothing, if it has none."""
    return in_words(list(handlers_of(app).values_list("label", flat=True)))


def in_words(labels: list[str]) -> str:
    """Labels in half a sentence, such as `A, B, C and 2 more`; or nothing."""
    if len(labels) > NAMED:
        return f"{', '.join(labels[:NAMED])} and {len(labels) - NAMED} more"
    return " and ".join(filter(None, [", ".join(labels[:-1]), *labels[-1:]]))


def used_by(org: Org, apps: Iterable[ClientApp]) -> dict[int, UsedBy]:
    """The same for the apps of a list, in one query that reads no more than is shown."""
    found = {app.pk: UsedBy() for app in apps}
    app, by_name = [F("app_id")], [F("handler__search_key")]
    rows = (
        Enablement.objects.filter(org=org, app__in=found)
        .annotate(
            place=Window(RowNumber(), partition_by=app, order_by=by_name),
            number=Window(Count("*"), partition_by=app),
        )
        .filter(place__lte=NAMED)
        .order_by("app_id", "place")
    )
    names = ("handler__label", "handler__developer_name")
    for app_id, number, *handler in rows.values_list("app_id", "number", *names):
        used = found[app_id]
        used.handlers.append(tuple(handler))
        used.more = number - len(used.handlers)
    return found

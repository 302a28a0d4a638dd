"""Handlers that apps are enabled for: all, a short phrase, or for a page of apps."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.safestring import SafeString, mark_safe

from tokenx.handlers.models import Enablement, TokenExchangeHandler
from tokenx.org.models import ClientApp, Org
from tokenx.web.links import link
from tokenx.web.text import isolate

NAMED = 3


@dataclass
class UsedBy:
    """An app's first handlers, as labels and API names, and the number of others."""

    handlers: list[tuple[str, str]] = field(default_factory=list)
    more: int = 0


def handlers_of(app: ClientApp) -> QuerySet[TokenExchangeHandler]:
    enablements = Enablement.objects.filter(org=app.org_id, app=app)
    return TokenExchangeHandler.objects.filter(
        org=app.org_id, pk__in=enablements.values("handler")
    ).order_by("search_key")


def name_handlers(app: ClientApp) -> str:
    """Name the app's handlers in a phrase, or return an empty string."""
    return join_labels(list(handlers_of(app).values_list("label", flat=True)))


def link_handlers(app: ClientApp) -> SafeString:
    """Name the app's handlers in a phrase of links, or return an empty string."""
    handlers = list(handlers_of(app))
    named = [link(handler) for handler in handlers[:NAMED]]
    more = [str(handler) for handler in handlers[NAMED:]]
    return mark_safe(join_labels(named + more))  # noqa: S308 (only the links are shown)


def join_labels(labels: list[str]) -> str:
    """Join labels into a phrase, such as `A, B, C and 2 more`."""
    labels = [isolate(label) for label in labels]
    if len(labels) > NAMED:
        return f"{', '.join(labels[:NAMED])} and {len(labels) - NAMED} more"
    return " and ".join(filter(None, [", ".join(labels[:-1]), *labels[-1:]]))


def used_by(org: Org, apps: Iterable[ClientApp]) -> dict[int, UsedBy]:
    """Return the first handlers of each app, in one query that reads only those."""
    used_by_app = {app.pk: UsedBy() for app in apps}
    app, by_name = [F("app_id")], [F("handler__search_key")]
    rows = (
        Enablement.objects.filter(org=org, app__in=used_by_app)
        .annotate(
            position=Window(RowNumber(), partition_by=app, order_by=by_name),
            number=Window(Count("*"), partition_by=app),
        )
        .filter(position__lte=NAMED)
        .order_by("app_id", "position")
    )
    names = ("handler__label", "handler__developer_name")
    for app_id, number, *handler in rows.values_list("app_id", "number", *names):
        used = used_by_app[app_id]
        used.handlers.append(tuple(handler))
        used.more = number - len(used.handlers)
    return used_by_app

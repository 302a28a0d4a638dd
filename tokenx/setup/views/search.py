"""Search of Setup pages and of the org's handlers, apps, users, and Apex classes."""

from collections.abc import Iterable
from typing import NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org.models import ApexClass, Org
from tokenx.org.permissions import SetupRequest
from tokenx.org.search.matching import find_any_apps, find_users, search_classes
from tokenx.web import navigation
from tokenx.web.links import url_of

RESULTS_SHOWN = 20


class Result(NamedTuple):
    label: str
    url: str
    # Tells results with the same label apart.
    note: str = ""


class Results(NamedTuple):
    """The results of a kind."""

    heading: str
    results: list[Result]
    has_more: bool = False


@require_safe
def search(request: SetupRequest) -> HttpResponse:
    """Search Setup. Without JavaScript, Quick Find leads here too."""
    typed = request.GET.get("q", "").strip()
    groups = _groups(request.org, typed) if typed else []
    context = {
        "typed": typed,
        "quick_find": typed if request.GET.get("from") == "quick-find" else "",
        "groups": [group for group in groups if group.results],
    }
    return render(request, "setup/search.html", context)


def _groups(org: Org, typed: str) -> Iterable[Results]:
    # Pages that tokenx has come first.
    nodes = sorted(navigation.find_nodes(typed), key=lambda node: not node.view)
    yield _results(
        "Setup Pages",
        (
            Result(node.label, node.url, "" if node.view else "Not in tokenx")
            for node in nodes
        ),
    )
    handlers = TokenExchangeHandler.objects.filter(org=org).search(typed)
    yield _results(
        "Token Exchange Handlers",
        (
            Result(each.label, each.get_absolute_url(), each.developer_name)
            for each in handlers.order_by("search_key")[: RESULTS_SHOWN + 1]
        ),
    )
    yield _results(
        "Apps",
        (
            Result(each.label, each.get_absolute_url(), each.get_kind_display())
            for each in find_any_apps(org, typed)[: RESULTS_SHOWN + 1]
        ),
    )
    people, _ = find_users(org, typed)
    yield _results(
        "Users",
        (
            Result(each.name, url_of("setup:user", each.id), each.username)
            for each in people[: RESULTS_SHOWN + 1]
        ),
    )
    classes = search_classes(ApexClass.objects.filter(org=org), typed).order_by("name")
    names = classes.values_list("name", flat=True)[: RESULTS_SHOWN + 1]
    yield _results(
        "Apex Classes", (Result(name, url_of("setup:apex-class", name)) for name in names)
    )


def _results(heading: str, found: Iterable[Result]) -> Results:
    results = list(found)
    return Results(heading, results[:RESULTS_SHOWN], len(results) > RESULTS_SHOWN)

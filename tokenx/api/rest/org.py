"""REST: the org's limits and record counts, and links into Setup."""

from typing import Any
from urllib.parse import urljoin

from django.http import HttpRequest
from django.urls import reverse

from tokenx.api.caller import Caller
from tokenx.api.faults import Fault, FaultCode
from tokenx.api.records.entities import find_entity
from tokenx.org.models import Scope
from tokenx.org.sign_in import link_token
from tokenx.soql.custom_fields import sobjects_of
from tokenx.soql.run import run

from .base import query_list, rest_view
from .records import service_of

# The limit of a Developer Edition org. Calls aren't counted, so all of it remains.
DAILY_REQUESTS = 15_000


@rest_view("GET", "HEAD")
def limits(caller: Caller, request: HttpRequest) -> dict[str, Any]:
    return {"DailyApiRequests": {"Max": DAILY_REQUESTS, "Remaining": DAILY_REQUESTS}}


@rest_view("GET", "HEAD")
def record_counts(caller: Caller, request: HttpRequest) -> dict[str, Any]:
    """Count the rows of the requested objects, or of all objects."""
    caller.check_can_view()
    names = query_list(request, "sObjects")
    requested = [find_entity(name, caller.org) for name in names]
    sobjects = requested or sobjects_of(caller.org).values()
    service = service_of(caller)
    counts = {
        each.name: run(caller.org, f"SELECT COUNT() FROM {each.name}", service).total_size  # noqa: S608  (SOQL, with the name of an object)
        for each in sobjects
    }
    return {"sObjects": [{"count": count, "name": name} for name, count in counts.items()]}


@rest_view("GET", "HEAD", "POST", scope=Scope.WEB)
def single_access(caller: Caller, request: HttpRequest) -> dict[str, str]:
    """Return a URL that logs the caller in once, for `sf org open`."""
    if not caller.user.can_sign_in:
        raise Fault(FaultCode.INSUFFICIENT_ACCESS, "This user can't log in to Setup")
    path = request.GET.get("redirect_uri") or request.POST.get("redirect_uri")
    query = {"next": f"/{path.lstrip('/')}"} if path else None
    link = reverse("org:sign-in-by-link", args=[link_token(caller.user)], query=query)
    return {"frontdoor_uri": urljoin(caller.server_url, link)}

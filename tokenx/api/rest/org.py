"""REST: the org itself. What is left of its limits, what it has, and a way into Setup."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from tokenx.api.caller import Caller
from tokenx.api.faults import Fault, FaultCode
from tokenx.api.records.entities import known
from tokenx.org.sign_in import link_token
from tokenx.soql.sobjects import SOBJECTS

from .base import names_in, rest_view

# Of a Developer Edition. Nothing is counted here, so that all of it is always left.
DAILY_REQUESTS = 15_000


@rest_view("GET", "HEAD")
def limits(caller: Caller, request: HttpRequest) -> dict[str, Any]:
    left = {"Max": DAILY_REQUESTS, "Remaining": DAILY_REQUESTS}
    return {"DailyApiRequests": left}


@rest_view("GET", "HEAD")
def record_counts(caller: Caller, request: HttpRequest) -> dict[str, Any]:
    """How many rows there are of all objects, or of those that are asked for."""
    caller.may_read()
    found = list(map(known, names_in(request, "sObjects"))) or SOBJECTS.values()
    counts = {each.name: each.rows_of(caller.org).count() for each in found}
    return {"sObjects": [{"count": count, "name": name} for name, count in counts.items()]}


@rest_view("GET", "HEAD", "POST")
def single_access(caller: Caller, request: HttpRequest) -> dict[str, str]:
    """An address that signs the caller in once, as `sf org open` asks for."""
    if not caller.user.can_sign_in:
        raise Fault(FaultCode.INSUFFICIENT_ACCESS, "This user does not sign in to Setup")
    link = reverse("org:sign-in-by-link", args=[link_token(caller.user)])
    asked = request.GET.get("redirect_uri") or request.POST.get("redirect_uri")
    query = urlencode({"next": f"/{asked.lstrip('/')}"}) if asked else ""
    return {"frontdoor_uri": f"{caller.server}{link}{query and '?'}{query}"}

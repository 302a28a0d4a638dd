"""Addresses for container platforms, load balancers, and scripts, without logging in.

They show nothing about any org.
"""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from .permissions import open_to_all
from .readiness import reason_not_ready

LIVE, READY = "Live.", "Ready."


@open_to_all
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """Tell that the process responds."""
    return _plain(LIVE)


@open_to_all
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Tell whether the database is available and up to date, and the org is built."""
    if reason := reason_not_ready():
        response = _plain(reason, status=503)
        response["Retry-After"] = "1"
        return response
    return _plain(READY)


def _plain(text: str, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain")

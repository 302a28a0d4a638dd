"""The Help page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tokenx.org.permissions import SetupRequest
from tokenx.setup.help_topics import topics


@require_safe
def help_page(request: SetupRequest) -> HttpResponse:
    """Show a section for each page, which Help for this Page leads to."""
    return render(request, "setup/help.html", {"topics": topics()})

"""The Help page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tokenx.org.permissions import SetupRequest


@require_safe
def help_page(request: SetupRequest) -> HttpResponse:
    return render(request, "setup/help.html")

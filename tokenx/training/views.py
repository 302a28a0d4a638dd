"""The Training page."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tokenx.org.permissions import SetupRequest, can_change_setup


@require_safe
def home(request: SetupRequest) -> HttpResponse:
    """Show the start of exercises, classes, demos, and the practice org."""
    context = {"org": request.org, "can_change": can_change_setup(request.user)}
    return render(request, "training/home.html", context)

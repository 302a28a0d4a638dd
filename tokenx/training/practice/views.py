"""Practice org pages: start an org, return to it, and reset it."""

from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tokenx.org.login_throttle import address_of
from tokenx.org.permissions import SetupRequest, changes_setup, open_to_all
from tokenx.training.models import PracticeOrg
from tokenx.training.sign_up import is_sign_up_open
from tokenx.web.dialogs import dialog
from tokenx.web.htmx import go_to, render_modal

from . import actions
from .actions import practice_of_token, why_not_reset
from .forms import StartPracticeOrgForm


@open_to_all
@require_http_methods(["GET", "POST"])
def start_practice_org(request: HttpRequest) -> HttpResponse:
    """Show the login page's form on its own page, with its errors."""
    if not is_sign_up_open():
        raise Http404("You can't start practice orgs on this server.")
    data = request.POST if request.method == "POST" else None
    form = StartPracticeOrgForm(data, address=address_of(request))
    if form.is_valid() and (owner := form.save()):
        login(request, owner)
        messages.success(
            request, "Your practice org is ready. Save your personal link to return later."
        )
        return redirect("training:home")
    status = 429 if form.is_full else 422 if form.is_bound else 200
    context = {"form": form}
    return render(
        request, "training/practice/start_practice_org.html", context, status=status
    )


@open_to_all
@require_http_methods(["GET", "POST"])
def open_practice_org(request: HttpRequest, token: str) -> HttpResponse:
    """Open a personal link. Only the button logs in, so links can't do it unasked."""
    practice = practice_of_token(token)
    if practice is None:
        return render(request, "training/practice/practice_org_gone.html", status=404)
    if request.method == "POST":
        login(request, practice.owner)
        return redirect("training:home")
    context = {"practice": practice, "token": token}
    return render(request, "training/practice/open_practice_org.html", context)


@dialog
@changes_setup
@require_http_methods(["GET", "POST"])
def reset_org(request: SetupRequest) -> HttpResponse:
    """Reset the org after a confirmation, or show why that isn't possible."""
    practice = get_object_or_404(PracticeOrg, org=request.org)
    why_not = why_not_reset(practice)
    if request.method == "POST" and not why_not:
        try:
            actions.reset_org(org=request.org, by=request.user)
        except ValidationError as error:
            why_not = " ".join(error.messages)
        else:
            messages.success(request, "The org was reset.")
            return go_to(request, reverse("training:home"))
    context = {"why_not": why_not, "node": "SetupOneHome"}
    status = 422 if request.method == "POST" else 200
    return render_modal(
        request, "training/practice/_reset_org.html", context, status=status
    )

"""Practice orgs: start one from the sign-in page, come back to it, put it back."""

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
from tokenx.web.htmx import go_to, render_modal

from . import actions as practice
from .forms import StartPracticeOrgForm


@open_to_all
@require_http_methods(["GET", "POST"])
def start_practice_org(request: HttpRequest) -> HttpResponse:
    """The form of the sign-in page, alone: where it is wrong, or there is no room."""
    if not is_sign_up_open():
        raise Http404("Practice orgs cannot be started here.")
    data = request.POST if request.method == "POST" else None
    form = StartPracticeOrgForm(data, address=address_of(request))
    if form.is_valid() and (owner := form.save()):
        login(request, owner)
        messages.success(request, "This org is yours. Keep your personal link to it.")
        return redirect("training:home")
    status = 429 if form.is_full else 422 if form.is_bound else 200
    context = {"form": form}
    return render(
        request, "training/practice/start_practice_org.html", context, status=status
    )


@open_to_all
@require_http_methods(["GET", "POST"])
def open_practice_org(request: HttpRequest, token: str) -> HttpResponse:
    """The personal link. Only the button signs in, so nobody is led into another's org."""
    found = practice.practice_of_token(token)
    if found is None:
        return render(request, "training/practice/practice_org_gone.html", status=404)
    if request.method == "POST":
        login(request, found.owner)
        return redirect("training:home")
    context = {"practice": found, "token": token}
    return render(request, "training/practice/open_practice_org.html", context)


@changes_setup
@require_http_methods(["GET", "POST"])
def reset_org(request: SetupRequest) -> HttpResponse:
    found = get_object_or_404(PracticeOrg, org=request.org)
    why_not = practice.why_not_reset(found)
    if request.method == "POST" and not why_not:
        try:
            practice.reset_org(org=request.org, by=request.user)
        except ValidationError as error:
            why_not = " ".join(error.messages)
        else:
            messages.success(request, "The org is as it was at the beginning.")
            return go_to(request, reverse("training:home"))
    context = {"why_not": why_not, "node": "SetupOneHome"}
    status = 422 if request.method == "POST" else 200
    return render_modal(
        request, "training/practice/_reset_org.html", context, status=status
    )

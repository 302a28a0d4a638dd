"""Demos: the link to a snapshot, the presenter's bar and its steps, the tour."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tokenx.org.login_throttle import address_of
from tokenx.org.permissions import SetupRequest, changes_setup, open_to_all
from tokenx.training.practice.actions import LimitError
from tokenx.training.scenarios.catalogue import ScenarioError
from tokenx.training.sign_up import are_demo_links_open
from tokenx.training.snapshots.actions import snapshot_of_link
from tokenx.web.htmx import go_to, render_modal

from . import actions as demos
from .steps import STEPS, Step

# In the session: whether each loop of the tour begins with a reset.
RESETS = "tour-resets"
NODE = "SetupOneHome"


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def open_demo(request: HttpRequest, token: str) -> HttpResponse:
    """A fresh org in a snapshot's state. Only the button makes one: links are looked at."""
    snapshot = snapshot_of_link(token) if are_demo_links_open() else None
    if snapshot is None:
        return render(request, "training/demos/demo_gone.html", status=404)
    context: dict[str, Any] = {"snapshot": snapshot, "token": token}
    status = 200
    if request.method == "POST":
        try:
            owner = demos.open_demo(snapshot=snapshot, address=address_of(request))
        except LimitError as error:
            context["problem"], status = error, 429
        except ValidationError as error:
            context["problem"], status = " ".join(error.messages), 422
        except ScenarioError as error:  # A trainer's own file may have taken its place.
            context["problem"], status = error, 422
        else:
            login(request, owner)
            messages.success(request, f"This org is yours, in the state {snapshot}.")
            return redirect("setup:home")
    return render(request, "training/demos/open_demo.html", context, status=status)


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def present(request: SetupRequest) -> HttpResponse:
    """Put the presenter's bar above Setup, or take it away."""
    if request.method == "POST":
        is_on = request.POST.get("to") == "on"
        demos.present(org=request.org, is_on=is_on, by=request.user)
        return go_to(request, reverse("training:home"))
    context = {"org": request.org, "node": NODE}
    return render_modal(request, "training/demos/_present.html", context)


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: SetupRequest, step: str) -> HttpResponse:
    """Put the org into the state that a step of the workflow needs, and go there."""
    if step not in STEPS:
        raise Http404("The workflow has no such step.")
    found = STEPS[step]
    if request.method == "POST":
        is_tour = "tour" in request.POST
        is_reset = is_tour and "loop" in request.POST and request.session.get(RESETS, False)
        return _go(request, found, is_tour=is_tour, is_reset=is_reset)
    return render(request, "training/demos/step.html", {"step": found})


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def tour(request: SetupRequest) -> HttpResponse:
    """What the tour shows, as a list; and where it starts."""
    if request.method == "POST":
        request.session[RESETS] = is_reset = "reset" in request.POST
        first = next(iter(STEPS.values()))
        return _go(request, first, is_tour=True, is_reset=is_reset)
    context = {"steps": STEPS.values(), "can_be_reset": demos.can_be_reset(request.org)}
    return render(request, "training/demos/tour.html", context)


def _go(
    request: SetupRequest, step: Step, *, is_tour: bool, is_reset: bool = False
) -> HttpResponse:
    try:
        if is_reset:
            demos.begin_again(org=request.org, by=request.user)
        url = step.go(request.user)
    except ValidationError as error:
        messages.error(request, f"{step.label}: {' '.join(error.messages)}")
        return redirect("training:tour")
    if is_tour:
        page, mark, place = url.partition("#")
        url = f"{page}{'&' if '?' in page else '?'}tour={step.slug}{mark}{place}"
    return redirect(url)

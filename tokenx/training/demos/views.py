"""Pages of snapshot links, the presenter bar and its steps, and the tour."""

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
from tokenx.web.dialogs import dialog
from tokenx.web.htmx import go_to, render_modal

from . import actions
from .steps import STEPS, TourStep

# The session key for whether each loop of the tour starts with a reset.
RESETS = "tour-resets"
NODE = "SetupOneHome"


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def open_demo(request: HttpRequest, token: str) -> HttpResponse:
    """Open a copy of a snapshot's org. Only the button creates it, not the link."""
    snapshot = snapshot_of_link(token) if are_demo_links_open() else None
    if snapshot is None:
        return render(request, "training/demos/demo_gone.html", status=404)
    context: dict[str, Any] = {"snapshot": snapshot, "token": token}
    status = 200
    if request.method == "POST":
        try:
            owner = actions.open_demo(snapshot=snapshot, address=address_of(request))
        except LimitError as error:
            context["problem"], status = error, 429
        except ValidationError as error:
            context["problem"], status = " ".join(error.messages), 422
        except ScenarioError as error:  # The trainer's own scenario file can be invalid.
            context["problem"], status = error, 422
        else:
            login(request, owner)
            messages.success(request, f'Your copy of "{snapshot}" is ready.')
            return redirect("setup:home")
    return render(request, "training/demos/open_demo.html", context, status=status)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def present(request: SetupRequest) -> HttpResponse:
    """Show or hide the presenter bar above Setup."""
    if request.method == "POST":
        is_on = request.POST.get("to") == "on"
        actions.present(org=request.org, is_on=is_on, by=request.user)
        return go_to(request, reverse("training:home"))
    context = {"org": request.org, "node": NODE}
    return render_modal(request, "training/demos/_present.html", context)


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: SetupRequest, step: str) -> HttpResponse:
    """Prepare the org for a step of the workflow, and go to the step's page."""
    if step not in STEPS:
        raise Http404("We couldn't find that step.")
    chosen = STEPS[step]
    if request.method == "POST":
        is_tour = "tour" in request.POST
        is_reset = is_tour and "loop" in request.POST and request.session.get(RESETS, False)
        return _go_to_step(request, chosen, is_tour=is_tour, is_reset=is_reset)
    return render(request, "training/demos/step.html", {"step": chosen})


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def tour(request: SetupRequest) -> HttpResponse:
    """List the steps of the tour, and start it."""
    if request.method == "POST":
        request.session[RESETS] = is_reset = "reset" in request.POST
        first = next(iter(STEPS.values()))
        return _go_to_step(request, first, is_tour=True, is_reset=is_reset)
    context = {"steps": STEPS.values(), "can_be_reset": actions.can_be_reset(request.org)}
    return render(request, "training/demos/tour.html", context)


def _go_to_step(
    request: SetupRequest, step: TourStep, *, is_tour: bool, is_reset: bool = False
) -> HttpResponse:
    try:
        if is_reset:
            actions.reset_for_loop(org=request.org, by=request.user)
        url = step.go(request.user)
    except ValidationError as error:
        messages.error(request, f"{step.label}: {' '.join(error.messages)}")
        return redirect("training:tour")
    if is_tour:
        page, mark, fragment = url.partition("#")
        url = f"{page}{'&' if '?' in page else '?'}tour={step.slug}{mark}{fragment}"
    return redirect(url)

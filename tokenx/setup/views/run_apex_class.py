"""Run: a handler class on a token. A run here saves nothing."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from tokenx.apex.runtime.trace import Trace
from tokenx.org.models import ApexClass
from tokenx.org.permissions import READ_ONLY, SetupRequest, can_change_setup
from tokenx.setup.apex_runs.places import RETRY_AFTER, NoPlaceError
from tokenx.setup.apex_runs.run_handler import run_handler
from tokenx.setup.apex_runs.shown_run import ShownRun, shown_run
from tokenx.setup.compile_classes import compile_waiting
from tokenx.setup.forms.mint import FILL, one_click
from tokenx.setup.forms.run_apex_class import RunApexClassForm, RunInputs
from tokenx.web.dialogs import prefilled
from tokenx.web.errors import found_or_404
from tokenx.web.htmx import wants_fragment


@sensitive_post_parameters("incoming_token")
@require_http_methods(["GET", "HEAD", "POST"])
def run_apex_class(request: SetupRequest, class_name: str) -> HttpResponse:
    """Show the form, or run the class and show its results and steps."""
    classes = ApexClass.objects.all()
    shown = found_or_404(classes, "class", org=request.org, name=class_name)
    can_change = can_change_setup(request.user)
    if request.method == "POST" and not can_change:
        raise PermissionDenied(READ_ONLY)
    compile_waiting(org=request.org.pk, classes=[shown])
    data = one_click(request.POST, "run") if request.method == "POST" else None
    form = RunApexClassForm(data, apex_class=shown, user=request.user)
    prefilled(form, request)
    context: dict[str, Any] = {"apex_class": shown, "can_change": can_change}
    if data is not None and data.get("do") == FILL:
        return _page(request, context | {"form": form.with_claims_of_issuer()})
    if not form.is_valid() or (inputs := form.inputs()) is None:
        return _page(request, context | {"form": form}, 422 if form.is_bound else 200)
    try:
        outcome = _run(request, shown, form, inputs)
    except NoPlaceError as error:
        form.add_error(None, str(error))
        response = _page(request, context | {"form": form}, 503)
        response["Retry-After"] = str(RETRY_AFTER)
        return response
    return _page(request, context | {"form": form, "outcome": outcome, "inputs": inputs})


def _run(
    request: SetupRequest, shown: ApexClass, form: RunApexClassForm, inputs: RunInputs
) -> ShownRun:
    started_at, has_assignments = timezone.now(), form.cleaned_data["shows_assignments"]
    run = run_handler(
        org=request.org,
        apex_class=shown,
        run_as=inputs.run_as,
        token=inputs.token,
        token_type=inputs.token_type,
        app_developer_name=inputs.app_developer_name,
        app_type=inputs.app_type,
        can_create_users=inputs.can_create_users,
        user=request.user,
        my_domain=f"{request.scheme}://{request.get_host()}",
        trace=Trace(with_variables=has_assignments),
    )
    return shown_run(
        run,
        apex_class=shown,
        run_as=inputs.run_as,
        started_at=started_at,
        has_assignments=has_assignments,
    )


def _page(
    request: SetupRequest, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    is_fragment = wants_fragment(request)
    name = "_run_apex_class" if is_fragment else "run_apex_class"
    return render(request, f"setup/{name}.html", context, status=status)

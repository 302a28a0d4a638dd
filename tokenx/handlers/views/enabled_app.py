"""Edit and Remove in the row menu of an enabled app."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tokenx.handlers import actions, lookups
from tokenx.handlers.forms import EditEnablementForm
from tokenx.handlers.models import Enablement
from tokenx.handlers.why import why_default_moved
from tokenx.org.permissions import SetupRequest, changes_setup
from tokenx.web.htmx import close_modal, render_modal, wants_fragment

from .enable_app import notices
from .handler import handler_or_404


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def edit_enablement(request: SetupRequest, handler_name: str, pk: int) -> HttpResponse:
    """Change the Run As User and the default."""
    enablement = _enablement_or_404(request, handler_name, pk)
    is_submitted = request.method == "POST" and "find" not in request.POST
    values: dict[str, Any] = {}
    if request.method == "POST":
        # Browsers don't send cleared checkboxes.
        values = request.POST.dict() | {"make_default": "make_default" in request.POST}
    form = EditEnablementForm(
        request.POST if is_submitted else None, enablement=enablement, values=values
    )
    if form.is_valid() and (edited := form.save(by=request.user)):
        messages.success(request, _saved_message(edited))
        return _back_to_list(request, edited)
    plain = not wants_fragment(request)
    context = {
        "handler": enablement.handler,
        "enablement": enablement,
        "form": form,
        "run_as_lookup": lookups.run_as_lookup(form, request.org, plain=plain),
        **notices(form, enablement.app),
    }
    status = 422 if form.is_bound else 200
    return render_modal(request, "handlers/_edit_enablement.html", context, status)


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def remove_app(request: SetupRequest, handler_name: str, pk: int) -> HttpResponse:
    """Ask for confirmation, then remove the app from the handler."""
    enablement = _enablement_or_404(request, handler_name, pk)
    if request.method == "POST":
        actions.remove_app(enablement=enablement, by=request.user)
        message = f"{enablement.app} was removed from {enablement.handler}."
        messages.success(request, message)
        return _back_to_list(request, enablement)
    context = {"handler": enablement.handler, "enablement": enablement}
    return render_modal(request, "handlers/_remove_app.html", context)


def _enablement_or_404(request: SetupRequest, handler_name: str, pk: int) -> Enablement:
    handler = handler_or_404(request, handler_name)
    rows = Enablement.objects.of(handler).select_related("app", "run_as").filter(pk=pk)
    if enablement := rows.first():
        enablement.handler = handler
        return enablement
    raise Http404(f"This app was already removed from {handler.label}.")


def _back_to_list(request: SetupRequest, enablement: Enablement) -> HttpResponse:
    name = enablement.handler.developer_name
    return close_modal(
        request,
        changed="enablements-changed",
        back_to=reverse("handlers:detail", args=[name]),
    )


def _saved_message(enablement: Enablement) -> str:
    app, handler = enablement.app, enablement.handler
    if moved := why_default_moved(enablement):
        return f"{app} was saved. {handler} {moved.brief}."
    return f"{app} was saved. {handler} runs as {enablement.run_as}."

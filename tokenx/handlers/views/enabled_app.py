"""Edit and Remove, in the row menu of an enabled app."""

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
    """Change run-as and default."""
    enablement = _enablement_or_404(request, handler_name, pk)
    is_sent = request.method == "POST" and "find" not in request.POST
    typed: dict[str, Any] = {}
    if request.method == "POST":
        # A box that is not ticked is not sent.
        typed = request.POST.dict() | {"make_default": "make_default" in request.POST}
    form = EditEnablementForm(
        request.POST if is_sent else None, enablement=enablement, typed=typed
    )
    if form.is_valid() and (changed := form.save(by=request.user)):
        messages.success(request, _what_happened(changed))
        return _back_to_list(request, changed)
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
    """Ask, then take the app from the handler."""
    enablement = _enablement_or_404(request, handler_name, pk)
    if request.method == "POST":
        actions.remove_app(enablement=enablement, by=request.user)
        messages.success(request, f"{enablement.app} is removed from {enablement.handler}.")
        return _back_to_list(request, enablement)
    context = {"handler": enablement.handler, "enablement": enablement}
    return render_modal(request, "handlers/_remove_app.html", context)


def _enablement_or_404(request: SetupRequest, handler_name: str, pk: int) -> Enablement:
    handler = handler_or_404(request, handler_name)
    found = Enablement.objects.of(handler).select_related("app", "run_as").filter(pk=pk)
    if enablement := found.first():
        enablement.handler = handler
        return enablement
    raise Http404(
        f"This app is no longer enabled for {handler.label}. Somebody removed it."
    )


def _back_to_list(request: SetupRequest, enablement: Enablement) -> HttpResponse:
    name = enablement.handler.developer_name
    return close_modal(
        request,
        changed="enablements-changed",
        back_to=reverse("handlers:detail", args=[name]),
    )


def _what_happened(enablement: Enablement) -> str:
    app, handler = enablement.app, enablement.handler
    if moved := why_default_moved(enablement):
        return f"{app} is saved, and {handler} is its default handler {moved.brief}."
    return f"{app} is saved: {handler} runs as {enablement.run_as}."

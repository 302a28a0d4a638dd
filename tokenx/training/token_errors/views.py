"""Token errors: the box that explains them, and their pages, where they can occur."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tokenx.org.bearer import server_url
from tokenx.org.permissions import (
    READ_ONLY,
    SetupRequest,
    can_change_setup,
    changes_setup,
)
from tokenx.web.htmx import go_to, render_modal

from . import actions
from .forms import ExplainErrorForm, ReproduceErrorForm
from .guide import TOKEN_ERRORS, TokenError, errors_by_code, explain, find_token_error


@require_http_methods(["GET", "HEAD", "POST"])
def token_error_list(request: SetupRequest) -> HttpResponse:
    """List all errors, or explain the pasted one. The text isn't stored."""
    form = ExplainErrorForm(request.POST if request.method == "POST" else None)
    found = explain(form.cleaned_data["text"]) if form.is_valid() else []
    context = {
        "form": form,
        "found": found,
        "is_searched": form.is_bound and form.is_valid(),
        "groups": errors_by_code(TOKEN_ERRORS).items(),
    }
    status = 422 if form.is_bound and not form.is_valid() else 200
    page = "training/token_errors/token_error_list.html"
    return render(request, page, context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def token_error(request: SetupRequest, error_key: str) -> HttpResponse:
    """Show an error. Sending its request shows each decision, and keeps nothing."""
    error = _error_or_404(error_key)
    can_change = can_change_setup(request.user)
    if request.method == "POST" and not can_change:
        raise PermissionDenied(READ_ONLY)
    context: dict[str, Any] = {"error": error, "can_change": can_change}
    if request.method == "POST":
        try:
            context["decided"] = actions.send_request(
                error=error, by=request.user, server_url=server_url(request)
            )
        except ValidationError as problem:
            context["problem"] = " ".join(problem.messages)
    status = 422 if "problem" in context else 200
    page = "training/token_errors/token_error.html"
    return render(request, page, context, status=status)


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def reproduce_token_error(request: SetupRequest, error_key: str) -> HttpResponse:
    """Ask for confirmation, then replace the org's contents with one fault."""
    error = _error_or_404(error_key)
    if not error.fault:
        raise Http404(error.why_not)
    form = ReproduceErrorForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.reproduce_token_error(
                error=error,
                saves_state=form.cleaned_data["saves_state"],
                by=request.user,
            )
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            messages.success(request, "The org is ready. Send the request.")
            return go_to(request, reverse("training:token-error", args=[error.key]))
    context = {"form": form, "error": error, "node": "SetupOneHome"}
    status = 422 if form.is_bound else 200
    page = "training/token_errors/_reproduce_token_error.html"
    return render_modal(request, page, context, status)


def _error_or_404(key: str) -> TokenError:
    error = find_token_error(key)
    if error is None:
        raise Http404("There's no token error with this name.")
    return error

"""Apex classes: the list, a class, and its dialogs."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org.models import ApexClass
from tokenx.org.permissions import SetupRequest, can_change_setup, changes_setup
from tokenx.org.stamps import stamps_of
from tokenx.setup.actions import apex_classes as actions
from tokenx.setup.compile_classes import MAX_NEW_CODE_OF_LIST, compile_waiting
from tokenx.setup.filters import ApexClassFilter
from tokenx.setup.forms.apex_classes import ApexClassForm
from tokenx.setup.numbered_code import numbered_lines
from tokenx.web.dialogs import dialog, prefilled
from tokenx.web.errors import found_or_404
from tokenx.web.htmx import go_to, render_modal, render_page
from tokenx.web.links import link
from tokenx.web.listing import listing

COLUMNS = {
    "name": "Name",
    "status": "Token Handler",
    "compiled": "Compile Status",
    "modified": "Last Modified",
}
SORTS = {"name": ["name"], "modified": ["modified_at"]}
HANDLERS_SHOWN = 100


@require_safe
def apex_class_list(request: SetupRequest) -> HttpResponse:
    """List the org's classes, and whether handlers use them."""
    using = TokenExchangeHandler.objects.filter(org=request.org, apex_class=OuterRef("pk"))
    classes = ApexClass.objects.filter(org=request.org).annotate(is_used=Exists(using))
    context = {
        **listing(
            request.GET,
            ApexClassFilter(request.GET, classes),
            columns=COLUMNS,
            sorts=SORTS,
            default="name",
        ),
        "can_change": can_change_setup(request.user),
    }
    shown = list(context["page"])
    compile_waiting(org=request.org.pk, classes=shown, max_new_code=MAX_NEW_CODE_OF_LIST)
    page, fragment = "setup/apex_class_list.html", "setup/_apex_classes.html"
    return render_page(request, page, fragment, context)


@require_safe
def apex_class(request: SetupRequest, class_name: str) -> HttpResponse:
    """Show a class: its code, its problems, and the handlers that use it."""
    shown = _apex_class_or_404(request, class_name)
    compile_waiting(org=request.org.pk, classes=[shown])
    problems = [*shown.compile_errors, *shown.compile_warnings, *shown.compile_notes]
    context = {
        "stamps": stamps_of(shown, shown.name),
        "apex_class": shown,
        "problems": problems,
        "lines": numbered_lines(shown.body, problems),
        "handlers": _handlers_using(shown),
        "can_change": can_change_setup(request.user),
    }
    return render(request, "setup/apex_class.html", context)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def new_apex_class(request: SetupRequest) -> HttpResponse:
    return _edit_class(request, None)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def edit_apex_class(request: SetupRequest, class_name: str) -> HttpResponse:
    return _edit_class(request, _apex_class_or_404(request, class_name))


def _edit_class(request: SetupRequest, edited: ApexClass | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = prefilled(ApexClassForm(data, org=request.org, apex_class=edited), request)
    if form.is_valid() and (saved := form.save(by=request.user)):
        messages.success(request, format_html("{} was saved.", link(saved)))
        return go_to(request, reverse("setup:apex-class", args=[saved.name]))
    context = {"form": form, "apex_class": edited, "node": "ApexClasses"}
    status = 422 if form.is_bound else 200
    return render_modal(request, "setup/_edit_apex_class.html", context, status)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def delete_apex_class(request: SetupRequest, class_name: str) -> HttpResponse:
    """Ask for confirmation, then delete the class, or name the handlers that use it."""
    deleted = _apex_class_or_404(request, class_name)
    refused = ""
    if request.method == "POST":
        try:
            actions.delete_apex_class(apex_class=deleted, by=request.user)
        except ValidationError as error:
            refused = " ".join(error.messages)
        else:
            messages.success(request, f"{deleted.name} was deleted.")
            return go_to(request, reverse("setup:apex-class-list"))
    context = {
        "apex_class": deleted,
        "handlers": _handlers_using(deleted)[:HANDLERS_SHOWN],
        "refused": refused,
        "node": "ApexClasses",
    }
    status = 422 if refused else 200
    return render_modal(request, "setup/_delete_apex_class.html", context, status)


def _handlers_using(apex_class: ApexClass) -> QuerySet[TokenExchangeHandler]:
    using = TokenExchangeHandler.objects.filter(
        org=apex_class.org_id, apex_class=apex_class
    )
    return using.order_by("search_key")


def _apex_class_or_404(request: SetupRequest, class_name: str) -> ApexClass:
    return found_or_404(ApexClass.objects.all(), "class", org=request.org, name=class_name)

"""Apex Classes: the list, a class, and what can be done to one."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tokenx.handlers.models import TokenExchangeHandler
from tokenx.org.models import ApexClass
from tokenx.org.permissions import SetupRequest, can_change_setup, changes_setup
from tokenx.setup.actions.apex_classes import delete_apex_class as delete
from tokenx.setup.filters import ApexClassFilter
from tokenx.setup.forms.apex_classes import ApexClassForm
from tokenx.web.htmx import go_to, render_modal, render_page
from tokenx.web.listing import listing

COLUMNS = {"name": "Name", "status": "Checks Tokens", "modified": "Last Modified"}
SORTS = {"name": ["name"], "modified": ["modified_at"]}
HANDLERS_SHOWN = 100


@require_safe
def apex_class_list(request: SetupRequest) -> HttpResponse:
    """The classes of the org, and whether each can check tokens."""
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
    page, fragment = "setup/apex_class_list.html", "setup/_apex_classes.html"
    return render_page(request, page, fragment, context)


@require_safe
def apex_class(request: SetupRequest, class_name: str) -> HttpResponse:
    """A class: its code, what is wrong with it, and which handlers use it."""
    shown = _apex_class_or_404(request, class_name)
    context = {
        "apex_class": shown,
        "handlers": _handlers_with(shown),
        "can_change": can_change_setup(request.user),
    }
    return render(request, "setup/apex_class.html", context)


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def new_apex_class(request: SetupRequest) -> HttpResponse:
    return _edit(request, None)


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def edit_apex_class(request: SetupRequest, class_name: str) -> HttpResponse:
    return _edit(request, _apex_class_or_404(request, class_name))


def _edit(request: SetupRequest, edited: ApexClass | None) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    form = ApexClassForm(sent, apex_class=edited)
    if form.is_valid() and (saved := form.save(by=request.user)):
        messages.success(request, f"{saved.name} is saved.")
        return go_to(request, reverse("setup:apex-class", args=[saved.name]))
    context = {"form": form, "apex_class": edited, "node": "ApexClasses"}
    status = 422 if form.is_bound else 200
    return render_modal(request, "setup/_edit_apex_class.html", context, status)


@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def delete_apex_class(request: SetupRequest, class_name: str) -> HttpResponse:
    """Ask, then delete; or say which handlers use it."""
    deleted = _apex_class_or_404(request, class_name)
    refused = ""
    if request.method == "POST":
        try:
            delete(apex_class=deleted, by=request.user)
        except ValidationError as error:
            refused = " ".join(error.messages)
        else:
            messages.success(request, f"{deleted.name} is deleted.")
            return go_to(request, reverse("setup:apex-class-list"))
    context = {
        "apex_class": deleted,
        "handlers": _handlers_with(deleted)[:HANDLERS_SHOWN],
        "refused": refused,
        "node": "ApexClasses",
    }
    status = 422 if refused else 200
    return render_modal(request, "setup/_delete_apex_class.html", context, status)


def _handlers_with(apex_class: ApexClass) -> QuerySet[TokenExchangeHandler]:
    using = TokenExchangeHandler.objects.filter(
        org=apex_class.org_id, apex_class=apex_class
    )
    return using.order_by("search_key")


def _apex_class_or_404(request: SetupRequest, class_name: str) -> ApexClass:
    return get_object_or_404(ApexClass, org=request.org, name=class_name)

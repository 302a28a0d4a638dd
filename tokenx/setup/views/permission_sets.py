"""Permission Sets: the list, a permission set, its assignments, and its dialogs."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from tokenx.handlers.lookups import lookup_of_user
from tokenx.org.models import (
    AppPermissionSet,
    ClientApp,
    PermissionSet,
    PermissionSetAssignment,
    User,
)
from tokenx.org.permissions import SetupRequest, can_change_setup, changes_setup
from tokenx.org.stamps import stamps_of
from tokenx.setup.actions import permission_sets as actions
from tokenx.setup.filters import AssignmentFilter, PermissionSetFilter
from tokenx.setup.forms.permission_sets import (
    AssignPermissionSetForm,
    PermissionSetForm,
    UserPermissionSetsForm,
)
from tokenx.web.dialogs import dialog, dialog_of, prefilled
from tokenx.web.errors import found_or_404
from tokenx.web.htmx import (
    close_modal,
    go_to,
    render_modal,
    render_page,
    works_without_script,
)
from tokenx.web.links import link
from tokenx.web.listing import listing

from .users import UserKey

NODE = "PermSets"
COLUMNS = {
    "label": "Permission Set Label",
    "name": "API Name",
    "description": "Description",
    "modified": "Last Modified",
}
SORTS = {"label": ["label"], "name": ["name"], "modified": ["modified_at"]}
ASSIGNMENT_COLUMNS = {"name": "Full Name", "username": "Username", "active": "Active"}
ASSIGNMENT_SORTS = {"name": ["user__name_key"], "username": ["user__username"]}
ROWS_SHOWN = 50
CHANGED = "assignments-changed"


@require_safe
def permission_set_list(request: SetupRequest) -> HttpResponse:
    """List the org's permission sets."""
    rows = PermissionSet.objects.filter(org=request.org).without_files()
    context = {
        **listing(
            request.GET,
            PermissionSetFilter(request.GET, rows),
            columns=COLUMNS,
            sorts=SORTS,
            default="label",
        ),
        "can_change": can_change_setup(request.user),
    }
    page, fragment = "setup/permission_set_list.html", "setup/_permission_sets.html"
    return render_page(request, page, fragment, context)


@require_safe
def permission_set(request: SetupRequest, set_name: str) -> HttpResponse:
    """Show a permission set, and its first users and apps by name."""
    shown = _set_or_404(request, set_name)
    users = User.objects.filter(org=request.org, pk__in=_users_of(shown))
    app_rows = AppPermissionSet.objects.filter(org=request.org, permission_set=shown)
    apps = ClientApp.objects.filter(org=request.org, pk__in=app_rows.values("app"))
    first_apps = list(apps.by_label()[: ROWS_SHOWN + 1])
    total = _users_of(shown).count()
    context = {
        "stamps": stamps_of(shown, shown.label, shown.name),
        "permission_set": shown,
        "users": users.by_name()[:ROWS_SHOWN],
        "total": total,
        "has_more": total > ROWS_SHOWN,
        "apps": first_apps[:ROWS_SHOWN],
        "has_more_apps": len(first_apps) > ROWS_SHOWN,
        "can_change": can_change_setup(request.user),
    }
    return render(request, "setup/permission_set.html", context)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def new_permission_set(request: SetupRequest) -> HttpResponse:
    return _edit_set(request, None)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def edit_permission_set(request: SetupRequest, set_name: str) -> HttpResponse:
    return _edit_set(request, _set_or_404(request, set_name))


def _edit_set(request: SetupRequest, edited: PermissionSet | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = prefilled(PermissionSetForm(data, permission_set=edited), request)
    if form.is_valid() and (saved := form.save(by=request.user)):
        messages.success(request, format_html("{} was saved.", link(saved)))
        return go_to(request, reverse("setup:permission-set", args=[saved.name]))
    context = {"form": form, "permission_set": edited, "node": NODE}
    status = 422 if form.is_bound else 200
    return render_modal(request, "setup/_edit_permission_set.html", context, status)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def delete_permission_set(request: SetupRequest, set_name: str) -> HttpResponse:
    """Ask for confirmation, then delete the permission set or say why not."""
    deleted = _set_or_404(request, set_name)
    refused = ""
    if request.method == "POST":
        try:
            actions.delete_permission_set(permission_set=deleted, by=request.user)
        except ValidationError as error:
            refused = " ".join(error.messages)
        else:
            messages.success(request, f"{deleted.label} was deleted.")
            return go_to(request, reverse("setup:permission-set-list"))
    rows = AppPermissionSet.objects.filter(org=request.org, permission_set=deleted)
    context = {
        "permission_set": deleted,
        "app_count": rows.count(),
        "refused": refused,
        "node": NODE,
    }
    status = 422 if refused else 200
    return render_modal(request, "setup/_delete_permission_set.html", context, status)


# --- Assignments ------------------------------------------------------------------------


@require_safe
def permission_set_assignments(request: SetupRequest, set_name: str) -> HttpResponse:
    """List the users who have a permission set."""
    shown = _set_or_404(request, set_name)
    context = {
        **listing(
            request.GET,
            AssignmentFilter(request.GET, _assignments_of(shown).select_related("user")),
            columns=ASSIGNMENT_COLUMNS,
            sorts=ASSIGNMENT_SORTS,
            default="name",
        ),
        "permission_set": shown,
        "can_change": can_change_setup(request.user),
    }
    page = "setup/permission_set_assignments.html"
    return render_page(request, page, "setup/_permission_set_assignments.html", context)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def assign_permission_set(request: SetupRequest, set_name: str) -> HttpResponse:
    """Assign the permission set to a user."""
    assigned = _set_or_404(request, set_name)
    # Without JavaScript, Search submits the form to list the matches.
    is_submitted = request.method == "POST" and "find" not in request.POST
    form = AssignPermissionSetForm(
        request.POST if is_submitted else None,
        initial=request.POST.dict(),
        permission_set=assigned,
    )
    prefilled(form, request)
    if form.is_valid() and (assignment := form.save(by=request.user)):
        text = "{} was assigned to {}."
        user = link(assignment.user)
        messages.success(request, format_html(text, link(assigned), user))
        return _back_to_assignments(request, assigned)
    context = {
        "form": form,
        "permission_set": assigned,
        "user_lookup": lookup_of_user(
            form, "user", request.org, plain=works_without_script(request)
        ),
        "node": NODE,
    }
    status = 422 if form.is_bound else 200
    return render_modal(request, "setup/_assign_permission_set.html", context, status)


@dialog_of(UserKey())
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def unassign_permission_set(
    request: SetupRequest, set_name: str, user_id: int
) -> HttpResponse:
    """Ask for confirmation, then remove a user's assignment."""
    unassigned = _set_or_404(request, set_name)
    person = found_or_404(User.objects.all(), "user", org=request.org, pk=user_id)
    assignment = _assignments_of(unassigned).filter(user=person).first()
    if assignment is None:
        raise Http404(f"{unassigned.label} was already removed from {person.name}.")
    assignment.permission_set, assignment.user = unassigned, person
    if request.method == "POST":
        actions.unassign_permission_set(assignment=assignment, by=request.user)
        text = "{} was removed from {}."
        messages.success(request, format_html(text, link(unassigned), link(person)))
        return _back_to_assignments(request, unassigned)
    context = {"permission_set": unassigned, "person": person, "node": NODE}
    return render_modal(request, "setup/_unassign_permission_set.html", context)


@dialog_of(UserKey())
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def edit_user_permission_sets(request: SetupRequest, user_id: int) -> HttpResponse:
    """Select the permission sets of a user."""
    person = found_or_404(User.objects.all(), "user", org=request.org, pk=user_id)
    data = request.POST if request.method == "POST" else None
    form = prefilled(UserPermissionSetsForm(data, user=person), request)
    if form.is_valid() and form.save(by=request.user):
        messages.success(request, format_html("{} was saved.", link(person)))
        return go_to(request, reverse("setup:user", args=[person.pk]))
    context = {"form": form, "person": person, "node": "ManageUsers"}
    status = 422 if form.is_bound else 200
    return render_modal(request, "setup/_edit_user_permission_sets.html", context, status)


def _set_or_404(request: SetupRequest, set_name: str) -> PermissionSet:
    rows = PermissionSet.objects.without_files()
    return found_or_404(rows, "permission set", org=request.org, name=set_name)


def _assignments_of(permission_set: PermissionSet) -> Any:
    return PermissionSetAssignment.objects.filter(
        org=permission_set.org_id, permission_set=permission_set
    )


def _users_of(permission_set: PermissionSet) -> Any:
    return _assignments_of(permission_set).values("user")


def _back_to_assignments(
    request: SetupRequest, permission_set: PermissionSet
) -> HttpResponse:
    back_to = reverse("setup:permission-set-assignments", args=[permission_set.name])
    return close_modal(request, changed=CHANGED, back_to=back_to)

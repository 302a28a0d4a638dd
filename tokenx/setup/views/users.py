"""Users: the list, a user, and its dialogs."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from tokenx.org.models import PermissionSet, User, UserField
from tokenx.org.permissions import SetupRequest, can_change_setup, changes_setup
from tokenx.org.stamps import stamps_of
from tokenx.setup import runs_as
from tokenx.setup.actions import users as actions
from tokenx.setup.filters import UserFilter
from tokenx.setup.forms.users import UserForm
from tokenx.web.dialogs import Key, dialog, dialog_of, prefilled
from tokenx.web.errors import found_or_404
from tokenx.web.htmx import go_to, render_modal, render_page
from tokenx.web.links import link
from tokenx.web.listing import listing

COLUMNS = {
    "name": "Name",
    "username": "Username",
    "profile": "Profile",
    "active": "Active",
    "integration": "Integration User",
}
SORTS = {
    "name": ["name_key"],
    "username": ["username"],
    "profile": ["profile__name_key", "name_key"],
}


@require_safe
def user_list(request: SetupRequest) -> HttpResponse:
    """List the org's active and inactive users."""
    users = User.objects.of(request.user).select_related("profile")
    context = {
        **listing(
            request.GET,
            UserFilter(request.GET, users, request=request),
            columns=COLUMNS,
            sorts=SORTS,
            default="name",
        ),
        "can_change": can_change_setup(request.user),
    }
    page, fragment = "setup/user_list.html", "setup/_users.html"
    return render_page(request, page, fragment, context)


@require_safe
def user(request: SetupRequest, user_id: int) -> HttpResponse:
    """Show a user, and the enabled apps whose handlers run as this user."""
    shown = _user_or_404(request, user_id)
    enablements, total = runs_as.first_enablements(shown)
    context = {
        "stamps": stamps_of(shown, shown.username),
        "person": shown,
        "custom_values": _custom_values_of(shown),
        "permission_sets": PermissionSet.objects.of_user(shown).without_files().by_label(),
        "enablements": enablements,
        "total": total,
        "has_more": total > len(enablements),
        "sorted_by": "Token Exchange Handler" if total <= runs_as.SORTED_UP_TO else "",
        "can_change": can_change_setup(request.user),
    }
    return render(request, "setup/user.html", context)


class UserKey(Key):
    """Names a user by username, which is the same in every practice org."""

    name = "user_id"
    fields = ("user",)

    def names_of(self, request: SetupRequest, keys: Mapping[str, Any]) -> dict[str, str]:
        return {"user": _user_or_404(request, keys["user_id"]).username}

    def find(
        self, request: SetupRequest, keys: Mapping[str, Any], fields: Mapping[str, str]
    ) -> int:
        users = User.objects.filter(org=request.org).usernamed(fields["user"])
        return found_or_404(users, "user").pk


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def new_user(request: SetupRequest) -> HttpResponse:
    return _edit_user(request, None)


@dialog_of(UserKey())
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def edit_user(request: SetupRequest, user_id: int) -> HttpResponse:
    return _edit_user(request, _user_or_404(request, user_id))


def _edit_user(request: SetupRequest, edited: User | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = prefilled(UserForm(data, org=request.org, user=edited), request)
    if form.is_valid() and (saved := form.save(by=request.user)):
        messages.success(request, format_html("{} was saved.", link(saved)))
        return go_to(request, reverse("setup:user", args=[saved.pk]))
    context = {"form": form, "person": edited, "node": "ManageUsers"}
    status = 422 if form.is_bound else 200
    return render_modal(request, "setup/_edit_user.html", context, status)


@dialog_of(UserKey())
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def deactivate_user(request: SetupRequest, user_id: int) -> HttpResponse:
    """List the handlers that will stop working, then deactivate or say why not."""
    person = _user_or_404(request, user_id)
    refused = ""
    if request.method == "POST":
        try:
            actions.deactivate_user(user=person, by=request.user)
        except ValidationError as error:
            refused = " ".join(error.messages)
        else:
            sentence = format_html("{} was deactivated.", link(person))
            messages.success(request, sentence)
            return go_to(request, reverse("setup:user", args=[person.pk]))
    context = {
        "person": person,
        "refused": refused,
        "handlers": runs_as.handlers_of(person),
        "node": "ManageUsers",
    }
    status = 422 if refused else 200
    return render_modal(request, "setup/_deactivate_user.html", context, status)


@dialog_of(UserKey())
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def activate_user(request: SetupRequest, user_id: int) -> HttpResponse:
    """Ask for confirmation, then activate the user."""
    person = _user_or_404(request, user_id)
    if request.method == "POST":
        actions.activate_user(user=person, by=request.user)
        messages.success(request, format_html("{} was activated.", link(person)))
        return go_to(request, reverse("setup:user", args=[person.pk]))
    context = {"person": person, "node": "ManageUsers"}
    return render_modal(request, "setup/_activate_user.html", context)


def _user_or_404(request: SetupRequest, user_id: int) -> User:
    users = User.objects.select_related("profile")
    return found_or_404(users, "user", org=request.org, pk=user_id)


def _custom_values_of(person: User) -> list[tuple[str, str]]:
    """Return the labels of the org's custom fields, and the user's values."""
    fields = UserField.objects.filter(org=person.org_id).order_by("label", "id")
    values = person.custom_values
    return [(field.label, values.get(field.api_name, "")) for field in fields]

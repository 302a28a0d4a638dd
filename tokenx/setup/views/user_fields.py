"""Object Manager: the custom fields on User, and a user's values."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from tokenx.org.models import User, UserField
from tokenx.org.models.user_field import full_name_of
from tokenx.org.permissions import SetupRequest, can_change_setup, changes_setup
from tokenx.org.stamps import stamps_of
from tokenx.setup.actions import user_fields as actions
from tokenx.setup.filters import UserFieldFilter
from tokenx.setup.forms.user_fields import CustomValuesForm, UserFieldForm
from tokenx.web.dialogs import dialog, dialog_of, prefilled
from tokenx.web.errors import found_or_404
from tokenx.web.htmx import go_to, render_modal, render_page
from tokenx.web.links import link
from tokenx.web.listing import listing

from .users import UserKey

NODE = "ObjectManager"
COLUMNS = {
    "label": "Field Label",
    "name": "Field Name",
    "type": "Data Type",
    "modified": "Last Modified",
}
SORTS = {"label": ["label"], "name": ["name"], "modified": ["modified_at"]}


@require_safe
def user_field_list(request: SetupRequest) -> HttpResponse:
    """List the custom fields on User, the only object whose fields tokenx keeps."""
    fields = UserField.objects.filter(org=request.org)
    context = {
        **listing(
            request.GET,
            UserFieldFilter(request.GET, fields),
            columns=COLUMNS,
            sorts=SORTS,
            default="label",
        ),
        "can_change": can_change_setup(request.user),
    }
    page, fragment = "setup/user_field_list.html", "setup/_user_fields.html"
    return render_page(request, page, fragment, context)


@require_safe
def user_field(request: SetupRequest, field_name: str) -> HttpResponse:
    """Show a custom field."""
    shown = _user_field_or_404(request, field_name)
    context = {
        "user_field": shown,
        "stamps": stamps_of(shown, shown.label, shown.api_name),
        "can_change": can_change_setup(request.user),
    }
    return render(request, "setup/user_field.html", context)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def new_user_field(request: SetupRequest) -> HttpResponse:
    return _edit_field(request, None)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def edit_user_field(request: SetupRequest, field_name: str) -> HttpResponse:
    return _edit_field(request, _user_field_or_404(request, field_name))


def _edit_field(request: SetupRequest, edited: UserField | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = prefilled(UserFieldForm(data, field=edited), request)
    if form.is_valid() and (saved := form.save(by=request.user)):
        messages.success(request, format_html("{} was saved.", link(saved)))
        return go_to(request, saved.get_absolute_url())
    context = {"form": form, "user_field": edited, "node": NODE}
    status = 422 if form.is_bound else 200
    return render_modal(request, "setup/_edit_user_field.html", context, status)


@dialog
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def delete_user_field(request: SetupRequest, field_name: str) -> HttpResponse:
    """Ask for confirmation, then delete the field and its values."""
    deleted = _user_field_or_404(request, field_name)
    if request.method == "POST":
        actions.delete_user_field(field=deleted, by=request.user)
        messages.success(request, f"{deleted.label} was deleted.")
        return go_to(request, reverse("setup:user-field-list"))
    users = User.objects.filter(
        org=request.org, custom_values__has_key=deleted.api_name
    ).count()
    context = {"user_field": deleted, "users": users, "node": NODE}
    return render_modal(request, "setup/_delete_user_field.html", context)


@dialog_of(UserKey())
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def edit_custom_values(request: SetupRequest, user_id: int) -> HttpResponse:
    """Edit a user's values of the org's custom fields."""
    person = found_or_404(User.objects.all(), "user", org=request.org, pk=user_id)
    fields = list(UserField.objects.filter(org=request.org).order_by("label", "id"))
    data = request.POST if request.method == "POST" else None
    form = prefilled(CustomValuesForm(data, user=person, user_fields=fields), request)
    if form.is_valid() and form.save(by=request.user):
        messages.success(request, format_html("{} was saved.", link(person)))
        return go_to(request, person.get_absolute_url())
    context = {"form": form, "person": person, "node": "ManageUsers"}
    status = 422 if form.is_bound else 200
    return render_modal(request, "setup/_edit_custom_values.html", context, status)


def _user_field_or_404(request: SetupRequest, field_name: str) -> UserField:
    name = full_name_of(field_name)
    return found_or_404(UserField.objects.all(), "field", org=request.org, name=name)

"""Profiles: the list, a profile with its users, and its deletion."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from tokenx.org.models import AppProfile, ClientApp, Profile, User
from tokenx.org.permissions import SetupRequest, can_change_setup, changes_setup
from tokenx.org.stamps import stamps_of
from tokenx.setup.actions import profiles as actions
from tokenx.setup.filters import ProfileFilter
from tokenx.web.dialogs import Key, dialog_of
from tokenx.web.errors import found_or_404
from tokenx.web.htmx import go_to, render_modal, render_page
from tokenx.web.listing import listing

COLUMNS = {"name": "Profile Name", "custom": "Custom"}
SORTS = {"name": ["name_key"]}
ROWS_SHOWN = 50


@require_safe
def profile_list(request: SetupRequest) -> HttpResponse:
    """List the built-in profiles and those that came with deployments."""
    profiles = Profile.objects.filter(org=request.org)
    context = {
        **listing(
            request.GET,
            ProfileFilter(request.GET, profiles),
            columns=COLUMNS,
            sorts=SORTS,
            default="name",
        ),
        "can_change": can_change_setup(request.user),
    }
    page, fragment = "setup/profile_list.html", "setup/_profiles.html"
    return render_page(request, page, fragment, context)


@require_safe
def profile(request: SetupRequest, profile_id: int) -> HttpResponse:
    """Show a profile, and its first users and apps by name."""
    shown = _profile_or_404(request, profile_id)
    users = User.objects.filter(org=request.org, profile=shown)
    total = users.count()
    app_rows = AppProfile.objects.filter(org=request.org, profile=shown)
    apps = ClientApp.objects.filter(org=request.org, pk__in=app_rows.values("app"))
    first_apps = list(apps.by_label()[: ROWS_SHOWN + 1])
    context = {
        "stamps": stamps_of(shown, shown.name),
        "profile": shown,
        "users": users.by_name()[:ROWS_SHOWN],
        "total": total,
        "has_more": total > ROWS_SHOWN,
        "apps": first_apps[:ROWS_SHOWN],
        "has_more_apps": len(first_apps) > ROWS_SHOWN,
        "can_change": can_change_setup(request.user),
    }
    return render(request, "setup/profile.html", context)


class ProfileKey(Key):
    """Names a profile by its key, which is the same in every practice org."""

    name = "profile_id"
    fields = ("profile",)

    def names_of(self, request: SetupRequest, keys: Mapping[str, Any]) -> dict[str, str]:
        return {"profile": _profile_or_404(request, keys["profile_id"]).key}

    def find(
        self, request: SetupRequest, keys: Mapping[str, Any], fields: Mapping[str, str]
    ) -> int:
        found = Profile.objects.named(request.org, fields["profile"].replace("\0", ""))
        if found is None:
            raise Http404(
                "We couldn't find that profile. It might have been renamed or deleted."
            )
        return found.pk


@dialog_of(ProfileKey())
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def delete_profile(request: SetupRequest, profile_id: int) -> HttpResponse:
    """Ask for confirmation, then delete the profile or say why not."""
    deleted = _profile_or_404(request, profile_id)
    refused = ""
    if request.method == "POST":
        try:
            actions.delete_profile(profile=deleted, by=request.user)
        except ValidationError as error:
            refused = " ".join(error.messages)
        else:
            messages.success(request, f"{deleted.name} was deleted.")
            return go_to(request, reverse("setup:profile-list"))
    context = {"profile": deleted, "refused": refused, "node": "EnhancedProfiles"}
    status = 422 if refused else 200
    return render_modal(request, "setup/_delete_profile.html", context, status)


def _profile_or_404(request: SetupRequest, profile_id: int) -> Profile:
    return found_or_404(Profile.objects.all(), "profile", org=request.org, pk=profile_id)

"""Who may do what in Setup. Profiles decide, on the server, for every view.

A view is closed unless it says otherwise: it takes a signed-in user whose profile has
View Setup and Configuration. `@changes_setup` asks for more, `@open_to_all` for less.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from tokenx.web.htmx import redirect_to_sign_in

from .models import Org, Profile, User

View = Callable[..., HttpResponseBase]

# How long a practice org lasts without being used.
PRACTICE_LASTS = timedelta(days=settings.PRACTICE_DAYS)
USED_EVERY = timedelta(minutes=15)
READ_ONLY = "Your profile may view Setup, but not change it."
NO_SETUP = "Your profile has no access to Setup."


class SetupRequest(HttpRequest):
    """A request that has passed the checks below."""

    user: User
    org: Org
    htmx: Any


def can_view_setup(user: User) -> bool:
    """View Setup and Configuration."""
    return user.profile in {Profile.SYSTEM_ADMINISTRATOR, Profile.SETUP_VIEWER}


def can_change_setup(user: User) -> bool:
    """Customize Application, with the rights on apps (facts/salesforce.md 3.5)."""
    return user.profile == Profile.SYSTEM_ADMINISTRATOR


def changes_setup(view: View) -> View:
    """Only for those who may change Setup, whatever the method."""
    view.needs_change_setup = True  # type: ignore[attr-defined]
    return view


def open_to_all(view: View) -> View:
    """For everybody, signed in or not."""
    view.is_open_to_all = True  # type: ignore[attr-defined]
    return view


class SetupAccessMiddleware:
    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # Setup changes all the time, and Back must not show it to the next person.
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    def process_view(
        self, request: Any, view: View, args: object, kwargs: object
    ) -> HttpResponseBase | None:
        if getattr(view, "is_open_to_all", False):
            return None
        if not request.user.is_authenticated:
            return redirect_to_sign_in(request)
        if not can_view_setup(request.user):
            raise PermissionDenied(NO_SETUP)
        if getattr(view, "needs_change_setup", False) and not can_change_setup(
            request.user
        ):
            raise PermissionDenied(READ_ONLY)
        request.org = request.user.org
        _keep_in_use(request.org)
        return None


def _keep_in_use(org: Org) -> None:
    """Put off the end of a practice org; not with every request, since that is a write."""
    now = timezone.now()
    if org.expires_at and org.expires_at < now + PRACTICE_LASTS - USED_EVERY:
        Org.objects.filter(pk=org.pk).update(expires_at=now + PRACTICE_LASTS)

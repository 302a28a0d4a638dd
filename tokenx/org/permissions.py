"""Permissions in Setup, enforced on the server for every view, by profile.

By default, a view requires a signed-in user whose profile has View Setup and Configuration.
`@changes_setup` requires more, `@open_to_all` less.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from tokenx.web.htmx import redirect_to_sign_in
from tokenx.web.opened_dialog import open_dialog

from .expiry import postpone_expiry
from .models import BuiltInProfile, Org, User

View = Callable[..., HttpResponseBase]

READ_ONLY = "You have view-only access to Setup."
NO_SETUP = "Your profile doesn't have access to Setup."


class SetupRequest(HttpRequest):
    """A request that passed SetupAccessMiddleware."""

    user: User
    org: Org
    htmx: Any


def can_view_setup(user: User) -> bool:
    """Tell whether the user has View Setup and Configuration."""
    return user.profile.kind in {
        BuiltInProfile.SYSTEM_ADMINISTRATOR,
        BuiltInProfile.SETUP_VIEWER,
    }


def can_change_setup(user: User) -> bool:
    """Tell whether the user has Customize Application and can manage apps."""
    return user.profile.kind == BuiltInProfile.SYSTEM_ADMINISTRATOR


def changes_setup(view: View) -> View:
    """Restrict a view to users who can change Setup, for every method."""
    view.needs_change_setup = True  # type: ignore[attr-defined]
    return view


def open_to_all(view: View) -> View:
    """Open a view to everyone, signed in or not."""
    view.is_open_to_all = True  # type: ignore[attr-defined]
    return view


class SetupAccessMiddleware:
    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # Back must not show a page to the next person at this computer.
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    def process_view(
        self, request: Any, view: View, args: object, kwargs: object
    ) -> HttpResponseBase | None:
        if getattr(view, "is_open_to_all", False):
            return None
        if not request.user.is_authenticated:
            return redirect_to_sign_in(request)
        require_access(request.user, view)
        request.org = request.user.org
        postpone_expiry(request.org)
        open_dialog(request, partial(require_access, request.user))
        return None


def require_access(user: User, view: View) -> None:
    """Raise PermissionDenied if the user's profile doesn't allow the view."""
    if not can_view_setup(user):
        raise PermissionDenied(NO_SETUP)
    if getattr(view, "needs_change_setup", False) and not can_change_setup(user):
        raise PermissionDenied(READ_ONLY)

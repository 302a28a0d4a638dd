"""Sign-in, sign-out, and the look of a person's pages."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import LoginView, LogoutView, redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from tokenx.web.htmx import redirect_to_sign_in, wants_fragment

from . import display
from .forms import DisplayForm, SignInForm
from .login_history import APPLICATION, INVALID_PASSWORD, record_user_login
from .models import Scope
from .permissions import open_to_all
from .sessions import session_of
from .sign_in import user_of_link


class SignInView(LoginView):
    """The login page. Login History has each login, and each incorrect password."""

    template_name = "org/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        record_user_login(
            request=self.request, user=form.get_user(), login_type=APPLICATION
        )
        return super().form_valid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        if user := form.refused_user():
            record_user_login(
                request=self.request,
                user=user,
                login_type=APPLICATION,
                status=INVALID_PASSWORD,
            )
        return super().form_invalid(form)


sign_in = open_to_all(SignInView.as_view())
sign_out = open_to_all(LogoutView.as_view())


@open_to_all
@require_GET
def sign_in_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in with a one-time link."""
    user = user_of_link(token)
    if user is None:
        messages.error(request, "This login link was already used or has expired.")
        return redirect("org:sign-in")
    record_user_login(request=request, user=user, login_type=APPLICATION)
    login(request, user)
    return _continue_to(request, request.GET.get("next", ""))


@open_to_all
@require_GET
def front_door(request: HttpRequest) -> HttpResponse:
    """Sign in with an API session, as clients did before single access."""
    session = session_of(request.GET.get("sid", ""))
    if session is None or not session.user.can_sign_in:
        messages.error(request, "This session has expired, or its user can't log in.")
        return redirect("org:sign-in")
    if not session.allows(Scope.WEB):
        messages.error(request, "This session's app doesn't have the scope web or full.")
        return redirect("org:sign-in")
    record_user_login(request=request, user=session.user, login_type=APPLICATION)
    login(request, session.user)
    return_url = request.GET.get("retURL", "")
    return _continue_to(request, return_url and f"/{return_url.lstrip('/')}")


@open_to_all
@require_POST
def choose_display(request: HttpRequest) -> HttpResponse:
    """Save the theme and the look of the person's pages.

    It's open to all because every person has these, with access to Setup or without it.
    """
    page, user = request.POST.get("next", ""), request.user
    if not user.is_authenticated:
        in_page = wants_fragment(request)
        return redirect_to_sign_in(request) if in_page else redirect_to_login(page)
    form = DisplayForm(request.POST)
    if form.is_valid():
        display.choose(user=user, **form.chosen)
    if not wants_fragment(request):
        return _continue_to(request, page)
    shown = {"theme": user.theme, "look": user.look}
    response = render(request, "_display.html", {"return_to": page})
    return trigger_client_event(response, "display-chosen", shown)


def _continue_to(request: HttpRequest, url: str) -> HttpResponse:
    is_ours = url_has_allowed_host_and_scheme(url, {request.get_host()})
    return redirect(url if is_ours else "setup:home")

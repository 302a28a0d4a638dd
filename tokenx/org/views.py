"""Sign-in and sign-out."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET

from .forms import SignInForm
from .permissions import open_to_all
from .sessions import session_of
from .sign_in import user_of_link

sign_in = open_to_all(
    LoginView.as_view(
        template_name="org/sign_in.html",
        authentication_form=SignInForm,
        redirect_authenticated_user=True,
    )
)
sign_out = open_to_all(LogoutView.as_view())


@open_to_all
@require_GET
def sign_in_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in with a one-time link."""
    user = user_of_link(token)
    if user is None:
        messages.error(request, "This login link was already used or has expired.")
        return redirect("org:sign-in")
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
    login(request, session.user)
    return_url = request.GET.get("retURL", "")
    return _continue_to(request, return_url and f"/{return_url.lstrip('/')}")


def _continue_to(request: HttpRequest, url: str) -> HttpResponse:
    is_ours = url_has_allowed_host_and_scheme(url, {request.get_host()})
    return redirect(url if is_ours else "setup:home")

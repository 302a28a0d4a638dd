"""API Access of a user: the list of access tokens, and dialogs to add or revoke one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import trigger_client_event

from tokenx.org import sessions
from tokenx.org.models import AccessToken, User
from tokenx.org.permissions import SetupRequest, can_change_setup, changes_setup
from tokenx.setup.forms.api_access import NewAccessTokenForm
from tokenx.setup.ready_commands import ready_commands
from tokenx.web.dialogs import dialog_of, prefilled
from tokenx.web.errors import found_or_404
from tokenx.web.htmx import close_modal, render_modal, render_page

from .users import UserKey

COLUMNS = ["Name", "Ends With", "Status", "Created", "Created By", "Expires", "Last Used"]
TOKENS_SHOWN = 100
CHANGED = "access-tokens-changed"


@require_safe
def own_api_access(request: SetupRequest) -> HttpResponse:
    """Show the API Access page of the user who is logged in.

    Trainers who view a participant's org aren't its users, and select one.
    """
    if request.user.pk is None:
        return redirect("setup:user-list")
    return api_access(request, request.user.pk)


@require_safe
def api_access(request: SetupRequest, user_id: int) -> HttpResponse:
    """List a user's newest access tokens, including expired and revoked ones."""
    person = _user_or_404(request, user_id)
    tokens = list(AccessToken.objects.newest_of(person)[: TOKENS_SHOWN + 1])
    context = {
        "person": person,
        "columns": COLUMNS,
        "tokens": tokens[:TOKENS_SHOWN],
        "has_more": len(tokens) > TOKENS_SHOWN,
        "can_change": can_change_setup(request.user),
    }
    page, fragment = "setup/api_access.html", "setup/_access_tokens.html"
    return render_page(request, page, fragment, context)


@dialog_of(UserKey())
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def new_access_token(request: SetupRequest, user_id: int) -> HttpResponse:
    """Ask for a name and a lifetime, then create a token and show it."""
    person = _user_or_404(request, user_id)
    data = request.POST if request.method == "POST" else None
    form = prefilled(NewAccessTokenForm(data), request)
    if form.is_valid() and (created := form.save(user=person, by=request.user)):
        return _show_secret(request, person, created)
    context = {"person": person, "form": form, "node": "ManageUsers"}
    status = 422 if form.is_bound else 200
    return render_modal(request, "setup/_new_access_token.html", context, status)


@dialog_of(UserKey())
@changes_setup
@require_http_methods(["GET", "HEAD", "POST"])
def revoke_access_token(
    request: SetupRequest, user_id: int, access_token_id: int
) -> HttpResponse:
    """Ask for confirmation, then revoke the token."""
    person = _user_or_404(request, user_id)
    tokens = AccessToken.objects.newest_of(person)
    token = found_or_404(tokens, "access token", pk=access_token_id)
    if request.method == "POST":
        sessions.revoke_access_token(token=token, by=request.user)
        messages.success(request, f"{token.name} was revoked.")
        return close_modal(request, changed=CHANGED, back_to=_url(person))
    context = {"person": person, "token": token, "node": "ManageUsers"}
    return render_modal(request, "setup/_revoke_access_token.html", context)


def _user_or_404(request: SetupRequest, user_id: int) -> User:
    return found_or_404(User.objects.all(), "user", org=request.org, pk=user_id)


def _url(person: User) -> str:
    return reverse("setup:api-access", args=[person.pk])


def _show_secret(
    request: SetupRequest, person: User, created: sessions.AccessTokenWithSecret
) -> HttpResponse:
    """Show the token, this one time, and refresh the list behind the dialog."""
    address = request.build_absolute_uri("/").rstrip("/")
    context = {
        "person": person,
        "token": created.token,
        "secret": created.secret,
        "commands": ready_commands(address, created.secret),
        "node": "ManageUsers",
    }
    response = render_modal(request, "setup/_access_token.html", context)
    return trigger_client_event(response, CHANGED)

"""Faults that make an org or a request fail with a token error.

A fault gets an org in which an exchange succeeds. It changes the org through the actions
that Setup uses, or returns a changed request.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tokenx.handlers.actions import enablements, handlers
from tokenx.handlers.models import Enablement
from tokenx.handlers.token_types import TOKEN_TYPES
from tokenx.oauth.decisions import REFRESH_TOKEN
from tokenx.oauth.token_request import TokenRequest
from tokenx.org.models import ApexClass, PermittedUsers, RemoteSite, Scope, User
from tokenx.setup.actions.apex_classes import edit_apex_class
from tokenx.setup.actions.apps import change_app
from tokenx.setup.actions.remote_sites import edit_remote_site
from tokenx.setup.actions.users import deactivate_user
from tokenx.setup.compile_classes import compile_waiting

ChangesOrg = Callable[["WorkingExchange", User], None]
ChangesRequest = Callable[[Enablement, TokenRequest], TokenRequest]


@dataclass(frozen=True)
class WorkingExchange:
    """An enabled app, and the user of the token that its handler accepts."""

    enablement: Enablement
    user: User


# --- Changes of the org ---------------------------------------------------------------


def remove_default(at: WorkingExchange, by: User) -> None:
    """Enable the app again, without making the handler its default."""
    row = at.enablement
    enablements.remove_app(enablement=row, by=by)
    enablements.enable_app(
        handler=row.handler, app=row.app, run_as=row.run_as, make_default=False, by=by
    )


def leave_out_messages(at: WorkingExchange, by: User) -> None:
    """Remove the class's own refusal messages, which clients would get."""
    apex_class = at.enablement.handler.apex_class
    refusal = "Auth.TokenValidationResult(false, null, null, null, null, "
    body = apex_class.body.replace(f"{refusal}message)", f"{refusal}null)")
    _edit_class(apex_class, body, by)


def deactivate_remote_sites(at: WorkingExchange, by: User) -> None:
    """Deactivate all remote sites, and remove the class's own refusal messages."""
    leave_out_messages(at, by)
    for site in RemoteSite.objects.filter(org=by.org_id, is_active=True):
        edit_remote_site(
            site=site,
            name=site.name,
            by=by,
            url=site.url,
            description=site.description,
            is_active=False,
        )


def break_class(at: WorkingExchange, by: User) -> None:
    """Misspell the first return."""
    apex_class = at.enablement.handler.apex_class
    body = apex_class.body.replace("return ", "returns ", 1)
    _edit_class(apex_class, body, by)


def deactivate_run_as(at: WorkingExchange, by: User) -> None:
    _deactivate(at.enablement.run_as, by)


def disable_handler(at: WorkingExchange, by: User) -> None:
    handlers.set_handler_enabled(handler=at.enablement.handler, is_enabled=False, by=by)


def turn_off_settings(at: WorkingExchange, by: User) -> None:
    _change_app(at, by, allows_token_exchange=False)


def turn_off_policies(at: WorkingExchange, by: User) -> None:
    _change_app(at, by, policy_allows_token_exchange=False)


def deactivate_people(at: WorkingExchange, by: User) -> None:
    """Deactivate the user of the token, and let the handler run as someone else."""
    if at.user == at.enablement.run_as:
        others = User.objects.filter(org=by.org_id, is_active=True).exclude(pk=at.user.pk)
        enablements.edit_enablement(
            enablement=at.enablement,
            run_as=others.order_by("-is_integration_user", "pk")[0],
            make_default=True,
            by=by,
        )
    _deactivate(at.user, by)


def remove_approval(at: WorkingExchange, by: User) -> None:
    values = {"permitted_users": PermittedUsers.PRE_AUTHORIZED}
    change_app(app=at.enablement.app, by=by, values=values, profiles=[], permission_sets=[])


def require_self_authorization(at: WorkingExchange, by: User) -> None:
    _change_app(at, by, permitted_users=PermittedUsers.SELF_AUTHORIZED)


def _edit_class(apex_class: ApexClass, body: str, by: User) -> None:
    edited = edit_apex_class(apex_class=apex_class, name=apex_class.name, body=body, by=by)
    compile_waiting(org=by.org_id, classes=[edited])


def _change_app(at: WorkingExchange, by: User, **values: Any) -> None:
    change_app(app=at.enablement.app, by=by, values=values)


def _deactivate(user: User, by: User) -> None:
    user.refresh_from_db()
    if user.is_active:
        deactivate_user(user=user, by=by)


# --- Changes of the request -----------------------------------------------------------


def name_unknown_handler(at: Enablement, request: TokenRequest) -> TokenRequest:
    return replace(request, token_handler="AnotherHandler")  # noqa: S106  (a name)


def forge_token(at: Enablement, request: TokenRequest) -> TokenRequest:
    """Change a character of the token's signature."""
    token = request.subject_token
    changed = "A" if token[-10] != "A" else "B"
    return replace(request, subject_token=token[:-10] + changed + token[-9:])


def send_unknown_type(at: Enablement, request: TokenRequest) -> TokenRequest:
    return replace(request, subject_token_type="jwt")  # noqa: S106  (a name)


def send_untaken_type(at: Enablement, request: TokenRequest) -> TokenRequest:
    handler = at.handler
    other = next(each for each in TOKEN_TYPES if not each.is_taken_by(handler))
    return replace(request, subject_token_type=other.urn)


def send_no_token(at: Enablement, request: TokenRequest) -> TokenRequest:
    return replace(request, subject_token="")


def send_long_token(at: Enablement, request: TokenRequest) -> TokenRequest:
    return replace(request, subject_token=request.subject_token.ljust(10_001, "x"))


def send_other_scope(at: Enablement, request: TokenRequest) -> TokenRequest:
    missing = [each for each in Scope if each not in at.app.scopes]
    return replace(request, scope=str(missing[-1]))


def send_unknown_client(at: Enablement, request: TokenRequest) -> TokenRequest:
    return replace(request, client_id="3MVG9.unknown")


def send_invalid_secret(at: Enablement, request: TokenRequest) -> TokenRequest:
    return replace(request, client_secret="incorrect", acts_for_app=False)  # noqa: S106  (no secret)


def send_unknown_grant_type(at: Enablement, request: TokenRequest) -> TokenRequest:
    return replace(request, grant_type="token-exchange")


def send_unknown_refresh_token(at: Enablement, request: TokenRequest) -> TokenRequest:
    return replace(request, grant_type=REFRESH_TOKEN, refresh_token="5Aep861.ended")  # noqa: S106  (no token)


ORG_FAULTS: Mapping[str, ChangesOrg] = {
    # The class has messages for forged tokens.
    forge_token.__name__: leave_out_messages,
} | {
    each.__name__: each
    for each in (
        remove_default,
        deactivate_remote_sites,
        break_class,
        deactivate_run_as,
        disable_handler,
        turn_off_settings,
        turn_off_policies,
        deactivate_people,
        remove_approval,
        require_self_authorization,
    )
}
REQUEST_FAULTS: dict[str, ChangesRequest] = {
    each.__name__: each
    for each in (
        name_unknown_handler,
        forge_token,
        send_unknown_type,
        send_untaken_type,
        send_no_token,
        send_long_token,
        send_other_scope,
        send_unknown_client,
        send_invalid_secret,
        send_unknown_grant_type,
        send_unknown_refresh_token,
    )
}

"""The decisions about a refresh token, which renews the access token of an approval."""

from tokenx.oauth.actions.tokens import EXPIRED, find_approval
from tokenx.oauth.decision import Finding, decision
from tokenx.oauth.errors import Link, OAuthError
from tokenx.oauth.grant import Grant, known
from tokenx.oauth.scopes import has_scope

from .clients import edit_page_of, page_of

_ERRORS = "docs/salesforce/oauth.md, Error descriptions"


@decision("refresh_token", "Refresh token", _ERRORS)
def refresh_token(at: Grant) -> Finding:
    app, token = known(at.app), at.request.refresh_token
    if not token:
        raise OAuthError(
            "invalid_request",
            "missing required parameter: refresh_token",
            examined="refresh_token",
            reason="The parameter refresh_token is missing.",
        )
    found = find_approval(app=app, token=token, commit=at.commits)
    if isinstance(found, str):
        raise OAuthError(
            "invalid_grant", EXPIRED, examined=token, reason=found, repair=page_of(app)
        )
    at.approval, at.user, at.scopes = found, found.user, list(found.scopes)
    return Finding(token, f"The token is valid for {app.label} and {found.user.name}.")


@decision("refresh_user", "User", _ERRORS)
def refresh_user(at: Grant) -> Finding:
    user = known(at.user)
    if not user.is_active:
        raise OAuthError(
            "invalid_grant",
            EXPIRED,
            examined=user.username,
            reason=f"{user.name} is inactive.",
            repair=Link(user.get_absolute_url(), user.name),
        )
    return Finding(user.username, f"{user.name} is active.")


@decision("refresh_scopes", "Scopes", "docs/salesforce/oauth.md, Scopes")
def refresh_scopes(at: Grant) -> Finding:
    app = known(at.app)
    # The app can have lost scopes since the refresh token was issued.
    granted = [scope for scope in at.scopes if has_scope(app.scopes, scope)]
    requested = list(dict.fromkeys(at.request.scope.split()))
    more = [scope for scope in requested if scope not in granted]
    if more:
        raise OAuthError(
            "invalid_scope",
            "scope not allowed for this app",
            examined=at.request.scope[:500],
            reason=f"The refresh token doesn't have the scope {more[0][:80]}, or the "
            f"scope was removed from {app.label}.",
            repair=edit_page_of(app, "settings"),
        )
    at.scopes = requested or granted
    examined = (
        " ".join(requested)[:500] or "The refresh token's scopes, because scope is missing"
    )
    return Finding(examined, f"Granted scopes: {', '.join(at.scopes) or 'none'}.")

"""The decisions about the user: whether the app can act as the user, and what it can do."""

from tokenx.oauth.actions.tokens import issue_tokens
from tokenx.oauth.decision import Finding, decision
from tokenx.oauth.errors import OAuthError
from tokenx.oauth.grant import Grant, known
from tokenx.oauth.scopes import UnknownScopesError, granted_scopes
from tokenx.org.models import (
    AppPermissionSet,
    AppProfile,
    ClientApp,
    OAuthApproval,
    PermissionSetAssignment,
    PermittedUsers,
    User,
)

from .clients import edit_page_of, page_of

_ERRORS = "docs/salesforce/oauth.md, Error descriptions"


@decision("approval", "Approval", _ERRORS)
def approval(at: Grant) -> Finding:
    app, user = known(at.app), known(at.user)
    examined = f"Permitted Users of {app.label}, for {user.username}"
    if app.permitted_users == PermittedUsers.PRE_AUTHORIZED:
        approved_by = approving(app, user)
        if not approved_by:
            raise OAuthError(
                "invalid_app_access",
                "user is not admin approved to access this app",
                examined=examined,
                reason=f"{app.label} has none of the profiles and permission sets of "
                f"{user.name}.",
                repair=edit_page_of(app, "policies"),
            )
        return Finding(examined, f"Approved by the {approved_by}.", page_of(app))
    live = OAuthApproval.objects.of(app, user).live_at(at.started_at)
    if not live.exists():
        raise OAuthError(
            "invalid_grant",
            "user hasn't approved this consumer",
            examined=examined,
            reason=f"Users of {app.label} authorize it themselves, and {user.name} hasn't. "
            "Token exchange shows no page where a user could.",
            repair=edit_page_of(app, "policies"),
        )
    return Finding(examined, f"{user.name} has approved {app.label}.", page_of(app))


def approving(app: ClientApp, user: User) -> str:
    """Return what preauthorizes the user: a profile or permission set, or nothing."""
    profiles = AppProfile.objects.filter(org=app.org_id, app=app, profile=user.profile_id)
    own_sets = PermissionSetAssignment.objects.filter(org=app.org_id, user=user)
    sets = AppPermissionSet.objects.filter(
        org=app.org_id, app=app, permission_set__in=own_sets.values("permission_set")
    )
    names = profiles.values_list("profile__name").union(
        sets.values_list("permission_set__label")
    )
    found = [name for (name,) in names[:1]]
    if not found:
        return ""
    return (
        f"profile {found[0]}"
        if found[0] == user.profile.name
        else (f"permission set {found[0]}")
    )


@decision("scopes", "Scopes", "docs/salesforce/oauth.md, Scopes")
def scopes(at: Grant) -> Finding:
    app, requested = known(at.app), at.request.scope
    examined = requested[:500] or f"No scope, so all scopes of {app.label}"
    try:
        at.scopes = granted_scopes(app, requested)
    except UnknownScopesError as error:
        raise OAuthError(
            "invalid_scope",
            "scope not allowed for this app",
            examined=examined,
            reason=f"{app.label} doesn't have the scope {error.scopes[0][:80]}.",
            repair=edit_page_of(app, "settings"),
        ) from error
    found = ", ".join(at.scopes) if at.scopes else "none, so the token can do nothing"
    return Finding(examined, f"The token's scopes: {found}.", page_of(app))


@decision("tokens", "Tokens", "docs/salesforce/oauth.md, Token responses")
def tokens(at: Grant) -> Finding:
    app, user = known(at.app), known(at.user)
    issued = issue_tokens(
        app=app,
        user=user,
        scopes=at.scopes,
        approval=at.approval,
        server_url=at.request.client.server_url,
        secret=at.request.client_secret,
        commit=at.commits,
    )
    at.answer = issued.answer
    return Finding(f"{app.label} and {user.username}", issued.sentence, page_of(app))

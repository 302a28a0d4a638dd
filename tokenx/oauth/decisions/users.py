"""The decisions about the user's approval of the app, the scopes, and the new tokens."""

from django.db.models import QuerySet

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
from tokenx.org.search.prepared import prepared

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
                reason=f"{app.label} has neither the profile nor a permission set of "
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
            reason=f"{app.label} lets users authorize it themselves, and {user.name} "
            "hasn't. Token exchange has no consent screen.",
            repair=edit_page_of(app, "policies"),
        )
    return Finding(examined, f"{user.name} has approved {app.label}.", page_of(app))


def approving(app: ClientApp, user: User) -> str:
    """Return the profile or permission set that preauthorizes the user, or nothing."""
    found = _approving(app.org_id, app.pk, user.pk, user.profile_id)
    if not found:
        return ""
    [(name,)] = found
    kind = "profile" if name == user.profile.name else "permission set"
    return f"{kind} {name}"


@prepared
def _approving(org: int, app: int, user: int, profile: int) -> QuerySet:
    """Return the name of a profile or permission set that the app and the user have."""
    profiles = AppProfile.objects.filter(org=org, app=app, profile=profile)
    own_sets = PermissionSetAssignment.objects.filter(org=org, user=user)
    sets = AppPermissionSet.objects.filter(
        org=org, app=app, permission_set__in=own_sets.values("permission_set")
    )
    names = profiles.values_list("profile__name").union(
        sets.values_list("permission_set__label")
    )
    return names[:1]


@decision("scopes", "Scopes", "docs/salesforce/oauth.md, Scopes")
def scopes(at: Grant) -> Finding:
    app, requested = known(at.app), at.request.scope
    examined = requested[:500] or f"All scopes of {app.label}, because scope is missing"
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
    found = ", ".join(at.scopes) if at.scopes else "none. The token can't do anything"
    place = page_of(app) if at.scopes else edit_page_of(app, "settings")
    return Finding(examined, f"Granted scopes: {found}.", place)


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
        refresh_token=at.request.refresh_token,
        commit=at.commits,
    )
    at.answer = issued.answer
    return Finding(f"{app.label} and {user.username}", issued.sentence, page_of(app))

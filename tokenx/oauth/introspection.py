"""Tokens as introspection shows them.

Source: docs/salesforce/oauth.md, "User information, identity, and introspection".
"""

from datetime import datetime
from typing import Any

from tokenx.org.models import AccessToken, ClientApp, OAuthApproval
from tokenx.org.sessions import usable_token

from .actions.tokens import live_approval
from .identity import identity_url

INACTIVE = {"active": False}


def introspect(*, app: ClientApp, token: str, server_url: str) -> dict[str, Any]:
    """Return the claims of a token that the app can see, or only that it isn't active.

    An app sees its own tokens. One that introspects all tokens sees those of its org.
    """
    found = usable_token(token) or live_approval(token)
    if found is None or not _is_visible(found, app):
        return INACTIVE
    client = _app_of(found, app)
    claims = {
        "active": True,
        "scope": " ".join(found.scopes or []),
        "client_id": client.consumer_key if client else None,
        "username": found.user.username,
        "sub": identity_url(server_url, found.user),
        "token_type": (
            "access_token" if isinstance(found, AccessToken) else "refresh_token"
        ),
        "exp": _seconds(found.expires_at),
        "iat": _seconds(found.created_at),
        "nbf": _seconds(found.created_at),
    }
    return {name: value for name, value in claims.items() if value is not None}


def _is_visible(found: AccessToken | OAuthApproval, app: ClientApp) -> bool:
    is_own = found.app_id == app.pk or app.introspects_all_tokens
    return found.org_id == app.org_id and is_own and found.user.is_active


def _app_of(found: AccessToken | OAuthApproval, app: ClientApp) -> ClientApp | None:
    """Return the app that got the token; None for a session without an app."""
    return app if found.app_id == app.pk else found.app


def _seconds(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment else None

"""Revocation of tokens (RFC 7009)."""

from typing import Any

from django.http import HttpRequest

from tokenx.oauth.actions.tokens import revoke_token
from tokenx.oauth.clients import authenticated_app, read_request_with_token

from .base import oauth_endpoint


@oauth_endpoint("POST")
def revoke(request: HttpRequest) -> dict[str, Any]:
    """Revoke an access token, or a refresh token with its access tokens.

    As in Salesforce, the token is enough. A client that says who it is must be right. An
    unknown token has already ended.
    """
    found = read_request_with_token(request)
    app = authenticated_app(found, needs_secret=False) if found.client_id else None
    revoke_token(token=found.token, app=app)
    return {}
